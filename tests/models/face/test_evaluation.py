"""Error rates: what ISO/IEC 19795-1 calls them, and what intervals must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.face.evaluation import (
    det_curve,
    equal_error,
    fmr_at,
    fnmr_at,
    fnmr_interval,
    smallest_fmr,
    threshold_at,
    wilson,
)

scores = st.lists(st.floats(-1, 1), min_size=1, max_size=200).map(np.array)


@given(scores, st.floats(0.001, 0.999))
def test_a_threshold_never_lets_more_through_than_asked(impostor: np.ndarray, fmr: float) -> None:
    """Ties included, the measured FMR at the threshold stays at or under the FMR asked for."""
    assert fmr_at(impostor, threshold_at(impostor, fmr)) <= fmr


def test_a_threshold_is_not_stricter_than_needed() -> None:
    """Of a thousand different scores, a hundredth passes."""
    impostor = np.linspace(0, 1, 1000)
    assert fmr_at(impostor, threshold_at(impostor, 0.01)) == pytest.approx(0.01)


def test_separated_scores_have_no_errors() -> None:
    """Nothing overlaps: EER 0."""
    assert equal_error(np.linspace(0.6, 1, 50), np.linspace(0, 0.5, 50))[0] == 0.0


def test_equal_error_of_two_normals() -> None:
    """Two normals two deviations apart cross at the normal's tail beyond one: 15.87 %."""
    rng = np.random.default_rng(1)
    rate, threshold = equal_error(rng.normal(2, 1, 200_000), rng.normal(0, 1, 200_000))
    assert rate == pytest.approx(0.1587, abs=0.003)
    assert threshold == pytest.approx(1.0, abs=0.02)


def test_wilson_is_the_published_interval() -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_pairs_of_one_person_do_not_count_as_independent() -> None:
    """The same errors are less certain when they all come from few people."""
    genuine = np.tile([0.2] * 2 + [0.9] * 18, 10)
    apart = fnmr_interval(genuine, [str(n) for n in range(200)], 0.5)
    together = fnmr_interval(genuine, [str(n % 20) for n in range(200)], 0.5)
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])


def test_no_error_is_no_certainty() -> None:
    """Without any error the interval still reaches upwards."""
    low, high = fnmr_interval(np.ones(30), [str(n // 3) for n in range(30)], 0.5)
    assert low == 0.0
    assert high > 0.1


def test_the_rule_of_three_counts_pairs_of_people() -> None:
    """400 people are 79,800 pairs; nobody alone supports nothing."""
    assert smallest_fmr(400) == pytest.approx(3 / 79_800)
    assert smallest_fmr(1) == 1.0


def test_the_det_curve_only_trades() -> None:
    """Along the curve FMR rises and FNMR never does."""
    rng = np.random.default_rng(2)
    curve = det_curve(rng.normal(2, 1, 2000), rng.normal(0, 1, 2000))
    assert (np.diff(curve[:, 0]) >= 0).all()
    assert (np.diff(curve[:, 1]) <= 0).all()
    assert fnmr_at(np.array([0.1, 0.9]), 0.5) == 0.5
