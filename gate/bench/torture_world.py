"""The gate under torture: real runner, effects and store; simulated devices; a plant; crashes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from drivers.plant import Plant, PlantParameters, Unpowered
from gate.bench.torture_checker import Checker, Violation
from gate.bench.torture_people import NAME_MARK, NUMBER_MARK, Person, enrolled, persons
from gate.bench.torture_ports import (
    DoorBoard,
    ReaderDevice,
    SimulatedDoors,
    SimulatedReader,
    SimulatedRecognition,
)
from gate.bench.torture_store import TalliedStore, Tally, failing_opener
from gate.bench.virtual_time import VirtualClock
from gate.passage.events import Event
from gate.passage.phases import GateState, Phase, Settings
from gate.ports import Ports
from gate.runner import Runner, Turn
from gate.store import Durability, SiteKeys, SpaceLimits, Store
from gate.store.port import StorePort
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.passages import PassageId, Topology
from gate.vocabulary.reasons import Reason
from gate.vocabulary.screens import Screen
from gate.vocabulary.timings import Timings

START = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
BATTERY_S = 1800.0
REFERRAL_RATE = 0.02
TICK_S = 5.0


@dataclass
class Desk:
    """Staff and the traveller's screen: what stands there, and every word that was said."""

    called: bool = False
    shown: Screen = Screen.CLOSED
    shows: int = 0
    said: list[str] = field(default_factory=list)
    on_change: Callable[[], None] = lambda: None

    def call(self, passage: PassageId | None, reasons: tuple[Reason, ...]) -> None:
        """An officer is wanted."""
        self.called = True
        self.said.append(f"call {passage} {reasons}")
        self.on_change()

    def dismiss(self) -> None:
        """Answered."""
        self.called = False

    def alert(self, reason: Reason, passage: PassageId | None) -> None:
        """For the record."""
        self.said.append(f"alert {passage} {reason}")

    def show(self, screen: Screen) -> None:
        """Replace what stands there."""
        self.shown = screen
        self.shows += 1
        self.on_change()


class World:
    """Everything around one controller, and the controller, which comes and goes."""

    def __init__(
        self, folder: Path, topology: Topology, unpowered: Unpowered, law: Parameters, seed: str
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.rng = Random(seed)
        self.clock = VirtualClock(self.loop, START)
        self.plant = Plant(PlantParameters(unpowered=unpowered, battery_s=BATTERY_S))
        self.failing: dict[str, str] = {}
        self.free_share = 0.5
        self.settings = Settings(topology, Timings(), law)
        self.died: BaseException | None = None
        self.desk = Desk(on_change=self.wake)
        self.people: list[Person] = persons(Random(f"{seed}:people"))
        self.on_phase: Callable[[Phase], None] = lambda phase: None
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._trip: int | None = None
        self._inputs_seen: dict[str, bool] = {}
        self.board = DoorBoard(self)
        self.reader = ReaderDevice(self)
        self.recognition = SimulatedRecognition(self)
        self.tally = Tally()
        self._path = folder / "store.db"
        self._keys = SiteKeys(bytes(range(32)))
        self.feed = self._open(create=True)
        self.feed.append_records(record for person in self.people for record in enrolled(person))
        self.feed.record_sync(self.clock.utc(), "torture")
        self.checker = self._judge(unpowered)
        self.runner: Runner | None = None
        self._port: TalliedStore | None = None
        self._running: asyncio.Task[None] | None = None
        self.going_down = False
        self.attended = False
        self._ticking = self.loop.call_later(TICK_S, self._tick)

    def _judge(self, unpowered: Unpowered) -> Checker:
        return Checker(
            store=self._open(),
            plant=self.plant,
            tally=self.tally,
            matched=self.recognition.matched,
            canaries=tuple(text for person in self.people for text in person.canaries),
            marks=(NAME_MARK, NUMBER_MARK),
            held_shut_unpowered=unpowered is Unpowered.HOLD,
            evacuation_shown=lambda: self.desk.shown is Screen.EVACUATE,
            said=self.desk.said,
        )

    # -- the controller ---------------------------------------------------------------------------

    def switch_on(self) -> None:
        """A new controller on the same file and the same plant."""
        port = StorePort(
            failing_opener(self._open, self),
            direction="departure",
            utc_now=self.clock.utc,
            parameters=self.settings.parameters,
            threaded=False,
        )
        self._port = TalliedStore(port, self, self.tally)
        ports = Ports(
            SimulatedReader(self.reader),
            SimulatedDoors(self.board),
            self.recognition,
            self._port,
            self.desk,
            self.desk,
            self.clock,
        )
        draw = Random(self.rng.getrandbits(64))
        self.runner = Runner(
            GateState(self.settings), ports, draw_referral=lambda: draw.random() < REFERRAL_RATE
        )
        self.runner.subscribe(self._notice)
        self._running = asyncio.create_task(self.runner.run())
        self._running.add_done_callback(self._ended)
        self.on_phase(Phase.STARTING)

    def crash(self, off_s: float) -> bool:
        """The controller dies where it stands and comes back; False if it is down already."""
        if self.going_down or self._running is None:
            return False
        self.going_down = True
        self.checker.disturbed()
        asyncio.ensure_future(self._crash(off_s)).add_done_callback(self._crashed)
        return True

    async def _crash(self, off_s: float) -> None:
        await self.switch_off()
        await asyncio.sleep(off_s)
        await self.until(lambda: self.plant.powered, within_s=600.0)
        self.going_down = False
        self.switch_on()

    async def switch_off(self) -> None:
        """Nothing is finished, nothing is said."""
        running, port = self._running, self._port
        assert running is not None
        assert port is not None
        self._running, self.runner = None, None
        running.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await running
        port.abandon()
        self.desk.show(Screen.CLOSED)
        self.desk.dismiss()

    async def stop_in_order(self) -> None:
        """The end of a run: what waits is committed."""
        self._ticking.cancel()
        if self._alarm is not None:
            self._alarm.cancel()
        if self._running is not None and self._port is not None:
            await self._port.flush()
            await self.switch_off()
        self.feed.close()

    def trip_at_call(self, calls: int) -> None:
        """Crash at so many calls of a port from now."""
        self._trip = calls

    async def pass_call(self, label: str) -> None:
        """See `torture_ports.Bench`."""
        if self._trip is None:
            return
        self._trip -= 1
        if self._trip < 0:
            self._trip = None
            if self.crash(1.0):
                await self.loop.create_future()

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and task is self._running:
            self.died = error
            self.wake()

    def _crashed(self, task: asyncio.Future[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.died = task.exception()
            self.wake()

    def _notice(self, turn: Turn) -> None:
        if turn.after.phase is not turn.before.phase:
            if turn.after.phase is Phase.EVACUATING and not self.going_down:
                self.checker.evacuation_known()
            self.on_phase(turn.after.phase)
        self.wake()

    @property
    def phase(self) -> Phase | None:
        """Where the gate stands; None while the controller is off."""
        return None if self.runner is None else self.runner.state.phase

    def post(self, event: Event) -> None:
        """A button, if anybody listens."""
        if self.runner is not None:
            self.runner.post(event)

    # -- time and plant -----------------------------------------------------------------------------

    def touch(self) -> None:
        """Take in what happened to the plant and wake up at its next change."""
        self.checker.observe(self.plant.drain_log(), self.plant.now_s)
        inputs = self.plant.inputs()
        if inputs != self._inputs_seen:
            self._inputs_seen = inputs
            self.board.changed.set()
            self.wake()
        if self._alarm is not None:
            self._alarm.cancel()
        due_s = self.plant.next_change()
        self._alarm = None if due_s is None else self.loop.call_at(due_s, self._on_time, due_s)

    def _on_time(self, due_s: float) -> None:
        self.plant.advance(max(due_s, self.loop.time()))
        self.touch()

    def _tick(self) -> None:
        self.plant.advance(self.loop.time())
        cared_for = self.desk.called or self.runner is None or self.attended
        self.checker.tick(TICK_S, cared_for=cared_for)
        self._ticking = self.loop.call_later(TICK_S, self._tick)

    def wake(self) -> None:
        """Something changed: whoever waited for it goes on."""
        for condition, waiter in tuple(self._waiters):
            if (self.died is not None or condition()) and not waiter.done():
                waiter.set_result(None)

    async def until(self, condition: Callable[[], bool], within_s: float) -> bool:
        """Wait for what the gate shows; False after `within_s`."""
        if condition():
            return True
        waiting = condition, self.loop.create_future()
        self._waiters.append(waiting)
        alarm = self.loop.call_later(within_s, _done, waiting[1])
        try:
            await waiting[1]
        finally:
            alarm.cancel()
            self._waiters.remove(waiting)
        return condition()

    # -- the file's other writer ------------------------------------------------------------------------

    def _open(self, *, create: bool = False) -> Store:
        return Store.open(
            self._path,
            keys=self._keys,
            utc_now=self.clock.utc,
            free_share=lambda: self.free_share,
            create=create,
            max_age_min=60,
            lock_wait_s=0.0,
            limits=SpaceLimits(reserve_bytes=0),
            durability=Durability.SIMULATION_OFF,
        )

    def set_right(self) -> None:
        """The wall clock is put right, an officer accepts it, the feed says it is in sync."""
        if self.clock.offset:
            self.clock.offset = timedelta(0)
            self.feed.accept_clock("officer-1")
        self.feed.record_sync(self.clock.utc(), "torture")

    def set_battery(self, battery_s: float) -> None:
        """How long the gate lives without mains from now on."""
        self.plant.parameters = replace(self.plant.parameters, battery_s=battery_s)

    @property
    def store_path(self) -> Path:
        """Where the file is."""
        return self._path

    def broken(self, rule: str, how: str) -> None:
        """The world itself saw a rule broken."""
        self.checker.violations.append(Violation(rule, how))


def _done(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
