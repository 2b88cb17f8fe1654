"""Episodes: a fresh store, a fresh plant, some visits one after the other, and the verdict.

An episode depends on nothing but the seed, its number and what is left out of it, so that a
failure is replayed and shrunk without whatever came before it.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

from drivers.plant import Unpowered
from gate.bench.torture_actors import TravellerActs, officer, settle
from gate.bench.torture_checker import Violation
from gate.bench.torture_faults import Tally
from gate.bench.torture_inject import Injector
from gate.bench.torture_visits import Visit, draw_visit
from gate.bench.torture_world import World
from gate.bench.virtual_time import Deadlocked, VirtualTimeLoop, run_virtually
from gate.store import StoreError
from gate.vocabulary.parameters import Parameters, parameters_from
from gate.vocabulary.passages import Topology

VISITS = 40
ACT_S = 300.0
FLUSHED_S = 0.6
TOPOLOGIES = (
    Topology.INTEGRATED_TWO_STEP,
    Topology.INTEGRATED_TWO_STEP,
    Topology.SEGREGATED_TWO_STEP,
    Topology.ONE_STEP,
)


class LonelyLoop(VirtualTimeLoop):
    """Nobody outside ever calls: no descriptor is looked at between two instants."""

    def __init__(self) -> None:
        super().__init__()
        self._selector.select = self._pass_time  # type: ignore[attr-defined]

    def _pass_time(self, timeout: float | None = None) -> list[object]:
        if timeout is None:
            raise Deadlocked("nothing is scheduled")
        if timeout > 0:
            self.pass_time(timeout)
        return []


@dataclass(frozen=True, slots=True)
class Scope:
    """What of an episode is played: `only` these visits (None: all), `without` these faults."""

    seed: int
    episode: int
    only: frozenset[int] | None = None
    without: frozenset[tuple[int, int]] = frozenset()

    @property
    def stream(self) -> str:
        """The seed of everything that is drawn in this episode."""
        return f"{self.seed}:{self.episode}"

    @property
    def topology(self) -> Topology:
        """Drawn from the episode."""
        return Random(f"{self.stream}:topology").choice(TOPOLOGIES)

    @property
    def unpowered(self) -> Unpowered:
        """What the leaves do without power; drawn from the episode."""
        return Random(f"{self.stream}:unpowered").choice(list(Unpowered))

    def visits(self) -> list[Visit]:
        """The visits that are played."""
        numbers = range(VISITS) if self.only is None else sorted(self.only)
        return [draw_visit(self.stream, number, self.topology) for number in numbers]

    def faults_of(self, visit: Visit) -> tuple[int, ...]:
        """Which of a visit's faults are played, by index."""
        return tuple(i for i in range(len(visit.faults)) if (visit.number, i) not in self.without)


@dataclass
class Verdict:
    """What an episode came to. `visit`: during or after which visit the first rule broke."""

    scope: Scope
    passages: int = 0
    violations: list[Violation] = field(default_factory=list)
    visit: int | None = None
    tally: Tally = field(default_factory=Tally)

    @property
    def rule(self) -> str | None:
        """The first rule broken."""
        return self.violations[0].rule if self.violations else None


def law() -> Parameters:
    """The law's numbers that come with the rules."""
    shipped = resources.files("gate.law").joinpath("parameters.toml")
    return parameters_from(shipped.read_text(encoding="utf-8"))


def play(scope: Scope, parameters: Parameters, base: Path | None = None) -> Verdict:
    """Run one episode in a folder of its own, which is gone afterwards."""
    loop = LonelyLoop()
    asyncio.set_event_loop(loop)
    try:
        with tempfile.TemporaryDirectory(prefix="egate-torture-", dir=base) as folder:
            return run_virtually(_Episode(scope, parameters, Path(folder)).through(), loop)
    finally:
        asyncio.set_event_loop(None)


class _Episode:
    def __init__(self, scope: Scope, parameters: Parameters, folder: Path) -> None:
        self._scope = scope
        self._verdict = Verdict(scope)
        self._parameters = parameters
        self._folder = folder

    async def through(self) -> Verdict:
        scope = self._scope
        world = World(self._folder, scope.topology, scope.unpowered, self._parameters, scope.stream)
        injector = Injector(world, self._verdict.tally)
        world.switch_on()
        for visit in scope.visits():
            await self._visit(world, injector, visit)
            if world.checker.violations or world.died is not None:
                self._verdict.visit = visit.number
                break
        await self._judge(world, injector)
        return self._verdict

    async def _visit(self, world: World, injector: Injector, visit: Visit) -> None:
        world.rng.seed(visit.seed)
        acts = TravellerActs(world, visit)
        person = acts.person
        if visit.behaviour == "banned":
            injector.ban(person)
        on_duty = asyncio.create_task(officer(world, Random(f"{visit.seed}:officer")))
        faults = tuple(visit.faults[i] for i in self._scope.faults_of(visit))
        self._verdict.tally.by_hand[visit.behaviour] += 1
        injector.begin(faults, person)
        await _within(acts.act(), world, ACT_S)
        injector.end()
        if not await settle(world) and world.died is None:
            world.broken("the gate does not come back to work", f"it is {world.phase}")
        on_duty.cancel()
        injector.revoke(person)
        world.set_right()
        await asyncio.sleep(FLUSHED_S)

    async def _judge(self, world: World, injector: Injector) -> None:
        if world.died is not None:
            died = world.died
            world.broken("the controller died", f"{type(died).__name__}: {_innermost(died)}")
        else:
            await _stop(world)
        checker = world.checker
        if not checker.violations:
            checker.records_kept(injector.sequences)
            checker.close()
        self._verdict.violations = list(checker.violations)
        outcomes = Counter(
            entry["data"]["outcome"]
            for entry in checker.store.journal_plain()
            if entry["kind"] == "passage_closed"
        )
        self._verdict.tally.outcomes += outcomes
        self._verdict.passages = outcomes.total()
        checker.store.close()


async def _stop(world: World) -> None:
    try:
        await world.stop_in_order()
    except StoreError as error:
        world.broken("the journal could not be written at the end", str(error))


async def _within(acts: Coroutine[Any, Any, None], world: World, within_s: float) -> None:
    acting = asyncio.create_task(acts)
    acting.add_done_callback(lambda _: world.wake())
    await world.until(acting.done, within_s)
    if acting.done():
        acting.result()
    else:
        acting.cancel()


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    trace = error.__traceback__
    where = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        where = f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next
    return f"{type(error).__name__}: {error} ({where})"
