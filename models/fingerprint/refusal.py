"""Why a print cannot be used, and what its owner should do: one reason, the most telling first."""

from enum import Enum

import numpy as np

from models.fingerprint.comparison import LEAST_MINUTIAE
from models.fingerprint.extraction import Extraction
from models.fingerprint.quality import area_mm2
from models.fingerprint.segmentation import second_share
from models.fingerprint.values import DPI, Mask

_LEAST_AREA_MM2 = 45.0
_LEAST_RELIABILITY = 0.42
"""Mean agreement of filtered and unfiltered ridges below which a print is unclear."""
_LEAST_COHERENCE = 0.78
"""Mean agreement of neighbouring directions: 0.81 and more on the development prints, 0.63 on noise."""
_CLEAR, _LEAST_CLEAR_SHARE = 0.5, 0.15
_STRAIGHT = 0.92
"""Length of the mean direction: 1 for straight lines, as of text; a finger bends."""
_SECOND_SHARE = 0.45
_WIDEST_MM = 28.0
"""No single finger laid flat is wider: two that touch each other are."""
_FAR_FROM_CENTRE = 0.24
_DRY_SKEW, _WET_SKEW = 0.25, -0.25
_LOW_QUALITY = 12
_RIDGE_BAND = (1 / 16, 1 / 5)


class RetryReason(Enum):
    """Why a capture is to be tried again; the value is the reason in words."""

    NO_FINGER = "no finger is there"
    NOT_A_FINGER = "the image shows no ridges of a finger"
    TWO_FINGERS = "there is more than one finger"
    TOO_LITTLE_AREA = "too little of the finger touches"
    OFF_CENTRE = "the finger lies off centre"
    TOO_DRY = "the finger is too dry, or presses too lightly"
    TOO_WET = "the finger is too wet, or presses too hard"
    MOVED = "the finger moved"
    TOO_FEW_MINUTIAE = "too few minutiae were found"
    LOW_QUALITY = "the print is not clear enough"


def retry_reason(found: Extraction) -> RetryReason | None:
    """The reason to capture again; None for a print that can be compared."""
    area = area_mm2(found.mask)
    if area < 1.0:
        return RetryReason.NOT_A_FINGER if found.normalised.any() else RetryReason.NO_FINGER
    if not looks_like_ridges(found):
        return RetryReason.NOT_A_FINGER
    if second_share(found.mask) > _SECOND_SHARE or _width_mm(found.mask) > _WIDEST_MM:
        return RetryReason.TWO_FINGERS
    if area < _LEAST_AREA_MM2:
        return RetryReason.OFF_CENTRE if _off_centre(found) else RetryReason.TOO_LITTLE_AREA
    if len(found.template.minutiae) < LEAST_MINUTIAE:
        return _moisture(found) or RetryReason.TOO_FEW_MINUTIAE
    if mean_reliability(found) < _LEAST_RELIABILITY or found.template.quality < _LOW_QUALITY:
        return _moisture(found) or RetryReason.LOW_QUALITY
    return None


def mean_reliability(found: Extraction) -> float:
    """Mean reliability 0..1 over the contact area."""
    inside = found.reliability > 0
    return float(found.reliability[inside].mean()) if inside.any() else 0.0


def looks_like_ridges(found: Extraction) -> bool:
    """Is this a flow of ridges? Noise has no direction, text is straight, and neither keeps a finger's spacing."""
    inside = found.reliability > 0
    if not inside.any():
        return False
    angle, coherence = found.orientation.angle[inside], found.orientation.coherence[inside]
    straight = abs(complex(np.exp(2j * angle).mean()))
    spacing = float(np.median(found.frequency))
    clear = float((found.reliability[inside] > _CLEAR).mean())
    return bool(
        coherence.mean() > _LEAST_COHERENCE
        and clear > _LEAST_CLEAR_SHARE
        and straight < _STRAIGHT
        and _RIDGE_BAND[0] <= spacing <= _RIDGE_BAND[1]
    )


def _width_mm(mask: Mask) -> float:
    columns = np.flatnonzero(mask.any(axis=0))
    return float(np.ptp(columns)) * 25.4 / DPI if len(columns) else 0.0


def _off_centre(found: Extraction) -> bool:
    rows, columns = np.nonzero(found.mask)
    height, width = found.mask.shape
    off = max(abs(rows.mean() / height - 0.5), abs(columns.mean() / width - 0.5))
    return bool(off > _FAR_FROM_CENTRE)


def _moisture(found: Extraction) -> RetryReason | None:
    """Dry ridges are thin dark dots on light ground, wet ones leave thin light valleys: the skew of the greys tells."""
    values = found.normalised[found.mask]
    skew = float((values**3).mean() / ((values**2).mean() ** 1.5 + 1e-6)) if values.size else 0.0
    if skew > _DRY_SKEW:
        return RetryReason.TOO_DRY
    return RetryReason.TOO_WET if skew < _WET_SKEW else None
