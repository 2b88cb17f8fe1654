"""Minutiae on a skeleton: crossing numbers, cleaning, direction by walking the ridges."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from models.fingerprint._jit import inlined, kernel
from models.fingerprint.orientation import SCALE
from models.fingerprint.thinning import NEIGHBOURS, Bits
from models.fingerprint.values import Mask, Minutiae, MinutiaType, Plane

_WALK_PX = 12
"""How far a ridge is followed for its direction."""
_SPUR_PX = 8
"""A ridge from an ending to a fork that is shorter than this is a spur."""
_FACING_PX = 9.0
"""Two endings nearer than this that look away from each other are one broken ridge."""
_CROWD_PX = 6.0
"""Minutiae nearer to each other than this are one disturbance."""
_BORDER_PX = 11
"""Ridges end at the edge of the contact area; those ends are no minutiae."""
_BEYOND_PX = 26
"""So far beyond its end a ridge's place must lie inside the contact area, else the area ended and not the ridge."""
_MOST = 255
"""A record of ISO/IEC 19794-2:2005 holds no more; the best are kept."""

_ENDING, _BIFURCATION = int(MinutiaType.ENDING), int(MinutiaType.BIFURCATION)
_MOST_CANDIDATES = 1000
"""More places than this are noise; cleaning looks at all pairs of them, so the number is bounded."""
_DY = np.array([dy for dy, _ in NEIGHBOURS], np.int64)
_DX = np.array([dx for _, dx in NEIGHBOURS], np.int64)


def find_minutiae(skeleton: Bits, mask: Mask, reliability: Plane) -> Minutiae:
    """Cleaned minutiae of a skeleton; `reliability` (0..1, 4 px cells) becomes their quality 1..100."""
    inner = _inside(mask)
    rows = _trace(skeleton, crossing_numbers())
    rows = rows[inner[rows[:, 1].astype(np.int64), rows[:, 0].astype(np.int64)]]
    rows = rows[np.sort(np.argsort(-_at(reliability, rows), kind="stable")[:_MOST_CANDIDATES])]
    rows = rows[_keep(rows) & _ends_inside(rows, mask)]
    sure = _at(reliability, rows)
    quality = np.clip(np.round(100 * sure), 1, 100).astype(np.uint8)
    angle = (rows[:, 2] % (2 * np.pi)).astype(np.float32)
    found = Minutiae(rows[:, 0], rows[:, 1], angle, rows[:, 3].astype(np.uint8), quality)
    best = np.sort(np.argsort(-quality.astype(np.int64), kind="stable")[:_MOST])
    return found.take(best)


def _at(plane: Plane, rows: Plane) -> Plane:
    """Values of a plane of 4 px cells where minutiae lie."""
    y, x = rows[:, 1].astype(np.int64) // SCALE, rows[:, 0].astype(np.int64) // SCALE
    return np.asarray(
        plane[np.minimum(y, plane.shape[0] - 1), np.minimum(x, plane.shape[1] - 1)], np.float32
    )


def _inside(mask: Mask) -> Mask:
    framed = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distance = cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]
    inner: Mask = distance > _BORDER_PX
    return inner


def _ends_inside(rows: Plane, mask: Mask) -> Mask:
    """False for endings behind which the contact area soon ends; forks are all True."""
    x, y, angle, kind = rows.T
    beyond_x = np.round(x - _BEYOND_PX * np.cos(angle)).astype(np.int64)
    beyond_y = np.round(y + _BEYOND_PX * np.sin(angle)).astype(np.int64)
    height, width = mask.shape
    inside = (beyond_x >= 0) & (beyond_x < width) & (beyond_y >= 0) & (beyond_y < height)
    inside[inside] = mask[beyond_y[inside], beyond_x[inside]]
    return np.asarray(inside | (kind != MinutiaType.ENDING))


@cache
def crossing_numbers() -> Bits:
    """Rutovitz crossing number of each of the 256 neighbourhoods: 1 is an ending, 3 and more a fork."""
    codes = np.arange(256)
    ring = np.stack([codes >> i & 1 for i in range(8)])
    changes: Bits = (np.abs(ring - np.roll(ring, -1, axis=0)).sum(axis=0) // 2).astype(np.uint8)
    return changes


@inlined
def _code(image: Bits, y: int, x: int) -> int:
    code = 0
    for i in range(8):
        if image[y + _DY[i], x + _DX[i]]:
            code |= 1 << i
    return code


@inlined
def _walk(
    image: Bits, crossings: Bits, y: int, x: int, first: int, limit: int
) -> tuple[int, int, int, int]:
    """Follow the ridge that leaves (y, x) towards neighbour `first`: where it led, steps made, kind of the last pixel."""
    before_y, before_x = y, x
    y, x = y + _DY[first], x + _DX[first]
    steps, kind = 1, 2
    while steps < limit:
        kind = crossings[_code(image, y, x)]
        if kind != 2:
            break
        found = False
        for turn in (0, 2, 4, 6, 1, 3, 5, 7):
            near_y, near_x = y + _DY[turn], x + _DX[turn]
            if not image[near_y, near_x] or (
                abs(near_y - before_y) <= 1 and abs(near_x - before_x) <= 1
            ):
                continue
            before_y, before_x, y, x = y, x, near_y, near_x
            found = True
            break
        if not found:
            break
        steps += 1
    return y, x, steps, kind


@inlined
def _valley(reach: NDArray[np.float64]) -> float:
    """Direction of the valley that a fork encloses: between the two arms nearest to each other in direction."""
    closest = 4.0
    direction = 0.0
    for i in range(3):
        a = np.arctan2(reach[i, 1], reach[i, 0])
        j = (i + 1) % 3
        b = np.arctan2(reach[j, 1], reach[j, 0])
        gap = (b - a + np.pi) % (2 * np.pi) - np.pi
        if abs(gap) < closest:
            closest = abs(gap)
            direction = a + gap / 2
    return direction


@kernel("float32[:,::1](uint8[:,::1], uint8[::1])")
def _trace(image: Bits, crossings: Bits) -> Plane:
    """Rows x, y, angle, kind of all endings and forks whose ridges are long enough to be more than spurs."""
    height, width = image.shape
    rows = np.empty((height * width // 4 + 1, 4), np.float32)
    count = 0
    reach = np.empty((8, 3), np.float64)
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if not image[y, x]:
                continue
            code = _code(image, y, x)
            kind = crossings[code]
            if kind != 1 and kind != 3:
                continue
            arms = 0
            shortest = 1000
            for i in range(8):
                if (
                    not code >> i & 1
                    or (code >> ((i + 1) % 8) & 1 and i % 2 == 1)
                    or (code >> ((i + 7) % 8) & 1 and i % 2 == 1)
                ):
                    continue
                end_y, end_x, steps, last = _walk(image, crossings, y, x, i, _WALK_PX)
                if (kind == 1 and last != 2) or (kind == 3 and last == 1):
                    shortest = min(shortest, steps)
                if kind == 1 and steps < _WALK_PX:
                    shortest = min(shortest, steps)
                reach[arms, 0], reach[arms, 1], reach[arms, 2] = end_x - x, y - end_y, steps
                arms += 1
            if shortest < _SPUR_PX or arms != kind:
                continue
            angle = np.arctan2(reach[0, 1], reach[0, 0])
            if kind == 3:
                angle = _valley(reach)
            rows[count, 0], rows[count, 1], rows[count, 2] = x, y, angle
            rows[count, 3] = _ENDING if kind == 1 else _BIFURCATION
            count += 1
    return rows[:count].copy()


def _keep(rows: Plane) -> Mask:
    """False for broken ridges (endings that look away from each other across a small gap) and for crowds."""
    if len(rows) < 2:
        return np.ones(len(rows), np.bool_)
    x, y, angle, kind = rows.T
    gap_x, gap_y = x[None, :] - x[:, None], y[:, None] - y[None, :]
    distance = np.hypot(gap_x, gap_y) + np.eye(len(rows), dtype=np.float32) * 1e6
    opposite = np.cos(angle[:, None] - angle[None, :]) < -0.75
    behind = np.cos(angle[:, None] - np.arctan2(gap_y, gap_x)) < -0.5
    endings = (kind == MinutiaType.ENDING)[:, None] & (kind == MinutiaType.ENDING)[None, :]
    broken = endings & opposite & behind & (distance < _FACING_PX)
    crowd = distance < _CROWD_PX
    keep: NDArray[np.bool_] = ~(broken.any(axis=1) | broken.any(axis=0) | crowd.any(axis=1))
    return keep
