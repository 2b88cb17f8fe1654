"""Everybody and everything on the axis: who walks, waits, carries and drops what."""

from collections.abc import Callable

from drivers.plant.body import Axis, Body, Mark, MarkKind
from drivers.plant.parameters import PlantParameters
from drivers.plant.truth import BodyTruth, Crossing

REACH_M = 0.8
"""How far from its centre a body picks something up."""


class People:
    """The bodies of one gate. Every ValueError says which name or place is wrong."""

    def __init__(self, parameters: PlantParameters) -> None:
        self._axis = Axis(parameters)
        self._places = dict(parameters.places)
        self._pace = parameters.walking_m_per_s
        self._bodies: dict[str, Body] = {}

    def add(
        self, name: str, place: str | float, now_s: float, passable: Callable[[str], bool]
    ) -> None:
        """Put somebody there, unless a leaf is in the way."""
        if name in self._bodies:
            raise ValueError(f"body {name!r} is there already")
        body = Body(name, self._x_m(place), self._axis, now_s, object_=False)
        for door, field in self._axis.thresholds.items():
            if field.holds(body.passed) and not passable(door):
                raise ValueError(f"nobody can stand in the {door} door: its leaf is in the way")
        self._bodies[name] = body

    def walk(
        self, name: str, place: str | float, now_s: float, speed_m_per_s: float | None
    ) -> None:
        """Let a body head for a place."""
        pace = self._pace if speed_m_per_s is None else speed_m_per_s
        if pace <= 0:
            raise ValueError("a walking speed is above 0 m/s")
        self._person(name).walk(self._x_m(place), pace, now_s)

    def stop(self, name: str, now_s: float) -> None:
        """Let a body stand where it is."""
        self._person(name).stop(now_s)

    def remove(self, name: str) -> None:
        """Take a body or an object out of the scene."""
        if self._bodies.pop(name, None) is None:
            raise ValueError(f"there is no body {name!r}")

    def carry(self, name: str, object_: str, now_s: float) -> None:
        """Let a body hold a new object, or one that lies within its reach."""
        body, lying = self._person(name), self._bodies.get(object_)
        if body.carrying is not None:
            raise ValueError(f"{name} carries {body.carrying} already")
        if any(other.carrying == object_ for other in self._bodies.values()):
            raise ValueError(f"{object_} is carried already")
        if lying is not None:
            apart_m = abs(lying.position_m(now_s) - body.position_m(now_s))
            if not lying.is_object or apart_m > REACH_M:
                raise ValueError(f"{object_} is out of the reach of {name}")
            del self._bodies[object_]
        body.carrying = object_

    def drop(self, name: str, now_s: float) -> None:
        """Let a body leave what it carries where it stands."""
        body = self._person(name)
        if body.carrying is None:
            raise ValueError(f"{name} carries nothing")
        left = Body(body.carrying, body.position_m(now_s), self._axis, now_s, object_=True)
        left.passed = body.passed
        self._bodies[body.carrying] = left
        body.carrying = None

    def next_change(self) -> float | None:
        """When somebody meets the next mark or a target."""
        times = (body.next_change() for body in self._bodies.values())
        return min((at for at in times if at is not None), default=None)

    def move(self, now_s: float, passable: Callable[[str], bool]) -> list[Crossing]:
        """What bodies do at `now_s`: one mark each at most; the door lines crossed."""
        crossings = []
        for body in self._bodies.values():
            if body.waiting_at is not None and passable(body.waiting_at):
                body.resume(now_s)
            due_s = body.next_change()
            if due_s is not None and due_s <= now_s:
                crossings += self._meet(body, now_s, passable)
        return crossings

    def occupies(self, door: str) -> bool:
        """Whether a body or an object is in the door's threshold."""
        field = self._axis.thresholds[door]
        return any(field.holds(body.passed) for body in self._bodies.values())

    def waits_at(self, door: str) -> bool:
        """Whether somebody leans on the door's leaf."""
        return any(body.waiting_at == door for body in self._bodies.values())

    def inside(self) -> int:
        """How many bodies and objects are between the first and the last door."""
        return sum(self._axis.inside.holds(body.passed) for body in self._bodies.values())

    def approaching(self) -> bool:
        """Whether anything is in the approach sensor's field."""
        return any(self._axis.approach.holds(body.passed) for body in self._bodies.values())

    def truth(self, now_s: float) -> dict[str, BodyTruth]:
        """Where everybody is."""
        return {name: self._truth(body, now_s) for name, body in self._bodies.items()}

    def _truth(self, body: Body, now_s: float) -> BodyTruth:
        over = [d for d, field in self._axis.thresholds.items() if field.holds(body.passed)]
        return BodyTruth(
            x_m=body.position_m(now_s),
            inside=self._axis.inside.holds(body.passed),
            on_threshold=over[0] if over else None,
            waiting_at=body.waiting_at,
            walking=body.target_m is not None and body.waiting_at is None,
            is_object=body.is_object,
            carrying=body.carrying,
        )

    def _meet(self, body: Body, now_s: float, passable: Callable[[str], bool]) -> list[Crossing]:
        met = body.next_mark()
        if met is None:
            body.arrive(now_s)
            return []
        direction, mark = met
        if self._enters(body, mark) and not passable(mark.door):
            body.wait(mark, now_s)
            return []
        body.pass_mark(direction, mark, now_s)
        is_line = mark.kind is MarkKind.LINE
        return [Crossing(now_s, body.name, mark.door, direction)] if is_line else []

    def _enters(self, body: Body, mark: Mark) -> bool:
        is_threshold = mark.kind is MarkKind.THRESHOLD
        return is_threshold and not self._axis.thresholds[mark.door].holds(body.passed)

    def _person(self, name: str) -> Body:
        body = self._bodies.get(name)
        if body is None or body.is_object:
            raise ValueError(f"there is no body {name!r}")
        return body

    def _x_m(self, place: str | float) -> float:
        if not isinstance(place, str):
            return place
        if place not in self._places:
            raise ValueError(f"no place {place!r}: one of {', '.join(self._places)}")
        return self._places[place]
