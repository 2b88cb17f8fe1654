"""Global stage: lay one print on the other, let the skin stretch, count what meets and what should have met.

Several rigid movements are proposed by the relaxed pairs of the local stage. Each is refined by least squares, then
bent: the displacement of pairs already found predicts where their neighbours are (skin distorts smoothly), and
minutiae are paired again within a narrower reach. The movement with the most evidence stays.
"""

import numpy as np
from numpy.typing import NDArray

from models.fingerprint._jit import inlined, kernel
from models.fingerprint.values import Plane

Index = NDArray[np.int32]
Move = NDArray[np.float64]
"""A rigid movement: turn in radians, the point turned around (x, y), and where it goes (x, y)."""

ANCHORS = 18
"""Movements that are tried."""
_FIRST_REACH_PX = 18.0
_REACH_PX = 11.0
_REACH_ANGLE = np.pi / 7
_GATHER_PX = 30.0
_GATHER_ANGLE = np.pi / 5
_BEND_SIGMA_PX = 55.0
_BEND_PRIOR = 0.6
"""Weight of "no displacement" beside the displacements of the neighbours."""
_MARGIN_PX = 6.0

VALUES = 9
"""Numbers that `align` returns: the first nine fields of `scoring.Evidence`."""


@inlined
def _move(xb: Plane, yb: Plane, tb: Plane, move: Move, out: Plane) -> None:
    """Turn print b by `move[0]` around the point `move[1:3]` and bring that point to `move[3:5]`."""
    cosine, sine = np.cos(move[0]), np.sin(move[0])
    for j in range(xb.size):
        u, v = xb[j] - move[1], yb[j] - move[2]
        out[j, 0] = move[3] + u * cosine + v * sine
        out[j, 1] = move[4] - u * sine + v * cosine
        out[j, 2] = (tb[j] + move[0]) % (2 * np.pi)


@inlined
def _gap(first: float, second: float) -> float:
    gap = abs(first - second) % (2 * np.pi)
    return min(gap, 2 * np.pi - gap)


@inlined
def _pair(
    xa: Plane, ya: Plane, ta: Plane, moved: Plane, reach: float, partner: Index, cost: Plane
) -> int:
    """One-to-one pairs: two minutiae pair when each is the other's nearest within reach. Returns their number."""
    best_of_b = np.full(moved.shape[0], -1, np.int32)
    cost_b = np.full(moved.shape[0], 1e9, np.float32)
    for i in range(xa.size):
        partner[i], cost[i] = -1, 1e9
        for j in range(moved.shape[0]):
            dx, dy = moved[j, 0] - xa[i], moved[j, 1] - ya[i]
            square = dx * dx + dy * dy
            if square > reach * reach:
                continue
            gap = _gap(moved[j, 2], ta[i])
            if gap > _REACH_ANGLE:
                continue
            c = square / (reach * reach) + (gap / _REACH_ANGLE) ** 2
            if c < cost[i]:
                partner[i], cost[i] = j, c
            if c < cost_b[j]:
                best_of_b[j], cost_b[j] = i, c
    count = 0
    for i in range(xa.size):
        if partner[i] >= 0 and best_of_b[partner[i]] != i:
            partner[i] = -1
        count += partner[i] >= 0
    return count


@inlined
def _fit(
    xa: Plane, ya: Plane, ta: Plane, xb: Plane, yb: Plane, tb: Plane, partner: Index, move: Move
) -> None:
    """Least-squares rigid movement of b onto its partners in a: turn, and the two centres."""
    n, ax, ay, bx, by = 0, 0.0, 0.0, 0.0, 0.0
    for i in range(xa.size):
        if partner[i] >= 0:
            n += 1
            ax, ay, bx, by = ax + xa[i], ay + ya[i], bx + xb[partner[i]], by + yb[partner[i]]
    ax, ay, bx, by = ax / n, ay / n, bx / n, by / n
    along, across = 0.0, 0.0
    for i in range(xa.size):
        j = partner[i]
        if j >= 0:
            px, py, qx, qy = xa[i] - ax, ay - ya[i], xb[j] - bx, by - yb[j]
            along += px * qx + py * qy
            across += qx * py - qy * px
            # a lone pair has no lever: its directions carry the turn
            along += 100.0 * np.cos(ta[i] - tb[j])
            across += 100.0 * np.sin(ta[i] - tb[j])
    move[0], move[1], move[2], move[3], move[4] = np.arctan2(across, along), bx, by, ax, ay


@inlined
def _bend(xa: Plane, ya: Plane, moved: Plane, partner: Index) -> float:
    """Shift every minutia of b by what the pairs around it say; the mean squared shift is the strain."""
    n = moved.shape[0]
    shift = np.zeros((n, 2), np.float32)
    for j in range(n):
        weight, sx, sy = _BEND_PRIOR, 0.0, 0.0
        for i in range(xa.size):
            k = partner[i]
            if k < 0:
                continue
            ux, uy = moved[k, 0] - moved[j, 0], moved[k, 1] - moved[j, 1]
            w = np.exp(-(ux * ux + uy * uy) / (2 * _BEND_SIGMA_PX * _BEND_SIGMA_PX))
            weight += w
            sx += w * (xa[i] - moved[k, 0])
            sy += w * (ya[i] - moved[k, 1])
        shift[j, 0], shift[j, 1] = sx / weight, sy / weight
    strain = 0.0
    for j in range(n):
        moved[j, 0] += shift[j, 0]
        moved[j, 1] += shift[j, 1]
        strain += shift[j, 0] ** 2 + shift[j, 1] ** 2
    return float(strain / n)


@inlined
def _inside(x: float, y: float, hull: Plane) -> bool:
    for e in range(hull.shape[0]):
        if hull[e, 0] * x + hull[e, 1] * y + hull[e, 2] > _MARGIN_PX:
            return False
    return True


@inlined
def _measure(
    xa: Plane,
    ya: Plane,
    qa: Plane,
    hull_a: Plane,
    xb: Plane,
    yb: Plane,
    qb: Plane,
    hull_b: Plane,
    moved: Plane,
    move: Move,
    partner: Index,
    cost: Plane,
    alike: Plane,
    out: Move,
) -> None:
    """Evidence of one movement; the order of the values is that of `Evidence`."""
    out[:] = 0
    cosine, sine = np.cos(move[0]), np.sin(move[0])
    for i in range(xa.size):
        j = partner[i]
        u, v = xa[i] - move[3], ya[i] - move[4]
        met = _inside(move[1] + u * cosine - v * sine, move[2] + u * sine + v * cosine, hull_b)
        if j >= 0:
            out[0] += 1
            out[1] += (1 - cost[i] / 2) * np.sqrt(qa[i] * qb[j])
            out[2] += alike[i, j]
            out[3] += cost[i]
        if met or j >= 0:
            out[4] += 1
            out[5] += qa[i]
    for j in range(xb.size):
        taken = False
        for i in range(xa.size):
            taken = taken or partner[i] == j
        if taken or _inside(moved[j, 0], moved[j, 1], hull_a):
            out[6] += 1
            out[7] += qb[j]


@inlined
def _gather(xa: Plane, ya: Plane, ta: Plane, moved: Plane, pairs: Index, partner: Index) -> int:
    """Candidate pairs of the local stage that fit a movement roughly; returns their number."""
    partner[:] = -1
    count = 0
    for p in range(len(pairs)):
        k, m = pairs[p, 0], pairs[p, 1]
        dx, dy = moved[m, 0] - xa[k], moved[m, 1] - ya[k]
        near = dx * dx + dy * dy < _GATHER_PX * _GATHER_PX
        if partner[k] < 0 and near and _gap(moved[m, 2], ta[k]) < _GATHER_ANGLE:
            partner[k] = m
            count += 1
    return count


@inlined
def _settle(
    xa: Plane,
    ya: Plane,
    ta: Plane,
    xb: Plane,
    yb: Plane,
    tb: Plane,
    move: Move,
    moved: Plane,
    partner: Index,
    cost: Plane,
) -> float:
    """Fit, pair and bend three times with a narrowing reach; the strain, or -1 where nothing meets."""
    _fit(xa, ya, ta, xb, yb, tb, partner, move)
    _move(xb, yb, tb, move, moved)
    strain = 0.0
    for step in range(3):
        reach = _FIRST_REACH_PX if step == 0 else _REACH_PX + 3.0 * (2 - step)
        if _pair(xa, ya, ta, moved, reach, partner, cost) == 0:
            return -1.0
        _fit(xa, ya, ta, xb, yb, tb, partner, move)
        _move(xb, yb, tb, move, moved)
        strain = _bend(xa, ya, moved, partner)
    if _pair(xa, ya, ta, moved, _REACH_PX, partner, cost) == 0:
        return -1.0
    return strain


@kernel(
    "float64[::1](float32[::1], float32[::1], float32[::1], float32[::1], float32[:,::1],"
    " float32[::1], float32[::1], float32[::1], float32[::1], float32[:,::1],"
    " float32[:,::1], int32[:,::1], float32[::1], int32[::1])"
)
def align(
    xa: Plane,
    ya: Plane,
    ta: Plane,
    qa: Plane,
    hull_a: Plane,
    xb: Plane,
    yb: Plane,
    tb: Plane,
    qb: Plane,
    hull_b: Plane,
    alike: Plane,
    pairs: Index,
    strength: Plane,
    best_partner: Index,
) -> NDArray[np.float64]:
    """Evidence of the best movement; its pairs go to `best_partner` (-1: none)."""
    best = np.zeros(VALUES, np.float64)
    out = np.zeros(VALUES, np.float64)
    best_partner[:] = -1
    partner = np.full(xa.size, -1, np.int32)
    cost = np.empty(xa.size, np.float32)
    moved = np.empty((xb.size, 3), np.float32)
    move = np.empty(5, np.float64)
    best_worth = 0.0
    for a in range(min(ANCHORS, len(strength))):
        i, j = pairs[a, 0], pairs[a, 1]
        move[0], move[1], move[2], move[3], move[4] = ta[i] - tb[j], xb[j], yb[j], xa[i], ya[i]
        _move(xb, yb, tb, move, moved)
        if _gather(xa, ya, ta, moved, pairs, partner) == 0:
            continue
        strain = _settle(xa, ya, ta, xb, yb, tb, move, moved, partner, cost)
        if strain < 0:
            continue
        _measure(xa, ya, qa, hull_a, xb, yb, qb, hull_b, moved, move, partner, cost, alike, out)
        out[8] = strain
        worth = (out[1] + out[2]) ** 2 / (np.sqrt(out[4] * out[6]) + 4.0)
        if worth > best_worth:
            best_worth = worth
            best[:] = out
            best_partner[:] = partner
    return best
