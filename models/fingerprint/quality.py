"""Image quality of a print, 0..100, after the idea of NFIQ 2 (a number that predicts comparison); not NFIQ itself."""

import numpy as np

from models.fingerprint.orientation import SCALE
from models.fingerprint.values import DPI, Mask, Plane

_FULL_AREA_MM2 = 260.0
"""Contact area from which more area adds nothing: a flat fingertip."""
_FULL_COUNT = 30


def area_mm2(mask: Mask) -> float:
    """Contact area in square millimetres."""
    return float(np.count_nonzero(mask)) * (25.4 / DPI) ** 2


def print_quality(mask: Mask, reliability: Plane, count: int) -> int:
    """Reliable contact area and number of minutiae as one value: 0 is useless, 100 is a full clear print."""
    clear: float = (
        float(np.clip((reliability - 0.4) / 0.5, 0, 1).sum()) * SCALE**2 * (25.4 / DPI) ** 2
    )
    area_share, count_share = min(1.0, clear / _FULL_AREA_MM2), min(1.0, count / _FULL_COUNT)
    return round(100 * float(area_share**0.7) * float(count_share**0.3))
