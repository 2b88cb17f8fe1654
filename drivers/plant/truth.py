"""What is physically so, for a checker that believes no contact and no log of the gate."""

from dataclasses import dataclass
from typing import Any

from drivers.plant.leaf import Mode


@dataclass(frozen=True)
class Crossing:
    """A body's centre crossed a door line; `direction` +1 is the direction of travel."""

    at_s: float
    body: str
    door: str
    direction: int
    is_object: bool = False


@dataclass(frozen=True)
class DoorChange:
    """A door became released or locked, began to move or came to rest."""

    at_s: float
    door: str
    released: bool
    mode: Mode


@dataclass(frozen=True)
class LoopChange:
    """A safety loop (fire, estop) was interrupted or closed again."""

    at_s: float
    loop: str
    closed: bool


PlantEvent = Crossing | DoorChange | LoopChange


@dataclass(frozen=True)
class DoorTruth:
    """A door at an instant. `released`: nothing holds the leaf shut. `emergency`: a loop does
    that, not the coil.
    """

    released: bool
    coil: bool
    emergency: bool
    mode: Mode
    position: float
    velocity: float


@dataclass(frozen=True)
class BodyTruth:
    """A body at an instant. `inside`: its centre is between the first and the last door."""

    x_m: float
    inside: bool
    on_threshold: str | None
    waiting_at: str | None
    walking: bool
    is_object: bool
    carrying: str | None


@dataclass(frozen=True)
class PlantTruth:
    """The whole gate at an instant."""

    now_s: float
    doors: dict[str, DoorTruth]
    bodies: dict[str, BodyTruth]
    loops: dict[str, bool]
    mains: bool
    powered: bool
    tamper_ok: bool
    inputs: dict[str, bool]

    def as_json(self) -> dict[str, Any]:
        """For the control socket: plain values only."""
        return {
            "now_s": round(self.now_s, 6),
            "doors": {
                name: {**vars(door), "mode": door.mode.value} for name, door in self.doors.items()
            },
            "bodies": {name: dict(vars(body)) for name, body in self.bodies.items()},
            "loops": self.loops,
            "mains": self.mains,
            "powered": self.powered,
            "tamper_ok": self.tamper_ok,
            "inputs": self.inputs,
        }
