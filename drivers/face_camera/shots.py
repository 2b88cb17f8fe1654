"""A frame, or why it is none; and the watch that tells them apart. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

BLACK_MEAN = 10.0  # grey value: a covered lens or a dead lamp; a dark hall stays above
BLACK_SPREAD = 6.0
GAP_FRAMES = 2.5  # so many frame times without a frame: at least one was dropped
FROZEN_FRAMES = 8  # live sensors never give the same picture twice, their noise changes it


class FrameFault(enum.Enum):
    """What can be wrong with a camera that still delivers."""

    DROPPED = "dropped"  # frames are missing before this one
    FROZEN = "frozen"  # the same picture again and again
    BLACK = "black"  # nothing to be seen


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. pixels: uint8 (height, width, 3), blue green red. taken_s: time of the running loop."""

    pixels: Pixels = field(repr=False)
    taken_s: float
    number: int


@dataclass(frozen=True, slots=True)
class BadFrame:
    """A picture that must not be judged. missing: frames lost before it, for DROPPED."""

    fault: FrameFault
    taken_s: float
    number: int
    missing: int = 0


Shot = Frame | BadFrame


class Camera(Protocol):
    """The API of every camera."""

    async def next_shot(self, timeout_s: float) -> Shot:
        """Wait for a shot newer than the last one given. Raises ReplyTimeout, LinkLost."""
        ...

    def latest(self) -> Shot | None:
        """The newest shot, given or not; None before the first."""
        ...

    async def close(self) -> None:
        """Let the camera go."""
        ...


class FrameWatch:
    """Numbers the frames and finds dropped, frozen and black ones.

    interval_s: expected time between frames. still: the source may stand still by nature (a file, a drawing).
    """

    def __init__(self, interval_s: float, *, still: bool = False) -> None:
        self._interval_s, self._still = interval_s, still
        self._number = 0
        self._last_s: float | None = None
        self._last_print = b""
        self._same = 0

    def judge(self, pixels: Pixels, taken_s: float) -> Shot:
        """Make a shot of the picture taken at this time."""
        self._number += 1
        missing = self._missing(taken_s)
        print_ = pixels[::8, ::8].tobytes()
        self._same = self._same + 1 if print_ == self._last_print else 0
        self._last_print, self._last_s = print_, taken_s
        if _is_black(pixels):
            return BadFrame(FrameFault.BLACK, taken_s, self._number)
        if self._same >= FROZEN_FRAMES and not self._still:
            return BadFrame(FrameFault.FROZEN, taken_s, self._number)
        if missing:
            return BadFrame(FrameFault.DROPPED, taken_s, self._number, missing)
        return Frame(pixels, taken_s, self._number)

    def _missing(self, taken_s: float) -> int:
        if self._last_s is None or taken_s - self._last_s <= GAP_FRAMES * self._interval_s:
            return 0
        return round((taken_s - self._last_s) / self._interval_s) - 1


def _is_black(pixels: Pixels) -> bool:
    sample = pixels[::8, ::8]
    return float(sample.mean()) < BLACK_MEAN and float(sample.std()) < BLACK_SPREAD
