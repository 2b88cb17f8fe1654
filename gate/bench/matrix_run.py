"""Plays rows of the fault matrix: one gate in virtual time, one breakage, one phase after the other.

Each cell is judged by what is physically so (the torture's checker on the plant's own log), by the
journal, and by how soon the controller sees the gate again as it is.
"""

import asyncio
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from gate.bench.actors import officer
from gate.bench.matrix_rows import ROUTES, Row
from gate.bench.people import Cast, cast_of
from gate.bench.stories import start_of
from gate.bench.torture_checker import Checker
from gate.bench.torture_ports import sensors_of
from gate.bench.torture_store import Tally
from gate.bench.virtual_time import Deadlocked, VirtualTimeLoop, run_virtually
from gate.bench.world import EmulatedGate, MakeRecognition
from gate.config import Config
from gate.passage.commands import ClosePassage
from gate.passage.events import CaptureFinished, Started
from gate.passage.phases import Phase
from gate.runner import Turn
from gate.store import Durability
from gate.vocabulary.passages import CaptureKind, CaptureVerdict, Door
from gate.vocabulary.screens import Screen

LOOK_S = 0.02
WATCH_S = 8.0
"""So long after the fault's end it is watched whether all is well again."""
DOUBT_S = 0.3
"""A reading that is older than this is wrong: a poll under way is not."""
ACT_S = 90.0
CALM_S = 400.0
FLUSHED_S = 0.5
"""The journal is committed within so long."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One breakage in one phase. `recovered_s`: after the fault's end; `problems`: none is good."""

    row: Row
    phase: Phase
    problems: tuple[str, ...]
    recovered_s: float
    outcomes: tuple[str, ...]


def play_row(row: Row, phases: list[Phase], seed: int, make: MakeRecognition | None) -> list[Cell]:
    """One row in a folder of its own, which is gone afterwards."""
    cells: list[Cell] = []
    while len(cells) < len(phases):
        loop = VirtualTimeLoop()
        asyncio.set_event_loop(loop)
        try:
            with tempfile.TemporaryDirectory(prefix="egate-matrix-") as folder:
                left = phases[len(cells) :]
                cells += run_virtually(_played(row, Path(folder), seed, make, left), loop)
        finally:
            asyncio.set_event_loop(None)
    return cells


async def _played(
    row: Row, folder: Path, seed: int, make: MakeRecognition | None, phases: list[Phase]
) -> list[Cell]:
    return await _Playing(row, folder, seed, make).through(phases)


class _Playing:
    """One world, used until a cell of it goes wrong."""

    def __init__(self, row: Row, folder: Path, seed: int, make: MakeRecognition | None) -> None:
        self._row = row
        rng = Random(f"{seed}:{row.breakage}")
        self._rng = rng
        start = start_of(seed)
        self._world = EmulatedGate(
            replace(Config(), state=str(folder)),
            start=start,
            rng=Random(rng.getrandbits(64)),
            observers=(self._see,),
            durability=Durability.SIMULATION_OFF,
            recognition=make,
        )
        self._cast: Cast = cast_of("admitted", 1, start.date(), rng)
        self._matched: set[tuple[str, CaptureKind]] = set()
        self._checker = Checker(
            store=self._world.open_store(),
            plant=self._world.plant,
            tally=Tally(),
            matched=self._matched,
            canaries=(),
            marks=(),
            held_shut_unpowered=True,
            evacuation_shown=lambda: self._world.screen() is Screen.EVACUATE,
        )
        self._aim: Phase | None = None
        self._over = asyncio.Event()
        self._recovered_s = 0.0
        self._closed: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def through(self, phases: list[Phase]) -> list[Cell]:
        """Cells up to and including the first that went wrong."""
        world, cells = self._world, []
        world.switch_on()
        self._tasks = [
            asyncio.create_task(officer(world, Random(self._rng.getrandbits(64)))),
            asyncio.create_task(world.keep_in_sync()),
            asyncio.create_task(self._look_on()),
        ]
        await world.take_in(self._cast)
        for phase in phases:
            cells.append(await self._cell(phase))
            if cells[-1].problems:
                break
        with suppress(Exception):  # a controller that died was told of already
            for task in self._tasks:
                task.cancel()
            await world.shut_down()
        return [*cells[:-1], self._with_journal(cells[-1])]

    async def _cell(self, phase: Phase) -> Cell:
        self._over.clear()
        self._recovered_s = 0.0
        self._closed.clear()
        before = len(self._checker.violations)
        problems: list[str] = []
        await self._world.until(lambda: self._world.phase() is Phase.READY, CALM_S)
        self._aim = phase
        try:
            await self._acted(phase)
            problems += await self._calmed(phase)
        except Deadlocked as error:
            problems.append(f"stands still: {error}")
        except Exception as error:  # noqa: BLE001 - whatever ends a controller is a finding
            problems.append(f"crashed: {type(error).__name__}: {error}")
        problems += [f"{v.rule}: {v.how}" for v in self._checker.violations[before:]]
        await asyncio.sleep(FLUSHED_S)
        problems += [f"{passage}: no outcome" for passage in self._checker.unfinished()]
        if self._recovered_s > self._row.within_s:
            problems.append(f"recovered after {self._recovered_s:.1f} s")
        return Cell(self._row, phase, tuple(problems), self._recovered_s, tuple(self._closed))

    async def _acted(self, phase: Phase) -> None:
        if phase is Phase.READY:
            self._break()
        who = replace(self._cast.traveller, name=f"traveller-{phase.value}")
        await self._world.acted(ROUTES[phase](self._world, who, self._over), within_s=ACT_S)
        await self._world.until(lambda: self._aim is None, within_s=ACT_S)

    async def _calmed(self, phase: Phase) -> list[str]:
        """Everybody is led out as the gate lets them, until it is ready again."""
        if self._aim is not None:
            self._aim = None
            return ["the phase was not reached"]
        await self._over.wait()
        world = self._world
        for kind in CaptureKind:
            world.present(kind, None)
        if world.reader.document_present:
            world.withdraw()
        ends_s = asyncio.get_running_loop().time() + CALM_S
        while asyncio.get_running_loop().time() < ends_s:
            if world.died:
                await world.acted(asyncio.sleep(0.0), within_s=1.0)
            if not self._lead_out() and world.phase() is Phase.READY:
                return []
            await asyncio.sleep(0.5)
        return [f"not ready again, {world.phase().value}"]

    def _lead_out(self) -> bool:
        """Whoever may leave does; False when nobody is left."""
        world, now_s = self._world, asyncio.get_running_loop().time()
        for name, body in world.plant.truth().bodies.items():
            if not body.inside and body.on_threshold is None:
                world.leave(name)
            elif world.phase() in (Phase.LETTING_BACK, Phase.EVACUATING) and not body.walking:
                world.plant.walk(name, "outside", now_s)
        return bool(world.plant.truth().bodies)

    # -- the fault ----------------------------------------------------------------------------

    def _see(self, turn: Turn) -> None:
        self._checker.observe(self._world.plant.drain_log(), self._world.plant.now_s)
        event = turn.event
        if isinstance(event, CaptureFinished) and event.result.verdict is CaptureVerdict.MATCH:
            self._matched.add((str(event.passage), event.kind))
        for command in turn.commands:
            if isinstance(command, ClosePassage):
                self._closed.append(command.outcome.value)
        came = turn.before.phase is not turn.after.phase or isinstance(turn.event, Started)
        if came and turn.after.phase is self._aim:
            self._break()

    def _break(self) -> None:
        self._aim = None
        asyncio.get_running_loop().call_soon(self._broken)

    def _broken(self) -> None:
        for excuse in self._row.excuses:
            self._checker.excuse(excuse)
        if self._row.breakage.device == "doors":
            self._checker.disturbed()
        self._world.faults.begin(self._row.breakage)
        asyncio.get_running_loop().call_later(self._row.lasts_s, self._mended)

    def _mended(self) -> None:
        self._world.faults.end(self._row.breakage)
        for excuse in self._row.excuses:
            self._checker.excuse(excuse, over=True)
        self._tasks.append(asyncio.create_task(self._watch()))

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        ended_s = self._world.faults.over_at(self._row.breakage.device, loop.time())
        doubtful_s = 0.0
        while loop.time() - ended_s < WATCH_S:
            await asyncio.sleep(LOOK_S)
            failed, right = self._serves()
            doubtful_s = 0.0 if right else doubtful_s + LOOK_S
            if failed or doubtful_s > DOUBT_S:
                self._recovered_s = max(0.0, loop.time() - ended_s)
        self._over.set()

    def _serves(self) -> tuple[bool, bool]:
        """Whether a device is failed; whether the controller's reading is what is so."""
        state = self._world.state()
        if state is None:
            return False, True  # switched off on purpose
        truth = self._world.plant.truth()
        coils = {door: truth.doors[door.value].coil for door in Door}
        right = state.sensors == sensors_of(truth.inputs, coils)
        return bool(state.failed), right or not truth.powered

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            self._world.plant.advance(asyncio.get_running_loop().time())
            self._checker.observe(self._world.plant.drain_log(), self._world.plant.now_s)

    # -- the outcome --------------------------------------------------------------------------

    def _with_journal(self, last: Cell) -> Cell:
        before = len(self._checker.violations)
        self._checker.close()
        told = tuple(f"{v.rule}: {v.how}" for v in self._checker.violations[before:])
        self._checker.store.close()
        return replace(last, problems=last.problems + told)
