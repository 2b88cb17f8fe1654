"""Alarms staff when somebody or something has been between the doors for too long.

No passage needs so long inside. The core has one deadline, that of its phase; this watch stands
beside it and outlasts every change of phase, whatever the gate is doing meanwhile.
"""

import asyncio
from collections.abc import Callable

from gate.runner import Turn

LONGEST_S = 60.0


class OccupancyAlarm:
    """An observer of a runner. `alarm` is called after LONGEST_S and as often again until empty."""

    def __init__(self, alarm: Callable[[], None], longest_s: float = LONGEST_S) -> None:
        self._alarm = alarm
        self._longest_s = longest_s
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, turn: Turn) -> None:
        """See one turn."""
        if turn.after.sensors.presence == 0:
            self.close()
        elif self._timer is None:
            self._start()

    def close(self) -> None:
        """Empty, or the gate ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._longest_s, self._too_long)

    def _too_long(self) -> None:
        self._start()
        self._alarm()
