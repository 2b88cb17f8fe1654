"""Segment: where the characters of a strip stand.

Every second pixel is asked whether a character is centred on it; the best path of `width`
characters about a pitch apart, with nothing right before and behind it, is found by dynamic
programming, so that a stretched, bent or tilted line needs no threshold.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import REJECT, Classifier, normalise_windows
from models.mrz.rectify import MARGIN, PITCH, Strip

_STEP = 2
_STRIDES = (6, 7, 8, 9, 10)
"""Distances of two characters in steps; 8 steps are the pitch."""

_STRIDE_COST = (1.2, 0.35, 0.0, 0.35, 1.2)
_FLOOR = np.log(0.02)


@dataclass(frozen=True, slots=True)
class Grid:
    """Centres (width,) of the characters in pixels of the strip, and how sure the path is."""

    centres: NDArray[np.float64]
    presence: float
    edge: float


def segment(strip: Strip, width: int, classifier: Classifier) -> Grid:
    """The best path of `width` characters through the strip."""
    columns = strip.pixels.shape[1]
    at = np.arange(PITCH // 2, columns - PITCH // 2, _STEP, dtype=np.float64)
    reject = classifier.log_probabilities(normalise_windows(strip.pixels, at))[:, REJECT]
    present = np.log(np.maximum(1 - np.exp(reject), 0.02)).astype(np.float64)
    absent = np.maximum(reject, _FLOOR).astype(np.float64)
    path = _best_path(present, absent, width)
    centres = _smooth(at[path])
    neighbours = np.clip([path[0] - 8, path[-1] + 8], 0, len(at) - 1)
    edge = float(np.exp(absent[neighbours]).mean())
    return Grid(centres, float(np.exp(present[path]).mean()), edge)


def _best_path(
    present: NDArray[np.float64], absent: NDArray[np.float64], width: int
) -> NDArray[np.int64]:
    """Indices of the slots' centres: present on each, absent one pitch before and behind."""
    n = len(present)
    before = np.concatenate([np.zeros(8), absent[:-8]])
    behind = np.concatenate([absent[8:], np.zeros(8)])
    score = present + 2 * before
    back = np.zeros((width, n), np.int64)
    for slot in range(1, width):
        options = np.full((len(_STRIDES), n), -1e9)
        for k, (stride, cost) in enumerate(zip(_STRIDES, _STRIDE_COST, strict=True)):
            options[k, stride:] = score[:-stride] - cost
        choice = options.argmax(0)
        back[slot] = np.arange(n) - np.array(_STRIDES)[choice]
        score = options[choice, np.arange(n)] + present
    score = score + 2 * behind
    path = [int(score.argmax())]
    for slot in range(width - 1, 0, -1):
        path.append(max(0, int(back[slot, path[-1]])))
    return np.array(path[::-1])


def _smooth(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """A cubic through the centres: steps of two pixels are coarser than the print."""
    x = np.linspace(-1, 1, len(centres))
    return np.asarray(np.polyval(np.polyfit(x, centres, 3), x))


def slot_margin(strip: Strip) -> float:
    """Width in pixels of the margins of a strip."""
    return float(MARGIN * PITCH)
