"""Hair, beard, headscarf and glasses, as layers over the painted face."""

from __future__ import annotations

import numpy as np

from models.face.cv import blur
from models.face.synthetic.identity import Beard, Glasses, Hair, Identity
from models.face.synthetic.paint import Colours, darken, lay
from models.face.synthetic.shape import GRID, Plane, half_width, mouth_y, nose_base_y, soft
from models.face.synthetic.texture import grain, strands

_CROWN_Y = -0.30  # centre of the skull's dome


def wear_front(picture: Colours, who: Identity, skin: Plane) -> Plane:
    """Paint beard, hair and glasses in place; return the coverage of head and wear together."""
    _beard(picture, who)
    cover = skin
    if who.hair is Hair.HEADSCARF:
        scarf = _scarf(who)
        lay(picture, scarf, _cloth(who))
        cover = np.maximum(skin * (GRID.y < 0.95), scarf)
    elif who.hair is not Hair.BALD:
        hair = _hair(who)
        darken(picture, np.clip(_blurred_edge(hair), 0, 1) * (1 - hair), 0.35)
        lay(picture, hair, _hair_colours(who))
        cover = np.maximum(skin, hair)
    _glasses(picture, who)
    return cover


def back_layer(who: Identity) -> tuple[Colours, Plane]:
    """Colours and coverage of what is behind the head: long hair, neck and shoulders."""
    skin = 0.72 * np.asarray(who.skin, np.float32)
    picture = np.broadcast_to(skin, (*GRID.x.shape, 3)).astype(np.float32)
    cover = np.zeros_like(GRID.x)
    if who.hair is Hair.LONG:
        wide = who.face_width * 1.22 + 0.04 * np.sin(GRID.y * 5 + who.seed)
        dome = np.hypot(GRID.x / wide, np.minimum(GRID.y - _CROWN_Y, 0) / 0.78)
        hair = soft((dome - 1.0) * 0.7, 0.03) * soft(GRID.y - 1.25, 0.1)
        picture[:] = 0.8 * _hair_colours(who)
        cover = np.maximum(cover, hair)
    neck_width = 0.36 * who.face_width / 0.68 + 0.08 * np.clip((GRID.y - 0.9) / 0.4, 0, 1)
    neck = soft(np.abs(GRID.x) - neck_width, 0.02) * soft(0.4 - GRID.y, 0.05)
    lay(picture, soft(np.abs(GRID.x) - neck_width - 0.02, 0.02) * neck, skin)
    if who.hair is Hair.HEADSCARF:
        neck = _scarf_back(who)
        picture[:] = 0.8 * _cloth(who)
    cover = np.maximum(cover, neck)
    collar = 0.16 * np.exp(-((GRID.x / 0.40) ** 4)) - 0.14 * np.exp(-((GRID.x / 0.22) ** 2))
    shoulders = soft(1.14 + 0.22 * (GRID.x / 0.9) ** 2 - collar - GRID.y, 0.02)
    fabric = who.scarf if who.hair is Hair.HEADSCARF else who.cloth
    folds = 1.0 + 0.06 * grain(who.seed * 7 + 30, 9, 16)
    lay(picture, shoulders, np.asarray(fabric, np.float32) * folds[..., None])
    return picture, np.maximum(cover, shoulders)


def _hair_colours(who: Identity) -> Colours:
    lights = 1.0 + 0.28 * strands(who.seed * 7 + 20, who.hair is Hair.CURLY)
    dome = 1.0 + 0.35 * np.exp(-(((GRID.y + 0.8) / 0.15) ** 2)) * np.exp(-((GRID.x / 0.4) ** 2))
    colour = np.asarray(who.hair_colour, np.float32) + 0.015
    return np.clip(colour * (lights * dome)[..., None], 0, 1).astype(np.float32)


def _skull(who: Identity, thickness: float) -> Plane:
    """Signed distance (about) to the skull grown by the hair's thickness."""
    across = GRID.x / (who.face_width + thickness)
    above = (GRID.y - _CROWN_Y) / (0.70 + thickness)
    return (np.hypot(across, np.minimum(above, 0)) - 1.0) * 0.7


def _hair(who: Identity) -> Plane:
    thickness = {
        Hair.RECEDING: 0.03, Hair.SHORT: 0.05, Hair.PARTED: 0.08, Hair.FRINGE: 0.09,
        Hair.CURLY: 0.16, Hair.LONG: 0.10,
    }[who.hair]  # fmt: skip
    ragged = 0.012 * strands(who.seed * 7 + 22, True)
    if who.hair is Hair.CURLY:
        ragged = ragged * 2.5
    line = _hairline(who) + ragged
    sides = who.eye_y + (0.45 if who.hair is Hair.LONG else 0.02)
    edge = np.clip((np.abs(GRID.x) / np.maximum(half_width(who), 0.02) - 0.80) / 0.16, 0, 1)
    level = line + (sides - line) * edge**1.5
    outer = soft(_skull(who, thickness) + ragged, 0.02) * soft(GRID.y - sides, 0.05)
    return (outer * soft(GRID.y - level, 0.03)).astype(np.float32)


def _hairline(who: Identity) -> Plane:
    x = GRID.x / who.face_width
    line = who.hairline + 0.10 * x**2
    if who.hair is Hair.RECEDING:
        line = who.hairline - 0.20 + 0.16 * np.cos(x * 5.0)
    elif who.hair is Hair.FRINGE:
        line = who.eye_y - who.brow_lift - 0.07 + 0.03 * np.sin(x * 9 + who.seed)
    elif who.hair is Hair.PARTED:
        line = who.hairline + 0.30 * np.clip(x + 0.35, 0, 1) * np.clip(1.2 - x, 0, 1)
    return np.asarray(line, np.float32)


def _beard(picture: Colours, who: Identity) -> None:
    if who.beard is Beard.NONE:
        return
    base, lips = nose_base_y(who), mouth_y(who)
    near_mouth = np.hypot(GRID.x / (who.mouth_width * 1.15), (GRID.y - lips) / 0.20)
    moustache = soft(
        np.abs(GRID.y - (base + lips) / 2 - 0.15 * GRID.x**2) - who.mouth_drop * 0.30, 0.04
    )
    moustache = moustache * soft(np.abs(GRID.x) - who.mouth_width * 1.15, 0.04)
    cheek = soft(base + 0.06 - 0.55 * (np.abs(GRID.x) / who.face_width) ** 3 - GRID.y, 0.07)
    full = cheek * soft(0.95 - near_mouth, 0.1)
    chin = soft(np.hypot(GRID.x / 0.23, (GRID.y - who.chin_y + 0.14) / 0.20) - 1.0, 0.1)
    cover = {
        Beard.STUBBLE: 0.45 * np.maximum(full, moustache),
        Beard.MOUSTACHE: moustache,
        Beard.GOATEE: np.maximum(moustache, chin * (GRID.y > lips + who.lip_lower)),
        Beard.FULL: np.maximum(full, moustache),
    }[who.beard]
    mouth = soft(
        np.hypot(GRID.x / who.mouth_width, (GRID.y - lips) / (who.lip_lower + 0.03)) - 1.0, 0.1
    )
    hairs = np.clip(0.80 + 0.25 * strands(who.seed * 7 + 25, True), 0, 1)
    lay(picture, (0.92 * cover * hairs * (1 - mouth)).astype(np.float32), _hair_colours(who) * 0.85)


def _scarf(who: Identity) -> Plane:
    opening = np.hypot(GRID.x / (who.face_width * 0.93), (GRID.y - 0.08) / (who.chin_y - 0.02))
    around = np.hypot(GRID.x / (who.face_width * 1.22), (GRID.y - 0.02) / 1.12)
    below = soft(
        np.abs(GRID.x) - who.face_width * (0.85 + 0.25 * np.clip(GRID.y - 0.6, 0, 1)), 0.03
    )
    below = below * soft(0.55 - GRID.y, 0.04)
    return (np.maximum(soft(around - 1.0, 0.02), below) * soft(1.0 - opening, 0.02)).astype(
        np.float32
    )


def _scarf_back(who: Identity) -> Plane:
    """The cloth behind the face, so that a turned head shows no gap."""
    return soft(np.hypot(GRID.x / (who.face_width * 1.15), (GRID.y - 0.15) / 1.05) - 1.0, 0.02)


def _cloth(who: Identity) -> Colours:
    folds = 1.0 + 0.10 * np.sin(
        12 * np.hypot(GRID.x, GRID.y * 0.8) + grain(who.seed * 7 + 31, 20, 20)
    )
    return np.asarray(np.asarray(who.scarf) * folds[..., None], np.float32)


def _glasses(picture: Colours, who: Identity) -> None:
    if who.glasses is Glasses.NONE:
        return
    power = 2.0 if who.glasses is Glasses.ROUND else 5.0
    frame = np.zeros_like(GRID.x)
    for side in (-1.0, 1.0):
        x = np.abs(GRID.x - side * who.eye_spacing) / (who.eye_spacing * 0.80)
        y = np.abs(GRID.y - who.eye_y - 0.02) / 0.155
        ring = (x**power + y**power) ** (1 / power)
        frame = np.maximum(frame, np.exp(-(((ring - 1.0) / 0.075) ** 4)))
        lens = soft(ring - 1.0, 0.05)
        picture += (0.05 * lens * np.clip(0.5 - (GRID.y - who.eye_y) * 3, 0, 1))[..., None]
    bridge = np.exp(-(((GRID.y - who.eye_y + 0.02) / 0.016) ** 2)) * (
        np.abs(GRID.x) < who.eye_spacing * 0.24
    )
    temple = np.exp(-(((GRID.y - who.eye_y) / 0.018) ** 2)) * (
        np.abs(GRID.x) > who.eye_spacing * 1.8
    )
    frame = np.maximum(frame, np.maximum(bridge, temple * (np.abs(GRID.x) < who.face_width)))
    lay(picture, frame.astype(np.float32), who.frame_colour)


def _blurred_edge(cover: Plane) -> Plane:
    return blur(cover, 6.0)
