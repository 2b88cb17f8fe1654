"""Light and pose: from painted layers to a picture of the head as a camera would see it.

The head is a height field, so a turn is a shift of each pixel by its height: the inverse is found
by a few rounds of fixed-point iteration, and everything stays a handful of whole-array sums.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.cv import blur
from models.face.synthetic.identity import Identity
from models.face.synthetic.paint import Colours, Expression, paint_face, skin_coverage
from models.face.synthetic.shape import CENTRE, GRID, SCALE, Plane, height_field
from models.face.synthetic.wear import back_layer, wear_front

_ROUNDS = 6
_EASE = 4.0  # pixels by which the silhouette is softened: a cliff would show twice when turned
_PIVOT = 0.25  # depth, in the identity's units, of the axis that the head turns about
_BACK_DEPTH = 0.05


@dataclass(frozen=True)
class Pose:
    """Turn of the head in degrees: yaw to the picture's right, pitch down, roll clockwise."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0


@dataclass(frozen=True)
class Light:
    """Where the key light stands (degrees right and up), its strength, and what fills the rest."""

    right: float = -20.0
    up: float = 35.0
    key: float = 0.62
    fill: float = 0.48
    warmth: float = 0.0


@dataclass(frozen=True)
class Portrait:
    """The head before any background: RGB float32 0 to 1 and coverage, both premultiplied."""

    colours: Colours
    cover: Plane


@dataclass(frozen=True)
class _Head:
    face: Colours
    face_cover: Plane
    relief: Plane
    back: Colours
    back_cover: Plane
    normals: NDArray[np.float32] = field(repr=False)
    hollow: Plane = field(repr=False)


def render_portrait(
    who: Identity,
    pose: Pose | None = None,
    expression: Expression | None = None,
    light: Light | None = None,
) -> Portrait:
    """Return the head of an identity; float32 of the canvas's size."""
    head = _build(who, expression or Expression())
    lit = head.face * _shade(head, light or Light())[..., None] + _shine(head, light or Light())
    lit = lit * _warmth(light or Light())
    back = head.back * (0.85 * (light or Light()).fill + 0.45) * _warmth(light or Light())
    turned = pose or Pose()
    front, cover = _turned(np.dstack([lit, head.face_cover]), head.relief, turned)
    layer = np.dstack([back, head.back_cover])
    behind, behind_cover = _turned(layer, _BACK_DEPTH, turned)
    colours = front * cover[..., None] + behind * (behind_cover * (1 - cover))[..., None]
    return Portrait(np.clip(colours, 0, 1), np.maximum(cover, behind_cover))


def forget_heads() -> None:
    """Drop the heads that are kept between pictures."""
    _build.cache_clear()


@lru_cache(maxsize=4)
def _build(who: Identity, expression: Expression) -> _Head:
    picture = paint_face(who, expression)
    cover = wear_front(picture, who, skin_coverage(who))
    height = height_field(who)
    smooth = cv2.GaussianBlur(height, (0, 0), 2.0)
    slope_y, slope_x = np.gradient(smooth * SCALE)
    normals = np.dstack([-slope_x, -slope_y, np.ones_like(slope_x)])
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    hollow = np.clip(1.0 + 2.2 * (smooth - cv2.GaussianBlur(smooth, (0, 0), 14.0)), 0.6, 1.15)
    back, back_cover = back_layer(who)
    relief = blur(height, _EASE)
    return _Head(picture, cover, relief, back, back_cover, normals.astype(np.float32), hollow)


def _direction(light: Light) -> NDArray[np.float32]:
    right, up = np.radians([light.right, light.up])
    return np.array(
        [np.sin(right) * np.cos(up), -np.sin(up), np.cos(right) * np.cos(up)], np.float32
    )


def _shade(head: _Head, light: Light) -> Plane:
    facing = np.clip(head.normals @ _direction(light), 0.0, 1.0)
    upward = 0.5 - 0.5 * head.normals[..., 1]
    shade = (light.key * facing + light.fill * (0.7 + 0.3 * upward)) * head.hollow
    return np.asarray(shade, np.float32)


def _shine(head: _Head, light: Light) -> Colours:
    half = _direction(light) + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    gloss = np.clip(head.normals @ half, 0, 1) ** 24
    return np.asarray(0.10 * light.key * gloss, np.float32)[..., None]


def _warmth(light: Light) -> NDArray[np.float32]:
    return np.array([1 + 0.12 * light.warmth, 1.0, 1 - 0.15 * light.warmth], np.float32)


def _turned(
    layers: NDArray[np.float32], relief: Plane | float, pose: Pose
) -> tuple[Colours, Plane]:
    """Turn a layer that has a relief, or one depth everywhere."""
    yaw, pitch, roll = np.radians([pose.yaw, pose.pitch, pose.roll])
    x = GRID.x * np.cos(roll) + GRID.y * np.sin(roll)
    y = GRID.y * np.cos(roll) - GRID.x * np.sin(roll)

    def back(height: Plane | float) -> tuple[Plane, Plane]:
        z = height - _PIVOT
        return (x - z * np.sin(yaw)) / np.cos(yaw), (y - z * np.sin(pitch)) / np.cos(pitch)

    if isinstance(relief, float):
        u, v = back(relief)
    else:
        u, v = back(_PIVOT)
        for _ in range(_ROUNDS):
            seen = back(np.asarray(cv2.remap(relief, *_pixels(u, v), cv2.INTER_LINEAR)))
            u, v = 0.4 * u + 0.6 * seen[0], 0.4 * v + 0.6 * seen[1]
    # What touches the lower edge, the shoulders, goes on below it.
    moved = cv2.remap(layers, *_pixels(u, v), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved[..., :3]), np.asarray(moved[..., 3])


def _pixels(x: Plane, y: Plane) -> tuple[Plane, Plane]:
    return (x * SCALE + CENTRE[0]).astype(np.float32), (y * SCALE + CENTRE[1]).astype(np.float32)
