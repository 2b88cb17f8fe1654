"""Sets faults on a bench and mends them again: now, for a while, or as a plan says."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drivers.faults import Way
from gate.bench.fault_words import Breakable, Breakage, Mend, Words

MESSAGE_KEYS = frozenset({"device", "kind", "part", "amount", "for_s", "way"})


@dataclass(frozen=True, slots=True)
class Planned:
    """A breakage `at_s` after the start, for `for_s` (None: until mended). `place`: file and line."""

    breakage: Breakage
    at_s: float = 0.0
    for_s: float | None = None
    place: str = ""


class FaultError(ValueError):
    """No such fault on this bench; the text says where and what there is."""


def check(things: Mapping[str, Words], breakage: Breakage) -> None:
    """Raise FaultError, naming what there is, unless the bench can do this."""
    thing = things.get(breakage.device)
    if thing is None:
        raise FaultError(f"no device {breakage.device!r} here: one of {', '.join(things)}")
    if breakage.kind not in thing.words:
        known = ", ".join(thing.words)
        raise FaultError(f"{breakage.device} has no fault {breakage.kind!r}: one of {known}")
    parts = thing.parts.get(breakage.kind, ())
    if parts and breakage.part not in parts:
        raise FaultError(f"{breakage.kind} takes a part: one of {', '.join(parts)}")
    if breakage.part and not parts:
        raise FaultError(f"{breakage.kind} takes no part: leave it out")


def check_plan(things: Mapping[str, Words], plan: Iterable[Planned]) -> None:
    """The same for every line of a plan, which is named. Raises FaultError."""
    for planned in plan:
        try:
            check(things, planned.breakage)
        except FaultError as error:
            raise FaultError(f"{planned.place}: {error}") from None


@dataclass
class _Standing:
    breakage: Breakage
    mend: Mend
    timer: asyncio.TimerHandle | None


class FaultDesk:
    """`settle` brings lines and plant up to now; it is called around every change."""

    def __init__(self, things: Mapping[str, Breakable], settle: Callable[[], None]) -> None:
        self._things = things
        self._settle = settle
        self._standing: dict[tuple[str, str, str], _Standing] = {}

    def possible(self) -> dict[str, Any]:
        """Device -> word -> the parts that it takes (empty: none)."""
        return {
            name: {word: list(thing.parts.get(word, ())) for word in thing.words}
            for name, thing in self._things.items()
        }

    def begin(self, breakage: Breakage, for_s: float | None = None) -> None:
        """Break it, and mend it after `for_s`; the same fault again takes the first one's place."""
        check(self._things, breakage)
        self.end(breakage)
        self._settle()
        loop = asyncio.get_running_loop()
        mend = self._things[breakage.device].break_(breakage, loop.time())
        timer = None if for_s is None else loop.call_later(for_s, self.end, breakage)
        self._standing[_key(breakage)] = _Standing(breakage, mend, timer)
        self._settle()

    def end(self, breakage: Breakage) -> None:
        """Mend it; one that does not stand is fine."""
        standing = self._standing.pop(_key(breakage), None)
        if standing is None:
            return
        if standing.timer is not None:
            standing.timer.cancel()
        self._settle()
        standing.mend()
        self._settle()

    def over_at(self, device: str, now_s: float) -> float:
        """When a fault that was mended now is really over: a frame that it spoiled may be in flight."""
        return max(now_s, getattr(self._things[device], "busy_until_s", now_s))

    def clear(self, device: str = "") -> None:
        """Mend everything of a device, or of the whole bench."""
        for breakage in self.standing():
            if device in ("", breakage.device):
                self.end(breakage)

    def standing(self) -> list[Breakage]:
        """What is broken now."""
        return [standing.breakage for standing in self._standing.values()]

    def follow(self, plan: Iterable[Planned]) -> None:
        """Break things as planned, counted from now. Raises FaultError, naming the line."""
        plan = list(plan)
        check_plan(self._things, plan)
        loop = asyncio.get_running_loop()
        for planned in plan:
            if planned.at_s <= 0.0:
                self.begin(planned.breakage, planned.for_s)
            else:
                loop.call_later(planned.at_s, self.begin, planned.breakage, planned.for_s)

    def take(self, message: Mapping[str, Any]) -> None:
        """`{"fault": {device, kind, part, amount, for_s, way}}` or `{"mend": DEVICE or ""}` of a
        page. Raises ValueError for anything else.
        """
        if "mend" in message:
            self.clear(str(message["mend"] or ""))
            return
        asked = message.get("fault")
        if not isinstance(asked, dict) or not asked.keys() <= MESSAGE_KEYS:
            raise FaultError(f"a fault has {', '.join(sorted(MESSAGE_KEYS))}")
        way = asked.get("way")
        breakage = Breakage(
            str(asked.get("device", "")),
            str(asked.get("kind", "")),
            str(asked.get("part") or ""),
            _positive(asked, "amount"),
            None if way is None else Way(way),
        )
        self.begin(breakage, _positive(asked, "for_s"))

    def view(self) -> dict[str, Any]:
        """For a page: what is possible and what stands."""
        return {
            "possible": self.possible(),
            "standing": [
                {"device": b.device, "kind": b.kind, "part": b.part} for b in self.standing()
            ],
        }


def _key(breakage: Breakage) -> tuple[str, str, str]:
    return breakage.device, breakage.kind, breakage.part


def _positive(asked: Mapping[str, Any], name: str) -> float | None:
    value = asked.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise FaultError(f"{name} is a number from 0 to 1000000")
    return float(value)
