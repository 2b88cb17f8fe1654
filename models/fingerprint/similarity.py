"""Local stage: likeness of every cylinder with every other, and relaxation of the best pairs (LSS-R).

After the paper named in `cylinders`, sections IV and V.B, with one change: the relaxed pairs are handed on to the
global stage instead of being averaged into the final score alone.
"""

import math

import numpy as np
from numpy.typing import NDArray

from models.fingerprint._jit import inlined, kernel, popcount
from models.fingerprint.cylinders import Words
from models.fingerprint.values import Plane

_LEAST_COMMON_CELLS = 110
"""Cells of 208 in the disc that two cylinders must both know."""
_WIDEST_TURN = np.pi / 2
_ITERATIONS = 5
_KEPT = 0.5
"""Share of a pair's own likeness in each relaxation step."""
_LEVELS = 1024


@inlined
def _alike(bits_a: Words, valid_a: Words, bits_b: Words, valid_b: Words) -> float:
    common, ones_a, ones_b, unlike = 0, 0, 0, 0
    for w in range(4):
        both = valid_a[w] & valid_b[w]
        common += popcount(both)
        for k in range(6):
            a, b = bits_a[4 * k + w] & both, bits_b[4 * k + w] & both
            ones_a += popcount(a)
            ones_b += popcount(b)
            unlike += popcount(a ^ b)
    if common < _LEAST_COMMON_CELLS or ones_a + ones_b == 0:
        return 0.0
    return float(1.0 - np.sqrt(unlike) / (np.sqrt(ones_a) + np.sqrt(ones_b)))


@kernel(
    "float32[:,::1](uint64[:,::1], uint64[:,::1], boolean[::1], float32[::1],"
    " uint64[:,::1], uint64[:,::1], boolean[::1], float32[::1])"
)
def likeness(
    bits_a: Words,
    valid_a: Words,
    usable_a: NDArray[np.bool_],
    angle_a: Plane,
    bits_b: Words,
    valid_b: Words,
    usable_b: NDArray[np.bool_],
    angle_b: Plane,
) -> Plane:
    """Similarity 0..1 of every cylinder of a with every cylinder of b over the cells that both know."""
    result = np.zeros((angle_a.size, angle_b.size), np.float32)
    for i in range(angle_a.size):
        if not usable_a[i]:
            continue
        for j in range(angle_b.size):
            turn = abs(angle_a[i] - angle_b[j])
            if usable_b[j] and min(turn, 2 * np.pi - turn) <= _WIDEST_TURN:
                result[i, j] = _alike(bits_a[i], valid_a[i], bits_b[j], valid_b[j])
    return result


@kernel("Tuple((int32[:,::1], float32[::1]))(float32[:,::1], int64)")
def strongest(alike: Plane, count: int) -> tuple[NDArray[np.int32], Plane]:
    """The `count` best pairs of a likeness table, best first (counted in levels of 1/1024, then sorted)."""
    histogram = np.zeros(_LEVELS + 1, np.int64)
    for i in range(alike.shape[0]):
        for j in range(alike.shape[1]):
            histogram[int(alike[i, j] * _LEVELS)] += 1
    level, seen = _LEVELS, histogram[_LEVELS]
    while level > 1 and seen < count:
        level -= 1
        seen += histogram[level]
    rows = np.empty((seen, 2), np.int32)
    values = np.empty(seen, np.float32)
    filled = 0
    for i in range(alike.shape[0]):
        for j in range(alike.shape[1]):
            if int(alike[i, j] * _LEVELS) >= level and filled < seen:
                rows[filled, 0], rows[filled, 1], values[filled] = i, j, alike[i, j]
                filled += 1
    order = np.argsort(-values[:filled], kind="mergesort")[:count]
    return rows[order], values[order]


@inlined
def _soft(value: float, middle: float, steepness: float) -> float:
    return float(1.0 / (1.0 + np.exp(-steepness * (value - middle))))


@inlined
def _turned(first: float, second: float) -> float:
    gap = abs(first - second) % (2 * np.pi)
    return min(gap, 2 * np.pi - gap)


@inlined
def _compatible(
    xa: Plane, ya: Plane, ta: Plane, xb: Plane, yb: Plane, tb: Plane, i: int, j: int, k: int, m: int
) -> float:
    """Do pairs (i, j) and (k, m) agree in distance, in directions and in the bearing of one from the other?"""
    ax, ay, bx, by = xa[k] - xa[i], ya[i] - ya[k], xb[m] - xb[j], yb[j] - yb[m]
    stretch = abs(np.sqrt(ax * ax + ay * ay) - np.sqrt(bx * bx + by * by))
    if stretch > 16.0 or i == k or j == m:
        return 0.0
    turn = _turned(ta[i] - ta[k], tb[j] - tb[m])
    bearing = _turned(ta[i] - np.arctan2(ay, ax), tb[j] - np.arctan2(by, bx))
    return (
        _soft(stretch, 6.0, -1.2)
        * _soft(turn, np.pi / 12, -20.0)
        * _soft(bearing, np.pi / 12, -20.0)
    )


@kernel(
    "float32[::1](float32[::1], float32[::1], float32[::1], float32[::1], float32[::1], float32[::1],"
    " int32[:,::1], float32[::1])"
)
def relaxed(
    xa: Plane,
    ya: Plane,
    ta: Plane,
    xb: Plane,
    yb: Plane,
    tb: Plane,
    pairs: NDArray[np.int32],
    strength: Plane,
) -> Plane:
    """Likeness of pairs after each has listened to all others: what fits no common movement fades."""
    count = len(strength)
    rho = np.zeros((count, count), np.float32)
    for p in range(count):
        for q in range(p + 1, count):
            forth = _compatible(
                xa, ya, ta, xb, yb, tb, pairs[p, 0], pairs[p, 1], pairs[q, 0], pairs[q, 1]
            )
            back = _compatible(
                xa, ya, ta, xb, yb, tb, pairs[q, 0], pairs[q, 1], pairs[p, 0], pairs[p, 1]
            )
            rho[p, q] = rho[q, p] = np.sqrt(forth * back)
    now = strength.copy()
    for _ in range(_ITERATIONS):
        before = now.copy()
        for p in range(count):
            heard = 0.0
            for q in range(count):
                heard += rho[p, q] * before[q]
            now[p] = _KEPT * before[p] + (1 - _KEPT) * heard / max(1, count - 1)
    return now


def local_scores(strength: Plane, relaxed_strength: Plane, smaller: int) -> tuple[float, float]:
    """LSS-R and LSS of candidate pairs; `smaller` is the lesser number of minutiae of the two prints."""
    if len(strength) == 0:
        return 0.0, 0.0
    used = 4 + round(8 / (1 + math.exp(-0.4 * (smaller - 20))))
    efficient = np.argsort(-relaxed_strength / np.maximum(strength, 1e-6), kind="stable")[:used]
    return float(relaxed_strength[efficient].sum()) / used, float(strength[:used].sum()) / used
