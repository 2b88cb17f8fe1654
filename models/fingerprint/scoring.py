"""From the evidence of an alignment to one comparison score: a logistic model whose weights are data.

The weights were fitted by `gate.bench.finger_fit`; `weights.toml` says on what. The score is the model's log odds of
"same finger", moved to be 0 or more, times ten: it orders pairs, and only a calibration says what it is worth.
"""

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_OFFSET = 12.0
_UNIT = 10.0
WEIGHTS_FILE = Path(__file__).with_name("weights.toml")


@dataclass(frozen=True)
class Evidence:
    """Sums over the best alignment of two prints, then the scores of the local stage.

    `paired` minutiae that meet; `paired_weight` the same by nearness and quality; `paired_likeness` sum of their
    cylinders' likeness; `paired_cost` sum of their squared misfit; `count_a`, `weight_a`, `count_b`, `weight_b` what
    each print has in the common area; `strain` mean squared bending in px; `relaxed` LSS-R and `local` LSS.
    """

    paired: float
    paired_weight: float
    paired_likeness: float
    paired_cost: float
    count_a: float
    weight_a: float
    count_b: float
    weight_b: float
    strain: float
    relaxed: float
    local: float


def features(e: Evidence) -> NDArray[np.float64]:
    """What the logistic model sees of the evidence, float64 (14), in the order of `weights.toml`.

    Sums that grow with the size of a print enter only as logarithms or shares, so that a large print scores no less.
    """
    overlap = math.sqrt(e.count_a * e.count_b) + 4
    paired = max(e.paired, 1.0)
    worth = (e.paired_weight + e.paired_likeness) ** 2 / overlap
    return np.array([
        e.count_a + e.count_b - 2 * e.paired,
        e.weight_a + e.weight_b - 2 * e.paired_weight,
        e.paired_weight / math.sqrt(e.weight_a * e.weight_b + 1),
        math.log1p(e.paired_weight),
        e.paired_likeness / paired,
        math.log1p(e.paired),
        e.paired / overlap,
        e.paired_cost / paired,
        math.sqrt(e.strain),
        10 * e.relaxed,
        e.local,
        math.log1p(min(e.count_a, e.count_b)),
        math.log(max(e.relaxed, 1e-4)),
        math.log1p(worth),
    ])  # fmt: skip


@dataclass(frozen=True)
class Weights:
    """`middle` and `spread` standardise the features, `weight` and `bias` are the logistic model's."""

    middle: NDArray[np.float64]
    spread: NDArray[np.float64]
    weight: NDArray[np.float64]
    bias: float


@cache
def weights() -> Weights:
    """The fitted model that is shipped."""
    data = tomllib.loads(WEIGHTS_FILE.read_text())
    middle, spread, weight = (
        np.array(data[name], np.float64) for name in ("middle", "spread", "weight")
    )
    return Weights(middle, spread, weight, float(data["bias"]))


def log_odds(values: NDArray[np.float64], model: Weights) -> NDArray[np.float64]:
    """Log odds of "same finger" of feature rows (n, 14) or of one row (14)."""
    odds: NDArray[np.float64] = (values - model.middle) / model.spread @ model.weight + model.bias
    return odds


def score(evidence: Evidence) -> float:
    """Comparison score, 0 or more, of the evidence of one pair."""
    odds = float(log_odds(features(evidence), weights()))
    return max(0.0, odds + _OFFSET) * _UNIT
