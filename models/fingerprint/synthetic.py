"""Made-up fingers: identities with classes, geometry and ridges of their own. Seeded; nobody's print.

Directions follow the zero-pole model (Sherlock and Monro 1993) with the arch of Cappelli's SFinGe; the ridges grow
out of noise under repeated contextual filtering, which is where minutiae come from. Impressions of a finger are made
in `synthetic_impression`. Never a source for a threshold of a real gate.
"""

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from models.fingerprint.orientation import SCALE, Orientation
from models.fingerprint.values import Mask, Plane

WIDTH, HEIGHT = 420, 560
"""Pixels of a whole finger at 500 dpi, more than any sensor sees of it."""
_GROWTH_STEPS = 16
_GROWTH_GAIN = 0.4
"""How soon growing ridges saturate: early saturation freezes the noise's dislocations, twice a finger's minutiae."""


class FingerClass(Enum):
    """Henry's five classes; the value is the share of fingers that have it (Wilson, Candela and Watson 1993)."""

    ARCH = 0.037
    TENTED_ARCH = 0.029
    LEFT_LOOP = 0.338
    RIGHT_LOOP = 0.317
    WHORL = 0.279


@dataclass(frozen=True)
class SyntheticFinger:
    """One finger: `ridges` float32 (560, 420), about -1..1, positive on ridges; `period_px` between ridges."""

    seed: int
    kind: FingerClass
    ridges: Plane
    period_px: float


def synthetic_finger(seed: int, kind: FingerClass | None = None) -> SyntheticFinger:
    """The finger of a seed: always the same one. The class is drawn by natural frequency unless given."""
    # Who only shows a finger that was made before needs no compiled kernels (100 MB).
    from models.fingerprint.enhancement import filter_known

    rng = np.random.default_rng([seed, 0xF1])
    drawn = list(FingerClass)[int(rng.choice(5, p=_shares()))]
    chosen = kind or drawn
    angle = _directions(chosen, rng)
    period = float(np.clip(rng.normal(9.0, 0.8), 7.2, 11.5))
    frequency = _frequencies(period, rng)
    mask: Mask = np.ones((HEIGHT, WIDTH), np.bool_)
    orientation = Orientation(angle, _coherence(angle))
    ridges = rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32)
    for _ in range(_GROWTH_STEPS):
        grown = filter_known(ridges, mask, orientation, frequency)
        ridges = np.tanh(_GROWTH_GAIN * grown / (grown.std() + 1e-6)).astype(np.float32)
    sharp: Plane = np.tanh(1.6 * ridges / ridges.std()).astype(np.float32)
    return SyntheticFinger(seed, chosen, sharp, period)


def _shares() -> list[float]:
    total = sum(kind.value for kind in FingerClass)
    return [kind.value / total for kind in FingerClass]


def _grid() -> tuple[Plane, Plane]:
    """x, y (up) of the cells of an orientation field, in pixels from the middle of the finger."""
    x, y = np.meshgrid(
        np.arange(0, WIDTH, SCALE) - WIDTH / 2, HEIGHT / 2 - np.arange(0, HEIGHT, SCALE)
    )
    return x.astype(np.float32), y.astype(np.float32)


def _directions(kind: FingerClass, rng: np.random.Generator) -> Plane:
    """Ridge direction in radians on 4 px cells: the class's singularities, moved about, and smooth noise on top."""
    x, y = _grid()
    if kind is FingerClass.ARCH:
        angle = _arch(x, y, rng)
    else:
        loops, deltas = _singularities(kind, rng)
        poles = [(0.5, at) for at in loops] + [(-0.5, at) for at in deltas]
        angle = np.sum([weight * _bearing(x, y, at) for weight, at in poles], axis=0)
    noise = cv2.GaussianBlur(rng.standard_normal(x.shape).astype(np.float32), (0, 0), 14.0)
    noise *= rng.uniform(0.03, 0.08) / noise.std()
    turned = angle + noise + rng.normal(0, 0.06)
    wrapped: Plane = ((turned + np.pi / 2) % np.pi - np.pi / 2).astype(np.float32)
    return wrapped


def _arch(x: Plane, y: Plane, rng: np.random.Generator) -> Plane:
    height, lean = rng.uniform(0.6, 1.3), rng.normal(0, 25)
    rise = np.clip(height * (1.0 - (y + rng.uniform(60, 120)) / HEIGHT * 1.6), 0, 1.6)
    return np.asarray(-np.arctan(rise * np.sin((x - lean) / WIDTH * np.pi * 1.4)), np.float32)


def _bearing(x: Plane, y: Plane, at: tuple[float, float]) -> Plane:
    return np.asarray(np.arctan2(y - at[1], x - at[0]), np.float32)


def _singularities(
    kind: FingerClass, rng: np.random.Generator
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Loops and deltas in pixels from the middle, y up."""
    core = (rng.normal(0, 14), rng.normal(30, 18))
    side, below = rng.uniform(65, 135), rng.uniform(70, 150)
    if kind is FingerClass.TENTED_ARCH:
        return [core], [(core[0] + rng.normal(0, 6), core[1] - rng.uniform(50, 110))]
    if kind is FingerClass.LEFT_LOOP:
        return [core], [(core[0] + side, core[1] - below)]
    if kind is FingerClass.RIGHT_LOOP:
        return [core], [(core[0] - side, core[1] - below)]
    lower = (core[0] + rng.normal(0, 16), core[1] - rng.uniform(18, 75))
    other = rng.uniform(65, 135), rng.uniform(70, 150)
    return [core, lower], [
        (core[0] - side, lower[1] - below + 30),
        (core[0] + other[0], lower[1] - other[1] + 30),
    ]


def _frequencies(period: float, rng: np.random.Generator) -> Plane:
    """Ridges per pixel on 4 px cells: wider apart below the core, and varied by a smooth field."""
    x, y = _grid()
    noise = cv2.GaussianBlur(rng.standard_normal(x.shape).astype(np.float32), (0, 0), 18.0)
    noise *= rng.uniform(0.01, 0.04) / noise.std()
    wider = 1 + rng.uniform(0.0, 0.10) * np.clip(-y / 200, 0, 1) + noise
    return np.asarray(1 / (period * wider), np.float32)


def _coherence(angle: Plane) -> Plane:
    """How even the directions are around each cell, 0..1: low at cores and deltas."""
    cosine, sine = (
        cv2.GaussianBlur(np.cos(2 * angle), (0, 0), 3.0),
        cv2.GaussianBlur(np.sin(2 * angle), (0, 0), 3.0),
    )
    return np.asarray(np.hypot(cosine, sine), np.float32)
