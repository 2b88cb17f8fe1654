"""The measures of a gate: where its doors and sensors stand and how its leaves move.

Travel times, holding and re-closing are what EN 17352 leaves to the maker; no maker's page with
figures for an ABC gate was found, so they are parameters with plausible values.
"""

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise


class Unpowered(Enum):
    """What a leaf does when neither mains nor battery drives it."""

    FREE = "free"  # stays where it is, unlocked, can be pushed (PG300 manual, 4.6)
    HOLD = "hold"  # stays where it is; a shut leaf stays locked


class Obstacle(Enum):
    """What a leaf does that met a body while closing, once its wait is over."""

    REOPEN = "reopen"  # opens again, as EN 16005 has powered doors do
    RESUME = "resume"  # goes on at reduced speed, a few times (FlowMotion manual, p. 60)


@dataclass(frozen=True)
class LeafParameters:
    """How a leaf moves. Positions are 0 (shut) to 1 (open)."""

    open_s: float = 0.6
    close_s: float = 0.9
    passable_at: float = 0.8
    """A body fits through from this position on."""
    hold_s: float = 0.0
    """A release lasts at least so long, however short the pulse (PERCo ST-01: 8 s)."""
    reclose_delay_s: float = 0.3
    """A leaf starts to close so long after the threshold became free."""
    obstacle: Obstacle = Obstacle.REOPEN
    obstacle_wait_s: float = 3.0
    """A leaf that met a body stands so long before it does that (FlowMotion manual, p. 60)."""
    obstacle_tries: int = 3
    """A leaf that resumes opens after it has met something so many times."""
    obstacle_speed: float = 0.5
    """Part of the closing speed that is left after an obstacle, until the leaf is shut."""

    def __post_init__(self) -> None:
        if min(self.open_s, self.close_s) <= 0 or not 0 < self.passable_at <= 1:
            raise ValueError("leaf: open_s and close_s above 0, passable_at in (0, 1]")
        if min(self.hold_s, self.reclose_delay_s, self.obstacle_wait_s) < 0:
            raise ValueError("leaf: hold_s, reclose_delay_s, obstacle_wait_s must not be negative")
        if not 0 < self.obstacle_speed <= 1 or self.obstacle_tries < 1:
            raise ValueError("leaf: obstacle_speed in (0, 1], obstacle_tries 1 or more")


@dataclass(frozen=True)
class DoorPlace:
    """A door across the axis; `x_m` is the line that a body's centre crosses."""

    name: str
    x_m: float


@dataclass(frozen=True)
class PlantParameters:
    """One gate. The axis runs in the direction of travel, the first door is the entry."""

    doors: tuple[DoorPlace, ...] = (DoorPlace("entry", 0.0), DoorPlace("exit", 2.0))
    threshold_m: float = 0.2
    """Half the depth of a threshold's light beam."""
    body_m: float = 0.15
    """Half the depth of a body."""
    approach_m: tuple[float, float] = (-1.2, -0.4)
    """Where a body's centre is seen by the approach sensor."""
    places: tuple[tuple[str, float], ...] = (
        ("outside", -2.5),
        ("reader", -0.8),
        ("entry", 0.0),
        ("inside", 1.0),
        ("exit", 2.0),
        ("beyond", 4.5),
    )
    """Names for points of the axis, for whoever moves a body."""
    walking_m_per_s: float = 1.2
    leaf: LeafParameters = LeafParameters()
    sensor_lag_s: float = 0.03
    unpowered: Unpowered = Unpowered.FREE
    wired_interlock: bool = False
    """Whether each door's closed contact stands in the other doors' release circuits: then a coil
    opens its door only while all others are shut. A loop bridges it.
    """
    battery_s: float = 1800.0
    """How long the gate works on after the mains have gone; 0: no battery."""

    def __post_init__(self) -> None:
        lines = [door.x_m for door in self.doors]
        reach = 2 * (self.threshold_m + self.body_m)
        if len(lines) < 2 or any(b - a <= reach for a, b in pairwise(lines)):
            raise ValueError(f"plant: two doors or more, in order, over {reach:.2f} m apart")
        if self.sensor_lag_s < 0 or self.battery_s < 0 or self.walking_m_per_s <= 0:
            raise ValueError("plant: sensor_lag_s, battery_s >= 0 and walking_m_per_s > 0")
