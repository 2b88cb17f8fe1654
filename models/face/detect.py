"""Find the faces: on a small picture first, and tracked from frame to frame after that.

dlib's HOG detector answers for faces of at least 80 pixels and its cost grows with the pixels.
A gate wants large faces, so the search starts where a face that is large enough to be compared
just fills the window, and takes finer pictures only when nothing was found.
"""

from __future__ import annotations

import math

from models.face.cv import grey, resize
from models.face.engines.dlib_models import DETECTOR_WINDOW, detector
from models.face.values import Box, Detection, Picture

COARSE_LINES = (240, 480, 960)
"""Rows of the pictures searched, in this order, until a face is found."""

FINEST_LINES = 640
"""Most rows of a picture that is searched for further people."""

TRACKED_FACE = 112
"""Side in pixels to which the last frame's face is scaled before this frame's is looked for."""

_REGION = 1.8  # side of the region looked at again, in sides of the face
_SEARCH_THRESHOLD = -0.1
_TRACKED_THRESHOLD = -0.2  # where a face just was, less has to be said for it
_SAME_FACE_OVERLAP = 0.3
_OTHER_FACE_OVERLAP = 0.2


def find_faces(picture: Picture, lines: tuple[int, ...] = COARSE_LINES) -> list[Detection]:
    """Return the faces of a picture, largest first, from the coarsest search that finds any."""
    for rows in _distinct(lines, picture):
        found = search(picture, rows)
        if found:
            return found
    return []


def find_others(picture: Picture, subject: Detection, size: float) -> list[Detection]:
    """Return the faces beside the subject that are `size` times as wide or more, largest first."""
    smallest = max(1.0, size * subject.box.width)
    rows = round(picture.shape[0] * DETECTOR_WINDOW / smallest)
    found = search(picture, max(DETECTOR_WINDOW, min(FINEST_LINES, rows)), threshold=0.0)
    return [each for each in found if each.box.overlap(subject.box) < _OTHER_FACE_OVERLAP]


def track(picture: Picture, last: Detection) -> Detection | None:
    """Look for the last frame's face near where it was; None when it has gone."""
    region = last.box.grown(_REGION)
    left, top = max(0, math.floor(region.left)), max(0, math.floor(region.top))
    cut = picture[
        top : max(top, math.ceil(region.bottom)), left : max(left, math.ceil(region.right))
    ]
    factor = TRACKED_FACE / max(last.box.width, 1.0)
    if min(cut.shape[:2]) * factor < DETECTOR_WINDOW * 0.75:
        return None
    found = _run(_grey_at(cut, factor), _TRACKED_THRESHOLD)
    boxes = [Detection(d.box.scaled(1 / factor).moved(left, top), d.score) for d in found]
    same = [each for each in boxes if each.box.overlap(last.box) >= _SAME_FACE_OVERLAP]
    return max(same, key=lambda each: each.score, default=None)


def search(picture: Picture, rows: int, threshold: float = _SEARCH_THRESHOLD) -> list[Detection]:
    """Return the faces of the picture resized to `rows` lines, largest first."""
    factor = rows / picture.shape[0]
    found = _run(_grey_at(picture, factor), threshold)
    scaled = [Detection(each.box.scaled(1 / factor), each.score) for each in found]
    return sorted(scaled, key=lambda each: -each.box.width)


def _run(grey: Picture, threshold: float) -> list[Detection]:
    boxes, scores, _ = detector().run(grey, 0, threshold)
    return [
        Detection(Box(b.left(), b.top(), b.right() + 1, b.bottom() + 1), float(score))
        for b, score in zip(boxes, scores, strict=True)
    ]


def _grey_at(picture: Picture, factor: float) -> Picture:
    """The picture in grey, `factor` times its size."""
    rows, columns = round(picture.shape[0] * factor), round(picture.shape[1] * factor)
    return grey(resize(picture, columns, rows))


def _distinct(lines: tuple[int, ...], picture: Picture) -> list[int]:
    # Enlarging more than twice invents nothing that the detector could use.
    return sorted({min(rows, 2 * picture.shape[0]) for rows in lines})
