"""The self-test of a gate that nobody is in: each relay, contact, sensor and device, and the interlock.

One door is opened at a time, and only while the gate is seen empty and the other door is read back
as locked. The exit is opened fully only with an officer there (`attended`); else it is let go just
long enough to see its contact change, too short for anybody to pass.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gate.ports import DeviceError, Ports
from gate.vocabulary.passages import Door, DoorState, Sensors

SETTLES_S = 3.0
RELAY_S = 1.0
MOVES_S = 1.0
OPENS_S = 6.0
LOCKS_S = 12.0
AGAIN_S = 0.01
UNLOCKED = frozenset({DoorState.RELEASED, DoorState.MOVING, DoorState.OPEN})
AJAR = frozenset({DoorState.MOVING, DoorState.OPEN})


class _Stopped(Exception):
    """The gate does something else now; it also looks after the doors."""


class _Fault(Exception):
    """A test failed after which the ones behind it mean nothing."""


@dataclass(frozen=True)
class SelfTest:
    """`read` reads the doors and tells the core; `refusal` asks the interlock why it would not
    release a door; `wanted` says whether the test is still to go on.
    """

    ports: Ports
    read: Callable[[], Awaitable[Sensors]]
    refusal: Callable[[Door], str | None]
    wanted: Callable[[], bool]

    async def run(self, *, attended: bool) -> tuple[str, ...] | None:
        """What failed, as `test: what it means`; None if the test was stopped."""
        failures: list[str] = []
        try:
            failures += await self._at_rest()
            if not failures:
                for door in Door:
                    failures += await self._door(door, fully=attended or door is Door.ENTRY)
        except _Stopped:
            return None
        except DeviceError as error:
            failures.append(f"doors: {error}")
        failures += await self._serves("reader", self.ports.reader.arm)
        failures += await self._serves("camera and finger", self.ports.recognition.recover)
        failures += await self._serves("store", self.ports.store.flush)
        return tuple(failures) if self.wanted() else None

    async def _at_rest(self) -> list[str]:
        """What the sensors of an empty, shut gate must say."""
        sensors = await self._seen()
        right = {
            "presence": sensors.presence == 0,
            "entry_beam": not sensors.entry_beam_broken,
            "exit_beam": not sensors.exit_beam_broken,
            "entry_door": sensors.entry is DoorState.LOCKED,
            "exit_door": sensors.exit is DoorState.LOCKED,
            "mains": sensors.mains_ok,
            "tamper": sensors.tamper_ok,
        }
        told = "not as in an empty, shut gate; look inside, then at sensor and wire"
        return [f"{name}: {told}" for name, well in right.items() if not well]

    async def _door(self, door: Door, *, fully: bool) -> list[str]:
        failures = await self._interlock_at_rest(door)
        if failures and door is Door.ENTRY:
            return failures  # an interlock that holds a sound gate shut knows something
        try:
            await self._opened(door, fully=fully)
            failures += self._interlock_beside(door)
        except _Fault as fault:
            failures.append(str(fault))
        return failures + await self._locked(door)

    async def _locked(self, door: Door) -> list[str]:
        await self.ports.doors.lock(door)
        try:
            locks = await self._becomes(door, frozenset({DoorState.LOCKED}), LOCKS_S)
        except _Fault as fault:
            return [str(fault)]
        told = f"{door.value}_lock: not shut and off {LOCKS_S:g} s after it was locked"
        return [] if locks else [f"{told}; relay, leaf or contact"]

    async def _interlock_at_rest(self, door: Door) -> list[str]:
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + SETTLES_S
        while door is Door.ENTRY and self.refusal(door) is not None and loop.time() < ends_s:
            await self._seen()  # the last lock is not acknowledged yet
            await asyncio.sleep(AGAIN_S)
        why_not = self.refusal(door)
        if door is Door.ENTRY and why_not is not None:
            return [f"interlock: refuses the entry of an empty, shut gate ({why_not})"]
        if door is Door.EXIT and why_not is None:
            return ["interlock: would release the exit without an exit decision"]
        return []

    def _interlock_beside(self, door: Door) -> list[str]:
        """The attempt: with this door off its lock the other one must be refused."""
        other = Door.EXIT if door is Door.ENTRY else Door.ENTRY
        if self.refusal(other) is None:
            return [f"interlock: would release the {other.value} beside an open {door.value}"]
        return []

    async def _opened(self, door: Door, *, fully: bool) -> None:
        sensors = await self._seen()
        if not sensors.both_locked or sensors.presence > 0:
            raise _Fault(f"{door.value}_door: not tried, the gate is not empty and shut any more")
        await self.ports.doors.release(door)
        if not await self._becomes(door, UNLOCKED, RELAY_S):
            raise _Fault(f"{door.value}_relay: was switched on and does not read back as on")
        if not await self._becomes(door, AJAR, MOVES_S):
            raise _Fault(f"{door.value}_closed: still made after a release; relay, leaf or contact")
        if fully and not await self._becomes(door, frozenset({DoorState.OPEN}), OPENS_S):
            raise _Fault(f"{door.value}_open: not made after {OPENS_S:g} s; leaf or contact")

    async def _becomes(self, door: Door, states: frozenset[DoorState], within_s: float) -> bool:
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + within_s
        while True:
            state = (await self._seen()).door(door)
            if state in states:
                return True
            if state is DoorState.FAULT:
                raise _Fault(f"{door.value}_contacts: both made at once")
            if loop.time() >= ends_s:
                return False
            await asyncio.sleep(AGAIN_S)

    async def _seen(self) -> Sensors:
        if not self.wanted():
            raise _Stopped
        sensors = await self.read()
        if not self.wanted() or not sensors.loops_ok:
            raise _Stopped
        return sensors

    async def _serves(self, what: str, ask: Callable[[], Awaitable[None]]) -> list[str]:
        if not self.wanted():
            return []
        try:
            await ask()
        except DeviceError as error:
            return [f"{what}: {error}"]
        return []
