"""Locate: from a picture to zones of two or three parallel text lines, in any direction.

Dark strokes narrower than a character (black hat) are closed by less than the gap between two
lines, so that each line becomes one long thin blob whatever its direction; blobs of like length
side by side are a zone. Fillers, borders and portraits are no evidence: the classifier decides.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.values import Grey, Pyramid, TextLine, Zone

WORKING_SIDE = 1000
"""Longer side of the picture that is searched: pitch 7 to 30 pixels for a zone that fills it."""

_PASSES = (
    (1, 5, True),
    (1, 7, True),
    (0, 7, True),
    (0, 11, True),
    (0, 5, True),
    (0, 7, False),
    (0, 17, True),
    (1, 9, True),
    (0, 11, False),
    (0, 5, False),
)
"""How often the picture is halved, side of the closing in pixels, which suits pitches of 1.3 to
2.5 times it, and whether strokes larger than a character or two (stamps, borders) are left out;
the likeliest first. In a halved picture the thin lines behind large print are gone, and the search
takes a quarter of the time.
"""

_GLYPH_SIDES = 5.0
"""Largest side of a stroke that may be a character, in sides of the closing."""

_SPACINGS = (2.4,)
"""Distance in pitches at which a missing neighbour line is looked for; the ink decides where."""


def zones(picture: Pyramid) -> Iterator[Zone]:
    """Zones in the coordinates of the picture, likeliest first; lazily, one closing after the other.

    After the zones whose lines were all found come those that are completed from a single line.
    """
    scale, small = _working(picture)
    sheets: dict[int, _Strokes] = {}
    seen: list[Zone] = []
    single: list[TextLine] = []
    for halvings, side, glyphs_only in _PASSES:
        if halvings not in sheets:
            sheets[halvings] = _strokes(_halved(small) if halvings else small)
        mask = sheets[halvings].mask(_GLYPH_SIDES * side if glyphs_only else math.inf)
        lines = list(_scaled(tuple(_chained(_lines(mask, side))), 2**halvings))
        single += [line for line in lines if not any(_same((line,), (x,)) for x in single)]
        for zone in _grouped(lines):
            if not any(_same(zone, other) for other in seen):
                seen.append(zone)
                yield _scaled(zone, 1 / scale)
    for zone in _completed(single):
        if not any(_same(zone, other) for other in seen):
            yield _scaled(zone, 1 / scale)


def _working(picture: Pyramid) -> tuple[float, Grey]:
    """Scale and picture of about the size that is searched."""
    longest = max(picture.full.shape)
    if longest >= 1.5 * WORKING_SIDE:
        number = round(math.log2(longest / WORKING_SIDE))
        return 0.5**number, picture.level(number)
    if longest > 0.85 * WORKING_SIDE:
        return 1.0, picture.full
    scale = WORKING_SIDE / longest
    larger = cv2.resize(picture.full, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return scale, np.asarray(larger, dtype=np.uint8)


def _halved(grey: Grey) -> Grey:
    return np.asarray(cv2.pyrDown(grey), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class _Strokes:
    """Dark strokes that stand out from what lies around them: labels of the pixels, 0 of paper;
    the longer side of each label's box in pixels, without end where it is no stroke.
    """

    labels: NDArray[np.int32]
    longest: NDArray[np.float64]

    def mask(self, most: float) -> Grey:
        """255 on strokes of at most this side."""
        lut = np.where((self.longest <= most) & np.isfinite(self.longest), 255, 0)
        return np.take(lut.astype(np.uint8), self.labels)


def _strokes(grey: Grey) -> _Strokes:
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (9, 9))
    hat = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, kernel)
    around = cv2.blur(hat, (61, 61))
    mask = cv2.compare(hat, cv2.addWeighted(around, 1.5, around, 0, 7), cv2.CMP_GT)
    _, found, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4, ltype=cv2.CV_32S)
    width, height, area = stats[:, 2], stats[:, 3], stats[:, 4]
    longest = np.maximum(width, height)
    keep = (area >= 4) & ((longest <= 60) | (area > 0.12 * width * height) & (longest < 400))
    keep[0] = False
    return _Strokes(np.asarray(found, dtype=np.int32), np.where(keep, longest, math.inf))


def _lines(strokes: Grey, side: int) -> list[TextLine]:
    """Elongated blobs of the strokes after closing by `side` pixels."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    closed = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, kernel)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        if len(contour) < 4:
            continue
        (x, y), (w, h), angle = cv2.minAreaRect(contour)
        long, short = max(w, h), min(w, h)
        if long < 30 or short < 4 or short > 60 or long < 2.2 * short:
            continue
        thickness = cv2.contourArea(contour) / long
        turn = np.deg2rad(angle if w >= h else angle + 90)
        dx, dy = np.cos(turn) * long / 2, np.sin(turn) * long / 2
        if dx < -1e-3 * long:
            dx, dy = -dx, -dy
        found.append(TextLine((x - dx, y - dy), (x + dx, y + dy), max(float(thickness), 4.0)))
    return sorted(found, key=lambda line: -line.length)[:120]


def _chained(lines: list[TextLine]) -> list[TextLine]:
    """Pieces that continue each other joined to whole lines; short leftovers dropped."""
    pending = list(lines)
    done: list[TextLine] = []
    while pending:
        line = pending.pop(0)
        if line.length < 60:
            break
        grown = True
        while grown:
            grown = False
            for other in pending:
                if _continues(line, other):
                    pending.remove(other)
                    line = _joined(line, other)
                    grown = True
                    break
        done.append(line)
    return [line for line in done if line.length > max(110.0, 9 * line.height)]


def _frame(line: TextLine) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors along and across a line."""
    along = (np.array(line.right) - np.array(line.left)) / max(line.length, 1e-6)
    return along, np.array([-along[1], along[0]])


def _continues(line: TextLine, other: TextLine) -> bool:
    """Whether `other` lies on the prolongation of `line`, a few characters away at most."""
    along, across = _frame(line)
    origin = np.array(line.left)
    a, b = np.array(other.left) - origin, np.array(other.right) - origin
    if max(abs(a @ across), abs(b @ across)) > 0.45 * line.height + 0.012 * line.length:
        return False
    if not 0.45 < other.height / line.height < 1.9:
        return False
    low, high = sorted((float(a @ along), float(b @ along)))
    gap = max(low - line.length, -high)
    return -0.5 * (high - low) < gap < 3.5 * line.height


def _joined(line: TextLine, other: TextLine) -> TextLine:
    along, _ = _frame(line)
    points = [np.array(p) for p in (line.left, line.right, other.left, other.right)]
    points.sort(key=lambda p: float(p @ along))
    weight = line.length / (line.length + other.length)
    height = weight * line.height + (1 - weight) * other.height
    first, last = points[0], points[-1]
    return TextLine((float(first[0]), float(first[1])), (float(last[0]), float(last[1])), height)


def _beside(line: TextLine, other: TextLine) -> bool:
    """Whether two lines could stand below each other in one MRZ."""
    along, across = _frame(line)
    if abs(_frame(other)[0] @ across) > 0.1 or not 0.72 < other.length / line.length < 1.39:
        return False
    middle = (
        np.array(other.left) + np.array(other.right) - np.array(line.left) - np.array(line.right)
    ) / 2
    height = (line.height + other.height) / 2
    far = abs(middle @ across)
    pitch = max(line.length, other.length) / 30
    is_apart = 0.9 * height < far < max(4.5 * height, 4.5 * pitch)
    return bool(is_apart and abs(middle @ along) < 0.22 * line.length)


def _grouped(lines: list[TextLine]) -> list[Zone]:
    """Pairs and triples of lines, triples of even spacing first, then the longest."""
    lines = sorted(lines, key=lambda line: -line.length)[:14]
    pairs = [(a, b) for i, a in enumerate(lines) for b in lines[i + 1 :] if _beside(a, b)]
    found: list[Zone] = [_ordered(pair) for pair in pairs]
    for i, (a, b) in enumerate(pairs):
        for c, d in pairs[i + 1 :]:
            union = {id(x): x for x in (a, b, c, d)}
            if len(union) == 3 and _even(_ordered(tuple(union.values()))):
                found.append(_ordered(tuple(union.values())))
    unique = {tuple(sorted(id(x) for x in zone)): zone for zone in found}
    return sorted(unique.values(), key=_likeliness, reverse=True)[:8]


def _completed(lines: list[TextLine]) -> Iterator[Zone]:
    """Zones from one line of which the neighbour was not found: above it, below it."""
    whole = [x for x in lines if 22 < x.length / x.height < 75]
    for line in sorted(whole, key=lambda x: -x.length)[:4]:
        _, across = _frame(line)
        for sign in (-1, 1):
            for spacing in _SPACINGS:
                shift = across * (sign * spacing * line.length / 43.6)
                other = TextLine(_moved(line.left, shift), _moved(line.right, shift), line.height)
                yield _ordered((line, other))


def _moved(point: tuple[float, float], shift: NDArray[np.float64]) -> tuple[float, float]:
    return point[0] + float(shift[0]), point[1] + float(shift[1])


def _likeliness(zone: Zone) -> float:
    """Long lines of one length; three lines only where their shape is that of a card's back."""
    lengths = [line.length for line in zone]
    slender = np.mean(lengths) / np.mean([line.height for line in zone])
    prior = 1.35 if len(zone) == 3 and slender < 42 else 0.85 if len(zone) == 3 else 1.0
    return float(np.mean(lengths) * (min(lengths) / max(lengths)) ** 2 * prior)


def _ordered(lines: tuple[TextLine, ...]) -> Zone:
    _, across = _frame(max(lines, key=lambda line: line.length))
    return tuple(
        sorted(lines, key=lambda x: float((np.array(x.left) + np.array(x.right)) @ across))
    )


def _even(zone: Zone) -> bool:
    _, across = _frame(zone[0])
    at = [float((np.array(x.left) + np.array(x.right)) @ across) / 2 for x in zone]
    first, second = (b - a for a, b in pairwise(at))
    return 0.6 < first / max(second, 1e-6) < 1.7


def _scaled(zone: Zone, factor: float) -> Zone:
    def point(p: tuple[float, float]) -> tuple[float, float]:
        return p[0] * factor, p[1] * factor

    return tuple(TextLine(point(x.left), point(x.right), x.height * factor) for x in zone)


def _same(zone: Zone, other: Zone) -> bool:
    if len(zone) != len(other):
        return False
    gaps = [
        np.hypot(p[0] - q[0], p[1] - q[1])
        for a, b in zip(zone, other, strict=True)
        for p, q in ((a.left, b.left), (a.right, b.right))
    ]
    return bool(max(gaps) < 0.02 * zone[0].length)
