"""A folder of photographs of known people: what a calibration and a measurement start from.

`identities.csv` (identity,file and any group columns) or `pairs.csv` (a,b,genuine), or both,
beside `images/`.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.face.align import Shift
from models.face.detect import find_faces
from models.face.engines import Engine
from models.face.image import load
from models.face.landmarks import find_points
from models.face.pipeline import THOROUGH, embed_face
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
    """Read the lists of a data set; a listed picture that is not there fails like a damaged one.

    :raises BadFolder: no list, a column is missing, or none of the pictures is there.
    """
    images = folder / "images"
    if not images.is_dir():
        raise BadFolder(f"{folder.name} has no images/: give the folder that holds it")
    people, pairs = folder / "identities.csv", folder / "pairs.csv"
    if not people.is_file() and not pairs.is_file():
        raise BadFolder("neither identities.csv (identity,file) nor pairs.csv (a,b,genuine)")
    rows = _rows(people, ("identity", "file")) if people.is_file() else []
    listed = _rows(pairs, ("a", "b", "genuine")) if pairs.is_file() else []
    owner = _owners(rows, listed)
    names = tuple(owner)
    if not any((images / name).is_file() for name in names):
        raise BadFolder(f"none of the {len(names)} listed pictures is in images/")
    kept = {row["file"]: row for row in rows}
    columns = [key for key in (rows[0] if rows else {}) if key not in ("identity", "file")]
    groups = {key: tuple(kept[n][key] if n in kept else "" for n in names) for key in columns}
    index, genuine = _pairs(listed, names) if listed else (None, None)
    paths = tuple(images / name for name in names)
    return Photographs(paths, tuple(owner.values()), groups, index, genuine)


def embed_all(
    photographs: Photographs,
    engine: Engine,
    progress: Callable[[int], None] | None = None,
    shifts: Sequence[Shift] = THOROUGH,
) -> Embedded:
    """Embed the face nearest to the middle of each photograph, whatever its quality."""
    embeddings = np.zeros((len(photographs.files), engine.size), np.float32)
    usable = np.zeros(len(photographs.files), bool)
    for row, path in enumerate(photographs.files):
        found = central_face(path)
        if found is not None:
            embeddings[row] = embed_face(*found, engine, shifts)
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
    return picture, Face(nearest, find_points(picture, nearest.box))


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadFolder(f"{path.name} cannot be read: save it as UTF-8 text") from None
    reader = csv.DictReader(text.splitlines(), skipinitialspace=True)
    rows = [{(k or "").strip(): (v or "").strip() for k, v in row.items() if k} for row in reader]
    if not rows or any(column not in rows[0] for column in columns):
        raise BadFolder(f"{path.name} needs the columns {','.join(columns)} and a row")
    return rows


def _pairs(
    rows: list[dict[str, str]], names: Sequence[str]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    row_of = {name: row for row, name in enumerate(names)}
    pairs = np.array([(row_of[row["a"]], row_of[row["b"]]) for row in rows], np.intp)
    return pairs, np.array([_is_genuine(row) for row in rows])


def _is_genuine(row: dict[str, str]) -> bool:
    return row["genuine"].lower() in ("1", "true", "yes")


def _owners(people: list[dict[str, str]], pairs: list[dict[str, str]]) -> dict[str, str]:
    """Whose each picture is, by the list of people; beyond it genuine pairs join pictures."""
    listed = {row["file"]: row["identity"] for row in people}
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        leader.setdefault(name, name)
        while leader[name] != name:
            name = leader[name]
        return name

    for row in pairs:
        a, b = find(row["a"]), find(row["b"])
        if _is_genuine(row):
            leader[max(a, b)] = min(a, b)
    known = {find(name): identity for name, identity in listed.items()}
    others = {name: known.get(find(name), find(name)) for name in sorted(leader)}
    return {**listed, **{name: who for name, who in others.items() if name not in listed}}


def all_pairs(count: int) -> Iterator[NDArray[np.intp]]:
    """Yield all pairs of rows, a block of rows at a time."""
    for start in range(0, count, 512):
        rows = np.arange(start, min(start + 512, count))
        left, right = np.meshgrid(rows, np.arange(count), indexing="ij")
        ahead = right > left
        yield np.stack([left[ahead], right[ahead]], axis=1)
