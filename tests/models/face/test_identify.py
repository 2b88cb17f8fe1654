"""1:N: exact, ordered, and open about what a million references mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.face.compare import normalise
from models.face.identify import Gallery, fpir


@given(st.integers(0, 500), st.floats(-0.5, 0.95), st.integers(1, 12))
def test_a_search_equals_comparing_one_by_one(seed: int, threshold: float, most: int) -> None:
    """The search finds what a loop over all references finds, best first."""
    rng = np.random.default_rng(seed)
    rows = normalise(rng.normal(0, 1, (40, 6)).astype(np.float32))
    probe = normalise(rng.normal(0, 1, 6).astype(np.float32))
    found = Gallery(rows).search(probe, threshold, most)
    scores = sorted((float(row @ probe) for row in rows), reverse=True)
    expected = [score for score in scores if score >= threshold][:most]
    assert [each.comparison_score for each in found] == pytest.approx(expected, abs=1e-6)
    assert all(rows[each.row] @ probe == pytest.approx(each.comparison_score) for each in found)


def crowd(count: int, seed: int, size: int = 128) -> NDArray[np.float32]:
    """Unit rows about one direction, spread mostly over a few axes, as embeddings of faces are."""
    rng = np.random.default_rng(seed)
    spread = 0.5 * 0.8 ** np.arange(size)
    return normalise((np.eye(size)[-1] + rng.normal(0, spread, (count, size))).astype(np.float32))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99, 0.999])
def test_the_first_stage_loses_nobody(level: float) -> None:
    """Two stages find what one finds, at thresholds that many, few and hardly any reach."""
    rows, probes = crowd(3000, 1), crowd(20, 2)
    gallery = Gallery(rows)
    for probe in (*probes, rows[7]):
        scores = rows @ probe
        threshold = float(np.quantile(scores, level))
        found = {each.row for each in gallery.search(probe, threshold, most=3000)}
        assert {int(row) for row in np.flatnonzero(scores >= threshold + 1e-6)} <= found
        assert found <= {int(row) for row in np.flatnonzero(scores >= threshold - 1e-6)}


def test_the_first_stage_decides_on_almost_everybody() -> None:
    """A search that compares few in full reads a quarter of the memory; that is its whole point."""
    rows = crowd(3000, 1)
    assert Gallery(rows).compared_in_full(rows[7], 0.97) < 0.05 * len(rows)


def test_references_without_any_structure_are_searched_exactly_too() -> None:
    """Where the axes say nothing the whole matrix is read, and the answer is the same."""
    rows = normalise(np.random.default_rng(3).normal(0, 1, (2000, 128)).astype(np.float32))
    found = Gallery(rows).search(rows[5], 0.2, most=2000)
    assert {each.row for each in found} == set(np.flatnonzero(rows @ rows[5] >= 0.2).tolist())


def test_an_empty_gallery_finds_nobody() -> None:
    """No references, no candidates, no error."""
    assert Gallery(np.zeros((0, 6), np.float32)).search(np.ones(6, np.float32), 0.0) == []


def test_a_broken_reference_or_probe_is_refused() -> None:
    """NaN in the gallery or another engine's probe is told, not searched past."""
    with pytest.raises(ValueError, match="finite"):
        Gallery(np.full((2, 6), np.nan, np.float32))
    with pytest.raises(ValueError, match="engine"):
        Gallery(np.eye(6, dtype=np.float32)).search(np.ones(5, np.float32), 0.5)


def test_the_false_hits_of_a_search_are_said() -> None:
    """FMR 1e-6 over a million: 63 % of searches for a stranger find somebody."""
    assert fpir(1e-6, 1_000_000) == pytest.approx(0.632, abs=0.001)
    assert fpir(1e-6, 1) == pytest.approx(1e-6)
