"""An emulated gate in one process and in virtual time: plant, emulators, store, controller.

The same drivers, adapters, runner and store as at a real gate; only the far ends of the lines are
emulators, and time passes when nobody has anything to do.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from drivers.document_reader.emulator import ElyctisEmulator
from drivers.faults import ScriptedFaults
from drivers.line import NullLine
from drivers.link import register_null, unregister_null
from drivers.plant import Plant, PlantParameters, Unpowered
from gate.bench.actors import Manner
from gate.bench.emulated_recognition import EmulatedRecognition
from gate.bench.far_ends import DOOR_BOARDS, sensor_board
from gate.bench.fault_desk import FaultDesk
from gate.bench.fault_words import Breakable, OnWire, ThePlant
from gate.bench.people import Cast, ban
from gate.bench.reader_place import ReaderPlace, reader_place
from gate.bench.virtual_time import VirtualClock
from gate.compose import Gate, Panel, compose, parameters_of, store_port
from gate.config import Config
from gate.config_doors import Doors, SensorsKind
from gate.passage.events import Event
from gate.passage.phases import GateState, Phase
from gate.ports import Recognition
from gate.runner import Observer, Runner, Turn
from gate.store import Durability, Record, SiteKeys, Store
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.passages import CaptureKind
from gate.vocabulary.screens import Screen

SEOUL = ZoneInfo("Asia/Seoul")
SYNC_AGAIN_S = 120.0


class WorldRecognition(Recognition, Protocol):
    """Recognition before which travellers of the world can stand."""

    def present(self, kind: CaptureKind, identity: str | None, manner: Manner) -> None:
        """Whose face or finger is held before the sensor, and how."""
        ...

    async def enrol(self, cast: Cast, parameters: Parameters, now: datetime) -> object:
        """Bring a traveller's records into the store, the enrolment through the desk."""
        ...

    def breakables(self) -> Mapping[str, Breakable]:
        """What can break before it: a camera, a sensor, or the whole of it."""
        ...

    async def close_world(self) -> None:
        """Let go of everything at the end of the run."""
        ...


class EmulatedGate:
    """One gate with everything around it; `actors.World` for those who act in it."""

    def __init__(
        self,
        config: Config,
        *,
        start: datetime,
        rng: Random,
        observers: tuple[Observer, ...] = (),
        durability: Durability = Durability.POWER_LOSS,
        recognition: "MakeRecognition | None" = None,
        keys: SiteKeys | None = None,
        reader: "MakeReader | None" = None,
    ) -> None:
        """`keys`: of a site that other processes serve as well. `reader`: without it by `config`."""
        loop = asyncio.get_running_loop()
        self.config = _on_null_lines(config)
        self.clock = VirtualClock(loop, start)
        self.plant = Plant(PlantParameters(unpowered=Unpowered.HOLD, battery_s=0.0))
        make = recognition or (lambda _world, own: EmulatedRecognition(own))
        self.recognition = make(self, Random(rng.getrandbits(64)))
        self.reader = reader(self) if reader else self._own_reader(config, start)
        self._rng = rng
        self._durability = durability
        self._observers = observers
        script = ScriptedFaults([])
        self._door_lines = self._register_doors(self.config.doors, script)
        things: dict[str, Breakable] = {
            "reader": self.reader.breakable(),
            "doors": OnWire(self._door_lines[0], script, ElyctisEmulator),
            "gate": ThePlant(self.plant),
        }
        self.faults = FaultDesk({**things, **self.recognition.breakables()}, self._settle)
        self._panel = Panel()
        self.on_start: Callable[[Runner, Panel], None] | None = None
        self._changed = asyncio.Event()
        # A throwaway site: its pseudonyms come from the seed, so that a run can be compared.
        drawn = SiteKeys(rng.randbytes(32))
        self._keys = keys or drawn
        self._create_store()
        self._gate: Gate | None = None
        self._running: asyncio.Task[None] | None = None
        self._died: asyncio.Future[None] = loop.create_future()
        self.phases_seen: set[Phase] = set()

    # -- the controller -----------------------------------------------------------------------

    def switch_on(self) -> None:
        """Start a controller on the store as it is."""
        self._gate = compose(
            self.config,
            clock=self.clock,
            recognition=self.recognition,
            staff=self._panel,
            screen=self._panel,
            store=store_port(
                self.config,
                self._keys,
                self.clock.utc,
                threaded=False,
                durability=self._durability,
            ),
            rng=Random(self._rng.getrandbits(64)),
            documents=self.reader.documents,
        )
        for observer in self._observers:
            self._gate.runner.subscribe(observer)
        if self.on_start is not None:
            self.on_start(self._gate.runner, self._panel)
        self._gate.runner.subscribe(self._notice)
        self._running = asyncio.create_task(self._gate.runner.run())
        self._running.add_done_callback(self._ended)

    async def switch_off(self) -> None:
        """As a loss of power does: nothing is finished, nothing is said."""
        assert self._gate is not None
        assert self._running is not None
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running
        self._gate.store.abandon()
        await self._gate.drop_devices()
        self._panel.show(Screen.CLOSED)
        self._panel.dismiss()

    async def acted(self, acts: Coroutine[Any, Any, None], within_s: float) -> None:
        """Wait for an actor, not for ever; if a controller dies of a bug meanwhile, so does this."""
        acting = asyncio.create_task(acts)
        either: set[asyncio.Future[None]] = {acting, self._died}
        await asyncio.wait(either, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        if self._died.done():
            acting.cancel()
            self._died.result()
        if acting.done():
            acting.result()
        else:
            acting.cancel()

    async def shut_down(self) -> None:
        """End the run in order: what waits is committed."""
        assert self._gate is not None
        assert self._running is not None
        self._running.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await self._running
            await self._gate.close()
            await self.recognition.close_world()
        finally:
            self.reader.close()
            for line in self._door_lines:
                unregister_null(line.name)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._died.done():
            self._died.set_exception(error)

    def _notice(self, turn: Turn) -> None:
        self.phases_seen.add(turn.after.phase)
        self._changed.set()

    # -- the store's other writer ---------------------------------------------------------------

    def write(self, *records: Record) -> None:
        """Append records as another process would, through a connection of its own."""
        with self.open_store() as store:
            store.append_records(records)
        self._touch()

    def open_store(self) -> Store:
        """A connection of somebody else's."""
        return Store.open(
            self.config.store_path,
            keys=self._keys,
            utc_now=self.clock.utc,
            durability=self._durability,
        )

    async def take_in(self, cast: Cast) -> None:
        """A traveller's records come into the store; with real recognition through the desk."""
        if isinstance(self.recognition, EmulatedRecognition):
            self.write(*cast.records)
            return
        await self.recognition.enrol(cast, parameters_of(self.config), self.clock.utc())
        self._touch()

    def enter_ban(self, person_id: str) -> None:
        """See `actors.World`."""
        self.write(ban(person_id, self.clock.utc().astimezone(SEOUL).date()))

    def _create_store(self) -> None:
        self.config.store_path.parent.mkdir(parents=True, exist_ok=True)
        with Store.open(
            self.config.store_path,
            keys=self._keys,
            utc_now=self.clock.utc,
            create=True,
            durability=self._durability,
        ) as store:
            store.record_sync(self.clock.utc(), "demo")

    async def keep_in_sync(self) -> None:
        """The feed that keeps the local records fresh; for ever."""
        while True:
            await asyncio.sleep(SYNC_AGAIN_S)
            with self.open_store() as store:
                store.record_sync(self.clock.utc(), "demo")

    # -- what actors see --------------------------------------------------------------------------

    def screen(self) -> Screen:
        """See `actors.World`."""
        return self._panel.shown

    @property
    def died(self) -> bool:
        """Whether the controller ended of a bug; `acted` raises it."""
        return self._died.done()

    def state(self) -> GateState | None:
        """What the controller knows; None while it is switched off."""
        off = self._gate is None or self._running is None or self._running.done()
        return None if off or self._gate is None else self._gate.runner.state

    def phase(self) -> Phase:
        """See `actors.World`."""
        return self._gate.runner.state.phase if self._gate else Phase.OUT_OF_SERVICE

    def somebody_inside(self) -> bool:
        """What an officer sees through the glass."""
        return any(body.inside for body in self.plant.truth().bodies.values())

    def officer_called(self) -> bool:
        """See `actors.World`."""
        return self._panel.called

    def loops_ok(self) -> bool:
        """See `actors.World`."""
        return all(self.plant.truth().loops.values())

    async def until(self, condition: Callable[[], bool], within_s: float = 120.0) -> bool:
        """Wait until something the gate shows makes the condition true; False after `within_s`."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + within_s
        while not condition():
            self._changed.clear()
            left_s = ends_s - loop.time()
            if left_s <= 0:
                return False
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self._changed.wait(), None if left_s == float("inf") else left_s
                )
        return True

    # -- what actors do -----------------------------------------------------------------------------

    def arrive(self, name: str) -> None:
        """Somebody comes into view."""
        self.plant.add_body(name, "outside", self._now_s())
        self._touch()

    async def walk(self, name: str, place: str) -> None:
        """Walk there and arrive; a closed door makes everybody wait."""
        self.plant.walk(name, place, self._now_s())
        self._touch()
        while self._is_on_the_way(name):
            await asyncio.sleep(0.05)
            self.plant.advance(self._now_s())

    def leave(self, name: str) -> None:
        """Out of view."""
        self.plant.remove_body(name, self._now_s())
        self._touch()

    def lay(self, lines: tuple[str, ...]) -> None:
        """A passport on the glass."""
        self.reader.lay(lines, self._now_s())
        self._touch()

    def withdraw(self) -> None:
        """And away again."""
        self.reader.withdraw(self._now_s())
        self._touch()

    def present(
        self, kind: CaptureKind, identity: str | None, manner: Manner = Manner.WELL
    ) -> None:
        """Face into the camera, finger on the sensor."""
        self.recognition.present(kind, identity, manner)

    def interrupt_fire_loop(self) -> None:
        """See `actors.World`."""
        self.plant.set_loop("fire", False, self._now_s())
        self._touch()

    def close_fire_loop(self) -> None:
        """See `actors.World`."""
        self.plant.set_loop("fire", True, self._now_s())
        self._touch()

    async def cut_power(self, for_s: float) -> None:
        """Mains and controller go; both come back."""
        self.plant.set_mains(False, self._now_s())
        await self.switch_off()
        await asyncio.sleep(for_s)
        self.plant.set_mains(True, self._now_s())
        self.switch_on()

    def unplug_reader(self, for_s: float) -> None:
        """See `actors.World`."""
        self.reader.unplug(for_s)

    def post(self, event: Event) -> None:
        """An officer's button."""
        assert self._gate is not None
        self._gate.runner.post(event)

    def _is_on_the_way(self, name: str) -> bool:
        body = self.plant.truth().bodies.get(name)
        return body is not None and (body.walking or body.waiting_at is not None)

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def _touch(self) -> None:
        self.reader.poke()
        for line in self._door_lines:
            line.poke()
        self._changed.set()

    def _settle(self) -> None:
        self.plant.advance(self._now_s())
        self._touch()

    def _own_reader(self, config: Config, start: datetime) -> ReaderPlace:
        # The seed is of the world's start: nothing is drawn from the stream of the others.
        seed = int(start.timestamp()) & 0x7FFFFFFF
        return reader_place(config.reader, seed, lambda: self.clock.utc().date())

    def _register_doors(self, doors: Doors, faults: ScriptedFaults) -> tuple[NullLine, ...]:
        emulator = DOOR_BOARDS[doors.kind](doors, self.plant)
        board = register_null("doors", emulator, doors.baud, faults)
        if doors.sensors.kind is SensorsKind.NONE:
            return (board,)
        reads = sensor_board(doors, self.plant)
        return (board, register_null("sensors", reads, doors.sensors.baud))


def _on_null_lines(config: Config) -> Config:
    sensors = config.doors.sensors
    if sensors.kind is not SensorsKind.NONE:
        sensors = replace(sensors, address="null:sensors")
    return replace(
        config,
        reader=replace(config.reader, address="null:reader"),
        doors=replace(config.doors, address="null:doors", sensors=sensors),
    )


MakeRecognition = Callable[[EmulatedGate, Random], WorldRecognition]
"""Makes the recognition of a world, with a source of chance of its own."""
MakeReader = Callable[[EmulatedGate], ReaderPlace]
"""Makes the place of the document reader."""
