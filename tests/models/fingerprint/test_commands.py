"""The commands on files: `egate finger`, `egate bench finger`, and the measures of the bench."""

import contextlib
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from gate.bench import finger as bench
from gate.bench.finger_measures import Scored, curve, eer, fnmr_at, interval, kolmogorov_smirnov
from gate.bench.finger_sets import all_pairs, by_content, find_impressions, in_first_half
from gate.cli.finger import app
from models.fingerprint.records import Standard, decode, encode

FIXTURES = Path(__file__).parents[3] / "fixtures" / "fingerprint"


def called(*words: object) -> tuple[int, str, str]:
    """Exit code, output and errors of `egate finger ...`."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_fixtures_are_those_of_their_list() -> None:
    """Every file has its hash in SOURCES.md."""
    listed = (FIXTURES / "SOURCES.md").read_text()
    files = [path for path in FIXTURES.iterdir() if path.name != "SOURCES.md"]
    assert len(files) == 8
    for path in files:
        assert hashlib.sha256(path.read_bytes()).hexdigest() in listed


def test_extract_writes_both_records(tmp_path: Path) -> None:
    """One print gives an ISO and an ANSI record with the same minutiae."""
    iso, ansi = tmp_path / "a.iso", tmp_path / "a.ansi"
    code, out, _ = called(
        "extract", FIXTURES / "whorl_1.png", "--iso", iso, "--ansi", ansi, "--position", 2, "--json"
    )
    records = [decode(path.read_bytes()) for path in (iso, ansi)]
    assert code == 0
    assert [record.standard for record in records] == [
        Standard.ISO_19794_2_2005,
        Standard.ANSI_378_2004,
    ]
    assert {len(record.views[0].minutiae) for record in records} == {json.loads(out)["minutiae"]}


def test_extract_refuses_an_empty_image(tmp_path: Path) -> None:
    """The reason is told, and no record is written."""
    blank = tmp_path / "blank.png"
    Image.new("L", (300, 300), 230).save(blank)
    code, _, err = called("extract", blank, "--iso", tmp_path / "a.iso")
    assert (code, (tmp_path / "a.iso").exists()) == (1, False)
    assert "no finger is there" in err


@pytest.mark.parametrize("first", ["whorl_1.png", "whorl_1.iso.fmr", "whorl_1.ansi.fmr"])
def test_verify_tells_fingers_apart(first: str) -> None:
    """Images and records of one finger match, of another do not; the exit code says which."""
    same, out, _ = called("verify", FIXTURES / first, FIXTURES / "whorl_2.png", "--json")
    other, _, _ = called("verify", FIXTURES / first, FIXTURES / "loop_2.png")
    assert (same, other, json.loads(out)["match"]) == (0, 1, True)


def test_verify_names_what_it_cannot_read(tmp_path: Path) -> None:
    """A missing file, a broken record and an unsupported FMR end with 2 and a message."""
    broken = tmp_path / "broken.fmr"
    broken.write_bytes((FIXTURES / "whorl_1.iso.fmr").read_bytes()[:50])
    good = FIXTURES / "whorl_1.png"
    for words, told in (
        ((tmp_path / "none.png", good), "No such file"),
        ((broken, good), "the record says"),
        ((good, good, "--fmr", "0.0001"), "not supported"),
    ):
        code, _, err = called("verify", *words)
        assert (code, told in err) == (2, True)


def test_verify_says_why_it_does_not_compare(tmp_path: Path) -> None:
    """A record with two minutiae is not compared, noise is no finger and does not even match itself."""
    record = decode((FIXTURES / "whorl_1.iso.fmr").read_bytes())
    few = replace(record, views=(replace(record.views[0], minutiae=record.views[0].minutiae[:2]),))
    sparse, noise = tmp_path / "few.fmr", tmp_path / "noise.png"
    sparse.write_bytes(encode(few))
    pixels = np.random.default_rng(1).integers(0, 256, (300, 300)).astype(np.uint8)
    Image.fromarray(pixels).save(noise)
    for path, told in ((sparse, "fewer than 8 minutiae"), (noise, "no ridges of a finger")):
        code, _, err = called("verify", path, path)
        assert (code, told in err) == (1, True)


@pytest.mark.parametrize("option", ["--iso2011", "--card-compact", "--card-normal"])
def test_the_unverified_formats_are_written_and_match(tmp_path: Path, option: str) -> None:
    """Each of them, alone, matches another impression of its finger."""
    out = tmp_path / "record"
    assert called("extract", FIXTURES / "whorl_1.png", option, out)[0] == 0
    assert called("verify", out, FIXTURES / "whorl_2.png")[0] == 0


def test_explain_draws_and_says_why(tmp_path: Path) -> None:
    """Pictures of all stages, the pairs, and the reasons."""
    code, out, _ = called(
        "explain", FIXTURES / "whorl_1.png", FIXTURES / "loop_1.iso.fmr", "--out", tmp_path
    )
    drawn = {path.name for path in tmp_path.iterdir()}
    assert code == 0
    assert out.startswith("non-match")
    assert {"first_5_enhanced.png", "first_7_minutiae.png", "paired.png", "reasons.txt"} <= drawn


@pytest.fixture
def small_set(tmp_path: Path) -> Path:
    """A set of two fingers with two impressions each."""
    folder = tmp_path / "set"
    folder.mkdir()
    for finger in ("whorl", "loop"):
        for number in (1, 2):
            shutil.copy(FIXTURES / f"{finger}_{number}.png", folder)
    return folder


def test_bench_measures_and_logs(
    small_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One run gives figures, a score file, a plot and a line in the log."""
    log, out = tmp_path / "log.csv", tmp_path / "out"
    with contextlib.suppress(
        typer.Exit
    ):  # a busy machine may be slow; the figures stand all the same
        bench.command(small_set, as_json=True, out=out, log=log)
    figures = json.loads(capsys.readouterr().out)
    assert figures["pooled"]["full"]["eer"]["value"] == 0
    assert (figures["pairs"], figures["pooled"]["full"]["genuine"]) == (6, 2)
    assert len(log.read_text().splitlines()) == 2
    assert len((out / "scores.csv").read_text().splitlines()) == 7
    assert (out / "det.png").stat().st_size > 1000


def test_renamed_files_are_the_same_fingers(small_set: Path) -> None:
    """The order of fingers, which the intervals rest on, follows from the images and not from their names."""
    names = {"whorl": "a", "loop": "z"}
    before = [names[finger] for _, finger in by_content(find_impressions(small_set))]
    for path in list(small_set.iterdir()):
        finger, number = path.stem.split("_")
        path.rename(small_set / f"{names[finger]}_{number}.png")
    assert [finger for _, finger in by_content(find_impressions(small_set))] == before


def test_bench_says_what_folder_it_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder is an error that names the files it looked for."""
    with pytest.raises(typer.Exit):
        bench.command(tmp_path)
    assert "finger_impression.png" in capsys.readouterr().err


def test_the_protocol_counts_as_fvc_does(tmp_path: Path) -> None:
    """Ten fingers by eight impressions give 280 genuine, 45 standard impostor and 2,880 impostor pairs in all."""
    for finger in range(10):
        for number in range(1, 9):
            (tmp_path / f"{finger}_{number}.png").touch()
    pairs = all_pairs(find_impressions(tmp_path))
    assert sum(pair.genuine for pair in pairs) == 280
    assert sum(pair.standard and not pair.genuine for pair in pairs) == 45
    assert sum(not pair.genuine for pair in pairs) == 2880


def test_the_split_is_that_of_the_hash() -> None:
    """Which half a finger is in never changes."""
    names = [("fvc2002_db1_b", str(finger)) for finger in range(101, 111)]
    assert [in_first_half(name) for name in names] == [
        hashlib.sha256(f"{a}/{b}".encode()).digest()[-1] % 2 == 0 for a, b in names
    ]


def scored(genuine: list[float], impostor: list[float]) -> Scored:
    """Scores of fingers 0, 1, 2, ... in turn."""
    score = np.array(genuine + impostor, np.float64)
    mated = np.arange(len(score)) < len(genuine)
    owner = np.stack([np.arange(len(score)) % 5, (np.arange(len(score)) + ~mated) % 5], axis=1)
    return Scored(score, mated, mated, owner)


def test_error_rates_of_a_small_example() -> None:
    """Worked by hand: one of four genuine pairs lies below the best impostor."""
    rates = curve(scored([1, 5, 6, 7], [0, 0, 2, 3]))
    assert fnmr_at(rates, 0.0) == 0.25
    assert fnmr_at(rates, 0.25) == 0.25
    assert fnmr_at(rates, 0.5) == 0.0
    assert eer(rates) == 0.25
    assert eer(curve(scored([5, 6], [1, 2]))) == 0
    assert fnmr_at(curve(scored([1, 1], [1, 1])), 0.0) == 1


def test_an_interval_holds_its_value() -> None:
    """The bootstrap interval of an error rate lies around it."""
    rng = np.random.default_rng(3)
    data = scored(rng.normal(3, 1, 200).tolist(), rng.normal(0, 1, 400).tolist())
    low, high = interval(data, eer, rounds=100)
    assert low <= eer(curve(data)) <= high
    assert kolmogorov_smirnov(data.score[:200], data.score[200:]) > 0.8
