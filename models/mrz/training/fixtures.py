"""Write the pictures of fixtures/mrz: `python -m models.mrz.training.fixtures FOLDER`.

Small synthetic frames with their truth, seeded; the tests read them as users' files.
"""

import csv
import hashlib
import sys
from pathlib import Path

import cv2
import numpy as np

from models.mrz.layout import MrzFormat
from models.mrz.synthetic import atlas_cut, page, specimen
from models.mrz.virtual_camera import photograph, random_view

SEED = 20261123
_SIZE = (720, 1280)


def main(folder: Path) -> None:
    """One picture of each format, easy to hard, with ground_truth.csv and SOURCES.md."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [["file", "type", "line1", "line2", "line3"]]
    for number, mrz_format in enumerate(MrzFormat):
        rng = np.random.default_rng([SEED, number])
        document = specimen(rng, mrz_format)
        sheet = page(document, atlas_cut("sharp"), rng)
        frame = photograph(sheet, random_view(0.15 * (number + 1), rng), rng, _SIZE)
        name = f"{mrz_format.value.lower()}.jpg"
        cv2.imwrite(str(folder / name), frame, [cv2.IMWRITE_JPEG_QUALITY, 80])
        rows.append([name, mrz_format.value, *document.lines, *[""] * (3 - len(document.lines))])
    with (folder / "ground_truth.csv").open("w", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)
    (folder / "SOURCES.md").write_text(_sources(folder))


def _sources(folder: Path) -> str:
    """Origin, licence and checksum of everything that the reader was made from."""
    data = Path(__file__).parents[1] / "data"
    files = [*sorted(folder.glob("*.jpg")), *sorted(data.glob("*.npz"))]
    sums = "\n".join(f"| {x.name} | {hashlib.sha256(x.read_bytes()).hexdigest()} |" for x in files)
    return f"""# Sources of the MRZ fixtures and of the reader's data

- `*.jpg`, `ground_truth.csv`: made by `python -m models.mrz.training.fixtures fixtures/mrz`
  (seed {SEED}); synthetic, no real person or document. Apache-2.0 like the project.
- `models/mrz/data/glyphs.npz`: masks drawn from the fonts OCRB.otf (rounded), OCRBS.otf (sharp)
  and OCRBL.otf (slanted) of Debian's package `fonts-ocr-b` 0.3~dfsg1-1 by
  `python -m models.mrz.training.atlas`. Fonts by Matthew Skala (public domain) after Norbert
  Schwarz ("may freely use, modify and/or distribute this file, without limitation").
- `models/mrz/data/classifier.npz`: weights trained by `python -m models.mrz.training.train` on
  the cuts rounded and slanted and on outlines that the project draws (`training/outlines.py`).
  Never trained on: the cut sharp and `UNSEEN_CUTS`, which the benchmark prints with. docs/mrz.md
  has the calls.

| file | sha256 |
|---|---|
{sums}
"""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
