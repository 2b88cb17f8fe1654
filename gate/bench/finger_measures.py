"""Error rates of comparison scores: EER, FNMR at an FMR, and 95 % intervals by bootstrap over fingers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Scored:
    """Scores of pairs: `genuine` and `standard` bool (n), `owner` int (n, 2) the fingers compared, `score` (n)."""

    score: Scores
    genuine: NDArray[np.bool_]
    standard: NDArray[np.bool_]
    owner: Rows

    def take(self, chosen: NDArray[np.bool_]) -> "Scored":
        """The pairs where `chosen` is true."""
        return Scored(
            self.score[chosen], self.genuine[chosen], self.standard[chosen], self.owner[chosen]
        )


@dataclass(frozen=True)
class Curve:
    """FMR and FNMR (0..1) at each threshold, thresholds rising; a score equal to the threshold matches."""

    threshold: Scores
    fmr: Scores
    fnmr: Scores


def curve(scored: Scored, weight: Scores | None = None) -> Curve:
    """Error rates at every score that occurs and just above the highest; `weight` (n) counts pairs more than once."""
    weights = np.ones(len(scored.score)) if weight is None else weight
    order = np.argsort(scored.score, kind="stable")
    score, genuine, counted = scored.score[order], scored.genuine[order], weights[order]
    mated, other = np.cumsum(counted * genuine), np.cumsum(counted * ~genuine)
    first = np.flatnonzero(np.r_[True, np.diff(score) > 0])
    below_mated, below_other = np.r_[0.0, mated][first], np.r_[0.0, other][first]
    all_mated, all_other = max(float(mated[-1]), 1e-12), max(float(other[-1]), 1e-12)
    fnmr = np.r_[below_mated / all_mated, 1.0]
    fmr = np.r_[1 - below_other / all_other, 0.0]
    return Curve(np.r_[score[first], np.nextafter(score[-1], np.inf)], fmr, fnmr)


def eer(rates: Curve) -> float:
    """Equal error rate, 0..1: the mean of both rates where they are nearest to each other."""
    nearest = int(np.argmin(np.abs(rates.fmr - rates.fnmr)))
    return float(rates.fmr[nearest] + rates.fnmr[nearest]) / 2


def fnmr_at(rates: Curve, fmr: float) -> float:
    """FNMR (0..1) at the lowest threshold whose FMR is at most `fmr`."""
    return float(rates.fnmr[int(np.argmax(rates.fmr <= fmr + 1e-12))])


def interval(
    scored: Scored, measure: Callable[[Curve], float], rounds: int = 400, seed: int = 1
) -> tuple[float, float]:
    """95 % interval of a measure: fingers are drawn with replacement, and pairs count as often as their fingers."""
    fingers = int(scored.owner.max()) + 1
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        drawn = np.bincount(rng.integers(0, fingers, fingers), minlength=fingers).astype(np.float64)
        first, second = drawn[scored.owner[:, 0]], drawn[scored.owner[:, 1]]
        weight = np.where(scored.genuine, first, first * second)
        if weight[scored.genuine].sum() > 0 and weight[~scored.genuine].sum() > 0:
            values.append(measure(curve(scored, weight)))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def kolmogorov_smirnov(first: Scores, second: Scores) -> float:
    """Largest distance of two distributions of scores, 0..1."""
    grid = np.sort(np.concatenate([first, second]))
    below_first = np.searchsorted(np.sort(first), grid, side="right") / len(first)
    below_second = np.searchsorted(np.sort(second), grid, side="right") / len(second)
    return float(np.abs(below_first - below_second).max())
