"""1:N search for duplicate enrolment: a fast first stage over packed cylinders, full comparison of the best."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.fingerprint._jit import kernel, popcount
from models.fingerprint.comparison import LEAST_MINUTIAE, Prepared, compare
from models.fingerprint.cylinders import WORDS, Words

_USED = 8
"""Best cylinders of the probe whose mean likeness ranks a reference."""
_MOST_CYLINDERS = 40
"""Cylinders a print that the first stage looks at: the best by quality."""


@dataclass(frozen=True)
class Found:
    """A reference by its place in the index, with the score of the full comparison."""

    place: int
    comparison_score: float


@dataclass(frozen=True)
class Index:
    """References packed one after another: print i has the rows `start[i]` to `start[i + 1]`."""

    references: tuple[Prepared, ...]
    bits: Words
    ones: NDArray[np.int64]
    angle: NDArray[np.float32]
    start: NDArray[np.int64]


def build_index(references: Sequence[Prepared]) -> Index:
    """Pack references for searching; takes memory of about 8 kB a print."""
    rows = [_packed(reference) for reference in references]
    start = np.cumsum([0, *(len(angle) for _, angle in rows)]).astype(np.int64)
    bits = np.concatenate([bits for bits, _ in rows]) if rows else np.zeros((0, WORDS), np.uint64)
    angle = np.concatenate([angle for _, angle in rows]) if rows else np.zeros(0, np.float32)
    return Index(tuple(references), np.ascontiguousarray(bits), _ones(bits), angle, start)


def first_stage(index: Index, probe: Prepared) -> NDArray[np.float32]:
    """Coarse likeness 0..1 of a probe with every reference, float32 (n): ranks, never decides."""
    bits, angle = _packed(probe)
    scores = np.zeros(len(index.references), np.float32)
    _scan(bits, _ones(bits), angle, index.bits, index.ones, index.angle, index.start, scores)
    return scores


def identify(index: Index, probe: Prepared, threshold: float, shortlist: int = 50) -> list[Found]:
    """References whose full score reaches `threshold`, best first, among the `shortlist` best of the first stage."""
    coarse = first_stage(index, probe)
    candidates = np.argsort(-coarse, kind="stable")[:shortlist]
    found = [
        Found(int(place), compare(probe, index.references[place]).comparison_score)
        for place in candidates
    ]
    return sorted(
        (one for one in found if one.comparison_score >= threshold),
        key=lambda one: -one.comparison_score,
    )


def _packed(one: Prepared) -> tuple[Words, NDArray[np.float32]]:
    usable = np.flatnonzero(one.cylinders.usable)
    if len(one.minutiae) < LEAST_MINUTIAE:
        usable = usable[:0]
    best = np.sort(usable[np.argsort(-one.weight[usable], kind="stable")[:_MOST_CYLINDERS]])
    return np.ascontiguousarray(one.cylinders.bits[best]), np.ascontiguousarray(
        one.minutiae.angle[best]
    )


def _ones(bits: Words) -> NDArray[np.int64]:
    return np.asarray(np.bitwise_count(bits).sum(axis=1), np.int64)


@kernel(
    "void(uint64[:,::1], int64[::1], float32[::1], uint64[:,::1], int64[::1], float32[::1], int64[::1], float32[::1])"
)
def _scan(
    bits: Words,
    ones: NDArray[np.int64],
    angle: NDArray[np.float32],
    all_bits: Words,
    all_ones: NDArray[np.int64],
    all_angle: NDArray[np.float32],
    start: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> None:
    best = np.empty(angle.size, np.float32)
    for reference in range(start.size - 1):
        best[:] = 0
        for i in range(angle.size):
            for row in range(start[reference], start[reference + 1]):
                turn = abs(angle[i] - all_angle[row])
                if min(turn, 2 * np.pi - turn) > np.pi / 4:
                    continue
                unlike = 0
                for w in range(WORDS):
                    unlike += popcount(bits[i, w] ^ all_bits[row, w])
                alike = 1.0 - np.sqrt(unlike) / (np.sqrt(ones[i]) + np.sqrt(all_ones[row]) + 1e-6)
                best[i] = max(best[i], alike)
        ordered = np.sort(best)
        used = min(_USED, angle.size)
        total = 0.0
        for k in range(used):
            total += ordered[angle.size - 1 - k]
        scores[reference] = total / _USED
