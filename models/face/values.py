"""The values that the face stages pass to each other. Pictures are RGB uint8, rows x columns x 3."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]
Embedding = NDArray[np.float32]


class BadImage(ValueError):
    """The input is no picture that a face can be looked for in; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels of the picture it was found in; may reach past its edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels down."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, (x, y)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def scaled(self, factor: float) -> Box:
        """The box in a picture that is `factor` times larger."""
        return Box(*(factor * edge for edge in (self.left, self.top, self.right, self.bottom)))

    def moved(self, right: float, down: float) -> Box:
        """The box shifted by so many pixels."""
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def grown(self, factor: float) -> Box:
        """The box about the same centre, `factor` times as wide and high."""
        x, y = self.centre
        w, h = self.width * factor / 2, self.height * factor / 2
        return Box(x - w, y - h, x + w, y + h)

    def overlap(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        shared = max(0.0, width) * max(0.0, height)
        both = self.width * self.height + other.width * other.height - shared
        return shared / both if both > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """Where a face is, and the detector's score (larger is surer; about -0.5 to 3)."""

    box: Box
    score: float


@dataclass(frozen=True, slots=True)
class Face:
    """A detected face with its landmarks, 68 x 2 or 5 x 2 float32 (x, y) in picture pixels."""

    detection: Detection
    points: Points

    @property
    def box(self) -> Box:
        """Where the face is."""
        return self.detection.box


class Finding(StrEnum):
    """Why a picture cannot be used, in the order in which a traveller is told."""

    NO_FACE = "no_face"
    TWO_FACES = "two_faces"
    OTHER_FACE = "other_face"
    DARK = "dark"
    BRIGHT = "bright"
    FLAT = "flat"
    UNEVEN = "uneven"
    FAR = "far"
    NEAR = "near"
    CUT_OFF = "cut_off"
    TURNED = "turned"
    TILTED = "tilted"
    BLURRED = "blurred"
    EYES_CLOSED = "eyes_closed"
    MOUTH_OPEN = "mouth_open"
    COVERED = "covered"
    BACKGROUND = "background"
    BLINK = "blink"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    FROZEN = "frozen"
    AGED = "aged"
    PRESENTATION = "presentation"
