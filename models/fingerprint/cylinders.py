"""Minutia Cylinder-Code: what lies around each minutia, as bits that turn and shift with it.

After Cappelli, Ferrara and Maltoni, "Minutia Cylinder-Code: A New Representation and Matching Technique for
Fingerprint Recognition", IEEE TPAMI 32(12), 2010: the bit variant with 16 x 16 cells and 6 direction sections.
"""

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from models.fingerprint._jit import inlined, kernel
from models.fingerprint.values import Minutiae, Plane

Words = NDArray[np.uint64]

SIDE = 16
SECTIONS = 6
RADIUS_PX = 70.0
SPATIAL_SIGMA_PX = 28.0 / 3
DIRECTION_SIGMA = 2 * np.pi / 9
BIT_THRESHOLD = 0.01
HULL_MARGIN_PX = 50.0
LEAST_VALID_SHARE = 0.70
LEAST_NEIGHBOURS = 2
CELL_PX = 2 * RADIUS_PX / SIDE
_REACH_PX = 3 * SPATIAL_SIGMA_PX
_PEAK = 1 / (SPATIAL_SIGMA_PX * math.sqrt(2 * math.pi))
_TABLE = 256

WORDS_A_SECTION = SIDE * SIDE // 64
WORDS = WORDS_A_SECTION * SECTIONS


@dataclass(frozen=True)
class Cylinders:
    """One row per minutia: `bits` uint64 (n, 24), `valid` uint64 (n, 4) cells inside the print, `usable` bool (n)."""

    bits: Words
    valid: Words
    usable: NDArray[np.bool_]


def cylinders(minutiae: Minutiae) -> Cylinders:
    """Cylinders of a print from positions and directions alone; its area is the enlarged convex hull of them."""
    bits = np.zeros((len(minutiae), WORDS), np.uint64)
    valid = np.zeros((len(minutiae), WORDS_A_SECTION), np.uint64)
    usable = np.zeros(len(minutiae), np.bool_)
    if len(minutiae) > LEAST_NEIGHBOURS:
        hull = hull_edges(minutiae.x, minutiae.y)
        _fill(minutiae.x, minutiae.y, minutiae.angle, hull, direction_table(), bits, valid, usable)
    return Cylinders(bits, valid, usable)


def hull_edges(x: Plane, y: Plane) -> Plane:
    """Convex hull as rows (nx, ny, c): a point is inside the hull enlarged by d if nx*x + ny*y + c <= d in all."""
    points = np.stack([x, y], axis=1).astype(np.float32)
    corners = cv2.convexHull(points)[:, 0, :].astype(np.float64)
    if len(corners) < 3:
        corners = _box(points)
    edge = np.roll(corners, -1, axis=0) - corners
    normal = np.stack([edge[:, 1], -edge[:, 0]], axis=1)
    length = np.hypot(normal[:, 0], normal[:, 1])
    normal = normal[length > 1e-6] / length[length > 1e-6, None]
    offset = -(normal * corners[length > 1e-6]).sum(axis=1)
    middle = corners.mean(axis=0)
    sign = np.where(normal @ middle + offset > 0, -1.0, 1.0)
    rows: Plane = np.ascontiguousarray(
        np.column_stack([normal, offset]) * sign[:, None], dtype=np.float32
    )
    return rows


def _box(points: Plane) -> NDArray[np.float64]:
    (left, top), (right, bottom) = points.min(axis=0) - 1.0, points.max(axis=0) + 1.0
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


@cache
def direction_table() -> Plane:
    """Share of a section that a neighbour contributes, by difference of directions 0..2 pi in 256 steps."""
    half = np.pi / SECTIONS
    difference = (np.arange(_TABLE) + 0.5) * 2 * np.pi / _TABLE
    difference = np.where(difference > np.pi, difference - 2 * np.pi, difference)
    t = difference[:, None] + np.linspace(-half, half, 65)[None, :]
    density = np.exp(-(t**2) / (2 * DIRECTION_SIGMA**2)) / (DIRECTION_SIGMA * np.sqrt(2 * np.pi))
    table: Plane = (np.trapezoid(density, dx=2 * half / 64, axis=1)).astype(np.float32)
    return table


@inlined
def _mark_inside(
    x: float, y: float, cosine: float, sine: float, hull: Plane, inside: NDArray[np.bool_]
) -> float:
    """Mark the cells of the disc that lie in the enlarged hull; the share of the disc that does."""
    disc, good = 0, 0
    for j in range(SIDE):
        for i in range(SIDE):
            inside[j, i] = False
            u, v = (i + 0.5) * CELL_PX - RADIUS_PX, (j + 0.5) * CELL_PX - RADIUS_PX
            if u * u + v * v > RADIUS_PX * RADIUS_PX:
                continue
            disc += 1
            px, py = x + u * cosine - v * sine, y - u * sine - v * cosine
            within = True
            for e in range(hull.shape[0]):
                if hull[e, 0] * px + hull[e, 1] * py + hull[e, 2] > HULL_MARGIN_PX:
                    within = False
                    break
            if within:
                inside[j, i] = True
                good += 1
    return good / disc


@inlined
def _spread(u: float, v: float, share: Plane, inside: NDArray[np.bool_], total: Plane) -> None:
    """Add one neighbour at (u, v), in the cylinder's own frame, to the cells near it."""
    low_i, high_i = (
        int((u - _REACH_PX + RADIUS_PX) / CELL_PX),
        int((u + _REACH_PX + RADIUS_PX) / CELL_PX),
    )
    low_j, high_j = (
        int((v - _REACH_PX + RADIUS_PX) / CELL_PX),
        int((v + _REACH_PX + RADIUS_PX) / CELL_PX),
    )
    for j in range(max(0, low_j), min(SIDE - 1, high_j) + 1):
        for i in range(max(0, low_i), min(SIDE - 1, high_i) + 1):
            if not inside[j, i]:
                continue
            du, dv = (i + 0.5) * CELL_PX - RADIUS_PX - u, (j + 0.5) * CELL_PX - RADIUS_PX - v
            square = du * du + dv * dv
            if square <= _REACH_PX * _REACH_PX:
                near = _PEAK * np.exp(-square / (2 * SPATIAL_SIGMA_PX * SPATIAL_SIGMA_PX))
                for k in range(SECTIONS):
                    total[k, j, i] += near * share[k]


@inlined
def _store(row: int, inside: NDArray[np.bool_], total: Plane, bits: Words, valid: Words) -> None:
    for j in range(SIDE):
        for i in range(SIDE):
            if not inside[j, i]:
                continue
            word, bit = (j * SIDE + i) // 64, np.uint64(1) << np.uint64((j * SIDE + i) % 64)
            valid[row, word] |= bit
            for k in range(SECTIONS):
                if total[k, j, i] >= BIT_THRESHOLD:
                    bits[row, k * WORDS_A_SECTION + word] |= bit


@kernel(
    "void(float32[::1], float32[::1], float32[::1], float32[:,::1], float32[::1],"
    " uint64[:,::1], uint64[:,::1], boolean[::1])"
)
def _fill(
    x: Plane,
    y: Plane,
    angle: Plane,
    hull: Plane,
    table: Plane,
    bits: Words,
    valid: Words,
    usable: NDArray[np.bool_],
) -> None:
    total = np.empty((SECTIONS, SIDE, SIDE), np.float32)
    share = np.empty(SECTIONS, np.float32)
    inside = np.empty((SIDE, SIDE), np.bool_)
    for m in range(x.size):
        cosine, sine = np.cos(angle[m]), np.sin(angle[m])
        covered = _mark_inside(x[m], y[m], cosine, sine, hull, inside)
        total[:] = 0
        neighbours = 0
        for t in range(x.size):
            dx, dy = x[t] - x[m], y[m] - y[t]
            if t == m or dx * dx + dy * dy > (RADIUS_PX + _REACH_PX) ** 2:
                continue
            neighbours += 1
            for k in range(SECTIONS):
                gap = ((k + 0.5) * 2 * np.pi / SECTIONS - np.pi - angle[m] + angle[t]) % (2 * np.pi)
                share[k] = table[min(_TABLE - 1, int(gap * _TABLE / (2 * np.pi)))]
            _spread(dx * cosine + dy * sine, dy * cosine - dx * sine, share, inside, total)
        _store(m, inside, total, bits, valid)
        usable[m] = neighbours >= LEAST_NEIGHBOURS and covered >= LEAST_VALID_SHARE
