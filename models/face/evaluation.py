"""Error rates from comparison scores, after ISO/IEC 19795-1: EER, FNMR at an FMR, intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Interval = tuple[float, float]

RULE_OF_THREE = 3.0
"""No error in n independent trials bounds the rate by 3/n with 95 % confidence."""

_Z_95 = 1.959964


def threshold_at(impostor: Scores, fmr: float) -> float:
    """Return the lowest score that at most a share `fmr` of the impostor scores reaches."""
    ordered = np.sort(impostor)[::-1]
    allowed = math.floor(fmr * len(ordered))
    if allowed >= len(ordered):
        return float(ordered[-1])
    return float(np.nextafter(ordered[allowed], np.inf))


def fmr_at(impostor: Scores, threshold: float) -> float:
    """Return the share of impostor scores that reach the threshold."""
    return float((impostor >= threshold).mean())


def fnmr_at(genuine: Scores, threshold: float) -> float:
    """Return the share of genuine scores below the threshold."""
    return float((genuine < threshold).mean())


def equal_error(genuine: Scores, impostor: Scores) -> tuple[float, float]:
    """Return the equal error rate and its threshold."""
    thresholds = np.unique(genuine)
    fnmr = np.searchsorted(np.sort(genuine), thresholds, side="left") / len(genuine)
    fmr = 1.0 - np.searchsorted(np.sort(impostor), thresholds, side="left") / len(impostor)
    at = int(np.argmin(np.abs(fnmr - fmr)))
    return float((fnmr[at] + fmr[at]) / 2), float(thresholds[at])


def wilson(errors: int, trials: int) -> Interval:
    """The 95 % interval of a rate of independent trials (Wilson 1927)."""
    if trials == 0:
        return 0.0, 1.0
    rate, z2 = errors / trials, _Z_95**2
    centre = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z_95 / (1 + z2 / trials) * math.sqrt(rate * (1 - rate) / trials + z2 / (4 * trials**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def fnmr_interval(
    genuine: Scores, subjects: Sequence[str], threshold: float, draws: int = 1000, seed: int = 7
) -> Interval:
    """The 95 % interval of an FNMR by drawing subjects again: pairs of one person are not independent.

    `subjects` names whose pair each genuine score is. Without any error the interval is Wilson's
    over the subjects, as a bootstrap of zeros would claim certainty.
    """
    names, which = np.unique(np.asarray(subjects), return_inverse=True)
    errors = np.bincount(which, genuine < threshold, minlength=len(names))
    counts = np.bincount(which, minlength=len(names))
    if errors.sum() == 0:
        return wilson(0, len(names))
    drawn = np.random.default_rng(seed).integers(0, len(names), (draws, len(names)))
    rates = errors[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(rates, [2.5, 97.5])
    return float(low), float(high)


def smallest_fmr(subjects: int) -> float:
    """The lowest FMR that impostor pairs among so many subjects support (rule of three).

    Pairs of subjects are counted, not pairs of photos: further photos of two people repeat
    nearly the same comparison.
    """
    pairs = subjects * (subjects - 1) // 2
    return RULE_OF_THREE / pairs if pairs else 1.0


def det_curve(genuine: Scores, impostor: Scores, points: int = 200) -> NDArray[np.float64]:
    """Return (FMR, FNMR) rows at log-spaced FMR from one impostor pair up to 1."""
    rates = np.geomspace(1.0 / len(impostor), 1.0, points)
    thresholds = [threshold_at(impostor, rate) for rate in rates]
    return np.array([(fmr_at(impostor, t), fnmr_at(genuine, t)) for t in thresholds])
