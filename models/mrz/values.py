"""The values that the camera reader gives: a verdict on a frame, with its characters and margins."""

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.layout import MrzFormat
from models.mrz.text import MrzReading

Grey = NDArray[np.uint8]
"""A grey picture, uint8 of shape (rows, columns)."""


class Pyramid:
    """A picture at full, half, quarter ... size, each made when it is first asked for."""

    def __init__(self, grey: Grey) -> None:
        self._levels = [grey]

    @property
    def full(self) -> Grey:
        """The picture itself."""
        return self._levels[0]

    def level(self, number: int) -> Grey:
        """The picture at 1 / 2**number of its size."""
        while len(self._levels) <= number:
            last = self._levels[-1]
            even = last[: last.shape[0] // 2 * 2, : last.shape[1] // 2 * 2]
            half = cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            self._levels.append(np.asarray(half, dtype=np.uint8))
        return self._levels[number]


class Refusal(Enum):
    """Why no reading is given; the kiosk turns it into an instruction."""

    NOT_FOUND = "not_found"
    TOO_SMALL = "too_small"
    CUT_OFF = "cut_off"
    BLUR = "blur"
    GLARE = "glare"
    TILTED = "tilted"
    AMBIGUOUS = "ambiguous"
    CHECK_DIGITS = "check_digits"
    MALFORMED = "malformed"
    BAD_IMAGE = "bad_image"


@dataclass(frozen=True, slots=True, repr=False)
class CameraReading:
    """An accepted reading. `confidence` is the probability of all lines together, 0..1.

    `character_confidence` has one tuple a line; `repaired` holds (line, column), counted from 0,
    of each character where the check digits overruled the picture.
    """

    format: MrzFormat
    lines: tuple[str, ...]
    fields: MrzReading
    confidence: float
    character_confidence: tuple[tuple[float, ...], ...]
    field_confidence: dict[str, float]
    repaired: tuple[tuple[int, int], ...]

    def __repr__(self) -> str:
        """What may stand in a log."""
        return f"<CameraReading {self.format.value} confidence {self.confidence:.4f}>"


@dataclass(frozen=True, slots=True)
class Refused:
    """No reading, with the reason and a sentence for the operator; `confidence` of the best guess."""

    reason: Refusal
    message: str
    confidence: float = 0.0


Verdict = CameraReading | Refused


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text in the picture: middle of its left and right end (x, y), and its height."""

    left: tuple[float, float]
    right: tuple[float, float]
    height: float

    @property
    def length(self) -> float:
        """Distance of the two ends in pixels."""
        return float(np.hypot(self.right[0] - self.left[0], self.right[1] - self.left[1]))


Zone = tuple[TextLine, ...]
"""Two or three text lines that may be an MRZ, in reading order for the direction they have."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What the classifier saw of a zone: log-probabilities (lines, width, 38) and found pitch.

    `presence` (0..1) is the mean probability that the slots hold characters; `edge` the mean
    probability that nothing stands right before and behind the lines; `behind` is the least
    probability of any line that it ends there.
    """

    log_probabilities: NDArray[np.float32]
    presence: float
    edge: float
    pitch_px: float
    corners: NDArray[np.float32]
    behind: float

    @property
    def score(self) -> float:
        """One figure to choose between zones, directions and widths."""
        return self.presence + 0.15 * self.edge
