"""Turn, scale and cut a face so that its points lie where the network saw them in training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.face.cv import halve, sample
from models.face.values import Picture, Points

Shift = tuple[float, float]
"""How far a face lies right and down of its place in the chip, in sides of the chip."""

_ALIASING_SCALE = 1.34  # picture pixels per chip pixel above which linear sampling skips some


@dataclass(frozen=True)
class ChipGeometry:
    """What a network takes: side in pixels, and where in the chip some points belong.

    `points` are (x, y) in chip pixels; `sources` says for each which of the 68 landmarks to
    average for it.
    """

    side: int
    points: tuple[tuple[float, float], ...]
    sources: tuple[tuple[int, ...], ...]

    def choose(self, landmarks: Points) -> Points:
        """Return the points that the chip is aligned by, from the 68 landmarks."""
        return np.array([landmarks[list(each)].mean(axis=0) for each in self.sources], np.float32)


def find_similarity(source: Points, target: Points) -> NDArray[np.float64]:
    """The 2 x 3 turn, scale and shift with the least squared error (Umeyama 1991).

    :raises ValueError: all source points coincide.
    """
    a = source[:, 0] + 1j * source[:, 1]
    b = target[:, 0] + 1j * target[:, 1]
    centred = a - a.mean()
    spread = float(np.vdot(centred, centred).real)
    if spread <= 0.0:
        raise ValueError("the points of a face cannot all be one")
    factor = np.vdot(centred, b - b.mean()) / spread
    shift = b.mean() - factor * a.mean()
    return np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )


def cut_chip(
    picture: Picture, landmarks: Points, geometry: ChipGeometry, shift: Shift = (0.0, 0.0)
) -> Picture:
    """Return the aligned face, side x side x 3, from its 68 landmarks, moved by `shift`.

    What lies outside of the picture is black, as in the network's training.
    """
    target = np.array(geometry.points) + geometry.side * np.array(shift)
    # Fitted from the chip to the picture: the error is then measured where the points were found.
    to_picture = find_similarity(target.astype(np.float32), geometry.choose(landmarks))
    return sample(*reduced_first(picture, to_picture, geometry.side), geometry.side)


def with_mirrors(chips: Sequence[Picture]) -> NDArray[np.uint8]:
    """Stack the chips and their mirror images, originals first."""
    stack = np.stack(chips)
    return np.concatenate([stack, stack[:, :, ::-1]])


def reduced_first(
    picture: Picture, to_picture: NDArray[np.float64], side: int
) -> tuple[Picture, NDArray[np.float64]]:
    """Shrink the part that a chip shows by area, so that linear sampling cannot alias.

    Return the smaller picture and the matrix that leads to it.
    """
    scale = float(np.hypot(to_picture[0, 0], to_picture[1, 0]))
    if scale <= _ALIASING_SCALE:
        return picture, to_picture
    corners = np.array([[0, 0], [side, 0], [0, side], [side, side]], float)
    seen = corners @ to_picture[:, :2].T + to_picture[:, 2]
    low = np.clip(np.floor(seen.min(0)) - 2 * scale, 0, None).astype(int)
    high = np.clip(np.ceil(seen.max(0)) + 2 * scale, low + 1, None).astype(int)
    cut = picture[low[1] : high[1], low[0] : high[0]]
    mended = to_picture.copy()
    mended[:, 2] -= low
    while scale > _ALIASING_SCALE and min(cut.shape[:2]) >= 2:
        cut = halve(cut)
        mended[:, :2] /= 2
        mended[:, 2] = (mended[:, 2] + 0.5) / 2 - 0.5  # pixel centres are at .5
        scale /= 2
    return (cut, mended) if cut.size else (picture, to_picture)
