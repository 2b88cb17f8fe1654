"""Segment: where the characters of a strip stand.

Every fourth pixel is asked whether a character is centred on it; the best path of `width`
characters about a pitch apart, with nothing right before and behind it, is found by dynamic
programming, so that a stretched, bent or tilted line needs no threshold.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.mrz.classify import Classifier, normalise_windows
from models.mrz.rectify import PITCH, Strip

_STEP = 4
_STRIDES = (3, 4, 5)
"""Distances of two characters in steps; 4 steps are the pitch."""

_STRIDE_COST = (0.5, 0.0, 0.5)
_FLOOR = np.log(0.02)


@dataclass(frozen=True, slots=True)
class Grid:
    """Centres (width,) of the characters in pixels of the strip, and how sure the path is.

    `behind` is the probability that the last stands where a character is, and nothing behind it.
    """

    centres: NDArray[np.float64]
    presence: float
    edge: float
    behind: float


@dataclass(frozen=True, slots=True)
class Profile:
    """Log-probability that a character, or nothing, is centred on each fourth pixel `at`."""

    at: NDArray[np.float64]
    present: NDArray[np.float64]
    absent: NDArray[np.float64]


def profile(strip: Strip, classifier: Classifier) -> Profile:
    """What the classifier says along a strip."""
    columns = strip.pixels.shape[1]
    at = np.arange(PITCH // 2, columns - PITCH // 2, _STEP, dtype=np.float64)
    reject = classifier.log_none(normalise_windows(strip.pixels, at))
    present = np.log(np.maximum(1 - np.exp(reject), 0.02)).astype(np.float64)
    return Profile(at, present, np.maximum(reject, _FLOOR).astype(np.float64))


def segment(along: Profile, width: int, start: float | None = None) -> Grid:
    """The best path of `width` characters; its first within half a pitch of `start` if given."""
    first = np.zeros(len(along.at))
    if start is not None:
        first[np.abs(along.at - start) > PITCH / 2] = -1e6
    path = _best_path(along.present, along.absent, width, first)
    before, behind = _clear(along.absent, _FLOOR)
    first_clear, last_clear = np.exp([before[path[0]], behind[path[-1]]])
    presences = np.exp(along.present[path])
    return Grid(
        centres=_smooth(_centred(along, path)),
        presence=float(presences.mean()),
        edge=float(first_clear + last_clear) / 2,
        behind=float(last_clear * presences[-1]),
    )


def align(profiles: list[Profile], grids: list[Grid], places: list[float]) -> list[Grid]:
    """Grids that begin below each other: lines of an MRZ do, a blot may look like a character.

    `places` are the middles of the grids along the lines, in characters. A line that lies more than
    half a character beside the surest one is fitted again below it.
    """
    best = max(range(len(grids)), key=lambda k: grids[k].presence + 0.5 * grids[k].edge)
    out = []
    for along, grid, place in zip(profiles, grids, places, strict=True):
        beside = place - places[best]
        if abs(beside) > 0.55:
            width = len(grid.centres)
            pitch = float(grid.centres[-1] - grid.centres[0]) / (width - 1)
            grid = segment(along, width, float(grid.centres[0]) - beside * pitch)
        out.append(grid)
    return out


def _best_path(
    present: NDArray[np.float64],
    absent: NDArray[np.float64],
    width: int,
    first: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Indices of the slots' centres: present on each, absent one pitch before and behind."""
    n = len(present)
    before, behind = _clear(absent)
    score = present + 2 * before + first
    reach = _STRIDES[-1]
    padded = np.full(n + reach, -1e9)
    options = np.lib.stride_tricks.sliding_window_view(padded, reach - _STRIDES[0] + 1)[:n]
    cost = np.array(_STRIDE_COST)[::-1]
    back = np.empty((width, n), np.int64)
    everywhere = np.arange(n)
    for slot in range(1, width):
        padded[reach:] = score
        reached = options - cost
        choice = reached.argmax(1)
        back[slot] = choice
        score = reached[everywhere, choice] + present
    score = score + 2 * behind
    path = [int(score.argmax())]
    for slot in range(width - 1, 0, -1):
        path.append(max(0, path[-1] - reach + int(back[slot, path[-1]])))
    return np.array(path[::-1])


def _clear(
    absent: NDArray[np.float64], outside: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log-probability that no character stands one stride before each place, and one behind.

    `outside` is that of what the strip does not show: a path may end there, but who asks whether the
    line does has not seen it.
    """
    n, reach = len(absent), _STRIDES[-1]
    unseen = np.full(reach, outside)
    around = np.concatenate([unseen, absent, unseen])
    before = np.min([around[reach - k : reach - k + n] for k in _STRIDES], axis=0)
    behind = np.min([around[reach + k : reach + k + n] for k in _STRIDES], axis=0)
    return before, behind


def _centred(along: Profile, path: NDArray[np.int64]) -> NDArray[np.float64]:
    """Centres between the asked pixels: the mean of a slot's neighbourhood weighted by presence."""
    near = np.clip(path[:, None] + np.array([-1, 0, 1]), 0, len(along.at) - 1)
    weight = np.exp(along.present[near]) + 1e-3
    return np.asarray((along.at[near] * weight).sum(1) / weight.sum(1))


def _smooth(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """A cubic through the centres: steps of four pixels are coarser than the print."""
    x = np.linspace(-1, 1, len(centres))
    return np.asarray(np.polyval(np.polyfit(x, centres, 3), x))
