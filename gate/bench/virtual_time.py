"""An event loop whose time passes only when nothing else is left to do.

Sleeping costs nothing, so an hour of gate traffic runs in seconds and the same seed gives the same
run on any machine under any load. With `speed`, waiting is paced so that somebody can look on.
"""

import asyncio
import selectors
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class Deadlocked(RuntimeError):
    """Everybody waits and nothing is scheduled: a real gate would hang here."""


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting, move the loop's time forward."""

    loop: "VirtualTimeLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look at the descriptors, and let the time pass that nobody needs."""
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise Deadlocked("nothing is scheduled and no descriptor is ready")
        pace = self.loop.pace
        if pace is None:
            self.loop.pass_time(timeout)
            return []
        return self._paced(timeout, pace)

    def _paced(self, timeout: float, speed: float) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait as long as somebody looking on should, but answer descriptors at once."""
        began_s = time.monotonic()
        ready = super().select(min(timeout / speed, LONGEST_WAIT_S))
        waited_s = (time.monotonic() - began_s) * speed
        whole = not ready and waited_s >= 0.999 * timeout
        self.loop.pass_time(timeout if whole else min(waited_s, timeout))
        return ready


LONGEST_WAIT_S = 0.1
"""So that a new speed is felt soon."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`speed`: virtual seconds per real second while waiting; None jumps at once."""

    def __init__(self, speed: float | None = None) -> None:
        selector = _JumpingSelector()
        selector.loop = self
        self._virtual_s = 0.0
        self._bound = 0
        self.speed = speed
        super().__init__(selector)

    @property
    def pace(self) -> float | None:
        """The speed that counts: never faster than life while something real is waited for."""
        if self._bound and (self.speed is None or self.speed > 1.0):
            return 1.0
        return self.speed

    @contextmanager
    def no_faster_than_life(self) -> Iterator[None]:
        """While another process is asked, whose time is the real one."""
        self._bound += 1
        try:
            yield
        finally:
            self._bound -= 1

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual_s

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self._virtual_s += seconds


class VirtualClock:
    """A gate's clock on a virtual-time loop; the wall clock can be made to jump."""

    def __init__(self, loop: asyncio.AbstractEventLoop, start: datetime) -> None:
        self._loop = loop
        self._start = start
        self.offset = timedelta(0)

    def mono_s(self) -> float:
        """The loop's time."""
        return self._loop.time()

    def utc(self) -> datetime:
        """The start of the run, plus what has passed, plus every jump so far."""
        return self._start + timedelta(seconds=self._loop.time()) + self.offset


def run_virtually(main: Coroutine[Any, Any, T], loop: VirtualTimeLoop) -> T:
    """Run to the end in virtual time and close the loop."""
    try:
        return loop.run_until_complete(main)
    finally:
        _cancel_all(loop)
        loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
