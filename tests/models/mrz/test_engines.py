"""The engines of others are judged by the rules of this project, and say what they lack."""

import shutil
from datetime import date
from importlib.util import find_spec

import pytest

from models.mrz.engines import fastmrz
from models.mrz.engines.judged import EngineMissing, judged
from models.mrz.layout import MrzFormat
from models.mrz.values import CameraReading, Refusal, Refused

TODAY = date(2026, 1, 1)
LINES = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)


def test_valid_lines_are_a_reading_of_their_format() -> None:
    """Lines that parse and whose check digits agree are taken as they are."""
    verdict = judged(LINES, TODAY, "peer")
    assert isinstance(verdict, CameraReading)
    assert (verdict.format, verdict.lines) == (MrzFormat.TD3, LINES)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (None, Refusal.NOT_FOUND),
        ((), Refusal.NOT_FOUND),
        (("P<UTO", "L89"), Refusal.MALFORMED),
        ((LINES[0], LINES[1].replace("L898902C3", "L898902C8")), Refusal.CHECK_DIGITS),
    ],
)
def test_what_is_no_valid_text_is_refused_and_the_engine_named(
    lines: tuple[str, ...] | None, reason: Refusal
) -> None:
    """No lines, lines of no format and failing check digits are three reasons."""
    verdict = judged(lines, TODAY, "peer")
    assert isinstance(verdict, Refused)
    assert verdict.reason is reason
    assert "peer" in verdict.message


@pytest.mark.skipif(find_spec("fastmrz") is not None, reason="fastmrz is installed")
def test_a_peer_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Tesseract that is named first, then the package."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(EngineMissing, match="apt-get install tesseract-ocr"):
        fastmrz.version()
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/tesseract")
    with pytest.raises(EngineMissing, match="pip install fastmrz"):
        fastmrz.version()
