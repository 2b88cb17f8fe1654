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
from models.mrz.training.atlas import load
from models.mrz.training.outlines import UNSEEN_CUTS, draw
from models.mrz.training.train import TRAINING_CUTS, UNSEEN_ATLAS_CUT
from models.mrz.virtual_camera import photograph, random_view

SEED = 20261123
_SIZE = (720, 1280)
_ROLE = {True: "trained on", False: "unseen"}


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


def split() -> list[tuple[str, str, str]]:
    """Name, checksum of the masks and role of each cut that does not change with a seed."""
    masks = {name: load()[name] for name in (*TRAINING_CUTS, UNSEEN_ATLAS_CUT)}
    masks |= {name: draw(cut) for name, cut in UNSEEN_CUTS.items()}
    return [
        (name, hashlib.sha256(x.tobytes()).hexdigest(), _ROLE[name in TRAINING_CUTS])
        for name, x in masks.items()
    ]


def _sources(folder: Path) -> str:
    """Origin, licence and checksum of everything that the reader was made from."""
    data = Path(__file__).parents[1] / "data"
    files = [*sorted(folder.glob("*.jpg")), *sorted(data.glob("*.npz"))]
    sums = "\n".join(f"| {x.name} | {hashlib.sha256(x.read_bytes()).hexdigest()} |" for x in files)
    cuts = "\n".join(f"| {name} | {sha} | {role} |" for name, sha, role in split())
    return f"""# Sources of the MRZ fixtures and of the reader's data

- `*.jpg`, `ground_truth.csv`: made by `python -m models.mrz.training.fixtures fixtures/mrz`
  (seed {SEED}); synthetic, no real person or document. Apache-2.0 like the project.
- `models/mrz/data/glyphs.npz`: masks drawn from the fonts OCRB.otf (rounded), OCRBS.otf (sharp)
  and OCRBL.otf (slanted) of Debian's package `fonts-ocr-b` 0.3~dfsg1-1 by
  `python -m models.mrz.training.atlas`. Fonts by Matthew Skala (public domain) after Norbert
  Schwarz ("may freely use, modify and/or distribute this file, without limitation").
- `models/mrz/data/classifier.npz`: weights trained on the cuts rounded and slanted and on outlines
  that the project draws (`training/outlines.py`). docs/mrz.md has the calls. The two
  convolutional networks were trained by the script as it stands, `convolutions --seed 7` and
  `second --seed 8`; the perceptron by the script as it stood at commit
  15df9b3 (`--strips 14000 --rounds 3 --epochs 8 --seed 5`): today's script has the same recipe for
  it but other strips, so that it gives other weights of the same kind.

The split: nothing was trained on the unseen cuts; `egate bench mrz --synthetic` prints with them.

| cut | sha256 of its masks | |
|---|---|---|
{cuts}

| file | sha256 |
|---|---|
{sums}
"""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
