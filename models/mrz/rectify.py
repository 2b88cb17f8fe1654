"""Rectify: a text line of the picture to an upright strip of 16 pixels a pitch.

The line is sampled along its ends with a margin; then the height of the ink and its course along
the line (tilt, a bent page) are measured, and it is sampled once more from the picture.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import WINDOW
from models.mrz.values import Grey, Pyramid, TextLine

PITCH = 16
MARGIN = 4
"""Characters before and behind the line that a strip shows."""

_TALL = 56
_INK_ROWS = 15.5
_SEGMENTS = 8


@dataclass(frozen=True, slots=True)
class Sampler:
    """A line in one level of the picture: middle, direction, picture pixels to a strip's pixel."""

    source: Grey
    factor: float
    middle: NDArray[np.float64]
    along: NDArray[np.float64]
    step: float
    columns: int

    def sample(self, course: NDArray[np.float64], stretch: float, rows: int) -> "Strip":
        """Rows around `course` (columns,), each `stretch` strip pixels from the next."""
        x = (np.arange(self.columns) - self.columns / 2 + 0.5) * self.step
        y = ((np.arange(rows) - (rows - 1) / 2)[:, None] * stretch + course[None]) * self.step
        map_x = (self.middle[0] + x[None] * self.along[0] - y * self.along[1]).astype(np.float32)
        map_y = (self.middle[1] + x[None] * self.along[1] + y * self.along[0]).astype(np.float32)
        pixels = cv2.remap(
            self.source, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        scale = np.float32(1 / self.factor)
        return Strip(pixels.astype(np.float32), map_x * scale, map_y * scale, self, course, stretch)


@dataclass(frozen=True, slots=True)
class Strip:
    """Grey float32 (24, (width + 2 * margin) * 16), and where each pixel lies in the picture."""

    pixels: NDArray[np.float32]
    map_x: NDArray[np.float32]
    map_y: NDArray[np.float32]
    sampler: Sampler
    course: NDArray[np.float64]
    stretch: float

    def moved(self, rows: NDArray[np.float64]) -> "Strip":
        """The strip with its middle moved by so many of its rows in each column."""
        course = self.course + rows * self.stretch
        return self.sampler.sample(course, self.stretch, self.pixels.shape[0])


def rectify(picture: Pyramid, line: TextLine, width: int, margin: int = MARGIN) -> Strip:
    """The strip of `line` taken as `width` characters, with `margin` characters on both sides."""
    pitch = line.length / (width - 0.35)
    source, factor = _sized(picture, pitch)
    left = (np.array(line.left) + 0.5) * factor - 0.5
    right = (np.array(line.right) + 0.5) * factor - 0.5
    along = (right - left) / max(float(np.linalg.norm(right - left)), 1e-6)
    columns = (width + 2 * margin) * PITCH
    sampler = Sampler(source, factor, (left + right) / 2, along, pitch * factor / PITCH, columns)
    tall = sampler.sample(np.zeros(columns), 1.0, _TALL).pixels
    course, ink_rows = _course(tall, margin * PITCH)
    return sampler.sample(course, float(np.clip(ink_rows / _INK_ROWS, 0.72, 1.5)), WINDOW[0])


def _sized(picture: Pyramid, pitch: float) -> tuple[Grey, float]:
    """The level on which a pitch is nearest to the 16 pixels that are needed, and its scale."""
    number = max(0, math.floor(math.log2(pitch / PITCH) + 0.25)) if pitch > 0 else 0
    return picture.level(number), 0.5**number


def _course(tall: NDArray[np.float32], margin: int) -> tuple[NDArray[np.float64], float]:
    """The middle of the ink per column, in rows from the centre, and its height in rows."""
    hat = cv2.morphologyEx(tall, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8))
    ink = np.asarray(hat, dtype=np.float32)
    columns = tall.shape[1]
    inner = ink[:, margin : columns - margin]
    profile = inner.mean(1)
    band = np.convolve(profile, np.ones(17) / 17, mode="same")
    weight = np.exp(-(((np.arange(_TALL) - (_TALL - 1) / 2) / 14.0) ** 2))
    centre = int(np.argmax(band * weight))
    pieces = np.array_split(inner, _SEGMENTS, axis=1)
    low, high = max(0, centre - 14), min(_TALL, centre + 15)
    at = [
        _centre(np.convolve(p.mean(1), np.ones(15) / 15, mode="same")[low:high]) + low
        for p in pieces
    ]
    place = (np.arange(_SEGMENTS) + 0.5) / _SEGMENTS * 2 - 1
    fit = _robust_line(place, np.array(at))
    x = (np.arange(columns) + 0.5 - columns / 2) / (inner.shape[1] / 2)
    course = np.polyval(fit, x) - (_TALL - 1) / 2
    shift, ink_rows = _band(ink, course, margin)
    return course + shift, ink_rows


def _centre(profile: NDArray[np.float64]) -> float:
    """Place of the greatest value, between two rows by the parabola through three."""
    k = int(np.argmax(profile))
    if 0 < k < len(profile) - 1:
        a, b, c = profile[k - 1 : k + 2]
        return (
            k + 0.5 * float(a - c) / max(float(a - 2 * b + c), 1e-6)
            if a - 2 * b + c > 0
            else k + 0.5 * float(a - c) / min(float(a - 2 * b + c), -1e-6)
        )
    return float(k)


def _robust_line(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Straight line by the median of slopes, as polynomial coefficients."""
    i, j = np.triu_indices(len(x), 1)
    slope = float(np.median((y[j] - y[i]) / (x[j] - x[i])))
    return np.array([slope, float(np.median(y - slope * x))])


def _band(
    ink: NDArray[np.float32], course: NDArray[np.float64], margin: int
) -> tuple[float, float]:
    """Middle (in rows off the course) and height of the ink: rows where most letters have some."""
    columns = ink.shape[1]
    map_x = np.repeat(np.arange(columns, dtype=np.float32)[None], 40, 0)
    map_y = (np.arange(40)[:, None] - 19.5 + course[None] + (_TALL - 1) / 2).astype(np.float32)
    flat = cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR)[:, margin : columns - margin]
    profile = np.percentile(flat.reshape(40, -1, PITCH).max(2), 85, axis=1)
    profile = profile - profile.min()
    middle = 12 + int(np.argmax(profile[12:28]))
    strong = profile > 0.45 * profile[middle]
    above = int(np.argmin(np.append(strong[middle::-1], False)))
    below = int(np.argmin(np.append(strong[middle:], False)))
    height = float(above + below - 1)
    if not 8 <= height <= 24:
        return 0.0, _INK_ROWS
    return float(np.clip(middle + (below - above) / 2 - 19.5, -3, 3)), height
