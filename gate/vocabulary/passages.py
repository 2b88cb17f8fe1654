"""What a passage is made of: its id, its doors and sensors, its captures, its outcome."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True, order=True)
class PassageId:
    """One crossing: the boot counter of the controller and a number within that boot."""

    boot: int
    n: int

    def __str__(self) -> str:
        return f"{self.boot}.{self.n}"


class Outcome(Enum):
    """How a passage ended; exactly one each."""

    ADMIT = "admit"
    REFER = "refer"
    ABANDONED = "abandoned"
    EVACUATED = "evacuated"
    INTERRUPTED = "interrupted"


class Door(Enum):
    """The two leaves of the gate, named as the traveller meets them."""

    ENTRY = "entry"
    EXIT = "exit"


class DoorState(Enum):
    """A door as its contacts and its relay's read-back show it, never as commanded."""

    UNKNOWN = "unknown"
    LOCKED = "locked"  # closed contact made, open contact not, release coil read back off
    RELEASED = "released"  # closed, but the coil is on: it may open at any moment
    MOVING = "moving"
    OPEN = "open"
    FAULT = "fault"  # both contacts made: a broken sensor


@dataclass(frozen=True, slots=True)
class Sensors:
    """One full reading of the gate's inputs. `presence`: persons or objects inside, 2 = two or more."""

    entry: DoorState = DoorState.UNKNOWN
    exit: DoorState = DoorState.UNKNOWN
    entry_beam_broken: bool = False
    exit_beam_broken: bool = False
    presence: int = 0
    approach: bool = False
    fire_loop_ok: bool = True
    emergency_stop_loop_ok: bool = True
    mains_ok: bool = True
    tamper_ok: bool = True

    def door(self, door: Door) -> DoorState:
        """The state of one of the two doors."""
        return self.entry if door is Door.ENTRY else self.exit

    @property
    def loops_ok(self) -> bool:
        """Neither the fire loop nor the emergency-stop loop is interrupted."""
        return self.fire_loop_ok and self.emergency_stop_loop_ok

    @property
    def both_locked(self) -> bool:
        """Both doors are confirmed closed with their coils off."""
        return self.entry is DoorState.LOCKED and self.exit is DoorState.LOCKED


UNKNOWN_SENSORS = Sensors()
"""Nothing was read yet: no door is known to be locked."""


class Device(Enum):
    """What the gate depends on; each can fail alone."""

    READER = "reader"
    DOORS = "doors"
    STORE = "store"
    RECOGNITION = "recognition"


class FailureKind(Enum):
    """Why a device does not serve; the words that staff read."""

    UNPLUGGED = "unplugged"
    SILENT = "silent"
    GARBLED = "garbled"
    FAULTY = "faulty"
    BAD_SAMPLE = "bad_sample"
    SLOW = "slow"
    FULL = "full"
    LOCKED = "locked"
    CORRUPT = "corrupt"
    CLOCK = "clock"
    MISSING = "missing"


class CaptureKind(Enum):
    """The biometric characteristic that is captured."""

    FACE = "face"
    FINGER = "finger"


class CaptureVerdict(Enum):
    """What a capture came to; only MATCH lets the law go on."""

    MATCH = "match"
    NON_MATCH = "non_match"
    FAILURE_TO_ACQUIRE = "failure_to_acquire"


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """The verdict with what staff may see of it; scores are None where nothing was compared.

    `findings`: words for what was wrong with the samples (`no_face`, `too_dry`), for staff only.
    """

    verdict: CaptureVerdict
    comparison_score: float | None = None
    threshold: float | None = None
    attempts: int = 1
    findings: tuple[str, ...] = ()


class Topology(Enum):
    """Frontex ABC Technical Guidelines: where document and face are checked."""

    ONE_STEP = "one_step"
    INTEGRATED_TWO_STEP = "integrated_two_step"
    SEGREGATED_TWO_STEP = "segregated_two_step"
