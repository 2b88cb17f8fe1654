"""Bodies on one axis. Where a body is in relation to doors and sensors is kept as a number of
passed marks, never derived from a rounded position, so that no mark is missed or passed twice.
"""

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum

from drivers.plant.parameters import PlantParameters


class MarkKind(Enum):
    """What changes when a body's centre passes a mark."""

    THRESHOLD = "threshold"  # edge of a door's threshold
    LINE = "line"  # the door line itself
    ZONE = "zone"  # edge of a sensor's field


@dataclass(frozen=True)
class Mark:
    """A point of the axis where something changes."""

    x_m: float
    kind: MarkKind
    door: str = ""


@dataclass(frozen=True)
class Field:
    """The stretch between two marks: a body is in it after `low` and before `high`."""

    low: int
    high: int

    def holds(self, passed: int) -> bool:
        """Whether a body that has passed so many marks stands in this field."""
        return self.low < passed <= self.high


class Axis:
    """All marks of a gate in order, and the fields between them."""

    def __init__(self, parameters: PlantParameters) -> None:
        reach = parameters.threshold_m + parameters.body_m
        marks = [Mark(x, MarkKind.ZONE) for x in parameters.approach_m]
        for door in parameters.doors:
            marks += [
                Mark(door.x_m - reach, MarkKind.THRESHOLD, door.name),
                Mark(door.x_m, MarkKind.LINE, door.name),
                Mark(door.x_m + reach, MarkKind.THRESHOLD, door.name),
            ]
        self.marks = sorted(marks, key=lambda mark: mark.x_m)
        self._xs = [mark.x_m for mark in self.marks]
        zone = [i for i, mark in enumerate(self.marks) if mark.kind is MarkKind.ZONE]
        self.approach = Field(zone[0], zone[-1])
        self.thresholds = {d.name: self._threshold(d.name) for d in parameters.doors}
        first, last = parameters.doors[0].name, parameters.doors[-1].name
        self.inside = Field(self._line(first), self._line(last))

    def passed(self, x_m: float) -> int:
        """How many marks lie before `x_m`."""
        return bisect_left(self._xs, x_m)

    def _threshold(self, door: str) -> Field:
        edges = [
            i
            for i, mark in enumerate(self.marks)
            if mark.kind is MarkKind.THRESHOLD and mark.door == door
        ]
        return Field(edges[0], edges[-1])

    def _line(self, door: str) -> int:
        return next(
            i
            for i, mark in enumerate(self.marks)
            if mark.kind is MarkKind.LINE and mark.door == door
        )


class Body:
    """A person, or an object that somebody left: it lies where it was dropped."""

    def __init__(self, name: str, x_m: float, axis: Axis, now_s: float, *, object_: bool) -> None:
        self.name = name
        self.is_object = object_
        self.carrying: str | None = None
        self.passed = axis.passed(x_m)
        self.waiting_at: str | None = None
        self._axis = axis
        self._from_m = x_m
        self._velocity = 0.0
        self._since_s = now_s
        self._target_m: float | None = None
        self._speed = 0.0

    @property
    def target_m(self) -> float | None:
        """Where the body is walking to; None: it stands."""
        return self._target_m

    def position_m(self, now_s: float) -> float:
        """Where its centre is."""
        return self._from_m + self._velocity * (now_s - self._since_s)

    def walk(self, target_m: float, speed_m_per_s: float, now_s: float) -> None:
        """Head for a point of the axis at an even pace."""
        self.stop(now_s)
        self._target_m, self._speed = target_m, speed_m_per_s
        self.resume(now_s)

    def resume(self, now_s: float) -> None:
        """Go on towards the target, after a wait at a leaf."""
        self.waiting_at = None
        if self._target_m is None:
            return
        self._from_m, self._since_s = self.position_m(now_s), now_s
        self._velocity = self._speed if self._target_m >= self._from_m else -self._speed

    def stop(self, now_s: float) -> None:
        """Stand still and forget the target."""
        self._from_m, self._since_s = self.position_m(now_s), now_s
        self._velocity = 0.0
        self._target_m = None
        self.waiting_at = None

    def next_mark(self) -> tuple[int, Mark] | None:
        """The mark it meets next on its way, with the direction (+1 along the axis, -1 back);
        None when it stands or its target comes first.
        """
        if self._velocity == 0 or self._target_m is None:
            return None
        direction = 1 if self._velocity > 0 else -1
        index = self.passed if direction > 0 else self.passed - 1
        if not 0 <= index < len(self._axis.marks):
            return None
        mark = self._axis.marks[index]
        beyond = (self._target_m - mark.x_m) * direction
        return (direction, mark) if beyond >= 0 else None

    def next_change(self) -> float | None:
        """When it meets the next mark or its target; None when it stands."""
        if self._velocity == 0 or self._target_m is None:
            return None
        met = self.next_mark()
        goal_m = self._target_m if met is None else met[1].x_m
        return self._since_s + max(0.0, (goal_m - self._from_m) / self._velocity)

    def arrive(self, now_s: float) -> None:
        """Its target is reached."""
        if self._target_m is not None:
            self._from_m = self._target_m
        self._since_s, self._velocity, self._target_m = now_s, 0.0, None

    def pass_mark(self, direction: int, mark: Mark, now_s: float) -> None:
        """Its centre is at the mark and goes on."""
        self.passed += direction
        self._from_m, self._since_s = mark.x_m, now_s

    def wait(self, mark: Mark, now_s: float) -> None:
        """It stands before a leaf that is in its way; the target stays."""
        self._from_m, self._since_s, self._velocity = mark.x_m, now_s, 0.0
        self.waiting_at = mark.door
