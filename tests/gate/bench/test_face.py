"""The face bench: what it says of a folder, whatever list the folder has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from gate.bench import face_accuracy as measure
from gate.bench.face import command, twice_past
from gate.bench.face_text import as_text
from models.face.compare import normalise
from models.face.photographs import Embedded, Photographs, half_of
from models.face.synthetic import draw_cast, enrolment_frames, prepare

app = typer.Typer()
app.command()(command)


def crowd(people: int, photos: int, noise: float) -> tuple[Photographs, Embedded]:
    """Photographs of people whose embeddings are their own directions with noise."""
    rng = np.random.default_rng(5)
    names = tuple(f"p{number}" for number in range(people) for _ in range(photos))
    centres = np.repeat(rng.normal(0, 1, (people, 64)), photos, axis=0)
    rows = normalise((centres + rng.normal(0, noise, centres.shape)).astype(np.float32))
    files = tuple(Path(f"{number}.jpg") for number in range(len(names)))
    groups = {"sex": tuple("fm"[int(name[1:]) % 2] for name in names)}
    return Photographs(files, names, groups, None, None), Embedded(rows, np.ones(len(rows), bool))


def test_a_threshold_is_never_set_on_the_people_it_is_judged_on() -> None:
    """Each half's FNMR is that at the other half's threshold, and both directions count."""
    photographs, embedded = crowd(60, 3, 1.2)
    halves = [
        measure.single_scores(photographs, embedded, r) for r in measure.halves_of(photographs)
    ]
    told = measure.cross_half_figures(halves)["at_fmr"][0]
    threshold = np.sort(halves[0].impostor)[::-1][int(0.01 * len(halves[0].impostor))]
    assert told["halves"][0]["fnmr"] == np.mean(halves[1].genuine <= threshold)
    assert half_of("p0") in (0, 1)


def test_rates_that_the_people_do_not_support_are_refused() -> None:
    """Sixty people allow no FMR of 0.01 %, for either half still less."""
    found = measure.figures(*crowd(60, 3, 1.2), "another engine")
    for part in ("single", "whole_set_own_threshold"):
        assert ["fnmr" in row for row in found[part]["at_fmr"]][-1] is False
    assert found["single"]["at_fmr"][0]["fnmr"] > 0
    assert "shipped_calibration" not in found


def test_groups_are_told_apart() -> None:
    """Where the list names a group, its error rates stand by themselves."""
    photographs, embedded = crowd(40, 2, 0.9)
    told = measure.group_figures(photographs, embedded, 0.5)
    assert set(told["sex"]) == {"f", "m"}
    assert told["sex"]["f"]["genuine"] == 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people with two pictures each, a damaged picture, and one that is only listed."""
    path = tmp_path_factory.mktemp("faces")
    (path / "images").mkdir()
    for number, who in enumerate(draw_cast(8, 2)):
        for shot, frame in enumerate(enrolment_frames(prepare(who))[:2]):
            cv2.imwrite(str(path / "images" / f"{number}-{shot}.jpg"), frame[..., ::-1])
    (path / "images" / "bad.jpg").write_bytes(b"\xff\xd8 cut short")
    return path


def bench(folder: Path, plot: Path, *words: str) -> dict[str, Any]:
    """The report of `egate bench face` without times."""
    call = [str(folder), "--no-speed", "--json", "--peer", "0", "--det", str(plot)]
    done = CliRunner().invoke(app, [*call, *words])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


LISTS = {
    "identities.csv": "identity,file\np,0-0.jpg\np,0-1.jpg\nq,1-0.jpg\nq,1-1.jpg\nr,bad.jpg\nr,no.jpg\n",
    "pairs.csv": "a,b,genuine\n0-0.jpg,0-1.jpg,1\n0-0.jpg,1-0.jpg,0\n1-0.jpg,1-1.jpg,1\n"
    "0-1.jpg,bad.jpg,0\n0-1.jpg,no.jpg,0\n",
}  # fmt: skip


@pytest.mark.parametrize(
    "lists", [["identities.csv"], ["pairs.csv"], ["identities.csv", "pairs.csv"]]
)
def test_either_list_or_both_make_a_report(folder: Path, tmp_path: Path, lists: list[str]) -> None:
    """Failures are counted, missing files too; two people are too few for error rates by halves."""
    for name, content in LISTS.items():
        (folder / name).unlink(missing_ok=True)
        if name in lists:
            (folder / name).write_text(content)
    found = bench(folder, tmp_path / "det.png")["accuracy"]
    assert found["photographs"] == 6
    assert (found["failures_to_detect"], found["missing_files"]) == (2, 1)
    assert found["pairs"] == ("listed" if "pairs.csv" in lists else "all")
    assert "refused" in found["single"]
    assert found["whole_set_own_threshold"]["genuine"] == 2
    assert (tmp_path / "det.png").stat().st_size > 1000
    report = {"data_set": "x", "engine": "e", "runtime": "r", "opencv": "5", "accuracy": found}
    assert "6 photographs" in as_text(report)


def test_a_folder_without_a_list_is_refused(tmp_path: Path) -> None:
    """The message names the two lists, and nothing is measured."""
    (tmp_path / "images").mkdir()
    done = CliRunner().invoke(app, [str(tmp_path)])
    assert done.exit_code == 2
    assert "identities.csv" in done.output


def test_a_figure_at_twice_its_target_fails_the_bench() -> None:
    """CI and people see by the exit code that something went badly wrong."""
    part = {"eer": 0.02, "at_fmr": []}
    assert twice_past({"accuracy": {"single": part, "two_photos_fused": part}})
    slow = {"frame": [640, 480], "times_faster": 3.9}
    assert twice_past({"speed": {"end_to_end": [slow]}})
    assert not twice_past({"speed": {"end_to_end": [slow | {"times_faster": 4.1}]}})
