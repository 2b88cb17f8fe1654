"""The torture's judge: sees plant truth, the feed of bans and the journal, and nothing else.

It imports nothing of `gate.passage`. What was injected on purpose (a welded relay, a blind
presence sensor, a gate without power) is excused until both doors have been shut again.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from drivers.plant import Crossing, DoorChange, LoopChange, Plant, PlantEvent
from gate.bench.torture_store import Tally, line
from gate.store import Store
from gate.store.journal import PassageState, passages
from gate.vocabulary.passages import CaptureKind, Outcome

SHUT_IN_S = 150.0
"""Longer than every wait of one traveller together: nobody is left alone behind two shut doors."""
OFFICER_NOTED_S = 20.0
"""So long after it an officer's reset stands in the journal, slow and locked files included."""


@dataclass(frozen=True, slots=True)
class Ban:
    """One ban of the feed: `until` is the event that withdrew it, None while it stands."""

    document_ref: str
    since: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that was broken, and how."""

    rule: str
    how: str


@dataclass
class Checker:
    """Watches one gate. `store`: a connection of its own; `canaries`: never to be seen in clear;
    `marks`: how each of them begins.
    """

    store: Store
    plant: Plant
    tally: Tally
    matched: set[tuple[str, CaptureKind]]
    canaries: tuple[str, ...]
    marks: tuple[str, ...]
    held_shut_unpowered: bool
    evacuation_shown: Callable[[], bool]
    bans: list[Ban] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    excused: set[str] = field(default_factory=set)
    _lasting: set[str] = field(default_factory=set)
    _released: dict[str, bool] = field(default_factory=lambda: {"entry": False, "exit": False})
    _loops_open: set[str] = field(default_factory=set)
    _came_in: set[str] = field(default_factory=set)
    _releases: Counter[str] = field(default_factory=Counter)
    _crossings: Counter[str] = field(default_factory=Counter)
    _shut_in_s: float = 0.0
    _resets_before: int | None = None
    _reset_due: tuple[float, int] | None = None

    # -- excuses ----------------------------------------------------------------------------------

    def excuse(self, what: str, *, over: bool = False) -> None:
        """A lie that was injected: `both`, `exit`, `crossing`, by the name of what it excuses."""
        if over:
            self._lasting.discard(what)
            self._calm_down()
        else:
            self._lasting.add(what)
            self.excused.add(what)

    def disturbed(self) -> None:
        """A crash, or doors that do not obey: an evacuation may now end without an officer."""
        self._resets_before = self._reset_due = None

    # -- plant truth --------------------------------------------------------------------------------

    def observe(self, events: Iterable[PlantEvent], at_s: float) -> None:
        """Take in what just happened to leaves, locks and bodies."""
        if not self.plant.powered:
            self.disturbed()
            if not self.held_shut_unpowered:
                self.excused |= {"both", "exit", "crossing"}
        for event in events:
            if isinstance(event, LoopChange):
                self._loop(event)
            elif isinstance(event, DoorChange):
                self._door(event)
            elif event.door == "exit" and not event.is_object:
                self._crossed(event)
        self._calm_down()

    def _loop(self, event: LoopChange) -> None:
        if event.closed:
            self._loops_open.discard(event.loop)
        else:
            self._loops_open.add(event.loop)
            self.excused |= {"both", "exit", "crossing", "evacuation"}

    def _door(self, event: DoorChange) -> None:
        before, self._released[event.door] = self._released[event.door], event.released
        if event.door == "exit" and event.released and not before and "exit" not in self.excused:
            self._exit_released(event)
        if all(self._released.values()) and "both" not in self.excused:
            self._broken("both doors released", f"at {event.at_s:.3f} s")

    def _exit_released(self, event: DoorChange) -> None:
        newest = self._newest()
        if newest is None or not _let_out(newest):
            self._broken("exit released without authorisation", f"at {event.at_s:.3f} s: {newest}")
            return
        self._releases[str(newest.passage)] += 1
        if self._releases[str(newest.passage)] > self._authorisations(newest):
            self._broken("exit released twice on one authorisation", str(newest.passage))

    def _crossed(self, event: Crossing) -> None:
        if event.direction < 0:
            self._came_in.add(event.body)
            return
        if event.body in self._came_in:
            self._came_in.discard(event.body)
            return
        if "crossing" in self.excused:
            return
        newest = self._newest()
        if newest is None or not _let_out(newest):
            self._broken("crossed without authorisation", f"{event.body}: {newest}")
            return
        self._crossings[str(newest.passage)] += 1
        if self._crossings[str(newest.passage)] > 1:
            self._broken("two crossed on one authorisation", f"{event.body}: {newest.passage}")

    def _newest(self) -> PassageState | None:
        """The passage that was opened last, as the file says at this instant."""
        found = passages(self.store.engine, "opened = (SELECT max(opened) FROM passages)")
        return found[0] if found else None

    def _authorisations(self, state: PassageState) -> int:
        """The exit decision, and an officer's admits where the first did not get them out."""
        row = self.store.engine.row(
            "SELECT count(*) FROM events WHERE segment = 'journal' AND record_id = ? "
            "AND kind IN ('exit_decision', 'officer_admit')",
            (str(state.passage),),
        )
        return int(row[0])

    def _calm_down(self) -> None:
        """Excuses end once every cause is gone, both doors are shut and no evacuation is shown."""
        if not self.excused or self._loops_open or any(self._released.values()):
            return
        if "evacuation" in self.excused and self.evacuation_shown():
            return
        if "evacuation" in self.excused and self._resets_before is not None:
            self._reset_due = (self.plant.now_s + OFFICER_NOTED_S, self._resets_before)
        self._resets_before = None
        if self.plant.powered:
            self.excused = set(self._lasting)

    def evacuation_known(self) -> None:
        """The gate itself shows that it evacuates: from now on only an officer may end it."""
        if self._loops_open and self._resets_before is None:
            self._resets_before = self._resets()

    def _resets(self) -> int:
        officers = (e["data"] for e in self.store.journal_plain() if e["kind"] == "officer")
        return sum(data["deed"] == "reset" and data["done"] for data in officers)

    # -- time ---------------------------------------------------------------------------------------

    def tick(self, passed_s: float, *, cared_for: bool) -> None:
        """Time passed; `cared_for`: an officer is called or there, or the controller is off."""
        if self._reset_due is not None and self.plant.now_s >= self._reset_due[0]:
            if self._resets() <= self._reset_due[1]:
                self._broken("evacuation ended without an officer", f"at {self.plant.now_s:.1f} s")
            self._reset_due = None
        truth = self.plant.truth()
        shut_in = any(body.inside and not body.is_object for body in truth.bodies.values())
        shut_in = shut_in and all(door.position < 0.8 for door in truth.doors.values())
        self._shut_in_s = self._shut_in_s + passed_s if shut_in and not cared_for else 0.0
        if self._shut_in_s > SHUT_IN_S:
            self._broken("somebody is shut in and no officer was called", f"{SHUT_IN_S:.0f} s")
            self._shut_in_s = 0.0

    # -- the journal at the end -----------------------------------------------------------------------

    def close(self) -> list[Violation]:
        """Judge the file as a whole."""
        self._chain()
        self._outcomes()
        self._leavers()
        self._kept()
        self._canaries()
        return self.violations

    def _chain(self) -> None:
        report = self.store.verify()
        if not report.holds:
            self._broken("the hash chain is broken", report.reason)

    def _outcomes(self) -> None:
        opened, closed = self._named("passage_opened"), self._named("passage_closed")
        for passage in opened.keys() | closed.keys():
            if (opened[passage], closed[passage]) != (1, 1):
                how = f"{passage}: opened {opened[passage]}, outcomes {closed[passage]}"
                self._broken("not exactly one outcome", how)
        for passage in self._named("outcome_contradicted"):
            self._broken("not exactly one outcome", f"{passage}: a second one was refused")

    def unfinished(self) -> list[str]:
        """Passages that were opened and have no outcome in the file."""
        return sorted(self._named("passage_opened").keys() - self._named("passage_closed").keys())

    def _named(self, kind: str) -> Counter[str]:
        rows = self.store.engine.rows(
            "SELECT record_id FROM events WHERE segment = 'journal' AND kind = ?", (kind,)
        )
        return Counter(row[0] for row in rows)

    def _leavers(self) -> None:
        """Nobody let out by law under a ban, or without both captures of this very passage."""
        rows = self.store.engine.rows(
            "SELECT sequence, record_id, document_ref FROM events "
            "WHERE segment = 'journal' AND kind = 'exit_decision'"
        )
        for sequence, passage, reference in rows:
            if any(_stands(ban, reference.hex(), sequence) for ban in self.bans):
                self._broken("let out under a ban", f"{passage}, event {sequence}")
            for kind in CaptureKind:
                if (passage, kind) not in self.matched:
                    self._broken("let out without a match", f"{passage}: {kind.value}")

    def _kept(self) -> None:
        tally = self.tally
        there = Counter(_lines(self.store))
        lost = Counter(tally.kept) - there
        for kind, passage, _, data in lost:
            self._broken("an acknowledged entry is lost", f"{kind} {passage} {data[:80]}")
        states = {str(state.passage): state for state in passages(self.store.engine, "1 = 1")}
        for passage, outcome in tally.outcomes.items():
            state = states.get(passage)
            if state is None or state.outcome is not Outcome(outcome):
                self._broken("an acknowledged outcome is lost", f"{passage}: {outcome}, {state}")
        for passage in tally.opened | tally.exits | tally.admits:
            if passage not in states:
                self._broken("an acknowledged passage is lost", passage)
        for passage in tally.exits | tally.admits:
            if passage in states and states[passage].exit_seq is None:
                self._broken("an acknowledged exit is lost", passage)

    def records_kept(self, sequences: Iterable[int]) -> None:
        """Every record of the feed whose call returned must be there."""
        rows = self.store.engine.rows("SELECT sequence FROM events WHERE segment = 'records'")
        for sequence in set(sequences) - {row[0] for row in rows}:
            self._broken("an acknowledged record is lost", f"event {sequence}")

    def _canaries(self) -> None:
        path = self.store.engine.path
        files = [path, path.with_name(path.name + "-wal")]
        raw = b"".join(file.read_bytes() for file in files if file.exists())
        clear = json.dumps(self.store.journal_plain(), ensure_ascii=False)
        spoken = "\n".join(self.said)
        for where, text in (("store file", raw), ("journal", clear), ("log or alert", spoken)):
            whole = text if isinstance(text, bytes) else text.encode()
            if any(mark.encode() in whole for mark in self.marks) and any(
                canary.encode() in whole for canary in self.canaries
            ):
                self._broken("a name or number in clear", where)

    def _broken(self, rule: str, how: str) -> None:
        self.violations.append(Violation(rule, how))


def _let_out(state: PassageState) -> bool:
    return state.exit_seq is not None and state.outcome in (None, Outcome.INTERRUPTED)


def _stands(ban: Ban, document_ref: str, sequence: int) -> bool:
    ended = ban.until is not None and ban.until < sequence
    return ban.document_ref == document_ref and ban.since < sequence and not ended


def _lines(store: Store) -> Iterable[tuple[str, str, str, str]]:
    for entry in store.journal_plain():
        yield line(entry["kind"], entry["passage"], entry["at"], entry["data"])
