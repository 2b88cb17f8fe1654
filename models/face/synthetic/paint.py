"""The colours of a face without light: skin, eyes, brows, lips, age; then hair and what is worn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.face.synthetic.identity import Identity, Rgb
from models.face.synthetic.shape import (
    GRID,
    Plane,
    bump,
    face_mask,
    mouth_y,
    nose_base_y,
    soft,
)
from models.face.synthetic.texture import skin_grain, strands

Colours = NDArray[Any]


@dataclass(frozen=True)
class Expression:
    """`blink` 0 open to 1 closed; `mouth` 0 shut to 1 wide open; `smile` -1 to 1."""

    blink: float = 0.0
    mouth: float = 0.0
    smile: float = 0.0


def paint_face(who: Identity, expression: Expression) -> Colours:
    """Return the colours of the face, rows x columns x 3 float32, 0 to 1."""
    picture = _skin(who)
    _age(picture, who)
    _nostrils(picture, who)
    for side in (-1.0, 1.0):
        _eye(picture, who, side, expression.blink)
        _brow(picture, who, side)
    _mouth(picture, who, expression)
    return np.clip(picture, 0.0, 1.0)


def lay(picture: Colours, cover: Plane, colour: Rgb | Colours) -> None:
    """Blend a colour over the picture in place by its coverage 0 to 1."""
    picture += cover[..., None] * (np.asarray(colour, np.float32) - picture)


def darken(picture: Colours, cover: Plane, share: float) -> None:
    """Multiply the covered part of the picture by 1 - share, in place."""
    picture *= 1.0 - share * cover[..., None]


def _skin(who: Identity) -> Colours:
    picture = np.broadcast_to(np.asarray(who.skin, np.float32), (*GRID.x.shape, 3)).copy()
    pores = skin_grain(who.seed * 7 + 1)
    roughness = 0.02 + 0.025 * (who.age - 18) / 62
    picture *= 1.0 + roughness * pores[..., None]
    flush = 0.5 * bump(-0.38, 0.18, 0.16, 0.14) + 0.5 * bump(0.38, 0.18, 0.16, 0.14)
    flush = flush + 0.5 * bump(0, nose_base_y(who) - 0.03, 0.10, 0.08)
    tint = np.asarray([0.04, -0.05, -0.05], np.float32) * who.redness
    picture += flush[..., None] * tint
    spots = np.clip(skin_grain(who.seed * 7 + 5) * 1.6 - 1.0, 0, 1)
    area = bump(0.0, 0.12, 0.45, 0.16)
    darken(picture, (spots * area).astype(np.float32), 0.35 * who.freckles)
    for x, y in who.moles:
        darken(picture, soft(np.hypot(GRID.x - x, GRID.y - y) - 0.014, 0.008), 0.6)
    return picture


def _age(picture: Colours, who: Identity) -> None:
    old = float(np.clip((who.age - 32) / 40, 0, 1))
    for number in range(3):  # the forehead's lines
        level = -0.36 - 0.09 * number + 0.03 * np.cos(GRID.x * 4 + number)
        line = np.exp(-(((GRID.y - level) / 0.008) ** 2)) * bump(0, -0.42, 0.34, 0.3)
        darken(picture, line.astype(np.float32), 0.25 * old)
    base, lips = nose_base_y(who), mouth_y(who)
    for side in (-1.0, 1.0):  # from the nose's wings to the mouth's corners
        run = np.clip((GRID.y - base + 0.05) / (lips - base + 0.13), 0, 1)
        path = side * (who.nose_width + 0.02 + 0.13 * run)
        line = np.exp(-(((GRID.x - path) / 0.014) ** 2)) * np.sin(np.pi * run)
        darken(picture, line.astype(np.float32), 0.12 + 0.25 * old)
        bag = bump(side * who.eye_spacing, who.eye_y + 0.085, 0.10, 0.02)
        darken(picture, bag, 0.08 + 0.20 * old)
        for tilt in (-0.35, 0.0, 0.35):  # crow's feet
            foot = GRID.y - who.eye_y - tilt * (np.abs(GRID.x) - who.eye_spacing - 0.13)
            near = bump(side * (who.eye_spacing + 0.2), who.eye_y, 0.05, 0.08)
            darken(picture, (np.exp(-((foot / 0.007) ** 2)) * near).astype(np.float32), 0.3 * old)


def _nostrils(picture: Colours, who: Identity) -> None:
    base = nose_base_y(who)
    for side in (-1.0, 1.0):
        hole = bump(side * who.nose_width * 0.42, base - 0.005, 0.032, 0.014)
        darken(picture, hole, 0.75)
        wing = bump(side * who.nose_width * 1.02, base - 0.035, 0.014, 0.035)
        darken(picture, wing, 0.30)
    darken(picture, bump(0, base + 0.018, who.nose_width * 0.7, 0.018), 0.22)


def _eye(picture: Colours, who: Identity, side: float, blink: float) -> None:
    x0, y0 = side * who.eye_spacing, who.eye_y + side * who.asymmetry * 0.5
    x = (GRID.x - x0) * side  # outwards
    y = GRID.y - y0 + who.eye_tilt * x
    along = np.clip(1.0 - (x / who.eye_width) ** 2, 0.0, 1.0)
    inside = soft(np.abs(GRID.x - x0) - who.eye_width, 0.01)
    lower = who.eye_open * 0.75 * along
    upper = -who.eye_open * 1.15 * along**0.75 * (1.0 - blink) + lower * blink
    opening = soft(upper - y, 0.009) * soft(y - lower, 0.009) * inside
    lay(picture, opening, (0.86, 0.83, 0.80))
    darken(picture, opening * soft(y - upper - 0.025, 0.03), 0.35)  # the lid's shade
    pupil = np.hypot(GRID.x - x0, (GRID.y - y0) * 1.0 + 0.004)
    iris = 0.052
    lay(picture, opening * soft(pupil - iris, 0.008), who.iris)
    darken(picture, opening * np.exp(-(((pupil - iris) / 0.008) ** 2)), 0.5)
    lay(picture, opening * soft(pupil - 0.022, 0.008), (0.02, 0.02, 0.02))
    spark = np.hypot(GRID.x - x0 + 0.015, GRID.y - y0 + 0.018)
    lay(picture, opening * soft(spark - 0.008, 0.008), (1.0, 1.0, 1.0))
    edge = inside * (along > 0.01)
    lashes = np.exp(-(((y - upper) / 0.012) ** 2)) * edge
    darken(picture, lashes.astype(np.float32), 0.80)
    darken(picture, (np.exp(-(((y - lower) / 0.008) ** 2)) * edge).astype(np.float32), 0.35)
    crease = upper - 0.02 - 0.03 * (1.0 - who.hooded) * along
    fold = np.exp(-(((y - crease) / 0.010) ** 2)) * edge
    darken(picture, fold.astype(np.float32), 0.30 * (1.0 - blink))  # a closed lid is smooth
    darken(picture, bump(x0 - side * 0.10, who.eye_y - 0.02, 0.05, 0.07), 0.16)


def _brow(picture: Colours, who: Identity, side: float) -> None:
    x = GRID.x * side - who.eye_spacing * 0.97  # outwards from the brow's middle
    reach = who.eye_width * 1.35
    centre = who.eye_y - who.brow_lift - side * who.asymmetry
    arch = centre - who.brow_arch * (1.0 - (x / reach) ** 2) - who.brow_tilt * x
    weight = who.brow_weight * (1.0 - 0.55 * np.clip(x / reach, 0, 1))
    cover = soft(np.abs(GRID.y - arch) - weight, 0.02) * soft(np.abs(x) - reach, 0.04)
    hairs = np.clip(0.78 + 0.22 * strands(who.seed * 7 + 9), 0, 1)
    lay(picture, (cover * hairs * 0.88).astype(np.float32), 0.75 * np.asarray(who.hair_colour))


def _mouth(picture: Colours, who: Identity, expression: Expression) -> None:
    y0 = mouth_y(who)
    reach = who.mouth_width * (1.0 + 0.15 * expression.smile)
    x = np.clip(GRID.x / reach, -1.0, 1.0)
    inside = soft(np.abs(GRID.x) - reach, 0.015)
    seam = y0 + (who.mouth_curve - 0.06 * expression.smile) * x**2 + who.asymmetry * x
    gap = 0.16 * expression.mouth * (1.0 - x**2)
    bow = 1.0 - np.abs(x) ** 1.8 - 0.22 * np.exp(-((GRID.x / 0.035) ** 2))
    top = seam - gap * 0.4 - who.lip_upper * np.clip(bow, 0, 1)
    bottom = seam + gap * 0.6 + who.lip_lower * (1.0 - x**2)
    lips = soft(top - GRID.y, 0.010) * soft(GRID.y - bottom, 0.012) * inside
    lay(picture, (0.85 * lips).astype(np.float32), who.lip_colour)
    upper = lips * soft(GRID.y - seam, 0.01)
    darken(picture, upper, 0.16)
    opening = soft(seam - gap * 0.4 - GRID.y, 0.01) * soft(GRID.y - seam - gap * 0.6, 0.01) * inside
    if expression.mouth > 0.1:
        lay(picture, opening, (0.16, 0.05, 0.05))
        teeth = opening * soft(GRID.y - seam + gap * 0.1, 0.01)
        lay(picture, teeth * 0.9, (0.80, 0.78, 0.72))
    line = np.exp(-(((GRID.y - seam) / 0.010) ** 2)) * inside * (1 - min(1, expression.mouth * 3))
    darken(picture, line.astype(np.float32), 0.62)
    darken(picture, bump(0, y0 + who.lip_lower + 0.045, who.mouth_width * 0.55, 0.02), 0.16)


def skin_coverage(who: Identity) -> Plane:
    """Coverage of the face and ears."""
    ears = np.zeros_like(GRID.x)
    for side in (-1.0, 1.0):
        middle = side * (who.face_width * 0.985)
        ears = np.maximum(
            ears,
            soft(
                np.hypot((GRID.x - middle) / 0.09, (GRID.y - who.eye_y - 0.12) / 0.19) - 1.0, 0.08
            ),
        )
    return np.maximum(face_mask(who), ears)
