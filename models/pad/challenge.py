"""An optional challenge: blink, or turn the head, drawn by the caller and answered in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np


class Challenge(StrEnum):
    """What the traveller is asked to do."""

    BLINK = "blink"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"


@dataclass(frozen=True)
class Asked:
    """A challenge and what the face did since the capture began; eyes at any scale, yaw in degrees."""

    challenge: Challenge
    eyes: tuple[float, ...] = ()
    yaws_deg: tuple[float, ...] = ()

    def watched(self, eyes: float, yaw_deg: float) -> Asked:
        """With one more frame."""
        return replace(self, eyes=(*self.eyes, eyes), yaws_deg=(*self.yaws_deg, yaw_deg))

    @property
    def done(self) -> bool:
        """Whether it was answered."""
        return answered(self.challenge, self.eyes, self.yaws_deg)


_CLOSED_SHARE = 0.65  # of the capture's own open level
_TURNED_DEG = 10.0


def answered(
    challenge: Challenge, eye_openings: Sequence[float], yaws_deg: Sequence[float]
) -> bool:
    """Whether the series of a capture (`measures.eye_contrast`, `measures.head_angles`) answers it.

    A blink is open, closed and open again; a turn starts near the front. Left and right are the
    traveller's own.
    """
    if challenge is Challenge.BLINK:
        return _blinked(eye_openings)
    if not len(yaws_deg) or abs(yaws_deg[0]) > _TURNED_DEG / 2:
        return False
    turn = max(yaws_deg) if challenge is Challenge.TURN_LEFT else -min(yaws_deg)
    return turn >= _TURNED_DEG


def _blinked(openings: Sequence[float]) -> bool:
    if len(openings) < 5:
        return False
    values = np.asarray(openings, float)
    level = float(np.percentile(values, 80))
    closed = np.flatnonzero(values < _CLOSED_SHARE * level)
    if not len(closed):
        return False
    wide = values > 0.85 * level
    return bool(wide[: closed[0]].any() and wide[closed[-1] + 1 :].any())
