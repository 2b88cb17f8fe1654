"""What must never be commanded, whatever `step` says. Imports nothing from `step`.

The rules:
1. Outside an evacuation a door is released only while the other one is confirmed locked
   and no release of the other one can still be on its way.
2. The exit is released only for a passage whose exit was authorised, and only once.
3. During an evacuation nothing is locked; releases are free.
4. An unknown door is not a locked door.

It believes sensor-confirmed states, its own memory and the evacuation loops. It is no safety
function: a hardware interlock and the call button are wired beside it.
"""

from dataclasses import dataclass, replace
from enum import Enum

from gate.passage.commands import (
    Command,
    HoldOpenForEvacuation,
    LockDoor,
    OpenPassage,
    ReleaseDoor,
)
from gate.passage.events import (
    DeviceFailed,
    Event,
    ExitAuthorised,
    LockAcknowledged,
    OfficerReset,
    Sensed,
    Started,
)
from gate.vocabulary.passages import UNKNOWN_SENSORS, Device, Door, DoorState, PassageId, Sensors


class Release(Enum):
    """What a door's last release may still do."""

    OVER = "over"  # seen locked after the release ended
    PERMITTED = "permitted"  # let through; the door need not have moved yet
    SEEN = "seen"  # the door was seen unlocked since
    ENDED = "ended"  # the board acknowledged the lock


@dataclass(frozen=True, slots=True)
class Interlock:
    """The interlock's own memory."""

    sensors: Sensors = UNKNOWN_SENSORS
    entry: Release = Release.PERMITTED
    exit: Release = Release.PERMITTED
    passage: PassageId | None = None  # the newest one that was opened
    authorised: bool = False  # its exit decision was seen and not used yet
    evacuating: bool = False

    def release_of(self, door: Door) -> Release:
        """The memory kept for one door."""
        return self.entry if door is Door.ENTRY else self.exit


def other(door: Door) -> Door:
    """The opposite door."""
    return Door.EXIT if door is Door.ENTRY else Door.ENTRY


def observe(lock: Interlock, event: Event) -> Interlock:
    """Take in what happened."""
    match event:
        case Started():
            return Interlock()
        case Sensed(sensors):
            return _sensed(lock, sensors)
        case LockAcknowledged(door):
            return _remember(lock, door, Release.ENDED)
        case ExitAuthorised(passage):
            # A late decision of an earlier passage authorises nothing.
            return replace(lock, authorised=True) if passage == lock.passage else lock
        case DeviceFailed(device=Device.DOORS):
            # Reply lost is not command lost: whatever was asked may still happen.
            unknown = replace(lock.sensors, entry=DoorState.UNKNOWN, exit=DoorState.UNKNOWN)
            return replace(lock, sensors=unknown, entry=Release.PERMITTED, exit=Release.PERMITTED)
        case OfficerReset():
            still = not lock.sensors.loops_ok or lock.sensors.presence > 0
            return replace(lock, evacuating=lock.evacuating and still)
    return lock


def refusal(lock: Interlock, command: Command) -> str | None:
    """Why the command must not go out, or None."""
    match command:
        case LockDoor() if lock.evacuating:
            return "nothing is locked during an evacuation"
        case HoldOpenForEvacuation() if not lock.evacuating:
            return "no loop is interrupted"
        case ReleaseDoor(door):
            return None if lock.evacuating else _release_refusal(lock, door)
    return None


def permitted(lock: Interlock, command: Command) -> Interlock:
    """Remember a command that was let through."""
    match command:
        case OpenPassage(passage):
            return replace(lock, passage=passage, authorised=False)
        case ReleaseDoor(Door.EXIT):
            return replace(lock, exit=Release.PERMITTED, authorised=False)
        case ReleaseDoor(Door.ENTRY):
            return replace(lock, entry=Release.PERMITTED)
        case HoldOpenForEvacuation():
            return replace(lock, entry=Release.PERMITTED, exit=Release.PERMITTED)
    return lock


def _release_refusal(lock: Interlock, door: Door) -> str | None:
    opposite = other(door)
    if lock.sensors.door(opposite) is not DoorState.LOCKED:
        return f"the {opposite.value} door is {lock.sensors.door(opposite).value}"
    if lock.release_of(opposite) is not Release.OVER:
        return f"a release of the {opposite.value} door may still act"
    if door is Door.EXIT and not lock.authorised:
        return "no authorised exit of this passage"
    return None


def _sensed(lock: Interlock, sensors: Sensors) -> Interlock:
    lock = replace(lock, sensors=sensors, evacuating=lock.evacuating or not sensors.loops_ok)
    for door in Door:
        memory, state = lock.release_of(door), sensors.door(door)
        if state is DoorState.LOCKED and memory in (Release.SEEN, Release.ENDED):
            lock = _set(lock, door, Release.OVER)
        elif state is not DoorState.LOCKED and memory is not Release.ENDED:
            lock = _set(lock, door, Release.SEEN)
    return lock


def _remember(lock: Interlock, door: Door, release: Release) -> Interlock:
    """A lock that was acknowledged cannot undo a door already known to be locked."""
    if lock.release_of(door) is Release.OVER:
        return lock
    return _set(lock, door, release)


def _set(lock: Interlock, door: Door, release: Release) -> Interlock:
    return replace(lock, entry=release) if door is Door.ENTRY else replace(lock, exit=release)
