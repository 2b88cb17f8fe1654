"""Where dlib's network expects a face in its chip of 150 pixels.

dlib itself aligns by five points (dlib/image_transforms/interpolation.h, get_face_chip_details,
padding 0.25). Here the 41 points of nose, eyes and mouth are fitted to where they lie, on average,
in such chips: single landmarks are a pixel or two off, and 41 of them cancel most of that.
"""

from __future__ import annotations

from models.face.align import ChipGeometry

SIDE = 150

# Mean of landmarks 27 to 67 over the first half of the development identities, made symmetric.
_NOSE_EYES_MOUTH: tuple[tuple[float, float], ...] = (
    (74.50, 44.11), (74.50, 54.50), (74.50, 64.91), (74.50, 75.62),
    (62.35, 82.68), (68.14, 85.06), (74.50, 87.04), (80.86, 85.06),
    (86.65, 82.68), (38.12, 46.22), (44.48, 42.55), (52.03, 42.58),
    (58.62, 47.16), (51.56, 48.55), (44.19, 48.55), (90.38, 47.16),
    (96.97, 42.58), (104.52, 42.55), (110.88, 46.22), (104.81, 48.55),
    (97.44, 48.55), (50.71, 103.66), (59.21, 99.26), (67.98, 97.47),
    (74.50, 98.90), (81.02, 97.47), (89.79, 99.26), (98.29, 103.66),
    (90.13, 112.25), (81.51, 115.88), (74.50, 116.59), (67.49, 115.88),
    (58.87, 112.25), (54.37, 103.96), (67.94, 102.33), (74.50, 102.96),
    (81.06, 102.33), (94.63, 103.96), (81.20, 108.37), (74.50, 109.17),
    (67.80, 108.37),
)  # fmt: skip

GEOMETRY = ChipGeometry(SIDE, _NOSE_EYES_MOUTH, tuple((each,) for each in range(27, 68)))
