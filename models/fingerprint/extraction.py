"""From a grey image at 500 dpi to a template: the pipeline, one stage a line."""

from dataclasses import dataclass

import cv2
import numpy as np

from models.fingerprint.enhancement import enhance
from models.fingerprint.minutiae import find_minutiae
from models.fingerprint.normalisation import normalise
from models.fingerprint.orientation import SCALE, Orientation, ridge_orientation
from models.fingerprint.quality import print_quality
from models.fingerprint.segmentation import segment, with_ridges
from models.fingerprint.thinning import Bits, binarise, thin
from models.fingerprint.values import Gray, Mask, Plane, Template


@dataclass(frozen=True)
class Extraction:
    """A template with every intermediate it was made from, for quality, refusals and pictures."""

    image: Gray
    mask: Mask
    normalised: Plane
    orientation: Orientation
    frequency: Plane
    enhanced: Plane
    reliability: Plane
    skeleton: Bits
    template: Template


def extract(image: Gray) -> Extraction:
    """All stages on a grey image (uint8, ridges dark, 500 dpi)."""
    grey = image.astype(np.float32)
    mask = segment(grey)
    normalised = normalise(grey, mask)
    coarse = ridge_orientation(normalised, sigma_px=10.5)
    first = enhance(normalised, mask, coarse)
    orientation = ridge_orientation(first.ridges, sigma_px=7.5)
    second = enhance(first.ridges, mask, orientation)
    reliability = ridge_reliability(normalised, second.ridges, mask)
    mask = with_ridges(mask, reliability)
    reliability = reliability * cells(mask)
    skeleton = thin(binarise(second.ridges, mask))
    minutiae = find_minutiae(skeleton, mask, reliability)
    quality = print_quality(mask, reliability, len(minutiae))
    template = Template(image.shape[1], image.shape[0], minutiae, quality)
    return Extraction(
        image,
        mask,
        normalised,
        orientation,
        second.frequency,
        second.ridges,
        reliability,
        skeleton,
        template,
    )


def ridge_reliability(normalised: Plane, enhanced: Plane, mask: Mask) -> Plane:
    """How far the filtered ridges explain the image: local correlation of the two, 0..1, in 4 px cells."""
    both = _averaged(normalised * enhanced)
    first, second = _averaged(normalised * normalised), _averaged(enhanced * enhanced)
    correlation = both / np.sqrt(first * second + 1e-6)
    reliability: Plane = np.clip(correlation, 0, 1) * cells(mask)
    return reliability


def cells(mask: Mask) -> Mask:
    """The 4 px cells that lie in `mask` for the most part."""
    small = cv2.resize(
        mask.astype(np.float32), None, fx=1 / SCALE, fy=1 / SCALE, interpolation=cv2.INTER_AREA
    )
    return np.asarray(small > 0.5)


def _averaged(plane: Plane) -> Plane:
    small = cv2.resize(plane, None, fx=1 / SCALE, fy=1 / SCALE, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 2.0), np.float32)
