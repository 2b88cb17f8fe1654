"""OpenCV's few calls that the stages share, typed and with one spelling each."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.values import Picture

_LINEAR_FROM = 0.7


def grey(picture: Picture) -> Picture:
    """The brightness of an RGB picture."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def halve(picture: Picture) -> Picture:
    """Half the size, each pixel the mean of four: ten times faster than by another factor."""
    rows, columns = picture.shape[0] // 2, picture.shape[1] // 2
    even = picture[: 2 * rows, : 2 * columns]
    return np.asarray(cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)


def resize(picture: Picture, columns: int, rows: int) -> Picture:
    """The picture at another size: halved as often as possible, the rest by area or linear."""
    while picture.shape[0] >= 2 * rows and picture.shape[1] >= 2 * columns:
        picture = halve(picture)
    # Linear sampling skips nothing worth seeing until every second pixel; area costs five times.
    method = cv2.INTER_AREA if rows < _LINEAR_FROM * picture.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (columns, rows), interpolation=method), np.uint8)


def scale(picture: Picture, factor: float) -> Picture:
    """The picture `factor` times as large, at least one pixel."""
    rows, columns = (max(1, round(size * factor)) for size in picture.shape[:2])
    return resize(picture, columns, rows)


def sample(
    picture: Picture, to_picture: NDArray[np.float64], side: int, border: int = cv2.BORDER_CONSTANT
) -> Picture:
    """A square of `side` pixels whose points the 2 x 3 matrix takes to places in the picture."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(picture, to_picture, (side, side), flags=flags, borderMode=border)
    return np.asarray(warped, np.uint8)


def blur(plane: NDArray[Any], sigma: float) -> NDArray[np.float32]:
    """Gaussian blur in float32."""
    return np.asarray(cv2.GaussianBlur(plane.astype(np.float32), (0, 0), sigma), np.float32)
