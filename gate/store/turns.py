"""Whose turn it is to write: whoever writes much lets whoever waits go first.

SQLite lets writers wait by asking again ever more seldom, up to every 100 ms; an import that begins
its next transaction at once is then always quicker than a gate that wants to let somebody out.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LONGEST_S = 2.0
_AGAIN_S = 0.002


class Turns:
    """A lock beside the store that says that somebody writes or waits to write."""

    def __init__(self, store: Path) -> None:
        self._path = store.with_name(store.name + ".turn")
        self._descriptor: int | None = None

    @contextmanager
    def wanted(self) -> Iterator[None]:
        """Say so as long as the block lasts. Where no such file can be made, say nothing."""
        descriptor = self._opened()
        if descriptor is None:
            yield
            return
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)

    def give_way(self) -> None:
        """Wait while others want to write, not for ever; never inside `wanted`."""
        descriptor = self._opened()
        ends_s = time.monotonic() + _LONGEST_S
        while descriptor is not None and time.monotonic() < ends_s:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_AGAIN_S)
                continue
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            return

    def close(self) -> None:
        """Let the file go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int | None:
        if self._descriptor is None:
            with suppress(OSError):
                flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags, 0o600)
        return self._descriptor
