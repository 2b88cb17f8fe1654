"""PassportEye (Tesseract behind it) as a second engine; imported by name only, when asked for."""

import shutil
import tempfile
import warnings
from datetime import date
from pathlib import Path

import cv2

from models.mrz.layout import layout_for
from models.mrz.text import parse
from models.mrz.values import CameraReading, Grey, Refusal, Refused, Verdict


class EngineMissing(RuntimeError):
    """The engine's system package is not installed; the message says how to install it."""


def version() -> str:
    """Versions of PassportEye; EngineMissing where Tesseract is not installed."""
    _require_tesseract()
    from importlib.metadata import version as installed

    return f"PassportEye {installed('passporteye')}"


def _require_tesseract() -> None:
    if shutil.which("tesseract") is None:
        raise EngineMissing(
            "PassportEye needs the program tesseract: apt-get install tesseract-ocr, "
            "or leave --engine away (the built-in reader needs nothing)"
        )


def read_lines(grey: Grey) -> tuple[str, ...] | None:
    """The lines that PassportEye finds in a grey picture, None where it finds none."""
    _require_tesseract()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from passporteye import read_mrz

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "frame.png"
            cv2.imwrite(str(path), grey)
            found = read_mrz(str(path))
    if found is None:
        return None
    text = found.aux.get("text") or found.aux.get("raw_text") or ""
    lines = tuple(line.replace(" ", "") for line in text.splitlines() if line.strip())
    return lines or None


def read(grey: Grey, today: date) -> Verdict:
    """PassportEye's lines judged by the same rules: malformed or failing lines are refused."""
    lines = read_lines(grey)
    if lines is None:
        return Refused(Refusal.NOT_FOUND, "PassportEye found no machine readable zone")
    try:
        fields = parse(lines, today)
    except ValueError as error:
        return Refused(Refusal.MALFORMED, f"PassportEye's text is no MRZ: {error}")
    if not fields.valid:
        return Refused(
            Refusal.CHECK_DIGITS, "the check digits do not agree with PassportEye's text"
        )
    layout = layout_for(len(lines), len(lines[0]), lines[0][0])
    return CameraReading(layout.format, lines, fields, 1.0, (), {}, ())
