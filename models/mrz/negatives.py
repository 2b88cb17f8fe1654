"""Pictures that hold no readable MRZ, for measuring that none is made up."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.mrz.layout import ALPHABET, LAYOUTS, LETTERS
from models.mrz.synthetic import Masks, Specimen, page, specimen
from models.mrz.virtual_camera import Frame, photograph, random_view

Rng = np.random.Generator
_SIZE = (540, 960)


def negative(glyphs: Masks, rng: Rng) -> tuple[str, Frame]:
    """Kind and grey frame (540, 960) of a random picture that must be refused."""
    kind = list(KINDS)[int(rng.integers(len(KINDS)))]
    return kind, KINDS[kind](glyphs, rng)


def _camera(sheet: NDArray[np.uint8], rng: Rng) -> Frame:
    return photograph(sheet, random_view(0.4, rng), rng, _SIZE)


def _sheet(rng: Rng) -> NDArray[np.uint8]:
    return np.full((1056, 1500, 3), rng.uniform(200, 255, 3), np.uint8)


def _text(_: Masks, rng: Rng) -> Frame:
    """Paragraphs in an ordinary typeface."""
    sheet = _sheet(rng)
    for y in range(80, 1000, int(rng.integers(34, 70))):
        words = " ".join(
            "".join(rng.choice(list(LETTERS), int(rng.integers(2, 9)))) for _ in range(9)
        )
        shown = words if rng.random() < 0.4 else words.lower()
        cv2.putText(
            sheet, shown, (60, y), int(rng.integers(0, 5)), 1.0, (30, 30, 30), 2, cv2.LINE_AA
        )
    return _camera(sheet, rng)


def _ocr_text(glyphs: Masks, rng: Rng) -> Frame:
    """Lines of the MRZ's own typeface and width, with random characters."""
    layout = list(LAYOUTS.values())[int(rng.integers(5))]
    alphabet = list(ALPHABET if rng.random() < 0.6 else "0123456789")
    rows = ["".join(rng.choice(alphabet, layout.width)) for _ in range(layout.line_count)]
    first = str(rng.choice(list(layout.first_letters))) + rows[0][1:]
    return _camera(page(Specimen(layout.format, (first, *rows[1:])), glyphs, rng), rng)


def _table(_: Masks, rng: Rng) -> Frame:
    sheet = _sheet(rng)
    for y in range(60, 1000, 52):
        cv2.line(sheet, (40, y), (1460, y), (60, 60, 60), 2)
        for x in range(50, 1450, 180):
            number = str(int(rng.integers(10**6)))
            cv2.putText(sheet, number, (x, y + 38), 0, 0.9, (20, 20, 20), 2, cv2.LINE_AA)
    return _camera(sheet, rng)


def _barcode(_: Masks, rng: Rng) -> Frame:
    sheet = _sheet(rng)
    for top in (200, 600, 760):
        x = 100
        while x < 1400:
            bar = int(rng.integers(2, 12))
            sheet[top : top + int(rng.integers(90, 110)), x : x + bar] = 20
            x += bar + int(rng.integers(2, 12))
    return _camera(sheet, rng)


def _cropped(glyphs: Masks, rng: Rng) -> Frame:
    """A page of which one end or one line of the zone is missing."""
    sheet = page(specimen(rng), glyphs, rng)
    if rng.random() < 0.5:
        cut = int(sheet.shape[1] * rng.uniform(0.12, 0.4))
        sheet = sheet[:, cut:] if rng.random() < 0.5 else sheet[:, :-cut]
    else:
        sheet = sheet[: sheet.shape[0] - 140]
    return _camera(np.ascontiguousarray(sheet), rng)


def _mirrored(glyphs: Masks, rng: Rng) -> Frame:
    return np.ascontiguousarray(_camera(page(specimen(rng), glyphs, rng), rng)[:, ::-1])


def _covered(glyphs: Masks, rng: Rng) -> Frame:
    """A finger or sticker over several characters of a line with a check digit."""
    sheet = page(specimen(rng), glyphs, rng)
    x, y = int(rng.uniform(0.15, 0.5) * sheet.shape[1]), sheet.shape[0] - 260
    sheet[y:, x : x + int(rng.integers(90, 260))] = rng.uniform(40, 240, 3)
    return _camera(sheet, rng)


def _tampered(glyphs: Masks, rng: Rng) -> Frame:
    """A document whose date of birth was changed without its check digit."""
    document = specimen(rng)
    span = LAYOUTS[document.format].fields["date_of_birth"]
    rows = [list(line) for line in document.lines]
    row = rows[span.line]
    row[span.start + 1] = str((int(row[span.start + 1]) + int(rng.integers(1, 9))) % 10)
    return _camera(page(replace(document, lines=tuple("".join(x) for x in rows)), glyphs, rng), rng)


KINDS: dict[str, Callable[[Masks, Rng], Frame]] = {
    "text": _text,
    "ocr_text": _ocr_text,
    "table": _table,
    "barcode": _barcode,
    "cropped": _cropped,
    "mirrored": _mirrored,
    "covered": _covered,
    "tampered": _tampered,
}
"""What each kind shows, by name."""
