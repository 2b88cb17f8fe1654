"""OpenCV's few calls that the stages share, typed and with one spelling each."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.values import Picture


def grey(picture: Picture) -> Picture:
    """The brightness of an RGB picture."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def resize(picture: Picture, columns: int, rows: int) -> Picture:
    """The picture at another size: by area when it shrinks, linear when it grows."""
    method = cv2.INTER_AREA if rows < picture.shape[0] else cv2.INTER_LINEAR
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
