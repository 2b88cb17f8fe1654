"""Find the 68 points of a face, for alignment, quality and presentation attacks.

Numbered as in the iBUG 300-W annotation: 0-16 jaw, 17-26 brows, 27-35 nose, 36-47 eyes, 48-67
mouth. dlib's predictor starts from the detector's box, and its answer moves with the box by a
pixel or two; the mean over a few shifted boxes is steadier where 2 ms for each may be spent.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.face.cv import grey, scale
from models.face.engines.dlib_models import predictor, rectangle
from models.face.values import Box, Picture, Points

COUNT = 68

FACE_SIDE = 160
"""Side in pixels to which a larger face is reduced first: finer pixels add noise, not accuracy."""

_SURROUNDINGS = 1.5  # sides of the box that the predictor may look at

Shifts = Sequence[tuple[float, float, float]]

STILL: Shifts = ((0.0, 0.0, 1.0),)
STEADY: Shifts = (
    (0.0, 0.0, 1.0),
    (-0.04, -0.04, 1.0),
    (0.04, 0.04, 1.0),
    (0.04, -0.04, 0.95),
    (-0.04, 0.04, 1.05),
)
"""Shifts of the box (right, down; in sides) and its scale."""


def find_points(picture: Picture, box: Box, shifts: Shifts = STILL) -> Points:
    """Return the 68 points, float32 (x, y), as the mean over the shifted boxes."""
    cut, offset, factor = _close_up(picture, box)
    near = box.moved(-offset[0], -offset[1]).scaled(factor)
    found = [_predict(cut, _shifted(near, shift)) for shift in shifts]
    points: Points = (np.mean(found, axis=0) / factor + offset).astype(np.float32)
    return points


def _predict(picture: Picture, box: Box) -> Points:
    shape = predictor()(picture, rectangle(box.left, box.top, box.right, box.bottom))
    return np.array([(shape.part(i).x, shape.part(i).y) for i in range(COUNT)], np.float32)


def _shifted(box: Box, shift: tuple[float, float, float]) -> Box:
    right, down, scale = shift
    return box.moved(right * box.width, down * box.height).grown(scale)


def _close_up(picture: Picture, box: Box) -> tuple[Picture, Points, float]:
    """Cut the face out and reduce it; return the cut, its corner in the picture and its scale."""
    region = box.grown(_SURROUNDINGS)
    left, top = max(0, int(region.left)), max(0, int(region.top))
    cut = picture[top : max(top + 1, int(region.bottom)), left : max(left + 1, int(region.right))]
    factor = min(1.0, FACE_SIDE / max(box.width, 1.0))
    if factor < 1.0:
        cut = scale(cut, factor)
    return grey(cut), np.array([left, top], np.float32), factor
