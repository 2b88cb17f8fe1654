"""A camera over the document: pose, focus, light, sensor, with one dial for all of them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
SEVERITIES = {"easy": 0.25, "medium": 0.55, "hard": 1.0}
"""Names of the dial's positions, 0 (a flat scan) to 1 (a hand-held page in bad light)."""


@dataclass(frozen=True, slots=True)
class View:
    """What befalls one frame. Angles in degrees, sigmas and shifts in pixels of the frame."""

    turn: float
    tilt: tuple[float, float]
    fill: float
    centre: tuple[float, float]
    blur: float
    motion: float
    noise: float
    glare: float
    exposure: float
    bands: float
    quality: int


def random_view(severity: float, rng: np.random.Generator) -> View:
    """A view of this severity, 0..1."""
    s = severity
    return View(
        turn=float(rng.normal(0, 9 * s)),
        tilt=(float(rng.uniform(-22, 22) * s), float(rng.uniform(-22, 22) * s)),
        fill=float(rng.uniform(0.82 - 0.3 * s, 0.86 - 0.1 * s)),
        centre=(float(rng.normal(0, 0.03 * s)), float(rng.normal(0, 0.03 * s))),
        blur=float(rng.gamma(2.0, 0.5) * s * 0.9 + 0.4),
        motion=float(rng.gamma(1.0, 1.5) * s),
        noise=float(1 + rng.gamma(2.0, 2.6) * s),
        glare=float(rng.uniform(0, 1.0) * s if rng.random() < 0.5 * s else 0),
        exposure=float(1 + rng.uniform(-0.45, 0.25) * s),
        bands=float(rng.uniform(0, 0.16) * s if rng.random() < 0.5 else 0),
        quality=int(95 - 45 * s * rng.random()),
    )


def photograph(
    page: NDArray[np.uint8],
    view: View,
    rng: np.random.Generator,
    size: tuple[int, int] = (1080, 1920),
) -> Frame:
    """A grey frame (rows, columns) of the page on a table."""
    rows, columns = size
    homography = _pose(page.shape[:2], view, size)
    table = rng.normal(rng.uniform(40, 160), 4, (rows // 8 + 1, columns // 8 + 1)).astype(
        np.float32
    )
    ground = cv2.resize(table, (columns, rows), interpolation=cv2.INTER_CUBIC)
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    shrink = view.fill * min(columns / page.shape[1], rows / page.shape[0])
    if shrink < 0.9:
        grey = cv2.GaussianBlur(grey, (0, 0), 0.45 / shrink)
    seen = cv2.warpPerspective(grey, homography, (columns, rows)).astype(np.float32)
    inside = cv2.warpPerspective(np.full_like(grey, 255), homography, (columns, rows))
    share = inside.astype(np.float32) / 255
    frame = np.asarray(seen * share + ground * (1 - share), dtype=np.float32)
    frame = _light(frame, view, rng)
    frame = _focus(frame, view, rng)
    frame = frame + rng.normal(0, view.noise, frame.shape).astype(np.float32)
    pixels = np.clip(frame, 0, 255).astype(np.uint8)
    encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, view.quality])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _pose(page: tuple[int, ...], view: View, size: tuple[int, int]) -> NDArray[np.float64]:
    """Homography of a page turned and tilted before a pinhole of about 50 degrees."""
    rows, columns = size
    height, width = page
    turn, tilt_x, tilt_y = np.deg2rad([view.turn, *view.tilt])
    z = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    x = np.array(
        [[1, 0, 0], [0, np.cos(tilt_x), -np.sin(tilt_x)], [0, np.sin(tilt_x), np.cos(tilt_x)]]
    )
    y = np.array(
        [[np.cos(tilt_y), 0, np.sin(tilt_y)], [0, 1, 0], [-np.sin(tilt_y), 0, np.cos(tilt_y)]]
    )
    rotation = x @ y @ z
    focal = 1.07 * columns
    fit = view.fill * min(columns / width, rows / height)
    distance = focal / fit
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    points = np.concatenate([corners, np.zeros((4, 1))], 1) @ rotation.T
    depth = points[:, 2] + distance
    centre = np.array([columns * (0.5 + view.centre[0]), rows * (0.5 + view.centre[1])])
    seen = points[:, :2] * focal / depth[:, None] + centre
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(source, seen.astype(np.float32)))


def _light(frame: NDArray[np.float32], view: View, rng: np.random.Generator) -> NDArray[np.float32]:
    """Exposure, fall-off to one side, bands of a flickering lamp, a reflection."""
    rows, columns = frame.shape
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None]
    y = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    slope = rng.normal(0, 0.1, 2) * min(1.0, 3 * abs(1 - view.exposure))
    gain = view.exposure * (1 + slope[0] * x + slope[1] * y)
    gain = gain * (1 + view.bands * np.sin(2 * np.pi * (y * rng.uniform(1, 6) + rng.random())))
    frame = frame * gain.astype(np.float32)
    if view.glare:
        at = rng.uniform(-0.6, 0.6, 2)
        spread = rng.uniform(0.05, 0.25, 2)
        spot = np.exp(-(((x - at[0]) / spread[0]) ** 2) - ((y - at[1]) / spread[1]) ** 2)
        frame = frame + 230 * view.glare * spot.astype(np.float32)
    return np.clip(frame, 0, 255).astype(np.float32)


def _focus(frame: NDArray[np.float32], view: View, rng: np.random.Generator) -> NDArray[np.float32]:
    """Defocus and motion in one direction."""
    frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), view.blur), dtype=np.float32)
    length = round(view.motion)
    if length < 2:
        return frame
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    angle = rng.uniform(0, np.pi)
    d = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    a, b = ((length + sign * d).round().astype(int).tolist() for sign in (-1, 1))
    cv2.line(kernel, a, b, 1.0)
    return np.asarray(cv2.filter2D(frame, -1, kernel / kernel.sum()), dtype=np.float32)
