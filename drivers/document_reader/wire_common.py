"""What the three decoders share: finished frames in order, and an account of skipped bytes."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from drivers.errors import ProtocolViolation

F = TypeVar("F")


class FrameBroken(ProtocolViolation):
    """A frame had begun and was lost: a document was probably read, and what it said is gone."""


class FrameQueue(Generic[F]):
    """Frames and violations in the order of the wire.

    report_after: skipped bytes that make one violation, so that endless noise stays bounded and visible.
    """

    def __init__(self, report_after: int) -> None:
        self._report_after = report_after
        self._ready: deque[F | ProtocolViolation] = deque()
        self._skipped = 0

    def take(self) -> F | None:
        """Give the next frame, None when more bytes are needed; raises ProtocolViolation once per violation."""
        if not self._ready:
            return None
        first = self._ready.popleft()
        if isinstance(first, ProtocolViolation):
            raise first
        return first

    def put(self, frame: F) -> None:
        """A frame is complete."""
        self.report_skipped()
        self._ready.append(frame)

    def skip(self, count: int) -> None:
        """Bytes belonged to no frame."""
        self._skipped += count
        if self._skipped >= self._report_after:
            self.report_skipped()

    def broken(self, problem: str) -> None:
        """A frame was lost."""
        self.report_skipped()
        self._ready.append(FrameBroken(problem))

    def report_skipped(self) -> None:
        """Turn the bytes skipped so far into one violation."""
        if self._skipped:
            problem = f"{self._skipped} bytes that belong to no frame were skipped"
            self._ready.append(ProtocolViolation(problem))
            self._skipped = 0
