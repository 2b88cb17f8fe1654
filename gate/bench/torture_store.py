"""The real store behind its real port, with faults in between and a tally of what was acknowledged.

`Tally` knows what the port promised: whatever is in `kept` must be found in the file after any
crash. It is kept outside of the port, which cannot be believed about itself.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from gate.bench.torture_ports import Bench
from gate.ports import Boot, LoadedFacts
from gate.store import Store
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.port import StorePort
from gate.vocabulary.decisions import ExitDecision
from gate.vocabulary.documents import Document
from gate.vocabulary.passages import Outcome, PassageId
from gate.vocabulary.reasons import Reason

RAISED = {
    "locked": StoreErrorKind.LOCKED,
    "faulty": StoreErrorKind.IO,
    "corrupt": StoreErrorKind.CORRUPT,
    "missing": StoreErrorKind.MISSING,
}
SLOW_S = (0.6, 4.0)
DISK_S = (0.001, 0.008)
"""How long a call takes on a disk that is well."""
Line = tuple[str, str, str, str]
"""Kind, passage, instant and data of a journal entry, as texts."""


class FailingStore:
    """A `Store` whose calls fail before they begin, as long as the world says so."""

    def __init__(self, store: Store, bench: Bench) -> None:
        self._store = store
        self._bench = bench

    def __getattr__(self, name: str) -> Any:
        how = RAISED.get(self._bench.failing.get("store", ""))
        if how is not None and name != "close":
            raise StoreError(how, f"injected: {how.value}")
        return getattr(self._store, name)


def failing_opener(opener: Callable[[], Store], bench: Bench) -> Callable[[], Store]:
    """An opener that fails too, and whose stores fail later."""

    def opened() -> Store:
        how = RAISED.get(bench.failing.get("store", ""))
        if how is not None:
            raise StoreError(how, f"injected: {how.value}")
        return cast(Store, FailingStore(opener(), bench))

    return opened


@dataclass
class Tally:
    """Journal lines that were promised, and passages whose opening or leave was."""

    waiting: list[Line] = field(default_factory=list)
    kept: list[Line] = field(default_factory=list)
    outcomes_waiting: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    exits: set[str] = field(default_factory=set)
    admits: set[str] = field(default_factory=set)

    def crashed(self) -> None:
        """What was not promised yet may be gone."""
        self.waiting.clear()
        self.outcomes_waiting.clear()

    def flushed(self, lines: int, outcomes: dict[str, str]) -> None:
        """The first so many lines are promised now."""
        self.kept += self.waiting[:lines]
        del self.waiting[:lines]
        self.outcomes |= outcomes
        for passage in outcomes:
            self.outcomes_waiting.pop(passage, None)


def line(kind: str, passage: str | None, at: str, data: Any) -> Line:
    """A journal entry as comparable texts."""
    return kind, passage or "", at, json.dumps(data, sort_keys=True)


class TalliedStore:
    """`ports.GateStore`: the real port; `tally` notes each promise as its call returns."""

    def __init__(self, port: StorePort, bench: Bench, tally: Tally) -> None:
        self.port = port
        self._bench = bench
        self._tally = tally

    async def start(self) -> Boot:
        """See `ports.GateStore`."""
        await self._bench.pass_call("store start")
        return await self.port.start()

    async def recover(self) -> None:
        """See `ports.Recoverable`."""
        await self._bench.pass_call("store recover")
        await self.port.recover()

    async def open_passage(self, passage: PassageId, at: datetime) -> None:
        """See `ports.GateStore`."""
        await self._bench.pass_call("store open")
        await self.port.open_passage(passage, at)
        self._tally.opened.add(str(passage))
        await self._bench.pass_call("store opened")

    async def load_facts(self, passage: PassageId, document: Document) -> LoadedFacts:
        """See `ports.GateStore`."""
        await self._bench.pass_call("store load")
        await self._slow()
        return await self.port.load_facts(passage, document)

    async def authorise_exit(
        self, passage: PassageId, decision: ExitDecision, store_seq: int
    ) -> bool:
        """See `ports.GateStore`. A slow disk is slow before or after the commit."""
        await self._bench.pass_call("store authorise")
        before = self._bench.rng.random() < 0.5
        if before:
            await self._slow()
        done = await self.port.authorise_exit(passage, decision, store_seq)
        if done:
            self._tally.exits.add(str(passage))
        await self._bench.pass_call("store authorised")
        if not before:
            await self._slow()
        return done

    async def authorise_officer_admit(
        self, passage: PassageId, officer_id: str, at: datetime
    ) -> None:
        """See `ports.GateStore`."""
        await self._bench.pass_call("store admit")
        await self._slow()
        await self.port.authorise_officer_admit(passage, officer_id, at)
        self._tally.admits.add(str(passage))
        await self._bench.pass_call("store admitted")

    async def late_rules(
        self, passage: PassageId, document: Document, store_seq: int
    ) -> tuple[str, ...]:
        """See `ports.GateStore`."""
        await self._bench.pass_call("store late")
        return await self.port.late_rules(passage, document, store_seq)

    def append(
        self, kind: str, passage: PassageId | None, data: dict[str, Any], at: datetime
    ) -> None:
        """See `ports.GateStore`."""
        text = None if passage is None else str(passage)
        self._tally.waiting.append(line(kind, text, at.isoformat(), data))
        self.port.append(kind, passage, data, at)

    def close_passage(
        self, passage: PassageId, outcome: Outcome, reasons: tuple[Reason, ...], at: datetime
    ) -> None:
        """See `ports.GateStore`."""
        self._tally.outcomes_waiting[str(passage)] = outcome.value
        self.port.close_passage(passage, outcome, reasons, at)

    async def flush(self) -> None:
        """See `ports.GateStore`."""
        tally = self._tally
        lines, outcomes = len(tally.waiting), dict(tally.outcomes_waiting)
        if lines or outcomes:
            await self._bench.pass_call("store flush")
            await self._slow()
        await self.port.flush()
        if lines or outcomes:
            tally.flushed(lines, outcomes)
            await self._bench.pass_call("store flushed")

    def abandon(self) -> None:
        """A crash."""
        self._tally.crashed()
        self.port.abandon()

    async def _slow(self) -> None:
        slow = self._bench.failing.get("store") == "slow"
        await asyncio.sleep(self._bench.rng.uniform(*(SLOW_S if slow else DISK_S)))
