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

    @property
    def places(self) -> NDArray[np.float64]:
        """Columns of the strip, counted from its middle."""
        return np.arange(self.columns, dtype=np.float64) - self.columns / 2 + 0.5

    def straight(self, course: NDArray[np.float64], stretch: float, rows: int) -> NDArray[np.uint8]:
        """Rows around a straight course (slope, offset), each `stretch` strip pixels from the next."""
        across = np.array([-self.along[1], self.along[0]])
        per_column = (self.along + across * course[0]) * self.step
        per_row = across * stretch * self.step
        origin = (
            self.middle
            + across * course[1] * self.step
            - per_column * (self.columns - 1) / 2
            - per_row * (rows - 1) / 2
        )
        change = np.stack([per_column, per_row, origin], 1)
        seen = cv2.warpAffine(
            self.source,
            change,
            (self.columns, rows),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(seen, dtype=np.uint8)

    def bent(self, course: NDArray[np.float64], stretch: float, rows: int) -> NDArray[np.float32]:
        """Rows around any course (columns,)."""
        x = self.places * self.step
        y = ((np.arange(rows) - (rows - 1) / 2)[:, None] * stretch + course[None]) * self.step
        map_x = (self.middle[0] + x[None] * self.along[0] - y * self.along[1]).astype(np.float32)
        map_y = (self.middle[1] + x[None] * self.along[1] + y * self.along[0]).astype(np.float32)
        pixels = cv2.remap(
            self.source, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return pixels.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Strip:
    """Grey float32 (24, (width + 2 * margin) * 16) around a course (columns,) of a line."""

    pixels: NDArray[np.float32]
    sampler: Sampler
    course: NDArray[np.float64]
    stretch: float

    def at(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Picture coordinates (n, 2) of the middle of these columns."""
        inside = np.clip(columns, 0, len(self.course) - 1)
        x = inside - len(self.course) / 2 + 0.5
        y = self.course[np.rint(inside).astype(np.int64)]
        along, step = self.sampler.along, self.sampler.step
        across = np.array([-along[1], along[0]])
        place = self.sampler.middle + (x[:, None] * along + y[:, None] * across) * step
        return np.asarray(place / self.sampler.factor)

    def tall(self, rows: int) -> NDArray[np.float32]:
        """The strip with so many rows instead of 24."""
        return self.sampler.bent(self.course, self.stretch, rows)

    def moved(self, rows: NDArray[np.float64]) -> "Strip":
        """The strip with its middle moved by so many of its rows in each column."""
        course = self.course + rows * self.stretch
        pixels = self.sampler.bent(course, self.stretch, self.pixels.shape[0])
        return Strip(pixels, self.sampler, course, self.stretch)

    def turned(self) -> "Strip":
        """The same pixels read the other way round."""
        s = self.sampler
        other = Sampler(s.source, s.factor, s.middle, -s.along, s.step, s.columns)
        pixels = np.ascontiguousarray(self.pixels[::-1, ::-1])
        return Strip(pixels, other, -self.course[::-1], self.stretch)


def rectify(picture: Pyramid, line: TextLine, width: int, margin: int = MARGIN) -> Strip:
    """The strip of `line` taken as `width` characters, with `margin` characters on both sides."""
    pitch = line.length / (width - 0.35)
    source, factor = _sized(picture, pitch)
    left = (np.array(line.left) + 0.5) * factor - 0.5
    right = (np.array(line.right) + 0.5) * factor - 0.5
    along = (right - left) / max(float(np.linalg.norm(right - left)), 1e-6)
    columns = (width + 2 * margin) * PITCH
    sampler = Sampler(source, factor, (left + right) / 2, along, pitch * factor / PITCH, columns)
    tall = sampler.straight(np.zeros(2), 1.0, _TALL)
    course, ink_rows = _course(tall, margin * PITCH)
    stretch = float(np.clip(ink_rows / _INK_ROWS, 0.72, 1.5))
    pixels = sampler.straight(course, stretch, WINDOW[0]).astype(np.float32)
    return Strip(pixels, sampler, course[0] * sampler.places + course[1], stretch)


def _sized(picture: Pyramid, pitch: float) -> tuple[Grey, float]:
    """The level on which a pitch is nearest to the 16 pixels that are needed, and its scale."""
    number = max(0, math.floor(math.log2(pitch / PITCH) + 0.25)) if pitch > 0 else 0
    return picture.level(number), 0.5**number


def _course(tall: NDArray[np.uint8], margin: int) -> tuple[NDArray[np.float64], float]:
    """Course (slope, offset) of the middle of the ink in rows from the centre; its height in rows."""
    hat = cv2.morphologyEx(tall, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8))
    ink = np.asarray(hat, dtype=np.uint8)
    columns = tall.shape[1]
    inner = ink[:, margin : columns - margin]
    band = cv2.blur(_row_means(inner), (1, 17), borderType=cv2.BORDER_CONSTANT)[:, 0]
    weight = np.exp(-(((np.arange(_TALL) - (_TALL - 1) / 2) / 14.0) ** 2))
    centre = int(np.argmax(band * weight))
    low, high = max(0, centre - 14), min(_TALL, centre + 15)
    pieces = np.array_split(inner, _SEGMENTS, axis=1)
    profiles = np.concatenate([_row_means(piece) for piece in pieces], axis=1)
    smooth = cv2.blur(profiles, (1, 15), borderType=cv2.BORDER_CONSTANT)[low:high]
    at = np.array([_centre(column) + low for column in smooth.T])
    place = ((np.arange(_SEGMENTS) + 0.5) / _SEGMENTS - 0.5) * inner.shape[1]
    slope, middle = _robust_line(place, at)
    course = np.array([slope, middle - (_TALL - 1) / 2])
    shift, ink_rows = _band(ink, course, margin)
    return course + np.array([0.0, shift]), ink_rows


def _row_means(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean of each row, (rows, 1)."""
    return np.asarray(cv2.reduce(ink, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F), dtype=np.float32)


def _centre(profile: NDArray[np.float32]) -> float:
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


def _band(ink: NDArray[np.uint8], course: NDArray[np.float64], margin: int) -> tuple[float, float]:
    """Middle (in rows off the course) and height of the ink: rows where most letters have some."""
    columns = ink.shape[1]
    first_row = course[1] - course[0] * (columns - 1) / 2 + (_TALL - 1) / 2 - 19.5
    change = np.array([[1.0, 0.0, 0.0], [course[0], 1.0, first_row]])
    flat = cv2.warpAffine(
        ink, change, (columns, 40), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )[:, margin : columns - margin]
    peaks = np.sort(flat.reshape(40, -1, PITCH).max(2), axis=1)
    profile = peaks[:, round(0.85 * (peaks.shape[1] - 1))].astype(np.float64)
    profile = profile - profile.min()
    middle = 12 + int(np.argmax(profile[12:28]))
    strong = profile > 0.45 * profile[middle]
    above = int(np.argmin(np.append(strong[middle::-1], False)))
    below = int(np.argmin(np.append(strong[middle:], False)))
    height = float(above + below - 1)
    if not 8 <= height <= 24:
        return 0.0, _INK_ROWS
    return float(np.clip(middle + (below - above) / 2 - 19.5, -3, 3)), height
