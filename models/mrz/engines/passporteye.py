"""PassportEye (Tesseract behind it) as a second engine; imported by name only, when asked for."""

import tempfile
import warnings
from datetime import date
from pathlib import Path

import cv2

from models.mrz.engines.judged import judged, require_tesseract
from models.mrz.values import Grey, Verdict

_NAME = "PassportEye"


def version() -> str:
    """Name and version; EngineMissing where Tesseract is not installed."""
    require_tesseract(_NAME)
    from importlib.metadata import version as installed

    return f"{_NAME} {installed('passporteye')}"


def read_lines(grey: Grey) -> tuple[str, ...] | None:
    """The lines that PassportEye finds in a grey picture, None where it finds none."""
    require_tesseract(_NAME)
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
    return judged(read_lines(grey), today, _NAME)
