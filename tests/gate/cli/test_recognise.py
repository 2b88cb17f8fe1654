"""`egate recognise` compares as its gate.toml says."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.cli.recognise import comparers_of
from gate.config import load
from gate.config_recognition import FACE_PROFILES
from models.face.calibration import PROFILES
from models.pad.report import PadMode
from tests.models.face.networks import tiny_network


def configured(folder: Path, text: str) -> Path:
    """A gate.toml with these lines in [recognition]."""
    file = folder / "gate.toml"
    file.write_text(f"[recognition]\n{text}\n")
    return file


def test_the_profiles_mean_what_the_models_say() -> None:
    """The configuration, which imports no model, names the same rates."""
    assert dict(PROFILES) == FACE_PROFILES


def test_the_configuration_says_how_strictly(tmp_path: Path) -> None:
    """A stricter profile raises the threshold; PAD and the finger's FMR come from the file too."""
    mild = 'face_fmr = "0.02"\nfinger_fmr = 0.01\npad = "refer"'
    made = comparers_of(load(configured(tmp_path, mild), {}), demo=True)
    assert made.strictness.face_fmr == 0.02
    assert made.strictness.finger_fmr == 0.01
    assert made.strictness.pad is PadMode.REFER
    strict = comparers_of(load(configured(tmp_path, 'face_fmr = "frontex"'), {}), demo=True)
    assert strict.face_settings(9.0).threshold > made.face_settings(9.0).threshold


def test_a_rate_that_the_calibration_does_not_support_is_refused(tmp_path: Path) -> None:
    """Two hundred people say nothing about one impostor in a million; the worker does not start."""
    config = load(configured(tmp_path, 'face_fmr = "1e-6"'), {})
    with pytest.raises(ValueError, match="not supported"):
        comparers_of(config, demo=True)


def test_an_engine_needs_its_own_calibration(tmp_path: Path) -> None:
    """Another network with the calibration of dlib's is refused before anybody is compared."""
    tiny_network(tmp_path / "tiny.onnx")
    calibration = Path(__file__).parents[3] / "models" / "face" / "calibration.toml"
    text = (
        f'face_engine = "onnx"\nface_network = "{tmp_path / "tiny.onnx"}"\n'
        f'face_calibration = "{calibration}"'
    )
    with pytest.raises(ValueError, match="egate face calibrate"):
        comparers_of(load(configured(tmp_path, text), {}), demo=False)
