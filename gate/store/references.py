"""The store's enrolled templates behind the ports of recognition and enrolment desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from gate.store.presented import with_presented
from gate.store.records import Record
from gate.store.store import Store
from gate.vocabulary.documents import Document
from gate.vocabulary.facts import Direction, Facts
from gate.vocabulary.passages import CaptureKind

OpenStore = Callable[[], Store]


class StoreReferences:
    """Reads through a connection that lives as long as one call."""

    def __init__(self, open_store: OpenStore) -> None:
        self._open_store = open_store

    async def templates_of(self, person_id: str) -> Mapping[str, bytes]:
        """A person's templates by kind. Raises StoreError."""
        with self._open_store() as store:
            return store.templates_of(person_id)

    def everybody(self, kind: CaptureKind) -> Mapping[str, bytes]:
        """All templates of a kind by person id. Raises StoreError."""
        with self._open_store() as store:
            return store.templates_of_everybody(kind.value)


class StoreEnrolment:
    """`ports.EnrolmentRecords` of one desk."""

    def __init__(self, open_store: OpenStore, direction: Direction, desk: str) -> None:
        self._open_store = open_store
        self._direction = direction
        self._desk = desk

    def facts(self, document: Document, at: datetime) -> Facts:
        """See `ports.EnrolmentRecords`."""
        with self._open_store() as store:
            return with_presented(store.load_facts(document, at).facts, document, self._direction)

    def enrol(
        self,
        person_id: str,
        records: Sequence[tuple[str, Mapping[str, Any]]],
        templates: Mapping[str, bytes],
    ) -> None:
        """See `ports.EnrolmentRecords`."""
        rows = [Record(kind, content, person_id, source=self._desk) for kind, content in records]
        with self._open_store() as store:
            store.enrol(person_id, rows, templates, self._desk)
