"""MRZ glyphs drawn as strokes by this project, in a family of cuts.

The shapes follow the alphabet that ISO 1073-2 describes (OCR-B size I, constant stroke): digits
taller than capitals, a squarish zero beside an oval O. No font file is read. Points lie in a box
from (0, 0) top left to (1, 1) bottom right.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.layout import ALPHABET, DIGITS

Points = list[tuple[float, float]]
CELL = (96, 64)
"""Rows and columns of a glyph mask: one pitch is 64 pixels, the capital's middle is in the centre."""

_OPEN = {
    "1": [("l", [(0.12, 0.24), (0.5, 0.0), (0.5, 1.0)])],
    "2": [
        ("c", [(0.02, 0.14), (0.28, 0.0), (0.68, 0.02), (0.93, 0.22), (0.82, 0.48), (0.4, 0.7), (0.06, 1.0)]),
        ("l", [(0.06, 1.0), (0.97, 1.0)]),
    ],
    "3": [
        ("l", [(0.05, 0.0), (0.9, 0.0), (0.38, 0.42)]),
        ("c", [(0.38, 0.42), (0.74, 0.46), (0.96, 0.7), (0.76, 0.96), (0.36, 1.0), (0.02, 0.94)]),
    ],
    "4": [("l", [(0.55, 0.0), (0.02, 0.72), (0.98, 0.72)]), ("l", [(0.7, 0.46), (0.7, 1.0)])],
    "5": [
        ("l", [(0.9, 0.0), (0.14, 0.0), (0.1, 0.42)]),
        ("c", [(0.1, 0.42), (0.5, 0.38), (0.88, 0.5), (0.92, 0.78), (0.62, 0.98), (0.08, 1.0)]),
    ],
    "6": [
        ("c", [(0.68, 0.0), (0.36, 0.3), (0.08, 0.62)]),
        ("o", [(0.5, 0.7), (0.45, 0.3)]),
    ],
    "7": [("l", [(0.03, 0.0), (0.97, 0.0)]), ("c", [(0.97, 0.0), (0.72, 0.36), (0.46, 0.66), (0.4, 1.0)])],
    "8": [("o", [(0.5, 0.23), (0.38, 0.23)]), ("o", [(0.5, 0.73), (0.46, 0.27)])],
    "9": [
        ("c", [(0.32, 1.0), (0.64, 0.7), (0.92, 0.38)]),
        ("o", [(0.5, 0.3), (0.45, 0.3)]),
    ],
    "A": [("l", [(0.0, 1.0), (0.44, 0.0), (0.56, 0.0), (1.0, 1.0)]), ("l", [(0.18, 0.66), (0.82, 0.66)])],
    "B": [
        ("l", [(0.08, 0.0), (0.08, 1.0)]),
        ("c", [(0.08, 0.0), (0.6, 0.0), (0.84, 0.1), (0.86, 0.34), (0.66, 0.46), (0.08, 0.46)]),
        ("c", [(0.08, 0.46), (0.66, 0.46), (0.95, 0.58), (0.95, 0.86), (0.7, 1.0), (0.08, 1.0)]),
    ],
    "C": [("c", [(0.86, 0.24), (0.74, 0.04), (0.42, 0.0), (0.14, 0.2), (0.08, 0.5), (0.14, 0.8), (0.42, 1.0), (0.74, 0.96), (0.86, 0.78)])],
    "D": [
        ("l", [(0.1, 0.0), (0.1, 1.0)]),
        ("c", [(0.1, 0.0), (0.5, 0.04), (0.82, 0.2), (0.92, 0.5), (0.82, 0.8), (0.5, 0.96), (0.1, 1.0)]),
    ],
    "E": [("l", [(0.94, 0.0), (0.08, 0.0), (0.08, 1.0), (0.94, 1.0)]), ("l", [(0.08, 0.47), (0.84, 0.47)])],
    "F": [("l", [(0.94, 0.0), (0.1, 0.0), (0.1, 1.0)]), ("l", [(0.1, 0.48), (0.84, 0.48)])],
    "G": [
        ("c", [(0.9, 0.16), (0.66, 0.0), (0.34, 0.03), (0.1, 0.26), (0.06, 0.56), (0.16, 0.86), (0.46, 1.0), (0.92, 0.94)]),
        ("l", [(0.92, 0.94), (0.92, 0.53), (0.52, 0.53)]),
    ],
    "H": [("l", [(0.08, 0.0), (0.08, 1.0)]), ("l", [(0.92, 0.0), (0.92, 1.0)]), ("l", [(0.08, 0.48), (0.92, 0.48)])],
    "I": [("l", [(0.12, 0.0), (0.88, 0.0)]), ("l", [(0.5, 0.0), (0.5, 1.0)]), ("l", [(0.12, 1.0), (0.88, 1.0)])],
    "J": [("l", [(0.76, 0.0), (0.76, 0.72)]), ("c", [(0.76, 0.72), (0.68, 0.94), (0.42, 1.0), (0.16, 0.92), (0.08, 0.7)])],
    "K": [("l", [(0.08, 0.0), (0.08, 1.0)]), ("l", [(0.94, 0.0), (0.08, 0.56)]), ("l", [(0.36, 0.4), (0.98, 1.0)])],
    "L": [("l", [(0.1, 0.0), (0.1, 1.0), (0.98, 1.0)])],
    "M": [("l", [(0.04, 1.0), (0.04, 0.0), (0.5, 0.62), (0.96, 0.0), (0.96, 1.0)])],
    "N": [("l", [(0.08, 1.0), (0.08, 0.0), (0.92, 1.0), (0.92, 0.0)])],
    "P": [
        ("l", [(0.1, 0.0), (0.1, 1.0)]),
        ("c", [(0.1, 0.0), (0.64, 0.0), (0.92, 0.12), (0.92, 0.44), (0.64, 0.58), (0.1, 0.58)]),
    ],
    "R": [
        ("l", [(0.08, 0.0), (0.08, 1.0)]),
        ("c", [(0.08, 0.0), (0.62, 0.0), (0.88, 0.12), (0.88, 0.42), (0.62, 0.56), (0.08, 0.56)]),
        ("l", [(0.5, 0.56), (0.96, 1.0)]),
    ],
    "S": [("c", [(0.9, 0.16), (0.7, 0.0), (0.34, 0.0), (0.1, 0.18), (0.16, 0.4), (0.5, 0.5), (0.84, 0.62), (0.9, 0.84), (0.66, 1.0), (0.28, 0.99), (0.06, 0.82)])],
    "T": [("l", [(0.02, 0.0), (0.98, 0.0)]), ("l", [(0.5, 0.0), (0.5, 1.0)])],
    "U": [("l", [(0.06, 0.0), (0.06, 0.66)]), ("c", [(0.06, 0.66), (0.16, 0.92), (0.5, 1.0), (0.84, 0.92), (0.94, 0.66)]), ("l", [(0.94, 0.66), (0.94, 0.0)])],
    "V": [("l", [(0.02, 0.0), (0.45, 1.0), (0.55, 1.0), (0.98, 0.0)])],
    "W": [("l", [(0.0, 0.0), (0.22, 1.0), (0.5, 0.46), (0.78, 1.0), (1.0, 0.0)])],
    "X": [("l", [(0.04, 0.0), (0.96, 1.0)]), ("l", [(0.96, 0.0), (0.04, 1.0)])],
    "Y": [("l", [(0.04, 0.0), (0.5, 0.5), (0.96, 0.0)]), ("l", [(0.5, 0.5), (0.5, 1.0)])],
    "Z": [("l", [(0.06, 0.0), (0.92, 0.0), (0.06, 1.0), (0.96, 1.0)])],
    "<": [("l", [(0.94, 0.08), (0.04, 0.48), (0.94, 0.88)])],
    "0": [("o", [(0.5, 0.5), (0.46, 0.5)])],
    "O": [("o", [(0.5, 0.5), (0.48, 0.5)])],
    "Q": [("o", [(0.46, 0.45), (0.44, 0.45)]), ("l", [(0.5, 0.56), (0.96, 1.0)])],
}  # fmt: skip


_VARIANTS = {
    "0": [[("o", [(0.5, 0.5), (0.4, 0.5)])]],
    "1": [
        [("l", [(0.12, 0.24), (0.5, 0.0), (0.5, 1.0)]), ("l", [(0.14, 1.0), (0.86, 1.0)])],
        [("l", [(0.22, 0.18), (0.6, 0.0), (0.6, 1.0)])],
    ],
    "3": [[
        ("c", [(0.04, 0.1), (0.4, 0.0), (0.82, 0.06), (0.88, 0.3), (0.68, 0.45), (0.38, 0.46)]),
        ("c", [(0.38, 0.46), (0.76, 0.5), (0.96, 0.72), (0.76, 0.96), (0.36, 1.0), (0.02, 0.94)]),
    ]],
    "4": [[("l", [(0.72, 1.0), (0.72, 0.0), (0.02, 0.72), (0.98, 0.72)])]],
    "6": [[("c", [(0.86, 0.06), (0.5, 0.02), (0.16, 0.32), (0.05, 0.68)]), ("o", [(0.5, 0.7), (0.45, 0.3)])]],
    "7": [[("l", [(0.03, 0.0), (0.97, 0.0), (0.35, 1.0)])]],
    "8": [[("o", [(0.5, 0.25), (0.43, 0.25)]), ("o", [(0.5, 0.75), (0.43, 0.25)])]],
    "9": [[("c", [(0.14, 0.94), (0.5, 0.98), (0.84, 0.68), (0.95, 0.32)]), ("o", [(0.5, 0.3), (0.45, 0.3)])]],
    "A": [[("l", [(0.0, 1.0), (0.5, 0.0), (1.0, 1.0)]), ("l", [(0.2, 0.6), (0.8, 0.6)])]],
    "B": [[
        ("l", [(0.08, 0.0), (0.08, 1.0)]),
        ("c", [(0.08, 0.0), (0.66, 0.0), (0.9, 0.12), (0.9, 0.38), (0.66, 0.5), (0.08, 0.5)]),
        ("c", [(0.08, 0.5), (0.68, 0.5), (0.94, 0.62), (0.94, 0.88), (0.68, 1.0), (0.08, 1.0)]),
    ]],
    "C": [[("c", [(0.94, 0.14), (0.7, 0.0), (0.36, 0.02), (0.08, 0.28), (0.06, 0.5), (0.08, 0.72), (0.36, 0.98), (0.7, 1.0), (0.94, 0.88)])]],
    "E": [[("l", [(0.94, 0.0), (0.08, 0.0), (0.08, 1.0), (0.94, 1.0)]), ("l", [(0.08, 0.5), (0.68, 0.5)])]],
    "F": [[("l", [(0.94, 0.0), (0.1, 0.0), (0.1, 1.0)]), ("l", [(0.1, 0.44), (0.68, 0.44)])]],
    "G": [[
        ("c", [(0.9, 0.16), (0.62, 0.0), (0.3, 0.05), (0.08, 0.3), (0.06, 0.6), (0.2, 0.92), (0.54, 1.0), (0.92, 0.84)]),
        ("l", [(0.92, 0.84), (0.92, 0.56), (0.56, 0.56)]),
    ]],
    "J": [[("l", [(0.3, 0.0), (0.8, 0.0), (0.8, 0.72)]), ("c", [(0.8, 0.72), (0.7, 0.94), (0.42, 1.0), (0.14, 0.92), (0.06, 0.74)])]],
    "K": [[("l", [(0.08, 0.0), (0.08, 1.0)]), ("l", [(0.94, 0.0), (0.1, 0.5), (0.98, 1.0)])]],
    "M": [
        [("l", [(0.04, 1.0), (0.04, 0.0), (0.5, 0.44), (0.96, 0.0), (0.96, 1.0)])],
        [("l", [(0.04, 1.0), (0.04, 0.0), (0.5, 0.86), (0.96, 0.0), (0.96, 1.0)])],
    ],
    "P": [[("l", [(0.1, 0.0), (0.1, 1.0)]), ("c", [(0.1, 0.0), (0.62, 0.0), (0.9, 0.1), (0.9, 0.38), (0.62, 0.48), (0.1, 0.48)])]],
    "Q": [
        [("o", [(0.48, 0.48), (0.46, 0.48)]), ("l", [(0.6, 0.74), (0.94, 1.04)])],
        [("o", [(0.48, 0.46), (0.46, 0.46)]), ("l", [(0.44, 0.7), (0.98, 0.98)])],
    ],
    "R": [[
        ("l", [(0.08, 0.0), (0.08, 1.0)]),
        ("c", [(0.08, 0.0), (0.64, 0.0), (0.9, 0.1), (0.9, 0.36), (0.64, 0.48), (0.08, 0.48)]),
        ("l", [(0.3, 0.48), (0.98, 1.0)]),
    ]],
    "V": [[("l", [(0.02, 0.0), (0.5, 1.0), (0.98, 0.0)])]],
    "W": [[("l", [(0.0, 0.0), (0.22, 1.0), (0.5, 0.14), (0.78, 1.0), (1.0, 0.0)])], [("l", [(0.04, 0.0), (0.1, 1.0), (0.5, 0.5), (0.9, 1.0), (0.96, 0.0)])]],
    "Y": [[("l", [(0.04, 0.0), (0.5, 0.62), (0.96, 0.0)]), ("l", [(0.5, 0.62), (0.5, 1.0)])]],
    "<": [[("l", [(0.94, 0.18), (0.04, 0.5), (0.94, 0.82)])], [("l", [(0.98, 0.0), (0.02, 0.47), (0.98, 0.94)])]],
}  # fmt: skip
"""Other skeletons that printers of travel documents give these characters, for training only."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One member of the family; lengths in pitches, exponents of the superellipses of bowls.

    `wobble` displaces each point by its sigma (in the unit box), drawn anew from `seed`; with
    probability `variety` a character has another skeleton, if there is one.
    """

    seed: int
    stroke: float = 0.14
    width: float = 0.64
    capital_height: float = 0.92
    digit_height: float = 1.02
    bowl: float = 2.2
    zero: float = 3.0
    slant: float = 0.0
    wobble: float = 0.0
    round_ends: bool = True
    variety: float = 0.0


def random_cut(rng: np.random.Generator, is_varied: bool) -> Cut:
    """A cut of the family for training, if varied with other skeletons for some characters."""
    bowl = float(rng.uniform(1.9, 2.4))
    return Cut(
        seed=int(rng.integers(1 << 31)),
        stroke=float(rng.uniform(0.1, 0.2)),
        width=float(rng.uniform(0.58, 0.74)),
        capital_height=float(rng.uniform(0.86, 1.0)),
        digit_height=float(rng.uniform(0.94, 1.08)),
        bowl=bowl,
        zero=bowl + float(rng.uniform(0.4, 1.6)),
        slant=float(rng.normal(0, 0.03)),
        wobble=float(rng.uniform(0.0, 0.03)),
        round_ends=bool(rng.random() < 0.6),
        variety=float(rng.choice([0.0, 0.2, 0.6])) if is_varied else 0.0,
    )


UNSEEN_CUTS = {
    "narrow": Cut(seed=101, stroke=0.12, width=0.56, bowl=2.0, zero=3.4),
    "even": Cut(seed=102, stroke=0.15, capital_height=1.02, digit_height=1.02, zero=2.9),
    "heavy": Cut(seed=103, stroke=0.21, width=0.68, bowl=2.5, zero=4.2),
    "butt": Cut(seed=104, stroke=0.13, width=0.76, bowl=2.3, zero=3.2, round_ends=False),
}
"""Cuts beyond the ranges of `random_cut`: no training sees them, the benchmark renders with them."""


def draw(cut: Cut) -> NDArray[np.uint8]:
    """Masks of all 37 glyphs in the order of ALPHABET: uint8 (37, *CELL), ink is 255."""
    rng = np.random.default_rng(cut.seed)
    return np.stack([_glyph(character, cut, rng) for character in ALPHABET])


def _glyph(character: str, cut: Cut, rng: np.random.Generator) -> NDArray[np.uint8]:
    scale = 4
    rows, columns = CELL
    canvas = np.zeros((rows * scale, columns * scale), np.uint8)
    pitch = columns * scale
    is_digit = character in DIGITS
    height = (cut.digit_height if is_digit else cut.capital_height) - cut.stroke
    width = cut.width - cut.stroke
    baseline = rows * scale / 2 + (cut.capital_height / 2 - cut.stroke / 2) * pitch
    pen = max(1, round(cut.stroke * pitch))
    for kind, points in _skeleton(character, cut, rng):
        path = _path(kind, points, cut.zero if character == "0" else cut.bowl)
        path = (
            path
            + rng.normal(0, cut.wobble, (1, 2))
            + (rng.normal(0, cut.wobble / 2, path.shape) if kind == "l" else 0)
        )
        y = baseline - (1 - path[:, 1]) * height * pitch
        x = columns * scale / 2 + (path[:, 0] - 0.5) * width * pitch + (baseline - y) * cut.slant
        _stroke(canvas, np.stack([x, y], 1), pen, cut.round_ends or kind == "o")
    small = cv2.resize(canvas, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _skeleton(character: str, cut: Cut, rng: np.random.Generator) -> list[tuple[str, Points]]:
    others = _VARIANTS.get(character, [])
    if not cut.variety or not others or rng.random() >= cut.variety:
        return _OPEN[character]
    return others[int(rng.integers(len(others)))]


def distorted(glyphs: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The masks bent by smooth fields: one for the whole cut, a smaller one for each character."""
    rows, columns = CELL
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    whole, own = _field(rng, float(rng.uniform(0, 2.2))), float(rng.uniform(0.4, 1.8))
    out = []
    for glyph in glyphs:
        dx, dy = whole + _field(rng, own)
        out.append(cv2.remap(glyph, x + dx, y + dy, cv2.INTER_LINEAR))
    return np.stack(out)


def _field(rng: np.random.Generator, sigma: float) -> NDArray[np.float32]:
    """Displacements (2, *CELL) in pixels of a mask, smooth over a third of a character."""
    coarse = rng.normal(0, sigma, (2, 5, 4)).astype(np.float32)
    size = (CELL[1], CELL[0])
    return np.stack([cv2.resize(x, size, interpolation=cv2.INTER_CUBIC) for x in coarse])


def _stroke(canvas: NDArray[np.uint8], path: NDArray[np.float64], pen: int, is_round: bool) -> None:
    """One stroke with round ends and joints, or with the pen cut off square at both ends."""
    whole = np.round(path * 16).astype(np.int32)
    if is_round:
        cv2.polylines(canvas, [whole], False, 255, pen, cv2.LINE_AA, 4)
        return
    mask = np.zeros_like(canvas)
    cv2.polylines(mask, [whole], False, 255, pen, cv2.LINE_AA, 4)
    for end, inner in ((path[0], path[1]), (path[-1], path[-2])):
        along = (end - inner) / (np.linalg.norm(end - inner) + 1e-9)
        across = np.array([-along[1], along[0]]) * pen
        corners = np.stack(
            [end - across, end + across, end + across + along * pen, end - across + along * pen]
        )
        cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), 0)
    np.maximum(canvas, mask, out=canvas)


def _path(kind: str, points: Points, exponent: float) -> NDArray[np.float64]:
    """Points of a line, of a curve through the points, or of a closed bowl (centre, radii)."""
    given = np.array(points)
    if kind == "l":
        return given
    if kind == "c":
        return _smooth(given)
    (cx, cy), (rx, ry) = points
    angle = np.linspace(0, 2 * np.pi, 61)
    c, s = np.cos(angle), np.sin(angle)
    power = 2 / exponent
    x = cx + rx * np.sign(c) * np.abs(c) ** power
    y = cy + ry * np.sign(s) * np.abs(s) ** power
    return np.stack([x, y], 1)


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Catmull-Rom curve through the points, sixteen pieces between two of them."""
    padded = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, 16, endpoint=False)[:, None]
    pieces = [
        0.5
        * (
            2 * p1
            + (p2 - p0) * t
            + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
            + (3 * p1 - p0 - 3 * p2 + p3) * t**3
        )
        for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    return np.concatenate([*pieces, points[-1:]])
