"""Comparison: a cosine, symmetric, and never of what cannot be compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.face.compare import compare, normalise
from models.face.embed import fuse

seeds = st.integers(0, 10_000)


def vector(seed: int, size: int = 8) -> np.ndarray:
    """A random embedding."""
    return np.random.default_rng(seed).normal(0, 1, size).astype(np.float32)


@given(seeds, seeds, st.floats(0.1, 100))
def test_a_comparison_is_symmetric_and_without_scale(a: int, b: int, scale: float) -> None:
    """Order and length of the embeddings do not matter; the score lies in -1 to 1."""
    one, two = vector(a), vector(b)
    score = compare(one, two)
    assert -1.0 <= score <= 1.0
    assert compare(two * np.float32(scale), one) == pytest.approx(score, abs=1e-5)


@given(seeds)
def test_a_face_is_most_like_itself(seed: int) -> None:
    """The score of an embedding with itself is 1."""
    assert compare(vector(seed), vector(seed)) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_no_number_is_not_compared(bad: float) -> None:
    """NaN must not slip through as a score that is not below the threshold."""
    broken = np.full(8, bad, np.float32)
    with pytest.raises(ValueError, match="capture again"):
        compare(broken, vector(1))
    with pytest.raises(ValueError, match="capture again"):
        compare(vector(1), broken)


def test_sizes_of_two_engines_are_not_compared() -> None:
    """128 against 512 components is an enrolment matter."""
    with pytest.raises(ValueError, match="enrol again"):
        compare(vector(1, 8), vector(1, 16))


@given(seeds)
def test_fusing_weighs(seed: int) -> None:
    """All weight on one embedding gives that embedding; equal ones give a unit mean."""
    stack = normalise(np.stack([vector(seed), vector(seed + 1)]))
    assert np.allclose(fuse(stack, [1.0, 0.0]), stack[0], atol=1e-6)
    assert np.linalg.norm(fuse(stack)) == pytest.approx(1.0, abs=1e-5)
