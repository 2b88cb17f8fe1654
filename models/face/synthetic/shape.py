"""The head as a height field over the frontal view: an ellipsoid with features upon it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.face.synthetic.identity import Identity

Plane = NDArray[Any]
"""Rows x columns, float32 or float64, which mix freely."""

WIDTH, HEIGHT = 288, 360
SCALE = 128.0
"""Pixels of the canvas per unit; its centre is the origin of the identity's coordinates."""

_CROWN = 0.86  # height of a bald skull above the origin

CENTRE = ((WIDTH - 1) / 2, 176.0)


@dataclass(frozen=True)
class Grid:
    """The coordinates of every pixel of the canvas, float32 rows x columns."""

    x: Plane
    y: Plane


def make_grid() -> Grid:
    """Return the canvas in the identity's units."""
    columns = (np.arange(WIDTH, dtype=np.float32) - CENTRE[0]) / SCALE
    rows = (np.arange(HEIGHT, dtype=np.float32) - CENTRE[1]) / SCALE
    x, y = np.meshgrid(columns, rows)
    return Grid(x.astype(np.float32), y.astype(np.float32))


GRID = make_grid()


def soft(distance: Plane, width: float = 0.012) -> Plane:
    """Coverage 0 to 1 of a region whose signed distance is negative inside."""
    return np.clip(0.5 - distance / (2 * width), 0.0, 1.0).astype(np.float32)


def bump(x: float, y: float, width: float, height: float) -> Plane:
    """A bell of height 1 about a point."""
    return np.exp(-(((GRID.x - x) / width) ** 2) - ((GRID.y - y) / height) ** 2)


def half_width(who: Identity) -> Plane:
    """Half width of the face in every row: skull, cheeks, jaw and chin."""
    y = GRID.y[:, :1]
    down = np.clip(np.where(y > 0, y / who.chin_y, y / _CROWN), -1.0, 1.0)
    round_part = np.sqrt(np.clip(1.0 - np.abs(down) ** 2.3, 0.0, 1.0))
    jaw = 1.0 - (1.0 - who.jaw_width) * np.clip((y - 0.05) / 0.6, 0.0, 1.0) ** 1.2
    point = 1.0 - 0.25 * who.chin_point * np.clip((y - 0.45) / 0.5, 0.0, 1.0)
    cheeks = who.cheek_width * np.exp(-(((y - 0.18) / 0.22) ** 2))
    return np.asarray(round_part * (who.face_width * jaw * point + cheeks), np.float32)


def face_mask(who: Identity) -> Plane:
    """Coverage of the face and skull without ears."""
    width = half_width(who)
    return soft(np.abs(GRID.x) - width, 0.015) * (width > 0.02)


def height_field(who: Identity) -> Plane:
    """Height towards the viewer, 0 at the silhouette, in the identity's units."""
    across = np.abs(GRID.x) / np.maximum(half_width(who), 1e-3)
    dome = np.sqrt(np.clip(1.0 - np.minimum(across, 1.0) ** 2.4, 0.0, 1.0))
    along = np.sqrt(np.clip(1.0 - np.clip(np.abs(GRID.y) / 1.05, 0, 1) ** 3, 0.0, 1.0))
    z = who.depth * dome * (0.55 + 0.45 * along)
    z += _nose(who) + _eyes_and_brows(who) + _lower_face(who)
    return np.asarray(z * np.clip(dome * 4, 0, 1), np.float32)


def nose_base_y(who: Identity) -> float:
    """Where the nose ends."""
    return who.eye_y + who.nose_length


def mouth_y(who: Identity) -> float:
    """Where the lips meet."""
    return nose_base_y(who) + who.mouth_drop


def _nose(who: Identity) -> Plane:
    base = nose_base_y(who)
    run = np.clip((GRID.y - who.eye_y + 0.04) / (who.nose_length - 0.02), 0.0, 1.0)
    ends = soft(GRID.y - base + 0.015, 0.035) * soft(who.eye_y - 0.10 - GRID.y, 0.08)
    width = who.nose_bridge + (who.nose_width * 0.5 - who.nose_bridge * 0.6) * run**2
    ridge = np.exp(-((GRID.x / width) ** 2)) * (0.25 + 0.75 * run) * who.nose_height * ends
    tip = bump(0.0, base - 0.05, who.nose_tip, 0.05) * 0.05
    wings = bump(-who.nose_width * 0.72, base - 0.03, 0.045, 0.04)
    wings = wings + bump(who.nose_width * 0.72, base - 0.03, 0.045, 0.04)
    return np.asarray(ridge + tip + 0.06 * wings, np.float32)


def _eyes_and_brows(who: Identity) -> Plane:
    z = np.zeros_like(GRID.x)
    for side in (-1.0, 1.0):
        eye_x = side * who.eye_spacing
        z -= 0.065 * bump(eye_x * 0.95, who.eye_y - 0.01, 0.15, 0.085)
        z += 0.030 * bump(eye_x, who.eye_y, 0.085, 0.05)
        brow = bump(eye_x * 0.95, who.eye_y - who.brow_lift + 0.01, 0.20, 0.06)
        z += who.brow_ridge * brow
        z += who.cheek_height * bump(side * 0.40, who.eye_y + 0.27, 0.16, 0.13)
        fold = (who.age - 35) / 45
        z -= 0.018 * max(0.0, fold) * bump(eye_x * 0.85, who.eye_y + 0.11, 0.10, 0.025)
    return z


def _lower_face(who: Identity) -> Plane:
    lips = mouth_y(who)
    z = 0.035 * bump(0.0, lips - who.lip_upper * 0.6, who.mouth_width * 0.8, 0.03 + who.lip_upper)
    z = z + 0.045 * bump(0.0, lips + who.lip_lower * 0.6, who.mouth_width * 0.6, 0.03)
    z = z - 0.03 * bump(0.0, lips + who.lip_lower + 0.05, who.mouth_width * 0.6, 0.03)
    z = z + 0.06 * bump(0.0, who.chin_y - 0.13, 0.16, 0.09)
    return z.astype(np.float32)
