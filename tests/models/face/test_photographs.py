"""Folders of photographs: their lists, their split, and what is refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.face.engines import Engine
from models.face.photographs import BadFolder, all_pairs, embed_all, half_of, read_folder
from models.face.values import Picture


def folder_of(path: Path, names: list[str], picture: Picture | None = None) -> Path:
    """Write images/ with the same small picture under each name."""
    (path / "images").mkdir()
    shown = np.zeros((60, 60, 3), np.uint8) if picture is None else picture[..., ::-1]
    for name in names:
        assert cv2.imwrite(str(path / "images" / name), shown)
    return path


def test_identities_and_groups_are_read(tmp_path: Path) -> None:
    """Columns beyond identity and file are groups to report apart."""
    folder = folder_of(tmp_path, ["a.png", "b.png"])
    (folder / "identities.csv").write_text("identity,file,sex\np,a.png,f\nq,b.png,m\n")
    read = read_folder(folder)
    assert read.identities == ("p", "q")
    assert read.groups == {"sex": ("f", "m")}
    assert read.pairs is None


def test_pairs_alone_tell_who_is_who(tmp_path: Path) -> None:
    """Genuine pairs join pictures into people, through others as well."""
    folder = folder_of(tmp_path, ["a.png", "b.png", "c.png", "d.png"])
    rows = "a,b,genuine\na.png,b.png,1\nb.png,c.png,1\na.png,d.png,0\n"
    (folder / "pairs.csv").write_text(rows)
    read = read_folder(folder)
    assert len(set(read.identities)) == 2
    assert read.genuine is not None
    assert read.genuine.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("identities.csv", "identity,file\np,missing.png\n"),
        ("identities.csv", "person,file\np,a.png\n"),
        ("identities.csv", "identity,file\n"),
        ("pairs.csv", "a,b\na.png,a.png\n"),
        ("other.csv", ""),
    ],
)
def test_a_folder_laid_out_otherwise_is_refused(tmp_path: Path, name: str, content: str) -> None:
    """A missing list, column or picture is named before anything is measured."""
    folder = folder_of(tmp_path, ["a.png"])
    (folder / name).write_text(content)
    with pytest.raises(BadFolder):
        read_folder(folder)


def test_pairs_may_name_more_than_the_list_of_people(tmp_path: Path) -> None:
    """A picture that only a pair names belongs to whom a genuine pair joins it with."""
    folder = folder_of(tmp_path, ["a.png", "b.png", "c.png", "d.png"])
    (folder / "identities.csv").write_text("identity,file\np,a.png\n")
    (folder / "pairs.csv").write_text("a,b,genuine\na.png,b.png,1\nc.png,d.png,1\nb.png,c.png,0\n")
    read = read_folder(folder)
    assert dict(zip([path.name for path in read.files], read.identities, strict=True)) == {
        "a.png": "p",
        "b.png": "p",
        "c.png": "c.png",
        "d.png": "c.png",
    }


def test_lists_as_spreadsheets_write_them_are_read(tmp_path: Path) -> None:
    """A byte order mark, CRLF, spaces and another spelling of true change nothing."""
    folder = folder_of(tmp_path, ["a.png", "b.png"])
    text = "\ufeffa, b, genuine\r\na.png, b.png, TRUE\r\n"
    (folder / "pairs.csv").write_bytes(text.encode())
    read = read_folder(folder)
    assert read.genuine is not None
    assert read.genuine.tolist() == [True]


def test_no_images_no_folder(tmp_path: Path) -> None:
    """The pictures lie in images/."""
    with pytest.raises(BadFolder, match="images"):
        read_folder(tmp_path)


def test_the_split_is_fixed() -> None:
    """The half of an identity follows from its name alone, for ever; both halves are alike large."""
    assert [half_of(name) for name in ("a", "b", "c", "d", "e", "f")] == [1, 1, 1, 1, 1, 0]
    assert 450 < sum(half_of(str(n)) for n in range(1000)) < 550


def test_all_pairs_are_each_pair_once() -> None:
    """600 photos make 179,700 pairs, none twice and none with itself."""
    pairs = np.concatenate(list(all_pairs(600)))
    assert len(pairs) == 600 * 599 // 2 == len({tuple(pair) for pair in pairs.tolist()})


def test_failures_are_counted_not_hidden(tmp_path: Path, portrait: Picture, engine: Engine) -> None:
    """A picture without a face is a failure; the others are embedded."""
    folder = folder_of(tmp_path, ["a.png"], portrait)
    blank = np.full((80, 80, 3), 128, np.uint8)
    assert cv2.imwrite(str(folder / "images" / "none.png"), blank)
    (folder / "images" / "damaged.png").write_bytes(b"\x89PNG....")
    (folder / "identities.csv").write_text("identity,file\np,a.png\np,none.png\nq,damaged.png\n")
    embedded = embed_all(read_folder(folder), engine)
    assert embedded.usable.tolist() == [True, False, False]
    assert np.linalg.norm(embedded.embeddings, axis=1) == pytest.approx([1, 0, 0], abs=1e-5)
