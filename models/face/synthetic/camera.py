"""A camera before which rendered heads stand: approach, sway, light, blur, noise, people behind.

Heads are rendered once in a few poses; a frame is then a scaled copy of one of them, so that
30 frames a second leave most of a core to the recogniser. Frame n of a seed is always the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.cv import resize
from models.face.synthetic.identity import Identity
from models.face.synthetic.paint import Expression
from models.face.synthetic.render import Light, Pose, forget_heads, render_portrait
from models.face.synthetic.shape import CENTRE
from models.face.values import Picture

Sprite = NDArray[np.uint8]

_POSES = (Pose(0, 0), Pose(-5, 2), Pose(-9, 0), Pose(5, -2), Pose(9, 2), Pose(2, 6))
_POSE_S = 0.35  # a head stays about so long in one pose
_BLINK_EVERY_S = 3.4
_BLINK_S = 0.16
_SMEAR_FROM = 1.5  # pixels moved in one exposure
_BODY_ROWS = 900  # the cloth goes on below the canvas
_FACE_SHARE = 1.75 * 128  # pixels of the canvas from the brow of the skull to the chin


@dataclass(frozen=True)
class Sitter:
    """A head rendered in all poses, ready to be put into frames: RGBA, colours premultiplied."""

    poses: tuple[Sprite, ...]
    blinking: Sprite


@dataclass(frozen=True)
class Scene:
    """What the camera sees. Lengths are shares of the frame's height, times in seconds.

    `distance` 1 fills 45 % of the height with the face; `approach_s`: time to walk up from twice
    that distance; `gain` 1 is well lit, 0.1 dark, 3 too bright; `turn`: index of a held pose or
    None to move freely; `behind`: further people, standing back; `motion`: 1 stands, 8 fidgets;
    `exposure_s`: of one line, smears what moves; `readout_s`: from the first line to the last, slants it.
    """

    sitter: Sitter | None = None
    approach_s: float = 0.8
    distance: float = 1.0
    gain: float = 1.0
    defocus: float = 0.4
    motion: float = 1.0
    exposure_s: float = 0.012
    readout_s: float = 0.020
    noise: float = 3.0
    flicker: float = 0.03
    turn: int | None = None
    blinks: bool = True
    behind: tuple[Sitter, ...] = ()
    beside: Sitter | None = None
    black: bool = False
    frozen_from: int | None = None


@lru_cache(maxsize=64)
def prepare(who: Identity, light: Light | None = None) -> Sitter:
    """Render the poses of an identity: about half a second the first time, then cached."""
    poses = tuple(_sprite(who, pose, Expression(), light) for pose in _POSES)
    return Sitter(poses, _sprite(who, _POSES[0], Expression(blink=1.0), light))


class VirtualCamera:
    """Frames of a scene, columns x rows, at any rate: `frame(n)` is pure in seed, scene and n."""

    def __init__(
        self, scene: Scene, seed: int = 0, columns: int = 640, rows: int = 480, fps: float = 15.0
    ) -> None:
        self.scene = scene
        self.fps = fps
        self._size = (columns, rows)
        self._seed = seed
        self._hall = _hall(columns, rows, seed)
        self._grain = _grain(columns, rows, seed)

    def frame(self, number: int) -> Picture:
        """Return frame `number` (from 0) as RGB uint8, rows x columns x 3."""
        scene = self.scene
        if scene.frozen_from is not None:
            number = min(number, scene.frozen_from)
        if scene.black:
            return np.zeros((self._size[1], self._size[0], 3), np.uint8)
        picture = self._hall.copy()
        for place, person in enumerate(scene.behind):
            across = (0.22 + 0.56 * (place % 2)) * self._size[0]
            self._put(picture, person.poses[0], (across, 0.40 * self._size[1]), 0.17)
        if scene.beside is not None:
            beside = (0.80 * self._size[0], 0.48 * self._size[1])
            self._put(picture, scene.beside.poses[0], beside, 0.38)
        if scene.sitter is not None:
            self._put_sitter(picture, scene.sitter, number / self.fps)
        return self._exposed(picture, number)

    def _put_sitter(self, picture: Picture, sitter: Sitter, at_s: float) -> None:
        scene = self.scene
        walked = min(1.0, at_s / scene.approach_s) if scene.approach_s > 0 else 1.0
        size = 0.45 / (scene.distance * (2.0 - walked))
        roll = 2.5 * np.sin(1.1 * at_s + self._seed * 0.7)
        speed = (self._place(at_s + 0.01) - self._place(at_s - 0.01)) / 0.02
        slant = float(speed[0]) * scene.readout_s / self._size[1]
        x, y = self._place(at_s)
        self._put(picture, self._pose(sitter, at_s), (x, y), size, roll, slant)
        moved = speed * scene.exposure_s
        if np.hypot(*moved) >= _SMEAR_FROM:
            picture[:] = cv2.filter2D(picture, -1, _line(moved))

    def _place(self, at_s: float) -> NDArray[np.float64]:
        """Where the sitter's face is, in pixels."""
        phase = self._seed * 0.7
        x = 0.5 + 0.02 * self.scene.motion * np.sin(1.7 * at_s + phase)
        y = 0.50 + 0.012 * self.scene.motion * np.sin(2.3 * at_s + 2 * phase)
        return np.array([x, y]) * self._size

    def _pose(self, sitter: Sitter, at_s: float) -> Sprite:
        if self.scene.turn is not None:
            return sitter.poses[self.scene.turn % len(sitter.poses)]
        if self.scene.blinks and (at_s + 0.31 * (self._seed % 7)) % _BLINK_EVERY_S < _BLINK_S:
            return sitter.blinking
        rng = np.random.default_rng([self._seed, int(at_s / _POSE_S)])
        return sitter.poses[int(rng.integers(len(sitter.poses)))]

    def _put(
        self,
        picture: Picture,
        sprite: Sprite,
        centre: tuple[float, float],
        size: float,
        roll_deg: float = 0.0,
        slant: float = 0.0,
    ) -> None:
        """Lay a head over the picture, its middle at `centre` in pixels.

        `size` is the face's share of the frame's height, `slant` pixels to the right for each line.
        """
        columns, rows = self._size
        scale = size * rows / _FACE_SHARE
        if scale < 0.75:
            sprite = resize(sprite, round(sprite.shape[1] * scale), round(sprite.shape[0] * scale))
        inner = scale if scale >= 0.75 else 1.0
        own = (CENTRE[0] * scale / inner, CENTRE[1] * scale / inner)
        matrix = np.asarray(cv2.getRotationMatrix2D(own, -roll_deg, inner), np.float64)
        matrix[:, 2] += np.array(centre) - np.array(own)
        matrix[0] += slant * (matrix[1] - (0.0, 0.0, centre[1]))
        top, bottom, left, right = _reach(sprite, matrix, columns, rows)
        if bottom <= top or right <= left:
            return
        matrix[:, 2] -= (left, top)
        head = cv2.warpAffine(sprite, matrix, (right - left, bottom - top))
        _blend(picture[top:bottom, left:right], np.asarray(head, np.uint8))

    def _exposed(self, picture: Picture, number: int) -> Picture:
        scene = self.scene
        if scene.defocus > 0.3:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), scene.defocus), np.uint8)
        rng = np.random.default_rng([self._seed, number, 77])
        wave = 2 * np.pi * (np.arange(self._size[1]) / self._size[1] * 2.0 + 0.37 * number)
        gains = scene.gain * (1.0 + scene.flicker * np.sin(wave))  # lines are exposed in turn
        if scene.flicker > 0 or scene.gain != 1.0:
            lit = picture * gains[:, None, None].astype(np.float32)
            picture = np.minimum(lit, 255.0).astype(np.uint8)
        x, y = (int(v) for v in rng.integers(0, 64, 2))
        columns, rows = self._size
        grain = self._grain[y : y + rows, x : x + columns]
        noisy = cv2.add(picture, grain * np.float32(scene.noise), dtype=cv2.CV_8U)
        return np.asarray(noisy, np.uint8)


def video(camera: VirtualCamera, frames: int) -> Sequence[Picture]:
    """Return the first frames of a camera."""
    return [camera.frame(number) for number in range(frames)]


def _sprite(who: Identity, pose: Pose, expression: Expression, light: Light | None) -> Sprite:
    portrait = render_portrait(who, pose, expression, light)
    picture = np.dstack([portrait.colours, portrait.cover])
    head = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    whole = cv2.copyMakeBorder(head, 0, _BODY_ROWS, 0, 0, cv2.BORDER_REPLICATE)
    return np.asarray(whole, np.uint8)


def _line(moved: NDArray[np.float64]) -> NDArray[np.float32]:
    """The kernel of a movement by so many pixels while a line is exposed."""
    half = int(np.ceil(np.abs(moved).max() / 2))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    ends = [tuple(int(v) for v in np.round(half + sign * moved / 2)) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _blend(under: Picture, head: Sprite) -> None:
    see_through = cv2.merge([255 - head[..., 3]] * 3)
    shown = cv2.multiply(under, see_through, scale=1 / 255.0)
    cv2.add(shown, np.ascontiguousarray(head[..., :3]), dst=under)


def _reach(
    sprite: Sprite, matrix: NDArray[np.float64], columns: int, rows: int
) -> tuple[int, int, int, int]:
    height, width = sprite.shape[:2]
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]) @ matrix.T
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    top, left = max(0, int(low[1])), max(0, int(low[0]))
    return top, min(rows, int(high[1])), left, min(columns, int(high[0]))


@lru_cache(maxsize=8)
def _hall(columns: int, rows: int, seed: int) -> Picture:
    """A plain wall with light from above and a few soft shapes."""
    rng = np.random.default_rng([seed, 5])
    y = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    wall = np.asarray(rng.uniform(0.45, 0.65, 3), np.float32)
    picture = np.ones((rows, columns, 3), np.float32) * wall * (1.15 - 0.3 * y)[..., None]
    for _ in range(4):
        x = int(rng.integers(0, columns))
        shade = float(rng.uniform(-0.08, 0.08))
        picture[:, x : x + int(rng.integers(20, columns // 5))] += shade
    picture = cv2.GaussianBlur(picture, (0, 0), 5.0)
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)


@lru_cache(maxsize=4)
def _grain(columns: int, rows: int, seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng([seed, 6])
    return rng.standard_normal((rows + 64, columns + 64, 3), dtype=np.float32)


def let_go() -> None:
    """Drop everything that is kept of halls and heads, 15 MB; who needs it makes it again."""
    for kept in (prepare, _hall, _grain):
        kept.cache_clear()
    forget_heads()
