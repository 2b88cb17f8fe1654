"""What the gate's sensors report: late by their lag, bouncing, stuck or cut off."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Bounce:
    """A contact that chatters: `times` extra pairs of changes, `gap_s` apart."""

    times: int = 3
    gap_s: float = 0.004


class Sensors:
    """Reported values of named two-state sensors."""

    def __init__(self, values: Mapping[str, bool], lag_s: float) -> None:
        self._lag_s = lag_s
        self._physical = dict(values)
        self._reported = dict(values)
        self._pending: list[tuple[float, int, str, bool]] = []
        self._count = 0
        self.stuck: dict[str, bool] = {}
        """Sensors that report this whatever happens (stuck beam; a cut wire reports False)."""
        self.bouncing: dict[str, Bounce] = {}

    def observe(self, values: Mapping[str, bool], now_s: float) -> None:
        """What is physically so from `now_s` on; what changed is reported after the lag."""
        for name, value in values.items():
            if self._physical[name] != value:
                self._physical[name] = value
                self._report_later(name, value, now_s + self._lag_s)
        while self._pending and self._pending[0][0] <= now_s:
            _, _, name, value = self._pending.pop(0)
            self._reported[name] = value

    def next_change(self) -> float | None:
        """When the next report is due; None: nothing is under way."""
        return self._pending[0][0] if self._pending else None

    def reported(self) -> dict[str, bool]:
        """What the wires say now."""
        return {**self._reported, **self.stuck}

    def _report_later(self, name: str, value: bool, at_s: float) -> None:
        bounce = self.bouncing.get(name)
        chatter = [] if bounce is None else [not value, value] * bounce.times
        gap_s = 0.0 if bounce is None else bounce.gap_s
        # A contact that changes again chatters no longer about the change before.
        self._pending = [p for p in self._pending if p[2] != name or p[0] < at_s]
        for i, level in enumerate([value, *chatter]):
            self._count += 1
            self._pending.append((at_s + i * gap_s, self._count, name, level))
        self._pending.sort()
