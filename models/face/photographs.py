"""A folder of photographs of known people: what a calibration and a measurement start from.

`identities.csv` (identity,file and any group columns) or `pairs.csv` (a,b,genuine), or both,
beside `images/`.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.face.detect import find_faces, refine
from models.face.engines import Engine
from models.face.image import load
from models.face.landmarks import STEADY, find_points
from models.face.pipeline import embed_face
from models.face.values import BadImage, Detection, Face, Picture

_SPLIT_SALT = b"egate-face-1:"


class BadFolder(ValueError):
    """The folder is not laid out as a data set; the message says what is missing."""


@dataclass(frozen=True)
class Photographs:
    """Files with their identities; `pairs` rows of (first, second) indices, `genuine` beside."""

    files: tuple[Path, ...]
    identities: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    pairs: NDArray[np.intp] | None
    genuine: NDArray[np.bool_] | None


@dataclass(frozen=True)
class Embedded:
    """Unit embeddings of the photographs, n x size; rows that failed are all zero."""

    embeddings: NDArray[np.float32] = field(repr=False)
    usable: NDArray[np.bool_]


def half_of(identity: str) -> int:
    """0 or 1: on which side of the split an identity stands; fixed before the first figure."""
    return hashlib.sha256(_SPLIT_SALT + identity.encode()).digest()[0] & 1


def read_folder(folder: Path) -> Photographs:
    """Read the lists of a data set.

    :raises BadFolder: no list, a column or a file is missing.
    """
    images = folder / "images"
    if not images.is_dir():
        raise BadFolder(f"{folder.name} has no images/: give the folder that holds it")
    people, pairs = folder / "identities.csv", folder / "pairs.csv"
    if people.is_file():
        rows = _rows(people, ("identity", "file"))
        names = [row["file"] for row in rows]
        identities = [row["identity"] for row in rows]
        columns = [key for key in rows[0] if key not in ("identity", "file")] if rows else []
        groups = {key: tuple(row[key] for row in rows) for key in columns}
    elif pairs.is_file():
        names, identities = _people_of_pairs(_rows(pairs, ("a", "b", "genuine")))
        groups = {}
    else:
        raise BadFolder("neither identities.csv (identity,file) nor pairs.csv (a,b,genuine)")
    missing = [name for name in names if not (images / name).is_file()]
    if missing or not names:
        raise BadFolder(f"{len(missing)} of {len(names)} listed pictures are not in images/")
    listed, genuine = _pairs(pairs, names) if pairs.is_file() else (None, None)
    paths = tuple(images / name for name in names)
    return Photographs(paths, tuple(identities), groups, listed, genuine)


def embed_all(
    photographs: Photographs, engine: Engine, progress: Callable[[int], None] | None = None
) -> Embedded:
    """Embed the face nearest to the middle of each photograph, whatever its quality."""
    embeddings = np.zeros((len(photographs.files), engine.size), np.float32)
    usable = np.zeros(len(photographs.files), bool)
    for row, path in enumerate(photographs.files):
        found = central_face(path)
        if found is not None:
            embeddings[row] = embed_face(found[0], found[1], engine)
            usable[row] = True
        if progress is not None:
            progress(row + 1)
    return Embedded(embeddings, usable)


def central_face(path: Path) -> tuple[Picture, Face] | None:
    """Return the photograph and the face nearest to its middle, measured in its own size."""
    try:
        picture = load(path)
    except BadImage:
        return None
    found = find_faces(picture)
    if not found:
        return None
    middle = np.array([picture.shape[1] / 2, picture.shape[0] / 2])

    def off_centre(each: Detection) -> float:
        return float(np.linalg.norm(np.array(each.box.centre) - middle)) / each.box.width

    nearest = min(found, key=off_centre)
    detection = refine(picture, nearest) or nearest
    return picture, Face(detection, find_points(picture, detection.box, STEADY))


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or any(column not in rows[0] for column in columns):
        raise BadFolder(f"{path.name} needs the columns {','.join(columns)} and a row")
    return rows


def _pairs(path: Path, names: list[str]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    row_of = {name: row for row, name in enumerate(names)}
    rows = _rows(path, ("a", "b", "genuine"))
    unknown = sum(row["a"] not in row_of or row["b"] not in row_of for row in rows)
    if unknown:
        raise BadFolder(f"{unknown} pairs name pictures that identities.csv does not list")
    pairs = np.array([(row_of[row["a"]], row_of[row["b"]]) for row in rows], np.intp)
    return pairs, np.array([row["genuine"].strip() in ("1", "true", "True") for row in rows])


def _people_of_pairs(rows: list[dict[str, str]]) -> tuple[list[str], list[str]]:
    """Without a list of people, genuine pairs join pictures into persons."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        leader.setdefault(name, name)
        while leader[name] != name:
            name = leader[name]
        return name

    for row in rows:
        a, b = find(row["a"]), find(row["b"])
        if row["genuine"].strip() in ("1", "true", "True"):
            leader[max(a, b)] = min(a, b)
    names = sorted(leader)
    return names, [find(name) for name in names]


def all_pairs(count: int) -> Iterator[NDArray[np.intp]]:
    """Yield all pairs of rows, a block of rows at a time."""
    for start in range(0, count, 512):
        rows = np.arange(start, min(start + 512, count))
        left, right = np.meshgrid(rows, np.arange(count), indexing="ij")
        ahead = right > left
        yield np.stack([left[ahead], right[ahead]], axis=1)
