"""Made-worse copies of real prints: stretched, turned, cut, faded, noisy. For fitting and for stress figures."""

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


def worsened(image: Gray, hardness: float, rng: np.random.Generator) -> Gray:
    """One bad impression of a print (uint8, any size): `hardness` 0..1; the background keeps the image's light tone."""
    background = float(np.percentile(image, 90))
    x, y = _placed(image.shape, hardness, rng)
    moved = cv2.remap(
        image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=background
    )
    pressed = _pressed(moved.astype(np.float32), hardness, rng)
    fade = 1 - 0.8 * hardness * np.clip(_field(image.shape, 25.0, rng) - 0.6, 0, 1)
    noisy = background + (pressed - background) * fade
    noisy = noisy + rng.standard_normal(image.shape) * rng.uniform(3, 14) * hardness
    noisy[~_contact(image.shape, hardness, rng)] = background
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def _field(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> NDArray[np.float32]:
    field = cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), sigma)
    return np.asarray(field / field.std(), np.float32)


def _placed(
    shape: tuple[int, ...], hardness: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = shape
    turn = np.deg2rad(rng.uniform(-15, 15))
    x, y = np.meshgrid(np.arange(width) - width / 2, np.arange(height) - height / 2)
    stretch = [_field(shape, 45.0, rng) * rng.uniform(2, 6) * hardness for _ in range(2)]
    map_x = x * np.cos(turn) - y * np.sin(turn) + width / 2 + stretch[0]
    map_y = x * np.sin(turn) + y * np.cos(turn) + height / 2 + stretch[1]
    return map_x.astype(np.float32), map_y.astype(np.float32)


def _pressed(
    image: NDArray[np.float32], hardness: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Wet, dry, blurred or as it is, by chance."""
    kind = int(rng.integers(0, 4))
    if kind == 0:
        return np.asarray(cv2.erode(image, np.ones((2, 2))), np.float32)
    if kind == 1:
        side = 3 if rng.random() < 0.4 * hardness else 2
        return np.asarray(cv2.dilate(image, np.ones((side, side))), np.float32)
    if kind == 2:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.8, 1.6)), np.float32)
    return image


def _contact(
    shape: tuple[int, ...], hardness: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    height, width = shape
    x, y = np.meshgrid(np.arange(width) - width / 2, np.arange(height) - height / 2)
    half_width = rng.uniform(0.5 - 0.2 * hardness, 0.5) * width
    half_height = rng.uniform(0.5 - 0.2 * hardness, 0.55) * height
    off_x, off_y = rng.uniform(-0.12, 0.12, 2) * hardness * (width, height)
    inside: NDArray[np.bool_] = ((x - off_x) / half_width) ** 2 + (
        (y - off_y) / half_height
    ) ** 2 <= 1
    return inside
