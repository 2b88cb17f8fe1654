"""The journal of passages: opened, authorised, closed; each in the one log.

The exit instant is the commit of the exit decision (see the architecture paper): whatever
was received before that commit was seen, or nothing is committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gate.store.chain import Segment
from gate.store.engine import Engine
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.keyring import Keyring
from gate.store.loading import FactsReader
from gate.store.log import Appender, Draft, canonical, read_events
from gate.vocabulary.decisions import ExitDecision
from gate.vocabulary.passages import Outcome, PassageId
from gate.vocabulary.records_codec import encode

OPENED, EXIT_DECISION, OFFICER_ADMIT = "passage_opened", "exit_decision", "officer_admit"
CLOSED, BOOT = "passage_closed", "boot"
CONFIRMING = ("exit_confirmed", "crossing_settled")
OWN_KINDS = frozenset({OPENED, EXIT_DECISION, OFFICER_ADMIT, CLOSED, BOOT})


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the journal; `data` is plain JSON and holds no name, number or sample.

    `kind` "exit_confirmed": sensors saw the traveller leave; "crossing_settled": an officer
    cleared up a doubt about that. `document_ref`: 32 hex digits.
    """

    kind: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    passage: PassageId | None = None
    document_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """The one outcome of a passage."""

    passage: PassageId
    outcome: Outcome
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authorised:
    """The exit decision is committed and synced as event `seq`."""

    seq: int


@dataclass(frozen=True, slots=True)
class Stale:
    """Nothing was committed: event `seq` came after the facts were loaded."""

    seq: int


@dataclass(frozen=True, slots=True)
class PassageState:
    """What the journal knows of a passage. `outcome` None: it was never closed."""

    passage: PassageId
    document_ref: str | None
    exit_seq: int | None
    confirmed: bool
    outcome: Outcome | None


class JournalWriter:
    """Journal entries in one write transaction; the caller finishes the appender."""

    def __init__(self, engine: Engine, appender: Appender, gate_id: str) -> None:
        self._engine = engine
        self._appender = appender
        self._gate_id = gate_id

    def add(self, entry: JournalEntry) -> int:
        """Append one entry and what it changes in the table of passages."""
        if entry.kind in OWN_KINDS:
            raise ValueError(f"{entry.kind} is written by its own call")
        sequence = self._append(entry)
        if entry.kind in CONFIRMING and entry.passage is not None:
            self._mark(entry.passage, "confirmed", sequence)
        return sequence

    def open(self, entry: JournalEntry) -> int:
        """Append the beginning of a passage."""
        assert entry.passage is not None
        if self._state(entry.passage) is not None:
            raise _conflict(entry.passage, "was opened already")
        sequence = self._append(entry)
        reference = bytes.fromhex(entry.document_ref) if entry.document_ref else None
        self._engine.execute(
            "INSERT INTO passages (passage, document_ref, opened) VALUES (?, ?, ?)",
            (str(entry.passage), reference, sequence),
        )
        return sequence

    def release(self, entry: JournalEntry) -> int:
        """Append what lets somebody out: the exit decision, or an officer's admit."""
        assert entry.passage is not None
        state = self._state(entry.passage)
        if state is None or state.outcome is not None:
            raise _conflict(entry.passage, "is not open")
        if entry.kind == EXIT_DECISION and state.exit_seq is not None:
            raise _conflict(entry.passage, "has an exit decision already")
        sequence = self._append(entry)
        reference = bytes.fromhex(entry.document_ref) if entry.document_ref else None
        self._engine.execute(
            "UPDATE passages SET exit = ?, document_ref = coalesce(?, document_ref) "
            "WHERE passage = ?",
            (sequence, reference, str(entry.passage)),
        )
        return sequence

    def close(self, closing: Closing) -> None:
        """Append the one outcome, unless this very outcome is there already."""
        state = self._state(closing.passage)
        if state is None:
            raise _conflict(closing.passage, "was never opened")
        if state.outcome is closing.outcome:
            return
        if state.outcome is not None:
            raise _conflict(closing.passage, f"has the outcome {state.outcome.value} already")
        data = {**closing.data, "outcome": closing.outcome.value}
        sequence = self._append(JournalEntry(CLOSED, closing.at, data, closing.passage))
        self._engine.execute(
            "UPDATE passages SET outcome = ?, closed = ? WHERE passage = ?",
            (closing.outcome.value, sequence, str(closing.passage)),
        )
        if closing.outcome is Outcome.ADMIT:
            self._mark(closing.passage, "confirmed", sequence)

    @property
    def sequence(self) -> int:
        """Sequence of the last event added."""
        return self._appender.sequence

    def refuse_if_clock_behind(self) -> None:
        """Raise StoreError(CLOCK) where the wall clock stands before the latest entry."""
        self._appender.refuse_if_clock_behind()

    def boot(self, at: datetime) -> int:
        """Append the next start of the controller; return its number."""
        self._appender.boot += 1
        boot = self._appender.boot
        self._append(JournalEntry(BOOT, at, {"boot": boot}))
        return boot

    def _append(self, entry: JournalEntry) -> int:
        appender = self._appender
        reference = bytes.fromhex(entry.document_ref) if entry.document_ref else None
        return appender.add(
            Draft(
                Segment.JOURNAL,
                entry.kind,
                "" if entry.passage is None else str(entry.passage),
                0,
                canonical({"at": entry.at, "data": entry.data}),
                appender.journal_scope(),
                self._gate_id,
                None,
                reference,
            )
        )

    def _mark(self, passage: PassageId, column: str, sequence: int) -> None:
        self._engine.execute(
            f"UPDATE passages SET {column} = coalesce({column}, ?) WHERE passage = ?",
            (sequence, str(passage)),
        )

    def _state(self, passage: PassageId) -> PassageState | None:
        found = passages(self._engine, "passage = ?", (str(passage),))
        return found[0] if found else None


def authorise(
    writer: JournalWriter, reader: FactsReader, entry: JournalEntry, store_seq: int
) -> Authorised | Stale:
    """Append the exit decision unless something that could change it came after `store_seq`."""
    document = bytes.fromhex(entry.document_ref or "")
    changed = reader.last_change(document)
    if changed > store_seq:
        return Stale(changed)
    snapshot = reader.snapshot(document, entry.at)
    evidence = {
        "store_seq": store_seq,
        "facts_digest": snapshot.digest,
        "versions": snapshot.versions,
    }
    data = {**entry.data, **evidence}
    return Authorised(
        writer.release(
            JournalEntry(EXIT_DECISION, entry.at, data, entry.passage, entry.document_ref)
        )
    )


def decision_data(decision: ExitDecision) -> dict[str, Any]:
    """Return the JSON form of an exit decision, findings and rule base included."""
    return {"decision": encode(decision)}


def passages(
    engine: Engine, condition: str, parameters: tuple[Any, ...] = ()
) -> list[PassageState]:
    """Return the passages that an SQL condition names, in the order they were opened."""
    rows = engine.rows(
        "SELECT passage, document_ref, exit, confirmed, outcome FROM passages "
        f"WHERE {condition} ORDER BY opened",
        parameters,
    )
    return [
        PassageState(
            passage_id_of(passage),
            reference.hex() if reference else None,
            exit_seq,
            confirmed is not None,
            Outcome(outcome) if outcome else None,
        )
        for passage, reference, exit_seq, confirmed, outcome in rows
    ]


def passage_id_of(text: str) -> PassageId:
    """Read what `str(PassageId)` wrote; anything else is a `ValueError`."""
    boot, _, n = text.partition(".")
    return PassageId(int(boot), int(n))


def plain(engine: Engine, keyring: Keyring) -> Iterable[dict[str, Any]]:
    """Yield the journal decrypted, without sequence, nonces, keys and hashes.

    An entry whose key was destroyed has `data` None.
    """
    for event in read_events(engine, keyring, ("segment = 'journal'", ())):
        content = event.content or {"at": None, "data": None}
        yield {
            "kind": event.kind,
            "passage": event.record_id or None,
            "document_ref": event.document_ref.hex() if event.document_ref else None,
            "at": content["at"],
            "data": content["data"],
        }


def _conflict(passage: PassageId, what: str) -> StoreError:
    return StoreError(StoreErrorKind.CONFLICT, f"passage {passage} {what}")
