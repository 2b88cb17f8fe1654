"""The store of a gate: records, journal and keys in one file. Synchronous, no thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from gate.store import chain, journal, persons, projections, templates
from gate.store.engine import Engine
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.intake import Taken
from gate.store.journal import Authorised, Closing, JournalEntry, PassageState, Stale
from gate.store.keeping import KeptStore
from gate.store.loading import LoadedFacts
from gate.store.log import SYNCED
from gate.store.records import Record
from gate.store.taking import take_one
from gate.vocabulary.decisions import ExitDecision
from gate.vocabulary.documents import Document
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.passages import Outcome, PassageId

T = TypeVar("T")


class Store(KeptStore):
    """One open store. Not for two threads at once; any number of processes may hold one each.

    Every write is one synced transaction: when a call returns, its events survive a loss of
    power. Every call may raise StoreError; then nothing of it was written.
    """

    # Records

    def append_records(self, records: Iterable[Record]) -> list[int]:
        """Append records, all or none; returns their sequences in order.

        A record that says what is held already adds nothing and returns the held one's
        sequence. Raises StoreError REJECTED, CONFLICT, FULL ...
        """
        self._space.require()
        with self._appending() as appender:
            writer = persons.RecordWriter(self._engine, self._keyring, self._references, appender)
            sequences = [writer.add(record)[0] for record in records]
            writer.finish()
        return sequences

    def take_in(
        self,
        records: Iterable[Record],
        parameters: Parameters,
        alongside: Callable[[Engine, list[Taken]], None] | None = None,
    ) -> list[Taken]:
        """Let the law judge each record, store what it lets pass, in one transaction.

        A refused record leaves the others untouched. Flagged and quarantined ones are stored,
        with an entry for the officer who has to look. `alongside` may write to the store's
        tables of progress in the same transaction.
        """
        self._space.require()
        with self._appending() as appender:
            writer = persons.RecordWriter(self._engine, self._keyring, self._references, appender)
            at = chain.instant_of(appender.at)
            taken = [take_one(writer, record, at, parameters) for record in records]
            writer.finish()
            if alongside is not None:
                alongside(self._engine, taken)
        return taken

    def enrol(
        self,
        person_id: str,
        records: Iterable[Record],
        references: Mapping[str, bytes],
        source: str,
    ) -> None:
        """Append a person's enrolment with the templates by kind (opaque bytes), all or none.

        Raises StoreError REJECTED (malformed, unknown person), CONFLICT, FULL ...
        """
        self._space.require()
        with self._appending() as appender:
            writer = persons.RecordWriter(self._engine, self._keyring, self._references, appender)
            for record in records:
                writer.add(record)
            writer.finish()
            person = self._references.person(person_id)
            templates.add_templates(appender, person, person_id, references, source)

    def templates_of(self, person_id: str) -> dict[str, bytes]:
        """Return a person's enrolled templates by kind; empty for strangers and the erased."""
        person = self._references.person(person_id)
        with self._engine.reading():
            return templates.templates_of(self._engine, self._keyring, person)

    def templates_of_everybody(self, kind: str) -> dict[str, bytes]:
        """Return the enrolled templates of a kind by person id."""
        with self._engine.reading():
            return templates.templates_of_everybody(self._engine, self._keyring, kind)

    def synced_at(self) -> datetime | None:
        """Up to when everything has arrived, as the last sync said; None before the first."""
        (at,) = self.engine.row("SELECT synced_at FROM head")
        return None if at is None else chain.instant_of(at)

    def latest_at(self) -> datetime:
        """When the newest record was written, by the clock of its writer."""
        return chain.instant_of(self.engine.row("SELECT latest_at FROM head")[0])

    def record_sync(self, synced_at: datetime, source: str) -> int:
        """Append that everything up to `synced_at` has arrived; makes the facts fresh."""
        with self._appending() as appender:
            sequence = self._keep(appender, SYNCED, {"synced_at": synced_at}, source)
            appender.synced_at = chain.micros(synced_at)
        return sequence

    def document_ref(self, issuing_state: str, document_number: str) -> str:
        """Return the pseudonym of a document, 32 hex digits."""
        return self._references.document(issuing_state, document_number).hex()

    def load_facts(self, document: Document | str | tuple[str, str], at: datetime) -> LoadedFacts:
        """Return what is held about the holder of a document (itself, its pseudonym, or
        issuing state and number), and how fresh the store is.

        For an unknown document, an erased person or a lost key the facts name nobody, so that
        the law refers. With the clock before the latest entry the store counts as stale.
        """
        return self._reader.load(self._reference_of(document), at)

    def changed_since(self, document: Document | str | tuple[str, str], store_seq: int) -> bool:
        """Whether anything that could change a decision on this document came later."""
        with self._engine.reading():
            return self._reader.last_change(self._reference_of(document)) > store_seq

    def latest_records(self) -> Iterator[dict[str, Any]]:
        """Yield the latest version of every record that can be read, in the order they came."""
        yield from projections.latest_records(self._engine, self._keyring)

    # Journal

    def next_boot(self) -> int:
        """Commit and return the number of this start, counting from 1."""
        return self._journalling(lambda writer: writer.boot(self._utc_now()))

    def append_journal(self, entries: Iterable[JournalEntry | Closing]) -> int:
        """Append many entries in one commit; returns the last sequence."""
        batch = tuple(entries)

        def write(writer: journal.JournalWriter) -> int:
            for entry in batch:
                if isinstance(entry, Closing):
                    writer.close(entry)
                else:
                    writer.add(entry)
            return writer.sequence

        return self._journalling(write)

    def open_passage(
        self,
        passage: PassageId,
        at: datetime,
        *,
        document_ref: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> int:
        """Commit that a passage began; raises StoreError FULL when there is no room for it."""
        self._space.require()
        entry = JournalEntry(journal.OPENED, at, data or {}, passage, document_ref)
        return self._journalling(lambda writer: writer.open(entry))

    def authorise_exit(
        self,
        passage: PassageId,
        decision: ExitDecision,
        store_seq: int,
        *,
        document_ref: str,
        data: Mapping[str, Any] | None = None,
    ) -> Authorised | Stale:
        """Commit the decision to let this passage out; its commit is the exit instant.

        One transaction: where a record about this person or document, or one that concerns
        everybody, came after `store_seq`, nothing is written. Raises StoreError CLOCK where the
        wall clock stands before the latest entry, CONFLICT for a passage that is not open.
        """
        if not decision.admitted:
            raise ValueError("only a decision that admits lets anybody out")
        content = {**(data or {}), **journal.decision_data(decision)}
        entry = JournalEntry(journal.EXIT_DECISION, decision.at, content, passage, document_ref)

        def write(writer: journal.JournalWriter) -> Authorised | Stale:
            writer.refuse_if_clock_behind()
            return journal.authorise(writer, self._reader, entry, store_seq)

        return self._journalling(write)

    def authorise_officer_admit(
        self,
        passage: PassageId,
        officer_id: str,
        at: datetime,
        *,
        data: Mapping[str, Any] | None = None,
    ) -> int:
        """Commit that an officer lets this passage out."""
        content = {**(data or {}), "officer_id": officer_id}
        entry = JournalEntry(journal.OFFICER_ADMIT, at, content, passage)
        return self._journalling(lambda writer: writer.release(entry))

    def close_passage(
        self,
        passage: PassageId,
        outcome: Outcome,
        at: datetime,
        data: Mapping[str, Any] | None = None,
    ) -> int:
        """Commit the one outcome; the same again changes nothing, another is a CONFLICT."""
        return self.append_journal([Closing(passage, outcome, at, data or {})])

    def open_passages(self) -> list[PassageState]:
        """Return the passages without an outcome, in the order they were opened."""
        return journal.passages(self._engine, "outcome IS NULL")

    def exit_decisions_without_confirmation(self) -> list[PassageState]:
        """Return the passages that were let out and of which nothing says that they left:
        never closed, or closed as interrupted. Someone may have crossed.
        """
        return journal.passages(
            self._engine,
            "exit IS NOT NULL AND confirmed IS NULL "
            "AND (outcome IS NULL OR outcome = 'interrupted')",
        )

    def passage_state(self, passage: PassageId) -> PassageState | None:
        """Return what the journal knows of one passage."""
        found = journal.passages(self._engine, "passage = ?", (str(passage),))
        return found[0] if found else None

    def journal_plain(self) -> list[dict[str, Any]]:
        """Return the whole journal decrypted and comparable: kind, passage, document_ref, at,
        data; without sequence, nonces, keys and hashes.
        """
        return list(journal.plain(self._engine, self._keyring))

    def _journalling(self, write: Callable[[journal.JournalWriter], T]) -> T:
        """Write; where the disk is full, once more with the space that was kept back."""
        try:
            return self._journal_once(write)
        except StoreError as error:
            if error.problem is not StoreErrorKind.FULL or not self._space.release():
                raise
        return self._journal_once(write)

    def _journal_once(self, write: Callable[[journal.JournalWriter], T]) -> T:
        with self._appending() as appender:
            return write(journal.JournalWriter(self._engine, appender, self._gate_id))
