"""The store as the gate's loop uses it: `ports.GateStore`, one worker thread, nothing lost.

Journal entries wait here and are committed together; an entry leaves the queue only after its
commit, so a store that fails for a while loses none. Whoever crashes in between loses what was
not acknowledged, and the next start closes what it left open.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from gate import ports
from gate.law import RULE_SET_VERSION, decide
from gate.ports import Boot
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.journal import Authorised, Closing, JournalEntry
from gate.store.presented import told_of, with_presented
from gate.store.store import Store
from gate.vocabulary.decisions import ExitDecision, Stage
from gate.vocabulary.documents import Document
from gate.vocabulary.facts import Direction, Facts
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.passages import Outcome, PassageId
from gate.vocabulary.reasons import Reason
from gate.vocabulary.records import Live
from gate.vocabulary.records_codec import encode

T = TypeVar("T")
REFS_KEPT = 16
"""Documents of so many latest passages are remembered by their pseudonym."""


class StorePort:
    """`threaded` False runs every call in place, for runs in virtual time."""

    def __init__(
        self,
        opener: Callable[[], Store],
        *,
        direction: str,
        utc_now: Callable[[], datetime],
        parameters: Parameters,
        threaded: bool,
    ) -> None:
        self._opener = opener
        self._direction = Direction(direction)
        self._utc_now = utc_now
        self._parameters = parameters
        self._worker = ThreadPoolExecutor(1, "store") if threaded else None
        self._store: Store | None = None
        self._waiting: deque[JournalEntry | Closing] = deque()
        self._unopened: list[tuple[PassageId, datetime]] = []
        self._refs: dict[PassageId, str] = {}
        self._evidence: dict[PassageId, dict[str, Any]] = {}

    async def start(self) -> Boot:
        """Count the boot and close what the last one left open. Raises StoreError."""
        return await self._call(self._start)

    async def recover(self) -> None:
        """Open the file anew and write to it. Raises StoreError."""
        await self._call(self._recover)

    async def close(self) -> None:
        """Commit what waits, then let the file go."""
        try:
            await self.flush()
        finally:
            await self._call(self._close)
            if self._worker is not None:
                self._worker.shutdown()

    def abandon(self) -> None:
        """Let the file go as a crash would: what waits is lost."""
        self._waiting.clear()
        self._close()

    async def synced_at(self) -> datetime | None:
        """Up to when the records have arrived. Raises StoreError."""
        return await self._call(lambda: self._opened().synced_at())

    async def open_passage(self, passage: PassageId, at: datetime) -> None:
        """See `ports.GateStore`."""
        self._unopened.append((passage, at))
        await self._call(self._open_what_waits)

    async def load_facts(self, passage: PassageId, document: Document) -> ports.LoadedFacts:
        """See `ports.GateStore`. The booklet that was shown outranks what is held about it."""
        at = self._utc_now()
        loaded = await self._call(lambda: self._opened().load_facts(document, at))
        facts = with_presented(loaded.facts, document, self._direction)
        evidence = {
            "presented": told_of(loaded.facts, document, self._direction),
            "store": encode(facts.store),
        }
        self._remember(passage, loaded.document_ref, evidence)
        seen = {
            **evidence,
            "store_seq": loaded.store_seq,
            "readable": loaded.readable,
            "facts_digest": loaded.digest,
            "parameters_hash": self._parameters.text_hash,
            "rule_set": RULE_SET_VERSION,
        }
        entry = JournalEntry("facts_loaded", at, seen, passage, loaded.document_ref)
        self._waiting.append(entry)
        return ports.LoadedFacts(facts, loaded.store_seq)

    async def authorise_exit(
        self, passage: PassageId, decision: ExitDecision, store_seq: int
    ) -> bool:
        """See `ports.GateStore`."""
        ref, evidence = self._refs[passage], dict(self._evidence.get(passage, {}))

        def commit() -> bool:
            self._flush()
            answer = self._opened().authorise_exit(
                passage, decision, store_seq, document_ref=ref, data=evidence
            )
            return isinstance(answer, Authorised)

        return await self._call(commit)

    async def authorise_officer_admit(
        self, passage: PassageId, officer_id: str, at: datetime
    ) -> None:
        """See `ports.GateStore`."""

        def commit() -> None:
            self._flush()
            self._opened().authorise_officer_admit(passage, officer_id, at)

        await self._call(commit)

    async def late_rules(
        self, passage: PassageId, document: Document, store_seq: int
    ) -> tuple[str, ...]:
        """See `ports.GateStore`."""
        at = self._utc_now()
        return await self._call(lambda: self._late_rules(document, store_seq, at))

    def append(
        self, kind: str, passage: PassageId | None, data: dict[str, Any], at: datetime
    ) -> None:
        """See `ports.GateStore`."""
        if kind == "capture" and passage in self._evidence:
            captures = self._evidence[passage].setdefault("captures", {})
            captures[data["kind"]] = data["verdict"]
        self._waiting.append(JournalEntry(kind, at, data, passage))

    def close_passage(
        self, passage: PassageId, outcome: Outcome, reasons: tuple[Reason, ...], at: datetime
    ) -> None:
        """See `ports.GateStore`."""
        why = {"reasons": [reason.value for reason in reasons]}
        self._waiting.append(Closing(passage, outcome, at, why))

    async def flush(self) -> None:
        """See `ports.GateStore`."""
        if self._waiting or self._unopened:
            await self._call(self._flush)

    async def _call(self, work: Callable[[], T]) -> T:
        if self._worker is None:
            await asyncio.sleep(0)  # as many places to be interrupted as with the thread
            result = work()
            await asyncio.sleep(0)
            return result
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    def _opened(self) -> Store:
        if self._store is None:
            self._store = self._opener()
        return self._store

    def _start(self) -> Boot:
        store = self._opened()
        store.keep_parameters(self._parameters)
        number = store.next_boot()
        left = store.open_passages()
        at = self._utc_now()
        why = {"boot": number}
        store.append_journal(Closing(p.passage, Outcome.INTERRUPTED, at, why) for p in left)
        crossed = sum(state.exit_seq is not None for state in left)
        return Boot(number, len(left), crossed)

    def _recover(self) -> None:
        self._close()
        store = self._opened()
        if not store.open_for_passages:
            raise StoreError(
                StoreErrorKind.FULL, "the disk is nearly full: make room; the gate stays closed"
            )
        self._waiting.append(JournalEntry("store_recovered", self._utc_now()))
        self._flush()

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _flush(self) -> None:
        """Commit everything that waits; it stays waiting until it is committed."""
        self._open_what_waits()
        batch = tuple(self._waiting)
        if batch:
            try:
                self._opened().append_journal(batch)
            except StoreError as error:
                if error.problem is not StoreErrorKind.CONFLICT:
                    raise
                self._append_one_by_one(batch)
        for _ in batch:
            self._waiting.popleft()

    def _append_one_by_one(self, batch: tuple[JournalEntry | Closing, ...]) -> None:
        """The outcome that stands first stands; a second one is kept as what it is, a contradiction."""
        for entry in batch:
            try:
                self._opened().append_journal([entry])
            except StoreError as error:
                if error.problem is not StoreErrorKind.CONFLICT or not isinstance(entry, Closing):
                    raise
                said = {"outcome": entry.outcome.value, "why": str(error)}
                kept = JournalEntry("outcome_contradicted", entry.at, said, entry.passage)
                self._opened().append_journal([kept])

    def _open_what_waits(self) -> None:
        while self._unopened:
            self._opened().open_passage(*self._unopened[0])
            self._unopened.pop(0)

    def _remember(self, passage: PassageId, document_ref: str, evidence: dict[str, Any]) -> None:
        """A second loading, at the exit, brings newer facts about the same captures."""
        self._refs[passage] = document_ref
        self._evidence[passage] = {**self._evidence.get(passage, {}), **evidence}
        for kept in (self._refs, self._evidence):
            while len(kept) > REFS_KEPT:
                del kept[next(iter(kept))]

    def _late_rules(self, document: Document, store_seq: int, at: datetime) -> tuple[str, ...]:
        store = self._opened()
        if not store.changed_since(document, store_seq):
            return ()
        facts = with_presented(store.load_facts(document, at).facts, document, self._direction)
        return _blocking_rules(facts, at, self._parameters)


def _blocking_rules(facts: Facts, at: datetime, parameters: Parameters) -> tuple[str, ...]:
    """Rules that would refer now; the captures were fine, or nobody had left."""
    matched = replace(facts, live=Live(face_match=True, finger_match=True))
    return decide(matched, at, Stage.EXIT, parameters).rule_ids
