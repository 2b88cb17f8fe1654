"""The cues over a capture: a reducer beside the verification's own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.values import Face
from models.pad.cues import bezel, planarity, screen_grid
from models.pad.report import Cue, PadReport

_MOST_TRACKS = 40
_EVERY = 4  # pictures are examined every so many frames: the cues are of the scene, not the frame


@dataclass(frozen=True)
class PadState:
    """What the cues remember of a capture."""

    frames: int = 0
    grid: tuple[float, ...] = ()
    frame: tuple[float, ...] = ()
    tracks: tuple[NDArray[np.float32], ...] = field(default=(), repr=False)
    turns: tuple[float, ...] = ()


def pad_watch(state: PadState, picture: NDArray[np.uint8], face: Face | None) -> PadState:
    """Take in an RGB frame and the face in it."""
    if face is None:
        return state
    state = replace(
        state,
        frames=state.frames + 1,
        tracks=(*state.tracks, face.points)[-_MOST_TRACKS:],
        turns=(*state.turns, _turn(face.points))[-_MOST_TRACKS:],
    )
    if state.frames % _EVERY != 1:
        return state
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    box = face.box
    rows = slice(max(0, int(box.top)), max(0, int(box.bottom)))
    columns = slice(max(0, int(box.left)), max(0, int(box.right)))
    return replace(
        state,
        grid=(*state.grid, screen_grid(grey[rows, columns])),
        frame=(*state.frame, bezel(grey, box.left, box.top, box.right, box.bottom)),
    )


def pad_report(state: PadState) -> PadReport:
    """Return the cues so far; medians, so that one odd frame decides nothing."""
    if not state.grid:
        return PadReport()
    cues = [
        Cue("screen_grid", float(np.median(state.grid))),
        Cue("bezel", float(np.median(state.frame))),
    ]
    flat = planarity(state.tracks, state.turns)
    if flat is not None:
        cues.append(Cue("planarity", flat))
    return PadReport(tuple(cues))


def _turn(points: NDArray[np.float32]) -> float:
    """About the yaw in degrees, from the nose between the outer eye corners."""
    outer = points[45] - points[36]
    size = float(outer @ outer) + 1e-6
    return 80.0 * float((points[30] - (points[36] + points[45]) / 2) @ outer) / size
