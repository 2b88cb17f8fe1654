"""`egate recognise` compares as its gate.toml says."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.cli.recognise import comparers_of, promise_of
from gate.config import Config, load
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
    rates = 'passage_fmr = "0.01"\nface_fmr = "0.02"\nfinger_fmr = 0.01'
    mild = f'{rates}\npad = "refer"'
    made = comparers_of(load(configured(tmp_path, mild), {}), demo=True)
    assert made.strictness.passage_fmr == 0.01
    assert made.strictness.face_fmr == 0.02
    assert made.strictness.finger_fmr == 0.01
    assert made.strictness.pad is PadMode.REFER
    strict = comparers_of(load(configured(tmp_path, 'face_fmr = "frontex"'), {}), demo=True)
    assert strict.face_settings(9.0).threshold > made.face_settings(9.0).threshold


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('passage_fmr = "5e-5"', "calibrations support .* together. Calibrate on more people"),
        ("floor_fmr = 0.02", "the calibration of the finger supports 0.03"),
        ('face_fmr = "1e-5"', "recognition.face_fmr: .* not supported"),
        ("finger_fmr = 0.003", "recognition.finger_fmr: .* 0 leaves a finger"),
        ('face_fmr = "0.02"\nfinger_fmr = 0.05', "allow more than passage_fmr"),
    ],
)
def test_a_rate_that_the_calibration_does_not_support_is_refused(
    tmp_path: Path, text: str, says: str
) -> None:
    """What so few people cannot show is no promise: the worker does not start, and says what to do."""
    config = load(configured(tmp_path, text), {})
    with pytest.raises(ValueError, match=says):
        comparers_of(config, demo=False)


def test_a_gate_of_the_defaults_starts_and_says_what_it_promises() -> None:
    """With the calibrations that come along a finger has no rate of its own, both together have."""
    made = comparers_of(Config(), demo=False)
    assert made.rules.plan.total_fmr == PROFILES["frontex"]
    assert made.rules.plan.floor_fmr == 0.05
    promised = promise_of(Config())
    assert "FMR 0.1 % a passage, each within 5 %" in promised
    assert "a finger alone never" in promised
    assert "bench, real fingers, FMR >= 1 %" in promised


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
