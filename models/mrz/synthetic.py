"""Synthetic travel documents: data pages of all five formats with photo, guilloche and MRZ.

Everything follows from the generator's seed. Names are made up of syllables; states are those of
the list, Korea and Utopia often. Sizes after ICAO 9303 part 3 (TD1 85.6 x 54 mm, TD2 and MRV-B
105 x 74 mm, TD3 125 x 88 mm, MRV-A 120 x 80 mm), print at 10 characters to the inch.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.compose import compose
from models.mrz.layout import ALPHABET, LETTERS, MrzFormat
from models.mrz.states import CODES

Masks = NDArray[np.uint8]
Page = NDArray[np.uint8]
PX_PER_MM = 12.0
_PITCH_MM, _SPACING_MM, _LEFT_MM = 2.54, 6.35, 6.0
_SIZES_MM = {
    MrzFormat.TD1: (85.6, 54.0),
    MrzFormat.TD2: (105.0, 74.0),
    MrzFormat.TD3: (125.0, 88.0),
    MrzFormat.MRVA: (120.0, 80.0),
    MrzFormat.MRVB: (105.0, 74.0),
}
_ATLAS = Path(__file__).parent / "data" / "glyphs.npz"
_SYLLABLES = (
    "AN", "BE", "CHO", "DA", "EL", "FA", "GIL", "HA", "IN", "JO", "KA", "LE", "MIN", "NA", "OH", "PARK", "QUI", "RO", "SEO", "TA", "UL", "VI", "WON", "XU", "YU", "ZE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Specimen:
    """A made-up document: its format and the truth of its lines."""

    format: MrzFormat
    lines: tuple[str, ...]


@cache
def atlas_cut(name: str = "rounded") -> Masks:
    """Glyph masks (37, 96, 64) of a cut of the shipped atlas."""
    with np.load(_ATLAS) as archive:
        return np.asarray(archive[name])


def specimen(rng: np.random.Generator, mrz_format: MrzFormat | None = None) -> Specimen:
    """A document with random names, numbers and dates, valid in every check digit."""
    chosen = mrz_format or list(MrzFormat)[int(rng.choice(5, p=[0.2, 0.1, 0.5, 0.1, 0.1]))]
    state = str(rng.choice(["KOR", "UTO", "D", *sorted(CODES)], p=_state_weights()))
    is_visa = chosen in (MrzFormat.MRVA, MrzFormat.MRVB)
    born = date(1935, 1, 1) + timedelta(days=int(rng.integers(0, 28000)))
    until = date(2024, 1, 1) + timedelta(days=int(rng.integers(0, 3650)))
    lines = compose(
        chosen,
        document_code=_document_code(chosen, state, rng),
        issuing_state=state,
        document_number=_number(state, rng),
        nationality=state if rng.random() < 0.9 and not is_visa else str(rng.choice(sorted(CODES))),
        primary_identifier=_name(rng, 1, 2),
        secondary_identifier=_name(rng, 1, 3) if rng.random() < 0.97 else "",
        date_of_birth=born,
        sex=str(rng.choice(["M", "F", "X"], p=[0.49, 0.49, 0.02])),
        date_of_expiry=until,
        optional_data=_optional(chosen, rng),
    )
    return Specimen(chosen, lines)


def _state_weights() -> NDArray[np.float64]:
    weights = np.ones(3 + len(CODES))
    weights[:3] = 100, 30, 15
    return np.asarray(weights / weights.sum())


def _document_code(mrz_format: MrzFormat, state: str, rng: np.random.Generator) -> str:
    first = {MrzFormat.TD3: "P", MrzFormat.TD1: "I", MrzFormat.TD2: "I"}.get(mrz_format, "V")
    if state == "KOR" and first == "P":
        return "PM"
    return first + ("" if rng.random() < 0.6 else str(rng.choice(list(LETTERS))))


def _number(state: str, rng: np.random.Generator) -> str:
    digits = "".join(rng.choice(list("0123456789"), 9))
    if state == "KOR":
        letter = str(rng.choice(list(LETTERS)))
        return "M" + digits[:3] + letter + digits[4:8] if rng.random() < 0.7 else "M" + digits[:8]
    kind = rng.random()
    if kind < 0.4:
        return "".join(rng.choice(list(LETTERS), 2)) + digits[:7]
    if kind < 0.6:
        return digits
    letters = [x for x in LETTERS if x != "O"]
    return "".join(rng.choice(letters + list("0123456789"), int(rng.integers(7, 10))))


def _name(rng: np.random.Generator, least: int, most: int) -> str:
    words = int(rng.integers(least, most + 1))
    return " ".join("".join(rng.choice(_SYLLABLES, int(rng.integers(1, 4)))) for _ in range(words))


def _optional(mrz_format: MrzFormat, rng: np.random.Generator) -> str:
    room = {MrzFormat.TD1: 15, MrzFormat.TD2: 7, MrzFormat.MRVB: 8}.get(mrz_format, 14)
    if rng.random() < 0.5:
        return ""
    return "".join(rng.choice(list("0123456789"), int(rng.integers(1, room + 1))))


def page(document: Specimen, glyphs: Masks, rng: np.random.Generator) -> Page:
    """The data page in colour (BGR), 12 pixels to the millimetre, printed in this cut."""
    width, height = (round(x * PX_PER_MM) for x in _SIZES_MM[document.format])
    paper = _paper(height, width, rng)
    _portrait(paper, rng)
    _labels(paper, rng)
    _print_mrz(paper, document.lines, glyphs, rng)
    return paper


def _paper(height: int, width: int, rng: np.random.Generator) -> Page:
    """Tinted paper with a gradient and fine wavy lines."""
    tint = rng.uniform(190, 250, 3)
    fade = np.linspace(1.0, rng.uniform(0.9, 1.0), width)[None, :, None]
    paper = np.clip(np.ones((height, width, 3)) * tint * fade, 0, 255).astype(np.uint8)
    x = np.arange(0, width, 6)
    for _ in range(int(rng.integers(2, 5))):
        colour = tuple(float(c) for c in np.clip(tint - rng.uniform(8, 60, 3), 0, 255))
        amplitude, length, gap = rng.uniform(10, 90), rng.uniform(120, 700), rng.uniform(8, 40)
        for y in np.arange(-100, height + 100, gap):
            wave = y + amplitude * np.sin(x * (2 * np.pi / length) + y * 0.01)
            points = np.stack([x, wave], 1).round().astype(np.int32)
            cv2.polylines(paper, [points], False, colour, 1, cv2.LINE_AA)
    return paper


def _portrait(paper: Page, rng: np.random.Generator) -> None:
    """A grey head and shoulders in a frame at the left."""
    height, width = paper.shape[:2]
    left, top = int(0.05 * width), int(0.12 * height)
    w, h = int(0.27 * width), int(0.45 * height)
    box = paper[top : top + h, left : left + w]
    box[:] = rng.uniform(150, 230, 3)
    skin = tuple(float(c) for c in rng.uniform(90, 200, 3))
    cv2.ellipse(box, (w // 2, h), (int(w * 0.45), int(h * 0.35)), 0, 0, 360, (60, 50, 40), -1)
    cv2.ellipse(box, (w // 2, int(h * 0.45)), (int(w * 0.25), int(h * 0.32)), 0, 0, 360, skin, -1)
    for dx in (-0.1, 0.1):
        cv2.circle(box, (int(w * (0.5 + dx)), int(h * 0.42)), max(2, w // 40), (20, 20, 20), -1)


def _labels(paper: Page, rng: np.random.Generator) -> None:
    """Captions and values of a visual zone in an ordinary typeface."""
    height, width = paper.shape[:2]
    for k in range(7):
        y = int(height * (0.1 + 0.075 * k))
        x = int(width * 0.37)
        caption, value = _name(rng, 2, 3).lower(), _name(rng, 1, 2)
        cv2.putText(paper, caption, (x, y), 0, 0.55, (90, 70, 60), 1, cv2.LINE_AA)
        cv2.putText(paper, value, (x, y + 28), 0, 0.85, (30, 30, 30), 2, cv2.LINE_AA)


def _print_mrz(
    paper: Page, lines: tuple[str, ...], glyphs: Masks, rng: np.random.Generator
) -> None:
    """The lines at the bottom, the lowest 8.5 mm above the edge or as the three of a TD1 need."""
    pitch = _PITCH_MM * PX_PER_MM
    ink = rng.uniform(10, 80, 3)
    bottom = 8.5 if len(lines) == 2 else 6.0
    for number, line in enumerate(reversed(lines)):
        middle = paper.shape[0] - (bottom + number * _SPACING_MM) * PX_PER_MM
        _print_line(paper, line, glyphs, (_LEFT_MM * PX_PER_MM, middle), pitch, ink)


def _print_line(
    paper: Page,
    line: str,
    glyphs: Masks,
    start: tuple[float, float],
    pitch: float,
    ink: NDArray[np.float64],
) -> None:
    rows, columns = glyphs.shape[1:]
    mask = np.concatenate([glyphs[ALPHABET.index(x)] for x in line], axis=1)
    scale = pitch / columns
    size = (round(mask.shape[1] * scale), round(rows * scale))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    x, y = round(start[0]), round(start[1] - size[1] / 2)
    box = paper[y : y + size[1], x : x + size[0]]
    alpha = small[: box.shape[0], : box.shape[1], None].astype(np.float64) / 255
    box[:] = np.clip(box * (1 - alpha) + ink * alpha, 0, 255).astype(np.uint8)
