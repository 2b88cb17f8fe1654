"""An open store: the file, its keys, its clock, its disk, and one way to append."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gate.store import chain, engine
from gate.store.engine import STANDARD_LIBRARY, Driver, Durability, Engine
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.keyring import REFERENCE_SCOPE, Keyring
from gate.store.keys import References, SiteKeys
from gate.store.loading import FactsReader
from gate.store.log import Appender, Draft, canonical
from gate.store.space import Space, SpaceLimits, free_share_of
from gate.store.turns import Turns
from gate.vocabulary.documents import Document


def now_utc() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class OpenStore:
    """What reading, writing and keeping a store have in common."""

    def __init__(self, opened: Engine, keys: SiteKeys, options: Mapping[str, Any]) -> None:
        self._engine = opened
        self._turns = Turns(opened.path)
        self._keyring = Keyring(opened, keys)
        self._references = self._keyring.references()
        self._utc_now: Callable[[], datetime] = options["utc_now"]
        self._gate_id: str = options["gate_id"]
        self._max_age_min: int = options["max_age_min"]
        self._reader = FactsReader(opened, self._keyring, self._max_age_min)
        self._space = Space(opened, options["free_share"], options["limits"])

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        keys: SiteKeys,
        utc_now: Callable[[], datetime] = now_utc,
        free_share: Callable[[], float] | None = None,
        create: bool = False,
        gate_id: str = "gate",
        max_age_min: int = 10,
        lock_wait_s: float = 1.0,
        limits: SpaceLimits | None = None,
        durability: Durability = Durability.POWER_LOSS,
        driver: Driver = STANDARD_LIBRARY,
    ) -> Self:
        """Open the file, migrate it, and check the end of its chain.

        `utc_now`: aware. `free_share`: free share of the disk, 0 to 1. `max_age_min`: until a
        policy record says otherwise. Raises StoreError: MISSING, LOCKED, CORRUPT,
        BROKEN_CHAIN, NEWER_SCHEMA, KEY, READ_ONLY, IO.
        """
        opened = engine.open_engine(
            path,
            create=create,
            lock_wait_s=lock_wait_s,
            durability=durability,
            driver=driver,
        )
        try:
            _refuse_broken(chain.verify_end(opened), path)
            options = {
                "utc_now": utc_now,
                "gate_id": gate_id,
                "max_age_min": max_age_min,
                "free_share": free_share or free_share_of(path.parent),
                "limits": limits or SpaceLimits(),
            }
            return cls(opened, keys, options)
        except BaseException:
            opened.connection.close()
            raise

    def close(self) -> None:
        """Let the file go."""
        self._turns.close()
        self._engine.connection.close()

    def give_way(self) -> None:
        """Between two of many writes: let whoever waits to write go first."""
        self._turns.give_way()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def engine(self) -> Engine:
        """The connection, for the store's own modules."""
        return self._engine

    @property
    def keyring(self) -> Keyring:
        """The keys, for the store's own modules."""
        return self._keyring

    @property
    def references(self) -> References:
        """The pseudonyms, for the store's own modules."""
        return self._references

    @property
    def open_for_passages(self) -> bool:
        """Whether there is room on the disk for another passage."""
        return self._space.open

    def require_space(self) -> None:
        """Raise StoreError FULL where there is no room to begin something new."""
        self._space.require()

    def _reference_of(self, document: Document | str | tuple[str, str]) -> bytes:
        if isinstance(document, str):
            return bytes.fromhex(document)
        if isinstance(document, Document):
            return self._references.document(document.issuing_state, document.document_number)
        return self._references.document(*document)

    @contextmanager
    def _appending(self) -> Iterator[Appender]:
        with self._turns.wanted(), self._engine.writing(), self.adding() as appender:
            yield appender

    @contextmanager
    def adding(self) -> Iterator[Appender]:
        """Append inside the write transaction that the caller holds."""
        appender = Appender(self._engine, self._keyring, self._utc_now())
        yield appender
        appender.finish()

    def _keep(self, appender: Appender, kind: str, data: Any, source: str) -> int:
        payload = canonical(data)
        return appender.add(
            Draft(chain.Segment.KEEPING, kind, kind, 0, payload, REFERENCE_SCOPE, source)
        )


def _refuse_broken(report: chain.ChainReport, path: Path) -> None:
    if not report.holds:
        raise StoreError(
            StoreErrorKind.BROKEN_CHAIN,
            f"store {path}: {report.reason} (event {report.broken_at}); keep the file for "
            "inspection and restore a back-up with `egate store restore`",
        )
