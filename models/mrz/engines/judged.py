"""What the engines of others say, judged by the rules of this project."""

import shutil
from datetime import date

from models.mrz.layout import layout_for
from models.mrz.text import parse
from models.mrz.values import CameraReading, Refusal, Refused, Verdict


class EngineMissing(RuntimeError):
    """The engine, or what it needs, is not installed; the message says how to install it."""


def require_tesseract(engine: str) -> None:
    """EngineMissing where the program behind the engine is not installed."""
    if shutil.which("tesseract") is None:
        raise EngineMissing(
            f"{engine} needs the program tesseract: apt-get install tesseract-ocr, "
            "or leave --engine away (the built-in reader needs nothing)"
        )


def judged(lines: tuple[str, ...] | None, today: date, engine: str) -> Verdict:
    """The engine's lines; refused where there are none, malformed or failing ones."""
    if not lines:
        return Refused(Refusal.NOT_FOUND, f"{engine} found no machine readable zone")
    try:
        fields = parse(lines, today)
    except ValueError as error:
        return Refused(Refusal.MALFORMED, f"{engine}'s text is no MRZ: {error}")
    if not fields.valid:
        return Refused(Refusal.CHECK_DIGITS, f"the check digits do not agree with {engine}'s text")
    layout = layout_for(len(lines), len(lines[0]), lines[0][0])
    return CameraReading(layout.format, lines, fields, 1.0, (), {}, ())
