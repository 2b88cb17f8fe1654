"""fastmrz (its own segmentation, Tesseract behind it) as a peer of the benchmark, where installed.

It reads with the Tesseract language `mrz`, which neither it nor Debian brings.
"""

import subprocess
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import Any

import cv2

from models.mrz.engines.judged import EngineMissing, judged, require_tesseract
from models.mrz.values import Grey, Verdict

_NAME = "fastmrz"
_LANGUAGE = "mrz"


def version() -> str:
    """Name and version; EngineMissing where it, Tesseract or the language is not installed."""
    require_tesseract(_NAME)
    try:
        name = f"{_NAME} {installed(_NAME)}"
    except PackageNotFoundError:
        raise EngineMissing(f"{_NAME} is not installed: pip install {_NAME}") from None
    listed = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, timeout=10, check=False
    )
    if _LANGUAGE not in listed.stdout.split():
        raise EngineMissing(
            f"{name} needs Tesseract's language {_LANGUAGE}: put {_LANGUAGE}.traineddata into "
            "the tessdata folder that `tesseract --list-langs` names"
        )
    return name


@cache
def _reader() -> Any:
    from fastmrz import FastMRZ

    return FastMRZ()


def read(grey: Grey, today: date) -> Verdict:
    """Its lines judged by the same rules: malformed or failing lines are refused."""
    colour = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    text = _reader().get_details(colour, input_type="numpy", ignore_parse=True)
    return judged(tuple(text.split("\n")) if text else None, today, _NAME)
