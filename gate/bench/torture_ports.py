"""Simulated doors, reader and recognition for the torture: no wire, the same meaning.

Far ends (`DoorBoard`, `ReaderDevice`) live in the world and survive a crash of the controller;
the ports are made anew with each controller. Doors are polled in effect: a change is seen at the
next poll, but no poll is spent while nothing changes.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from drivers.plant import Plant
from gate.adapters.door_board import HOLD_AGAIN_S, HOLD_PULSE_S, door_state
from gate.ports import DeviceError, ReaderNotice
from gate.vocabulary.documents import Document
from gate.vocabulary.passages import (
    CaptureKind,
    CaptureResult,
    CaptureVerdict,
    Device,
    Door,
    DoorState,
    FailureKind,
    PassageId,
    Sensors,
)

PULSE_S = 5.0
POLL_S = 0.1
LINE_S = (0.004, 0.012)
REPLY_TIMEOUT_S = 0.3
FAILURES: dict[str, FailureKind] = {
    "unplugged": FailureKind.UNPLUGGED,
    "silent": FailureKind.SILENT,
    "reply_lost": FailureKind.SILENT,
    "garbled": FailureKind.GARBLED,
    "faulty": FailureKind.FAULTY,
}


class Bench(Protocol):
    """What the simulated devices share with the world around them."""

    plant: Plant
    rng: Random
    failing: dict[str, str]

    async def pass_call(self, label: str) -> None:
        """A place where the controller may be interrupted for good."""
        ...

    def touch(self) -> None:
        """The plant was handled: look again."""
        ...


def now_s() -> float:
    """The running loop's time."""
    return asyncio.get_running_loop().time()


class DoorBoard:
    """Two relays with pulses of their own, the inputs, and whoever waits for a change."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.coils = dict.fromkeys(Door, False)
        self.changed = asyncio.Event()
        self._ends: dict[Door, asyncio.TimerHandle] = {}

    def switch(self, door: Door, on: bool, pulse_s: float = PULSE_S) -> None:
        """Set a relay; on ends by itself."""
        ending = self._ends.pop(door, None)
        if ending is not None:
            ending.cancel()
        if on:
            loop = asyncio.get_running_loop()
            self._ends[door] = loop.call_later(pulse_s, self.switch, door, False)
        self.coils[door] = on
        self.bench.plant.set_coil(door.value, on, now_s())
        self.changed.set()
        self.bench.touch()

    def drop(self) -> None:
        """Without power no relay holds."""
        for door in Door:
            self.switch(door, False)

    def sensors(self) -> Sensors:
        """Contacts and coils now, in the adapter's words."""
        return sensors_of(self.bench.plant.inputs(), self.coils)


def sensors_of(wires: Mapping[str, bool], coils: Mapping[Door, bool]) -> Sensors:
    """A plant's inputs and the coils as a reading of the gate."""

    def state(door: Door) -> DoorState:
        return door_state(wires[f"{door.value}_closed"], wires[f"{door.value}_open"], coils[door])

    return Sensors(
        entry=state(Door.ENTRY),
        exit=state(Door.EXIT),
        entry_beam_broken=wires["entry_beam"],
        exit_beam_broken=wires["exit_beam"],
        presence=2 if wires["presence_2"] else int(wires["presence_1"]),
        approach=wires["approach"],
        fire_loop_ok=wires["fire_loop_ok"],
        emergency_stop_loop_ok=wires["estop_loop_ok"],
        mains_ok=wires["mains_ok"],
        tamper_ok=wires["tamper_ok"],
    )


class SimulatedDoors:
    """`ports.Doors` over a `DoorBoard`; after an error nothing is released before a read."""

    def __init__(self, board: DoorBoard) -> None:
        self._board = board
        self._bench = board.bench
        self._known = False
        self._last: Sensors | None = None
        self._earlier = board.sensors()
        self._held_s: float | None = None
        self._turn = asyncio.Lock()

    async def recover(self) -> None:
        """Read everything back."""
        self._last = None
        await self._look()

    async def release(self, door: Door) -> None:
        """Begin a pulse, unless the state is unknown."""
        if not self._known:
            raise DeviceError(Device.DOORS, FailureKind.FAULTY)
        await self._ask("release", lambda: self._board.switch(door, True))

    async def lock(self, door: Door) -> None:
        """End the pulse and any hold."""
        self._held_s = None
        await self._ask("lock", lambda: self._board.switch(door, False))

    async def hold_open(self) -> None:
        """Both on, renewed in time."""
        self._held_s = now_s()
        for door in Door:
            await self._ask("hold", lambda d=door: self._board.switch(d, True, HOLD_PULSE_S))  # type: ignore[misc]

    async def read(self) -> Sensors:
        """Everything, one poll old while the board is stale."""
        self._last = await self._look()
        return self._last

    async def _look(self) -> Sensors:
        await self._ask("read", lambda: None)
        self._known = True
        return self._fresh()

    async def next_sensors(self) -> Sensors:
        """Wait for another reading."""
        while True:
            if self._held_s is not None and now_s() - self._held_s > HOLD_AGAIN_S:
                await self.hold_open()
            self._board.changed.clear()
            sensors = await self._look()
            if sensors != self._last:
                self._last = sensors
                return sensors
            await self._until_changed()
            await asyncio.sleep(self._bench.rng.uniform(0.0, POLL_S))

    async def _until_changed(self) -> None:
        if self._held_s is None and "doors" not in self._bench.failing:
            await self._board.changed.wait()
            return
        try:
            async with asyncio.timeout(POLL_S if self._held_s is None else HOLD_AGAIN_S + POLL_S):
                await self._board.changed.wait()
        except TimeoutError:
            return

    def _fresh(self) -> Sensors:
        earlier, self._earlier = self._earlier, self._board.sensors()
        return earlier if self._bench.failing.get("doors") == "stale" else self._earlier

    async def _ask(self, what: str, act: Callable[[], None]) -> None:
        async with self._turn:
            await self._bench.pass_call(f"doors {what}")
            await asyncio.sleep(self._bench.rng.uniform(*LINE_S))
            if not self._bench.plant.powered:
                raise self._failed(FailureKind.UNPLUGGED)
            how = self._bench.failing.get("doors", "")
            if how == "slow":
                await asyncio.sleep(0.8 * REPLY_TIMEOUT_S)
            if how == "reply_lost" or (how == "garbled" and self._bench.rng.random() < 0.5):
                act()
            if how in ("silent", "reply_lost"):
                await asyncio.sleep(REPLY_TIMEOUT_S)
            if how in FAILURES:
                raise self._failed(FAILURES[how])
            act()

    def _failed(self, kind: FailureKind) -> DeviceError:
        self._known = False
        return DeviceError(Device.DOORS, kind)


class ReaderDevice:
    """A full-page reader: what lies on it, what it has to tell."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.lying: Document | None = None
        self.armed = False
        self._notices: deque[ReaderNotice | Document] = deque()
        self._told = asyncio.Event()
        self._reading: asyncio.TimerHandle | None = None

    def lay(self, document: Document) -> None:
        """A document comes to lie on the glass."""
        self.lying = document
        self._tell(ReaderNotice.LAID)
        self._read_soon()

    def withdraw(self) -> None:
        """It is taken away."""
        if self.lying is not None:
            self.lying = None
            self._tell(ReaderNotice.REMOVED)

    def arm(self) -> None:
        """Read what lies there, or what comes next."""
        self.armed = True
        self._read_soon()

    def tell_again(self) -> None:
        """Opened anew: what lies there is news."""
        self._notices.clear()
        if self.lying is not None:
            self._tell(ReaderNotice.LAID)
            self._read_soon()

    async def next(self) -> ReaderNotice | Document:
        """Wait for the next notice."""
        while not self._notices:
            self._told.clear()
            await self._told.wait()
        return self._notices.popleft()

    def poke(self) -> None:
        """Something about the device changed: whoever waits looks again."""
        self._told.set()

    def _read_soon(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        took_s = self.bench.rng.uniform(0.4, 1.0)
        if self.bench.failing.get("reader") == "slow":
            took_s += 6.0
        self._reading = asyncio.get_running_loop().call_later(took_s, self._read)

    def _read(self) -> None:
        self._reading = None
        if self.lying is None or not self.armed:
            return
        self.armed = False
        bad = self.bench.failing.get("reader") == "bad_sample"
        self._tell(ReaderNotice.UNREADABLE if bad else self.lying)

    def _tell(self, notice: ReaderNotice | Document) -> None:
        self._notices.append(notice)
        self._told.set()


class SimulatedReader:
    """`ports.DocumentReader` over a `ReaderDevice`."""

    def __init__(self, device: ReaderDevice) -> None:
        self._device = device

    async def recover(self) -> None:
        """Open anew."""
        await self._reach("recover")
        self._device.tell_again()

    async def arm(self) -> None:
        """One document, please."""
        await self._reach("arm")
        self._device.arm()

    async def next_notice(self) -> ReaderNotice | Document:
        """Wait; a reader that fails is noticed while waiting too."""
        waiting = asyncio.ensure_future(self._device.next())
        try:
            while not waiting.done():
                await self._reach("wait")
                await asyncio.wait((waiting,), timeout=5.0)
            await self._bench.pass_call("reader notice")
            return waiting.result()
        finally:
            waiting.cancel()

    @property
    def _bench(self) -> Bench:
        return self._device.bench

    async def _reach(self, what: str) -> None:
        if what != "wait":
            await self._bench.pass_call(f"reader {what}")
            await asyncio.sleep(self._bench.rng.uniform(*LINE_S))
        how = self._bench.failing.get("reader", "")
        if how == "silent":
            await asyncio.sleep(REPLY_TIMEOUT_S)
        if how in FAILURES:
            raise DeviceError(Device.READER, FAILURES[how])


@dataclass
class SimulatedRecognition:
    """`ports.Recognition` that compares identities. `matched`: what it really answered MATCH to."""

    bench: Bench
    presented: dict[CaptureKind, str | None] = field(default_factory=dict)
    matched: set[tuple[str, CaptureKind]] = field(default_factory=set)
    late_s: tuple[float, float] = (0.0, 0.0)
    """How much later than compared an answer comes: after its passage, if it is long."""

    async def recover(self) -> None:
        """Answer, if it serves."""
        await self._reach("recover")

    async def capture(
        self, kind: CaptureKind, passage: PassageId, person_id: str, within_s: float
    ) -> CaptureResult:
        """As long as a capture takes; a slow worker answers when the passage is long over."""
        await self._reach("capture")
        how = self.bench.failing.get("recognition", "")
        await asyncio.sleep(self.bench.rng.uniform(0.3, 2.0))
        shown = self.presented.get(kind)
        if how == "slow":
            await asyncio.sleep(self.bench.rng.uniform(0.5, 1.6) * within_s)
        await asyncio.sleep(self.bench.rng.uniform(*self.late_s))
        await self._reach("answer")
        if how == "bad_sample":
            raise DeviceError(Device.RECOGNITION, FailureKind.BAD_SAMPLE)
        if shown is None:
            return CaptureResult(CaptureVerdict.FAILURE_TO_ACQUIRE)
        if shown != person_id:
            return CaptureResult(CaptureVerdict.NON_MATCH, 0.2, 0.5)
        self.matched.add((str(passage), kind))
        return CaptureResult(CaptureVerdict.MATCH, 0.8, 0.5)

    async def forget(self, passage: PassageId) -> None:
        """Nothing is kept."""
        await self._reach("forget")

    async def _reach(self, what: str) -> None:
        await self.bench.pass_call(f"recognition {what}")
        how = self.bench.failing.get("recognition", "")
        if how == "silent":
            await asyncio.sleep(60.0)
        if how in FAILURES:
            raise DeviceError(Device.RECOGNITION, FAILURES[how])
