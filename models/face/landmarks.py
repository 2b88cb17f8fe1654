"""Find the 68 points of a face, for alignment, quality and presentation attacks.

Numbered as in the iBUG 300-W annotation: 0-16 jaw, 17-26 brows, 27-35 nose, 36-47 eyes, 48-67
mouth. dlib's predictor starts from the detector's box.
"""

from __future__ import annotations

import numpy as np

from models.face.cv import grey, scale
from models.face.engines.dlib_models import predictor, rectangle
from models.face.values import Box, Picture, Points

COUNT = 68

FACE_SIDE = 160
"""Side in pixels to which a larger face is reduced first: finer pixels add noise, not accuracy."""

_SURROUNDINGS = 1.5  # sides of the box that the predictor may look at


def find_points(picture: Picture, box: Box) -> Points:
    """Return the 68 points, float32 (x, y)."""
    cut, offset, factor = _close_up(picture, box)
    near = box.moved(-offset[0], -offset[1]).scaled(factor)
    points: Points = (_predict(cut, near) / factor + offset).astype(np.float32)
    return points


def _predict(picture: Picture, box: Box) -> Points:
    shape = predictor()(picture, rectangle(box.left, box.top, box.right, box.bottom))
    return np.array([(shape.part(i).x, shape.part(i).y) for i in range(COUNT)], np.float32)


def _close_up(picture: Picture, box: Box) -> tuple[Picture, Points, float]:
    """Cut the face out and reduce it; return the cut, its corner in the picture and its scale."""
    region = box.grown(_SURROUNDINGS)
    left, top = max(0, int(region.left)), max(0, int(region.top))
    cut = picture[top : max(top + 1, int(region.bottom)), left : max(left + 1, int(region.right))]
    factor = min(1.0, FACE_SIDE / max(box.width, 1.0))
    if factor < 1.0:
        cut = scale(cut, factor)
    return grey(cut), np.array([left, top], np.float32), factor
