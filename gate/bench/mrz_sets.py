"""The pictures that `egate bench mrz` reads: a folder, synthetic documents, what is no MRZ."""

import csv
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Picture = tuple[Callable[[], list[Grey]], tuple[str, ...], str]
"""Frames, made when they are asked for; the true lines, none where there are none; a name."""


def folder_pictures(folder: Path) -> list[Picture]:
    """Pictures of the folder with the lines that its ground_truth.csv gives."""
    from models.mrz.picture import load

    truth_file = folder / "ground_truth.csv"
    if not truth_file.exists():
        raise typer.BadParameter(f"{folder} has no ground_truth.csv (file,type,line1,line2,line3)")

    def loader(name: str) -> Callable[[], list[Grey]]:
        return lambda: [load(folder / name)]

    with truth_file.open(newline="") as rows:
        found: list[Picture] = []
        for row in csv.DictReader(rows):
            lines = tuple(row[key] for key in ("line1", "line2", "line3") if row.get(key))
            found.append((loader(row["file"]), lines, row["file"]))
    if not found:
        raise typer.BadParameter(f"{truth_file} names no picture")
    return found


def cuts_named(cut: str) -> list[NDArray[np.uint8]]:
    """Glyph masks of the named cut, or of all that no training saw."""
    from models.mrz.synthetic import atlas_cut
    from models.mrz.training.outlines import UNSEEN_CUTS, draw
    from models.mrz.training.train import UNSEEN_ATLAS_CUT

    if cut == "unseen":
        return [atlas_cut(UNSEEN_ATLAS_CUT), *(draw(x) for x in UNSEEN_CUTS.values())]
    return [draw(UNSEEN_CUTS[cut]) if cut in UNSEEN_CUTS else atlas_cut(cut)]


def synthetic_pictures(
    count: int, severity: str, frames: int, seed: int, cut: str
) -> Iterator[Picture]:
    """Documents of all formats in the cuts by turns, each under so many views of this severity."""
    from models.mrz.synthetic import page, specimen
    from models.mrz.virtual_camera import SEVERITIES, photograph, random_view

    if severity not in SEVERITIES:
        raise typer.BadParameter(f"--severity is one of {', '.join(SEVERITIES)}")
    cuts, dial = cuts_named(cut), SEVERITIES[severity]
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        document = specimen(rng)
        sheet = page(document, cuts[number % len(cuts)], rng)
        shots = [photograph(sheet, random_view(dial, rng), rng) for _ in range(frames)]
        yield partial(list, shots), document.lines, f"seed {seed}, number {number}"


def negative_pictures(count: int, seed: int, cut: str) -> Iterator[Picture]:
    """Pictures that must all be refused."""
    from models.mrz.negatives import negative

    cuts = cuts_named(cut)
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        kind, frame = negative(cuts[number % len(cuts)], rng)
        yield partial(list, [frame]), (), f"{kind}, seed {seed}, number {number}"
