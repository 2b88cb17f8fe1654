"""The store of a gate: records, journal and keys in one file. Synchronous, no thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from gate.store import backup, chain, engine, journal, persons, privacy, projections
from gate.store.engine import STANDARD_LIBRARY, Driver, Durability, Engine
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.intake import KEPT_FOR_REVIEW, REFUSED, Taken, judge
from gate.store.journal import Authorised, Closing, JournalEntry, PassageState, Stale
from gate.store.keyring import REFERENCE_SCOPE, Keyring
from gate.store.keys import SiteKeys
from gate.store.loading import FactsReader, LoadedFacts
from gate.store.log import Appender, Draft, canonical
from gate.store.projections import latest_records as exchange_rows
from gate.store.records import Record
from gate.store.space import Space, SpaceLimits, free_share_of
from gate.vocabulary.decisions import ExitDecision, RecordOutcome
from gate.vocabulary.documents import Document
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.passages import Outcome, PassageId

SYNCED, CLOCK_ACCEPTED = "synced", "clock_accepted"
T = TypeVar("T")


def now_utc() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Store:
    """One open store. Not for two threads at once; any number of processes may hold one each.

    Every write is one synced transaction: when a call returns, its events survive a loss of
    power. Every call may raise StoreError; then nothing of it was written.
    """

    def __init__(self, opened: Engine, keys: SiteKeys, options: Mapping[str, Any]) -> None:
        self._engine = opened
        self._keyring = Keyring(opened, keys)
        self._references = self._keyring.references()
        self._utc_now: Callable[[], datetime] = options["utc_now"]
        self._gate_id: str = options["gate_id"]
        self._reader = FactsReader(opened, self._keyring, options["max_age_min"])
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
        self._engine.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Records

    def append_records(self, records: Iterable[Record]) -> list[int]:
        """Append records, all or none; returns their sequences in order.

        A record that says what is held already adds nothing and returns the held one's
        sequence. Raises StoreError REJECTED, CONFLICT, FULL ...
        """
        self._space.require()
        with self._appending() as appender:
            writer = persons.RecordWriter(self._engine, self._keyring, self._references, appender)
            sequences = [writer.add(record) for record in records]
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
            taken = [_take_one(writer, record, at, parameters) for record in records]
            writer.finish()
            if alongside is not None:
                alongside(self._engine, taken)
        return taken

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
        yield from exchange_rows(self._engine, self._keyring)

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

    # Keeping

    def accept_clock(self, officer_id: str) -> int:
        """Commit an officer's word that the clock is right and later entries were ahead of it."""
        with self._appending() as appender:
            data = {"officer_id": officer_id}
            sequence = self._keep(appender, CLOCK_ACCEPTED, data, officer_id)
            appender.latest_at = appender.at
        return sequence

    def erase_person(self, person_id: str, officer_id: str, reason: str) -> None:
        """Forget a person by destroying the keys; the chain still verifies.

        Raises StoreError(REJECTED) for an unknown person or while a ban on the person stands.
        """
        person = self._references.person(person_id)
        why = {"officer_id": officer_id, "reason": reason}
        with self._appending() as appender:
            privacy.erase(self._engine, self._keyring, appender, person, why)
        self._engine.empty_wal()

    def export_person(self, person_id: str) -> dict[str, Any]:
        """Return everything held about one person, every version, and the person's passages."""
        person = self._references.person(person_id)
        with self._engine.reading():
            return privacy.export_person(self._engine, self._keyring, person)

    def forget_journal_before(self, before: datetime) -> list[str]:
        """Forget whole months of the journal; returns them as YYYY-MM."""
        with self._appending() as appender:
            gone = privacy.forget_journal_before(self._engine, self._keyring, appender, before)
        self._engine.empty_wal()
        return gone

    def change_master_key(self, new: SiteKeys) -> int:
        """Wrap every key for another master key; returns how many data keys there were.

        The caller replaces the key file only after this has returned, and keeps the old one
        until then.
        """
        with self._appending() as appender:
            data = {"master_key": new.key_id}
            self._keep(appender, "master_key_changed", data, self._gate_id)
            changed = self._keyring.change_master(new)
        self._engine.empty_wal()
        return changed

    def rebuild_projections(self) -> None:
        """Make every projection again from the log, in one transaction."""
        with self._engine.writing():
            projections.rebuild(self._engine, self._keyring)

    def projections_plain(self) -> dict[str, Any]:
        """Return every projection decrypted, comparable with that of another moment."""
        with self._engine.reading():
            return projections.plain(self._engine, self._keyring)

    def verify(self, progress: Callable[[int], None] | None = None) -> chain.ChainReport:
        """Check the whole chain."""
        return chain.verify(self._engine, progress)

    def back_up(self, target: Path) -> backup.BackupProof:
        """Copy the store while it is in use; the copy's chain is verified before it counts."""
        return backup.back_up(self._engine.path, target)

    @property
    def engine(self) -> Engine:
        """The connection, for the store's own modules."""
        return self._engine

    @property
    def open_for_passages(self) -> bool:
        """Whether there is room on the disk for another passage."""
        return self._space.open

    def _reference_of(self, document: Document | str | tuple[str, str]) -> bytes:
        if isinstance(document, str):
            return bytes.fromhex(document)
        if isinstance(document, Document):
            return self._references.document(document.issuing_state, document.document_number)
        return self._references.document(*document)

    @contextmanager
    def _appending(self) -> Iterator[Appender]:
        with self._engine.writing():
            appender = Appender(self._engine, self._keyring, self._utc_now())
            yield appender
            appender.finish()

    def _keep(self, appender: Appender, kind: str, data: Any, source: str) -> int:
        payload = canonical(data)
        return appender.add(
            Draft(chain.Segment.KEEPING, kind, kind, 0, payload, REFERENCE_SCOPE, source)
        )

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


def _take_one(
    writer: persons.RecordWriter, record: Record, at: datetime, parameters: Parameters
) -> Taken:
    try:
        judged = judge(record, writer.view_for(record), at, parameters)
        name, rules = judged.record.name, judged.rule_ids
        if judged.outcome in REFUSED:
            reason = f"refused under {', '.join(rules)}"
            return Taken(name, judged.outcome, rules, None, reason)
        sequence = writer.add(judged.record)
        name = writer.id_of(judged.record)
    except StoreError as error:
        if error.problem not in (StoreErrorKind.REJECTED, StoreErrorKind.CONFLICT):
            raise
        return Taken(record.name, RecordOutcome.REJECTED, (), None, str(error))
    if judged.outcome in KEPT_FOR_REVIEW:
        writer.flag(judged.record, {"outcome": judged.outcome.value, "rules": rules})
    return Taken(name, judged.outcome, rules, sequence)


def _refuse_broken(report: chain.ChainReport, path: Path) -> None:
    if not report.holds:
        raise StoreError(
            StoreErrorKind.BROKEN_CHAIN,
            f"store {path}: {report.reason} (event {report.broken_at}); keep the file for "
            "inspection and restore a back-up with `egate store restore`",
        )
