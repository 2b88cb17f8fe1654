"""Calibration: the config names an FMR, the data has to support it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.face.calibrate import calibrate, fused_pairs
from models.face.calibration import (
    DEMO,
    PROFILES,
    SHIPPED,
    Calibration,
    CalibrationError,
    dump_calibration,
    load_calibration,
)
from models.face.compare import normalise
from models.face.session import make_settings


def population(people: int, photos: int, spread: float = 0.4) -> tuple[np.ndarray, list[str]]:
    """Unit embeddings around so many centres, and whose they are."""
    rng = np.random.default_rng(7)
    centres = rng.normal(0, 1, (people, 16))
    rows = centres.repeat(photos, axis=0) + rng.normal(0, spread, (people * photos, 16))
    return normalise(rows.astype(np.float32)), [f"p{n // photos}" for n in range(len(rows))]


def fitted(people: int = 40, photos: int = 4) -> Calibration:
    """A calibration of a made population."""
    embeddings, names = population(people, photos)
    return calibrate(
        embeddings, names, source="photographs", data_set="made", date="2026-01-01", engine="e-1"
    )


def test_a_file_is_read_back_as_written(tmp_path: Path) -> None:
    """Thresholds survive the file within its six digits."""
    made = fitted()
    path = tmp_path / "calibration.toml"
    path.write_text(dump_calibration(made))
    read = load_calibration(path)
    assert (read.engine, read.subjects) == (made.engine, made.subjects)
    for fmr in (0.05, 0.01, made.smallest_fmr * 1.01):
        assert read.threshold(fmr) == pytest.approx(made.threshold(fmr), abs=2e-6)


@given(st.floats(0.004, 0.09), st.floats(0.004, 0.09))
def test_a_lower_fmr_never_has_a_lower_threshold(a: float, b: float) -> None:
    """Stricter is stricter, on both curves of the calibration that comes with the project."""
    shipped = load_calibration(SHIPPED)
    for fused in (False, True):
        assert (shipped.threshold(a, fused) >= shipped.threshold(b, fused)) == (a <= b) or a == b


def test_the_threshold_keeps_its_fmr_on_its_own_data() -> None:
    """On the data behind it, a tabled threshold lets the tabled share through."""
    embeddings, names = population(40, 4)
    made = fitted()
    scores = (embeddings @ embeddings.T).astype(np.float64)
    other = np.asarray(names)[:, None] != np.asarray(names)[None, :]
    for point in made.curves["single"].points:
        assert (scores[other] >= point.score).mean() <= point.fmr


def test_an_fmr_that_the_data_cannot_support_is_refused() -> None:
    """40 people allow 3/780; the message says so and what to do."""
    with pytest.raises(CalibrationError, match="rule of three"):
        fitted().threshold(3 / 780 / 2)


@pytest.mark.parametrize("fmr", [0.0, 1.0, -0.1, float("nan")])
def test_what_is_no_rate_is_refused(fmr: float) -> None:
    """An FMR is a share."""
    with pytest.raises(CalibrationError):
        fitted().threshold(fmr)


def test_synthetic_faces_calibrate_the_demo_only() -> None:
    """Rendered faces never set a gate's threshold."""
    assert load_calibration(DEMO, demo=True).source == "synthetic"
    with pytest.raises(CalibrationError, match="demo only"):
        load_calibration(DEMO)


def test_another_engine_is_refused() -> None:
    """Scores of one network mean nothing for another."""
    fitted().check_engine("e-1")
    with pytest.raises(CalibrationError, match="calibrate"):
        fitted().check_engine("e-2")


def test_few_people_are_no_calibration() -> None:
    """Five people, or nobody with a second photo: refused."""
    for people, photos in ((5, 4), (40, 1)):
        with pytest.raises(CalibrationError):
            fitted(people, photos)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("smallest_fmr", "smalest_fmr"),
        ("[fused]", "[other]"),
        ('source = "photographs"', 'source = "guessed"'),
        ("score = 0.", "score = 7."),
        ("subjects = ", "subjects = x"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """Nothing missing, misspelt or out of range becomes a threshold."""
    text = dump_calibration(fitted())
    assert old in text
    path = tmp_path / "calibration.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(CalibrationError):
        load_calibration(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """No file, no threshold."""
    with pytest.raises(CalibrationError):
        load_calibration(tmp_path / "none.toml")


@pytest.mark.parametrize("profile", PROFILES)
def test_the_profiles_are_supported_by_the_shipped_data(profile: str) -> None:
    """Frontex and EES hold for a passage with all its looks, on photographs."""
    made = make_settings(load_calibration(SHIPPED), PROFILES[profile])
    assert 0.9 < made.threshold < 1.0


@given(st.floats(4e-5, 0.099))
def test_a_share_is_the_threshold_read_backwards(fmr: float) -> None:
    """Whoever stands at the threshold of an FMR is worth that FMR, by the stricter curve."""
    shipped = load_calibration(SHIPPED)
    assert shipped.fmr(shipped.stricter_threshold(fmr)) == pytest.approx(fmr, rel=1e-3)


def test_a_share_claims_no_more_than_the_data() -> None:
    """Above the last point the FMR falls no further; below the first one everybody may be there."""
    shipped = load_calibration(SHIPPED)
    assert shipped.fmr(1.0) == shipped.fmr(float("inf")) == shipped.smallest_fmr
    assert shipped.fmr(0.5) == 1.0


def test_retries_and_looks_are_paid_for() -> None:
    """More chances for an impostor mean a higher threshold each time."""
    shipped = load_calibration(SHIPPED)
    one = make_settings(shipped, 1e-3, looks=(3,), attempts=1).threshold
    many = make_settings(shipped, 1e-3, looks=(3, 6, 10), attempts=2).threshold
    assert many > one >= shipped.threshold(1e-3)


def test_fused_photos_are_used_once() -> None:
    """Three photos of a person give one fusion of two, four give two."""
    embeddings, _ = population(2, 4)
    assert len(fused_pairs(embeddings, np.array([0, 0, 0, 0, 1, 1, 1, 9]))[0]) == 3


def test_a_curve_must_be_there_for_both() -> None:
    """A calibration without the fused curve cannot be asked for it."""
    made = fitted()
    with pytest.raises(KeyError):
        replace(made, curves={"single": made.curves["single"]}).threshold(0.01, fused=True)
