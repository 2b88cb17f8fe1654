"""Why two prints match or not, in words: too few minutiae, quality, overlap, resolution, or simply unlike."""

import numpy as np

from models.fingerprint.comparison import LEAST_MINUTIAE, Comparison, prepare
from models.fingerprint.cylinders import LEAST_NEIGHBOURS
from models.fingerprint.values import Minutiae, Template

_LOW_QUALITY = 30
_SMALL_OVERLAP = 10
_ODD_RATIO = 1.25


def reasons(first: Template, second: Template, found: Comparison, threshold: float) -> list[str]:
    """Lines for people: the decision, what it rests on, and what stands against it."""
    match = found.comparison_score >= threshold
    lines = [
        f"{'match' if match else 'non-match'}: score {found.comparison_score:.1f}, threshold {threshold:.1f}",
        f"{len(found.paired)} minutiae paired; in the common area lie {found.in_overlap[0]} of the first print "
        f"and {found.in_overlap[1]} of the second",
    ]
    return lines if match else [*lines, *_against(first, second, found)]


def _against(first: Template, second: Template, found: Comparison) -> list[str]:
    lines = []
    for name, template in (("first", first), ("second", second)):
        count = len(template.minutiae)
        if count < LEAST_MINUTIAE:
            lines.append(
                f"the {name} print has {count} minutiae: at least {LEAST_MINUTIAE} are needed to compare"
            )
        elif template.quality and template.quality < _LOW_QUALITY:
            lines.append(f"the {name} print is of low quality ({template.quality} of 100)")
        if count > LEAST_NEIGHBOURS and not prepare(template).cylinders.usable.any():
            lines.append(
                f"the minutiae of the {name} print lie too far apart: is its resolution right?"
            )
    if found.evidence and min(found.in_overlap) < _SMALL_OVERLAP:
        lines.append(
            "the common area is small: capture again in the middle, if these are not different fingers"
        )
    ratio = _spacing(first.minutiae) / _spacing(second.minutiae)
    if max(ratio, 1 / ratio) > _ODD_RATIO:
        lines.append(
            f"minutiae lie {max(ratio, 1 / ratio):.1f} times as far apart in one print: resolutions may differ"
        )
    return lines or [
        "what lies in the common area does not agree: these are most likely different fingers"
    ]


def _spacing(minutiae: Minutiae) -> float:
    """Median distance of a minutia to its nearest neighbour, in pixels."""
    if len(minutiae) < 2:
        return 1.0
    apart = np.hypot(minutiae.x[:, None] - minutiae.x, minutiae.y[:, None] - minutiae.y)
    np.fill_diagonal(apart, np.inf)
    return float(np.median(apart.min(axis=1))) + 1e-3
