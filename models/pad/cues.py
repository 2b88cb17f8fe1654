"""Passive cues on faces: the grid of a screen, the flatness of paper, the frame about a photo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]

_SIDE = 128
_LEAST_TURN_DEG = 6.0


def screen_grid(grey_face: NDArray[np.uint8]) -> float:
    """0 to 1: isolated peaks in the face's spectrum, as moire of a screen makes them.

    `grey_face`: the face region at the camera's own resolution, at least 64 x 64.
    """
    rows, columns = (min(size, 256) // 2 * 2 for size in grey_face.shape[:2])
    if min(rows, columns) < 64:
        return 0.0
    cut = grey_face[:rows, :columns].astype(np.float32)
    window = np.outer(np.hanning(rows), np.hanning(columns)).astype(np.float32)
    spectrum = np.abs(np.fft.fftshift(np.fft.fft2((cut - cut.mean()) * window)))
    level = np.log1p(spectrum).astype(np.float32)
    excess = level - cv2.medianBlur(level, 5)
    y, x = np.ogrid[:rows, :columns]
    radius = np.hypot((y - rows / 2) / rows, (x - columns / 2) / columns)
    peak = float(excess[(radius > 0.12) & (radius < 0.48)].max())
    # Press photographs of real faces stay under 2.3; a weak moire of 4 % lies at 3.3 and over.
    return float(np.clip((peak - 2.3) / 0.9, 0.0, 1.0))


def planarity(tracks: Sequence[Points], turns_deg: Sequence[float]) -> float | None:
    """0 to 1: how well one plane explains the landmarks' motion over a turn of the head.

    A photograph moves by a homography; a nose before cheeks does not. None: the head turned
    less than 6 degrees, so that nothing can be said.
    """
    if len(tracks) < 2 or max(turns_deg) - min(turns_deg) < _LEAST_TURN_DEG:
        return None
    first, last = tracks[int(np.argmin(turns_deg))], tracks[int(np.argmax(turns_deg))]
    matrix, _ = cv2.findHomography(first, last, 0)
    if matrix is None:
        return None
    mapped = cv2.perspectiveTransform(first[None], matrix)[0]
    size = float(np.linalg.norm(first[45] - first[36])) + 1e-6
    residual = float(np.sqrt(((mapped - last) ** 2).sum(axis=1).mean())) / size
    return float(np.clip((0.030 - residual) / 0.018, 0.0, 1.0))


def bezel(grey: NDArray[np.uint8], left: float, top: float, right: float, bottom: float) -> float:
    """0 to 1: long straight edges on all sides around the face box, as of a screen or a print."""
    scale = 160.0 / max(1.0, bottom - top)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    edges = cv2.Canny(small, 80, 180)
    lines = cv2.HoughLinesP(edges, 1, np.pi / 180, 60, minLineLength=110, maxLineGap=6)
    if lines is None:
        return 0.0
    box = np.array([left, top, right, bottom]) * scale
    sides = {side for line in lines.reshape(-1, 4) if (side := _side(line, box)) is not None}
    return float(np.clip((len(sides) - 2) / 2, 0.0, 1.0))


def _side(line: NDArray[Any], box: NDArray[np.float64]) -> str | None:
    x1, y1, x2, y2 = (float(value) for value in line)
    size = box[3] - box[1]
    if abs(x2 - x1) < 0.06 * abs(y2 - y1):
        gaps = {"left": box[0] - x1, "right": x1 - box[2]}
    elif abs(y2 - y1) < 0.06 * abs(x2 - x1):
        gaps = {"top": box[1] - y1, "bottom": y1 - box[3]}
    else:
        return None
    name, gap = min(gaps.items(), key=lambda item: abs(item[1]))
    return name if 0.0 < gap < 0.9 * size else None
