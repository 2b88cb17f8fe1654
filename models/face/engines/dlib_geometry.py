"""Where dlib's network expects the five points in its chip of 150 pixels.

Source: dlib/image_transforms/interpolation.h, get_face_chip_details, padding 0.25. dlib counts
pixel corners where OpenCV counts centres, hence the half pixel.
"""

from __future__ import annotations

from models.face.align import ChipGeometry

SIDE = 150
_PADDING = 0.25
_MEAN_FACE = (  # left and right are the face's own: the first two points are its left eye
    (0.8595674595992, 0.2134981538014),
    (0.6460604764104, 0.2289674387677),
    (0.1205750620789, 0.2137274526848),
    (0.3340850613712, 0.2290642403242),
    (0.4901123135679, 0.6277975316475),
)


def _in_chip(share: float) -> float:
    return (_PADDING + share) / (2 * _PADDING + 1) * SIDE - 0.5


# The 68-point predictor places the same five points better than the 5-point one.
_SOURCES = ((45,), (42,), (36,), (39,), (33,))

GEOMETRY = ChipGeometry(SIDE, tuple((_in_chip(x), _in_chip(y)) for x, y in _MEAN_FACE), _SOURCES)
