"""Where the finger touches: the area that has ridge-like contrast."""

import cv2
import numpy as np

from models.fingerprint.values import Mask, Plane

_SCALE = 4
"""Segmentation runs on an image this many times smaller: a contact area has no detail finer than a ridge."""
_CONTRAST_SHARE = 0.28
"""Ridge contrast below this share of the print's strong parts counts as background."""
_CONTRAST_FLOOR = 1.5
"""Ridge contrast in grey levels below which nothing is a print, whatever else the image holds."""
_PART_SHARE = 0.2
"""Areas smaller than this share of the largest are specks, not parts of the print."""
_RIDGED_SHARE, _RIDGED_FLOOR = 0.45, 0.27
"""Reliability below this share of the print's clear parts, or below the floor, is noise of the sensor."""
_GAP_PX = 28
"""Parts of one print lie nearer to each other than this; two fingers do not."""


def ridge_contrast(image: Plane) -> Plane:
    """Local standard deviation of the ridge band in grey levels, at a quarter of the image's size."""
    band = cv2.GaussianBlur(image, (0, 0), 1.2) - cv2.GaussianBlur(image, (0, 0), 5.0)
    energy = cv2.resize(
        band * band, None, fx=1 / _SCALE, fy=1 / _SCALE, interpolation=cv2.INTER_AREA
    )
    return np.asarray(np.sqrt(cv2.GaussianBlur(energy, (0, 0), 2.2)), np.float32)


def segment(image: Plane) -> Mask:
    """Foreground of a grey image (float32, 0..255): the areas with ridge contrast, holes filled.

    Specks are left out; a fold or a crease may leave one print in two parts, and both are kept. All False where no
    part of the image has contrast.
    """
    contrast = ridge_contrast(image)
    strong = float(np.percentile(contrast, 92))
    area: cv2.typing.MatLike = (contrast > max(_CONTRAST_SHARE * strong, _CONTRAST_FLOOR)).astype(
        np.uint8
    )
    area = cv2.morphologyEx(_padded(area), cv2.MORPH_CLOSE, _disc(5))
    area = cv2.morphologyEx(area, cv2.MORPH_OPEN, _disc(6))[16:-16, 16:-16]
    filled = _without_holes(_large_parts(area))
    height, width = image.shape
    mask: Mask = cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR) > 0
    return mask


def with_ridges(mask: Mask, reliability: Plane) -> Mask:
    """The part of `mask` where filtered ridges explain the image (`reliability` 0..1 in 4 px cells).

    Contrast alone takes a noisy ground for a print, and minutiae found in noise make strangers alike.
    """
    inside = reliability[reliability > 0]
    if not inside.size:
        return np.zeros_like(mask)
    least = max(_RIDGED_SHARE * float(np.percentile(inside, 90)), _RIDGED_FLOOR)
    area: cv2.typing.MatLike = (reliability > least).astype(np.uint8)
    area = cv2.morphologyEx(_padded(area), cv2.MORPH_CLOSE, _disc(4))
    area = cv2.morphologyEx(area, cv2.MORPH_OPEN, _disc(4))[16:-16, 16:-16]
    kept = _without_holes(_large_parts(area))
    whole = cv2.resize(kept, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_LINEAR) > 0
    ridged: Mask = mask & whole
    return ridged


def _padded(area: "cv2.typing.MatLike") -> "cv2.typing.MatLike":
    return cv2.copyMakeBorder(area, 16, 16, 16, 16, cv2.BORDER_REPLICATE)


def _disc(radius: int) -> "cv2.typing.MatLike":
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def _large_parts(area: "cv2.typing.MatLike") -> "cv2.typing.MatLike":
    count, labels, stats, _ = cv2.connectedComponentsWithStats(area, connectivity=4)
    if count < 2:
        return np.zeros_like(area)
    sizes = stats[:, cv2.CC_STAT_AREA].copy()
    sizes[0] = 0
    return np.asarray((sizes >= _PART_SHARE * sizes.max())[labels], np.uint8)


def _without_holes(area: "cv2.typing.MatLike") -> "cv2.typing.MatLike":
    contours, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros_like(area), contours, -1, 1, cv2.FILLED)


def second_share(mask: Mask) -> float:
    """Area of the second separate print as a share of the first, 0..1; a gap as of a crease does not separate."""
    small = cv2.resize(
        mask.astype(np.uint8), None, fx=1 / _SCALE, fy=1 / _SCALE, interpolation=cv2.INTER_NEAREST
    )
    joined = cv2.morphologyEx(_padded(small), cv2.MORPH_CLOSE, _disc(_GAP_PX // _SCALE))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    sizes = sorted(stats[1:, cv2.CC_STAT_AREA].tolist(), reverse=True)
    return sizes[1] / sizes[0] if count > 2 else 0.0
