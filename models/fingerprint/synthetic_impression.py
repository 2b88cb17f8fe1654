"""Impressions of a made-up finger on made-up sensors: placed, pressed, stretched, dry or wet, cut by creases."""

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from models.fingerprint.synthetic import HEIGHT, WIDTH, SyntheticFinger
from models.fingerprint.values import Gray, Mask, Plane


@dataclass(frozen=True)
class SensorModel:
    """Size in pixels at 500 dpi, grey of bare glass and of a ridge, deviation of its noise, bits a pixel."""

    width: int
    height: int
    bare: float
    ridge: float
    noise: float
    bits: int = 8


class Sensor(Enum):
    """Sensors to choose from."""

    OPTICAL_388X374 = SensorModel(388, 374, 245, 25, 4.0)
    CAPACITIVE_300X300 = SensorModel(300, 300, 175, 45, 9.0)
    ZFM_256X288 = SensorModel(256, 288, 225, 40, 6.0, bits=4)


@dataclass(frozen=True)
class Condition:
    """How a finger lies on the glass.

    `rotation_deg` counter-clockwise; `shift_px` (x, y); `distortion_px` rms of the skin's stretch; `moisture` -1 dry ..
    +1 wet; `contact` share of the fingertip that touches, 0.3..1; `blotches` share of the skin that does not print;
    `creases` a number.
    """

    rotation_deg: float = 0.0
    shift_px: tuple[float, float] = (0.0, 0.0)
    distortion_px: float = 0.0
    moisture: float = 0.0
    contact: float = 1.0
    blotches: float = 0.0
    creases: int = 0


def drawn_condition(rng: np.random.Generator, hardness: float = 0.5) -> Condition:
    """A condition by chance: `hardness` 0 is a careful user, 1 the worst that a retry would still allow."""
    shift = rng.normal(0, 10 + 22 * hardness, 2)
    return Condition(
        rotation_deg=float(rng.normal(0, 5 + 10 * hardness)),
        shift_px=(float(shift[0]), float(shift[1])),
        distortion_px=float(rng.uniform(1.0, 2.0 + 5.0 * hardness)),
        moisture=float(np.clip(rng.normal(0, 0.25 + 0.45 * hardness), -1, 1)),
        contact=float(rng.uniform(1.0 - 0.55 * hardness, 1.0)),
        blotches=float(rng.uniform(0, 0.30 * hardness)),
        creases=int(rng.poisson(0.5 + 1.5 * hardness)),
    )


def impression(
    finger: SyntheticFinger,
    seed: int,
    sensor: Sensor = Sensor.OPTICAL_388X374,
    condition: Condition | None = None,
) -> Gray:
    """A grey image (uint8, 500 dpi, ridges dark) of a finger on a sensor; equal arguments give equal pixels."""
    rng = np.random.default_rng([finger.seed, seed, list(Sensor).index(sensor), 0x1A])
    placed = condition or drawn_condition(rng)
    model = sensor.value
    map_x, map_y = _placement(model, placed, rng)
    whole = cv2.remap(finger.ridges, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    ridges = np.asarray(whole, np.float32)
    touching = _contact(map_x, map_y, placed, rng)
    inked = _inked(ridges, placed, rng) * touching
    inked *= _creases(inked.shape, placed, touching > 0.5, rng)
    return _sensed(inked, model, rng)


def _noise(rng: np.random.Generator, shape: tuple[int, ...], sigma: float) -> Plane:
    small = max(1, int(sigma // 3))
    raw = rng.standard_normal((shape[0] // small + 2, shape[1] // small + 2)).astype(np.float32)
    smooth = cv2.GaussianBlur(raw, (0, 0), sigma / small)
    field = cv2.resize(smooth, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(field / (field.std() + 1e-9), np.float32)


def _placement(
    model: SensorModel, placed: Condition, rng: np.random.Generator
) -> tuple[Plane, Plane]:
    """For each pixel of the sensor the point of the finger that lies on it."""
    shape = (model.height, model.width)
    x, y = np.meshgrid(
        np.arange(model.width, dtype=np.float32), np.arange(model.height, dtype=np.float32)
    )
    x, y = x - model.width / 2 - placed.shift_px[0], y - model.height / 2 - placed.shift_px[1]
    cosine, sine = np.cos(np.deg2rad(placed.rotation_deg)), np.sin(np.deg2rad(placed.rotation_deg))
    # the pulp is dragged as one, more towards its edge (Cappelli, Maio and Maltoni 2001), and stretched unevenly
    drag = rng.normal(0, 1.2 * placed.distortion_px, 2)
    slip = np.clip(np.hypot(x / 150, y / 190), 0, 1.5) ** 2
    across = placed.distortion_px * _noise(rng, shape, 55.0) + drag[0] * slip
    down = placed.distortion_px * _noise(rng, shape, 55.0) + drag[1] * slip
    map_x = x * cosine - y * sine + across + WIDTH / 2
    map_y = x * sine + y * cosine + down + HEIGHT / 2
    return map_x.astype(np.float32), map_y.astype(np.float32)


def _contact(map_x: Plane, map_y: Plane, placed: Condition, rng: np.random.Generator) -> Plane:
    """How firmly each point touches, 0..1: an ellipse of the fingertip with an uneven rim."""
    share = np.sqrt(placed.contact)
    off = rng.normal(0, 30 * (1 - placed.contact), 2)
    u = (map_x - WIDTH / 2 - off[0]) / (WIDTH * 0.43 * share)
    v = (map_y - HEIGHT / 2 - off[1]) / (HEIGHT * 0.42 * share)
    rim = (
        np.hypot(u, v)
        + 0.04 * _noise(rng, map_x.shape, 18.0)
        + 0.03 * _noise(rng, map_x.shape, 3.0)
    )
    return np.asarray(np.clip((1.0 - rim) / 0.07, 0, 1), np.float32)


def _inked(ridges: Plane, placed: Condition, rng: np.random.Generator) -> Plane:
    """Share of ridge contact 0..1 at each point: moisture moves the threshold, dry skin breaks ridges into dots."""
    level = ridges + 0.75 * placed.moisture + 0.30 * _noise(rng, ridges.shape, 22.0)
    level = level + 0.45 * _noise(rng, ridges.shape, 1.4)  # skin is grainy, and so is its print
    dryness = max(0.0, -placed.moisture)
    level = level - dryness * 0.9 * np.clip(_noise(rng, ridges.shape, 1.6), 0, 2)
    level = level - 0.35 * np.clip(_noise(rng, ridges.shape, 2.0) - 1.7, 0, 2)  # pores
    if placed.blotches > 0:
        field = _noise(rng, ridges.shape, 14.0)
        limit = np.quantile(field, 1 - placed.blotches)
        level = level - 2.2 * np.clip((field - limit) / 0.4, 0, 1)
    return np.asarray(1 / (1 + np.exp(-4.0 * level)), np.float32)


def _creases(
    shape: tuple[int, ...], placed: Condition, touching: Mask, rng: np.random.Generator
) -> Plane:
    """1 where skin prints, towards 0 along thin bent lines."""
    lines = np.ones(shape, np.float32)
    rows, columns = np.nonzero(touching)
    for _ in range(placed.creases if len(rows) else 0):
        at = int(rng.integers(len(rows)))
        turn, bend, length = rng.uniform(0, np.pi), rng.normal(0, 0.25), rng.uniform(40, 140)
        t = np.linspace(-0.5, 0.5, 12)
        x = columns[at] + length * t * np.cos(turn + bend * t)
        y = rows[at] + length * t * np.sin(turn + bend * t)
        points = np.stack([x, y], axis=1).round().astype(np.int32)
        cv2.polylines(lines, [points], False, 0.1, int(rng.integers(1, 4)), cv2.LINE_AA)
    return lines


def _sensed(inked: Plane, model: SensorModel, rng: np.random.Generator) -> Gray:
    tone = model.bare + (model.ridge - model.bare) * cv2.GaussianBlur(inked, (0, 0), 0.7)
    tone = tone + 0.04 * model.bare * _noise(rng, inked.shape, 60.0)
    tone = tone + rng.standard_normal(inked.shape) * model.noise
    if model.bits < 8:
        step = 255 / (2**model.bits - 1)
        tone = np.round(tone / step) * step
    return np.asarray(np.clip(np.round(tone), 0, 255), np.uint8)
