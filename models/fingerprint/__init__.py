"""Fingerprints: a grey image or a minutiae record in, comparison scores and their meaning out.

Importing this package is cheap; numba, OpenCV and the compiled kernels load with the first name that needs them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.fingerprint.calibration import Calibration, CalibrationError, load_calibration
    from models.fingerprint.comparison import Comparison, Prepared, compare, prepare
    from models.fingerprint.extraction import Extraction, extract
    from models.fingerprint.image import load
    from models.fingerprint.records import Standard, decode, encode, from_template, to_template
    from models.fingerprint.refusal import RetryReason, retry_reason
    from models.fingerprint.session import (
        CaptureRetry,
        FingerVerdict,
        Quality,
        enrol,
        offer,
        plan_session,
    )
    from models.fingerprint.values import Minutiae, Template
    from models.fingerprint.warm import warm_up

_HOME = {
    "Calibration": "calibration",
    "CalibrationError": "calibration",
    "CaptureRetry": "session",
    "Comparison": "comparison",
    "Extraction": "extraction",
    "FingerVerdict": "session",
    "Minutiae": "values",
    "Prepared": "comparison",
    "Quality": "session",
    "RetryReason": "refusal",
    "Standard": "records",
    "Template": "values",
    "compare": "comparison",
    "decode": "records",
    "encode": "records",
    "enrol": "session",
    "extract": "extraction",
    "from_template": "records",
    "load": "image",
    "load_calibration": "calibration",
    "offer": "session",
    "plan_session": "session",
    "prepare": "comparison",
    "retry_reason": "refusal",
    "to_template": "records",
    "warm_up": "warm",
}

__all__ = [
    "Calibration",
    "CalibrationError",
    "CaptureRetry",
    "Comparison",
    "Extraction",
    "FingerVerdict",
    "Minutiae",
    "Prepared",
    "Quality",
    "RetryReason",
    "Standard",
    "Template",
    "compare",
    "decode",
    "encode",
    "enrol",
    "extract",
    "from_template",
    "load",
    "load_calibration",
    "offer",
    "plan_session",
    "prepare",
    "retry_reason",
    "to_template",
    "warm_up",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
