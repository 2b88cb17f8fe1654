"""One door leaf: a state machine over straight lines of position against time.

Position is known in closed form at any instant, and so is the instant of the next change; a leaf
is only written to when something changes.
"""

from dataclasses import dataclass
from enum import Enum

from drivers.plant.parameters import LeafParameters, Obstacle


class Mode(Enum):
    """What the leaf's drive is doing."""

    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    STOPPED = "stopped"  # met a body while closing; waits, then opens again or goes on


@dataclass(frozen=True)
class Demand:
    """What the rest of the gate asks of a leaf at an instant."""

    open: bool
    blocked: bool
    driven: bool
    """Whether anything can move the leaf: power, a spring, a body that pushes."""


class Leaf:
    """A leaf, shut at first. Times are those of the plant, s."""

    def __init__(self, parameters: LeafParameters, now_s: float) -> None:
        self._parameters = parameters
        self.mode = Mode.CLOSED
        self.passable = False
        self.jammed = False
        self.slowness = 1.0
        """Travel times are multiplied by it (fault: slow leaf)."""
        self._from = 0.0
        self._velocity = 0.0
        self._since_s = now_s
        self._timer_s: float | None = None
        self._met_obstacle = False
        self._tries = 0

    @property
    def velocity(self) -> float:
        """Position per second; above 0 while opening."""
        return self._velocity

    def position(self, now_s: float) -> float:
        """0 shut to 1 open."""
        return min(1.0, max(0.0, self._from + self._velocity * (now_s - self._since_s)))

    def next_change(self) -> float | None:
        """When the leaf reaches its next level or its timer ends; None: never."""
        times = (self._level_time(), self._timer_s)
        return min((at for at in times if at is not None), default=None)

    def settle(self, now_s: float, demand: Demand) -> None:
        """Do what is due by `now_s`, then decide afresh what the drive does."""
        arrival_s = self._level_time()
        if arrival_s is not None and arrival_s <= now_s:
            self._arrive(arrival_s)
        if demand.driven and not self.jammed:
            self._decide(now_s, demand)
            self._move(now_s, self._speed())
        else:
            self._timer_s = None
            self._move(now_s, 0.0)

    def _decide(self, now_s: float, demand: Demand) -> None:
        due = self._timer_s is not None and self._timer_s <= now_s
        self._met_obstacle &= not demand.open
        match self.mode:
            case Mode.CLOSED if demand.open:
                self._enter(Mode.OPENING)
            case Mode.OPENING if not (demand.open or demand.blocked or self._met_obstacle):
                self._enter(Mode.CLOSING)
            case Mode.OPEN if demand.open or demand.blocked:
                self._timer_s = None
            case Mode.OPEN if due:
                self._enter(Mode.CLOSING)
            case Mode.OPEN if self._timer_s is None:
                self._timer_s = now_s + self._parameters.reclose_delay_s
            case Mode.CLOSING if demand.open:
                self._enter(Mode.OPENING)
            case Mode.CLOSING if demand.blocked:
                self._stop_at_obstacle(now_s)
            case Mode.STOPPED if demand.open or self._timer_s is None or (due and self._gives_up):
                self._enter(Mode.OPENING)
            case Mode.STOPPED if due and demand.blocked:
                self._stop_at_obstacle(now_s)
            case Mode.STOPPED if due:
                self._enter(Mode.CLOSING)
            case _:
                pass

    def _stop_at_obstacle(self, now_s: float) -> None:
        self._enter(Mode.STOPPED)
        self._met_obstacle = True
        self._tries += 1
        self._timer_s = now_s + self._parameters.obstacle_wait_s

    @property
    def _gives_up(self) -> bool:
        """Whether it opens after a wait instead of going on closing."""
        reopens = self._parameters.obstacle is Obstacle.REOPEN
        return reopens or self._tries >= self._parameters.obstacle_tries

    def _enter(self, mode: Mode) -> None:
        self.mode = mode
        self._tries = 0 if mode in (Mode.OPENING, Mode.CLOSED) else self._tries
        self._timer_s = None

    def _speed(self) -> float:
        match self.mode:
            case Mode.OPENING:
                return 1.0 / (self._parameters.open_s * self.slowness)
            case Mode.CLOSING:
                reduced = self._parameters.obstacle_speed if self._met_obstacle else 1.0
                return -reduced / (self._parameters.close_s * self.slowness)
            case _:
                return 0.0

    def _move(self, now_s: float, velocity: float) -> None:
        if velocity != self._velocity:
            self._from, self._since_s = self.position(now_s), now_s
            self._velocity = velocity

    def _level(self) -> float:
        if self._velocity > 0:
            return 1.0 if self.passable else self._parameters.passable_at
        return self._parameters.passable_at if self.passable else 0.0

    def _level_time(self) -> float | None:
        if self._velocity == 0:
            return None
        return self._since_s + max(0.0, (self._level() - self._from) / self._velocity)

    def _arrive(self, at_s: float) -> None:
        level = self._level()
        opening = self._velocity > 0
        self._from, self._since_s = level, at_s
        if self.passable != opening:
            self.passable = opening
        elif opening:
            self._enter(Mode.OPEN)
        else:
            self._enter(Mode.CLOSED)
            self._met_obstacle = False
        if self.mode in (Mode.OPEN, Mode.CLOSED):
            self._velocity = 0.0
