"""What makes one synthetic traveller differ from another: some fifty numbers and choices.

Lengths are in half head heights: the face reaches from about -0.9 (brow of the skull) to +0.9
(chin), x grows to the right of the picture, y downwards. No real person stands behind any value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import numpy as np

T = TypeVar("T")
Rgb = tuple[float, float, float]


class Hair(Enum):
    """What covers the head."""

    BALD = "bald"
    RECEDING = "receding"
    SHORT = "short"
    PARTED = "parted"
    FRINGE = "fringe"
    CURLY = "curly"
    LONG = "long"
    HEADSCARF = "headscarf"


class Beard(Enum):
    """What grows on the lower face."""

    NONE = "none"
    STUBBLE = "stubble"
    MOUSTACHE = "moustache"
    GOATEE = "goatee"
    FULL = "full"


class Glasses(Enum):
    """Spectacles."""

    NONE = "none"
    ROUND = "round"
    SQUARE = "square"


@dataclass(frozen=True)
class Identity:
    """One traveller's looks; colours are linear-ish RGB 0 to 1."""

    seed: int
    age: float
    skin: Rgb
    redness: float
    face_width: float
    cheek_width: float
    jaw_width: float
    chin_point: float
    chin_y: float
    depth: float
    eye_y: float
    eye_spacing: float
    eye_width: float
    eye_open: float
    eye_tilt: float
    hooded: float
    iris: Rgb
    brow_lift: float
    brow_weight: float
    brow_arch: float
    brow_tilt: float
    brow_ridge: float
    nose_length: float
    nose_width: float
    nose_bridge: float
    nose_tip: float
    nose_height: float
    mouth_drop: float
    mouth_width: float
    lip_upper: float
    lip_lower: float
    lip_colour: Rgb
    mouth_curve: float
    cheek_height: float
    asymmetry: float
    hair: Hair
    hair_colour: Rgb
    hairline: float
    beard: Beard
    glasses: Glasses
    frame_colour: Rgb
    freckles: float
    moles: tuple[tuple[float, float], ...]
    cloth: Rgb
    scarf: Rgb


_SKINS: tuple[Rgb, ...] = (
    (0.93, 0.78, 0.70), (0.89, 0.72, 0.60), (0.83, 0.64, 0.50), (0.74, 0.55, 0.40),
    (0.62, 0.44, 0.31), (0.48, 0.33, 0.23), (0.36, 0.24, 0.17),
)  # fmt: skip
_HAIRS: tuple[Rgb, ...] = (
    (0.05, 0.04, 0.04), (0.10, 0.07, 0.05), (0.22, 0.14, 0.08), (0.38, 0.24, 0.12),
    (0.62, 0.46, 0.26), (0.45, 0.18, 0.08),
)  # fmt: skip
_IRISES: tuple[Rgb, ...] = (
    (0.16, 0.09, 0.05), (0.28, 0.17, 0.08), (0.30, 0.34, 0.20), (0.32, 0.45, 0.58), (0.42, 0.46, 0.48),
)  # fmt: skip


def draw_identity(seed: int) -> Identity:
    """Return the identity of a seed; the same seed gives the same face for ever."""
    rng = np.random.default_rng([0x1DE7, seed])
    age = float(rng.uniform(18, 80))
    skin_at = float(rng.uniform(0, len(_SKINS) - 1))
    skin = _between(_SKINS, skin_at)
    dark = skin_at / (len(_SKINS) - 1)
    hair_colour = _hair_colour(rng, age, dark)
    hair, beard = _covering(rng)
    lips = float(rng.uniform(0.2, 0.8))

    def span(low: float, high: float) -> float:
        # Towards the ends: faces far from the mean are far from each other.
        return low + (high - low) * float(rng.beta(0.75, 0.75))

    return Identity(
        seed=seed, age=age, skin=skin, redness=span(0.0, 1.0),
        face_width=span(0.60, 0.78), cheek_width=span(-0.03, 0.06), jaw_width=span(0.58, 0.95),
        chin_point=span(0.0, 1.0), chin_y=span(0.80, 1.0), depth=span(0.55, 0.75),
        eye_y=span(-0.16, 0.0), eye_spacing=span(0.25, 0.345), eye_width=span(0.105, 0.165),
        eye_open=span(0.035, 0.075), eye_tilt=span(-0.16, 0.20), hooded=span(0.0, 1.0),
        iris=_pick(rng, _IRISES[: 2 if dark > 0.4 else 5]),
        brow_lift=span(0.105, 0.20), brow_weight=span(0.014, 0.052), brow_arch=span(0.0, 0.06),
        brow_tilt=span(-0.22, 0.22), brow_ridge=span(0.0, 0.09),
        nose_length=span(0.30, 0.45), nose_width=span(0.10, 0.205), nose_bridge=span(0.03, 0.075),
        nose_tip=span(0.05, 0.10), nose_height=span(0.13, 0.27),
        mouth_drop=span(0.13, 0.23), mouth_width=span(0.17, 0.31), lip_upper=span(0.015, 0.060),
        lip_lower=span(0.025, 0.075), mouth_curve=span(-0.05, 0.025),
        lip_colour=_mixed(skin, (0.62, 0.22, 0.22), lips),
        cheek_height=span(0.0, 0.09), asymmetry=span(-0.02, 0.02),
        hair=hair, hair_colour=hair_colour, hairline=span(-0.72, -0.50), beard=beard,
        glasses=_pick(rng, (Glasses.NONE,) * 7 + (Glasses.ROUND, Glasses.SQUARE, Glasses.SQUARE)),
        frame_colour=_pick(rng, ((0.05, 0.05, 0.06), (0.35, 0.18, 0.08), (0.55, 0.5, 0.42))),
        freckles=span(0.0, 1.0) * (dark < 0.35), moles=_moles(rng),
        cloth=_pick(rng, ((0.15, 0.2, 0.35), (0.5, 0.5, 0.52), (0.35, 0.1, 0.12), (0.9, 0.9, 0.88),
                          (0.1, 0.1, 0.1), (0.2, 0.35, 0.25))),
        scarf=_pick(rng, ((0.12, 0.13, 0.2), (0.55, 0.2, 0.25), (0.75, 0.72, 0.65), (0.2, 0.4, 0.45))),
    )  # fmt: skip


def _covering(rng: np.random.Generator) -> tuple[Hair, Beard]:
    if rng.uniform() < 0.5:  # looks with a beard do not come with a headscarf
        hair = _pick(rng, (Hair.BALD, Hair.RECEDING, Hair.SHORT, Hair.PARTED, Hair.CURLY))
        return hair, _pick(rng, (*Beard, Beard.NONE, Beard.NONE))
    styles = (Hair.SHORT, Hair.FRINGE, Hair.CURLY, Hair.LONG, Hair.LONG, Hair.HEADSCARF)
    return _pick(rng, styles), Beard.NONE


def _hair_colour(rng: np.random.Generator, age: float, dark: float) -> Rgb:
    natural = _pick(rng, _HAIRS[: 2 if dark > 0.45 else len(_HAIRS)])
    grey = float(np.clip((age - 42) / 30 + rng.uniform(-0.4, 0.3), 0, 1))
    return _mixed(natural, (0.72, 0.72, 0.72), grey)


def _moles(rng: np.random.Generator) -> tuple[tuple[float, float], ...]:
    return tuple(
        (float(rng.uniform(-0.45, 0.45)), float(rng.uniform(-0.4, 0.7)))
        for _ in range(int(rng.integers(0, 3)))
    )


def _pick(rng: np.random.Generator, choices: tuple[T, ...]) -> T:
    return choices[int(rng.integers(len(choices)))]


def _mixed(a: Rgb, b: Rgb, share: float) -> Rgb:
    red, green, blue = (x + (y - x) * share for x, y in zip(a, b, strict=True))
    return red, green, blue


def _between(table: tuple[Rgb, ...], at: float) -> Rgb:
    low = min(int(at), len(table) - 2)
    return _mixed(table[low], table[low + 1], at - low)
