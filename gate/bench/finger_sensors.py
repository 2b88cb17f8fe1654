"""Real prints as other sensors would have seen them: dragged skin, dry and wet skin, noisy grounds, other sizes.

Stand-ins for sets that are not at hand, for fitting weights and for stress figures. The drag follows the plastic
distortion of Cappelli, Maio and Maltoni (2001): a middle that sticks to the glass, skin around it pulled and turned.
"""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Plane = NDArray[np.float32]
Seen = Callable[[Gray, np.random.Generator], Gray]


def dragged(image: Gray, amount: float, rng: np.random.Generator) -> Gray:
    """Skin pulled by up to `amount` x 22 px and 7 degrees around a part that sticks; the finger turned and shifted."""
    height, width = image.shape
    x, y = np.meshgrid(np.arange(width) - width / 2, np.arange(height) - height / 2)
    u, v = x - rng.uniform(-0.15, 0.15) * width, y - rng.uniform(-0.15, 0.15) * height
    far = np.hypot(u / (rng.uniform(0.12, 0.25) * width), v / (rng.uniform(0.12, 0.25) * height))
    free = 0.5 - 0.5 * np.cos(np.pi * np.clip((far - 1) / rng.uniform(1.0, 2.5), 0, 1))
    twist = np.deg2rad(rng.uniform(-7, 7) * amount)
    pull_x, pull_y = rng.uniform(-22, 22, 2) * amount
    x = x + free * (u * np.cos(twist) - v * np.sin(twist) - u + pull_x)
    y = y + free * (u * np.sin(twist) + v * np.cos(twist) - v + pull_y)
    turn = np.deg2rad(rng.normal(0, 12))
    shift_x, shift_y = rng.normal(0, 12, 2)
    map_x = x * np.cos(turn) - y * np.sin(turn) + width / 2 + shift_x
    map_y = x * np.sin(turn) + y * np.cos(turn) + height / 2 + shift_y
    return _remapped(image, map_x, map_y)


def moistened(image: Gray, amount: float, rng: np.random.Generator) -> Gray:
    """Dry skin (thin broken ridges, in patches) or wet skin (valleys filled, in patches) by chance of size `amount`."""
    ground = _ground(image)
    large = cv2.resize(image.astype(np.float32), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    moisture = rng.normal(0, 1) * amount / 1.5
    strength = min(1.0, abs(moisture))
    if moisture < 0:
        large = (1 - strength) * large + strength * cv2.dilate(large, np.ones((3, 3)))
        fade = strength * (
            0.25 + 0.35 * _field(large.shape, 3.0, rng) + 0.25 * _field(large.shape, 60.0, rng)
        )
        large = ground + (large - ground) * (1 - np.clip(fade, 0, 0.95))
    else:
        patch = strength * np.clip(0.5 + 0.6 * _field(large.shape, 50.0, rng), 0, 1)
        large = (1 - patch) * large + patch * cv2.erode(large, np.ones((5, 5)))
    return _grey(cv2.resize(large, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_AREA))


def _wide_optical(image: Gray, rng: np.random.Generator) -> Gray:
    """640 x 480, much dragged."""
    seen = moistened(dragged(image, 1.0, rng), 0.7, rng)
    page = np.full((480, 640), _ground(image), np.float32)
    top, left = (480 - seen.shape[0]) // 2, (640 - seen.shape[1]) // 2
    page[top : top + seen.shape[0], left : left + seen.shape[1]] = seen
    return _noisy(page, 5, rng)


def _noisy_optical(image: Gray, rng: np.random.Generator) -> Gray:
    """328 x 364, a ground full of noise."""
    seen = _cut(moistened(dragged(image, 0.8, rng), 0.8, rng), 328, 364).astype(np.float32)
    return _noisy(0.75 * seen + 12 * _field(seen.shape, 40.0, rng) + 10, 9, rng)


def _thermal_sweep(image: Gray, rng: np.random.Generator) -> Gray:
    """512 dpi, put together from strips, harsh and grainy."""
    seen = _swept(moistened(dragged(image, 0.6, rng), 0.9, rng), rng)
    larger = cv2.resize(seen, None, fx=1.024, fy=1.024).astype(np.float32)
    return _noisy(1.5 * (larger - 128) + 128, 16, rng)


def _tall_optical(image: Gray, rng: np.random.Generator) -> Gray:
    """569 dpi taken for 500, 296 wide."""
    seen = moistened(dragged(image, 0.5, rng), 0.6, rng)
    larger = cv2.resize(seen, None, fx=1.138, fy=1.138, interpolation=cv2.INTER_CUBIC)
    return _noisy(_cut(_grey(larger), 296, 560).astype(np.float32), 4, rng)


SENSORS: dict[str, Seen] = {
    "wide optical": _wide_optical,
    "noisy optical": _noisy_optical,
    "thermal sweep": _thermal_sweep,
    "tall optical": _tall_optical,
}
"""Made-up sensors by name."""


def _remapped(image: Gray, x: NDArray[np.float64], y: NDArray[np.float64]) -> Gray:
    take = partial(cv2.remap, image, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(take(borderMode=cv2.BORDER_CONSTANT, borderValue=_ground(image)), np.uint8)


def _ground(image: Gray) -> float:
    return float(np.percentile(image, 90))


def _field(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> Plane:
    field = cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), sigma)
    return np.asarray(field / field.std(), np.float32)


def _noisy(image: Plane, deviation: float, rng: np.random.Generator) -> Gray:
    return _grey(image + rng.standard_normal(image.shape) * deviation)


def _grey(image: "cv2.typing.MatLike") -> Gray:
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def _cut(image: Gray, width: int, height: int) -> Gray:
    high, wide = min(image.shape[0], height), min(image.shape[1], width)
    top, left = (image.shape[0] - high) // 2, (image.shape[1] - wide) // 2
    return image[top : top + high, left : left + wide]


def _swept(image: Gray, rng: np.random.Generator) -> Gray:
    height, width = image.shape
    aside = np.cumsum(rng.normal(0, 0.15, height))
    aside -= np.linspace(aside[0], aside[-1], height)
    along = np.clip(0.5 * np.cumsum(rng.normal(0, 0.4, height)), -8, 8)
    x = np.arange(width)[None, :] + aside[:, None]
    y = np.repeat(np.clip(np.arange(height) + along, 0, height - 1)[:, None], width, axis=1)
    return _remapped(image, x, y)
