"""Glyph masks from font files, and the atlas that the training and the emulated passports read.

`python -m models.mrz.training.atlas rounded=OCRB.otf sharp=OCRBS.otf slanted=OCRBL.otf`
writes models/mrz/data/glyphs.npz; fixtures/mrz/SOURCES.md says where the fonts come from.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.mrz.layout import ALPHABET
from models.mrz.training.outlines import CELL

ATLAS = Path(__file__).parents[1] / "data" / "glyphs.npz"


def from_font(path: str) -> NDArray[np.uint8]:
    """Masks (37, *CELL) of a monospaced font, one pitch scaled to the width of a cell."""
    probe = ImageFont.truetype(path, 100)
    font = ImageFont.truetype(path, round(100 * CELL[1] * 4 / probe.getlength("A")))
    _, top, _, bottom = font.getmask("H").getbbox()
    height = bottom - top
    return np.stack([_cell(font, character, height) for character in ALPHABET])


def _cell(font: ImageFont.FreeTypeFont, character: str, capital_height: int) -> NDArray[np.uint8]:
    rows, columns = CELL[0] * 4, CELL[1] * 4
    image = Image.new("L", (columns, rows))
    baseline = rows / 2 + capital_height / 2
    ImageDraw.Draw(image).text((0, baseline), character, font=font, fill=255, anchor="ls")
    return np.asarray(image.resize((CELL[1], CELL[0]), Image.Resampling.BOX))


def load() -> dict[str, NDArray[np.uint8]]:
    """The shipped atlas: name of the cut to masks (37, *CELL)."""
    with np.load(ATLAS) as archive:
        return {name: archive[name] for name in archive.files}


def main(arguments: list[str]) -> None:
    """Write the atlas of the fonts named on the command line."""
    named = dict(argument.split("=", 1) for argument in arguments)
    ATLAS.parent.mkdir(exist_ok=True)
    masks: dict[str, Any] = {name: from_font(path) for name, path in named.items()}
    np.savez_compressed(ATLAS, **masks)


if __name__ == "__main__":
    main(sys.argv[1:])
