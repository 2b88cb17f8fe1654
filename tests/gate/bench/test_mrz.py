"""`egate bench mrz`: what it counts, and that it runs on a user's folder."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gate.bench.mrz import command
from gate.bench.mrz_sets import folder_pictures, synthetic_pictures
from gate.bench.mrz_tally import Answer, Tally

FIXTURES = Path(__file__).parents[3] / "fixtures" / "mrz"
TRUE = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
WRONG_NAME = (TRUE[0].replace("ANNA", "ANHA"), TRUE[1])


def test_an_accepted_text_that_differs_is_wrong_even_if_its_core_is_right() -> None:
    """Exact means every character; number and dates are counted beside it; a refusal is neither."""
    tally = Tally("x")
    tally.add(TRUE, Answer(TRUE, "", TRUE, 0.99), (10, 9))
    tally.add(TRUE, Answer(WRONG_NAME, "", WRONG_NAME, 0.95), (20, 18))
    tally.add(TRUE, Answer(None, "blur", TRUE, 0.6), (30, 27))
    found = tally.summary()
    assert (found["pictures"], found["exact"], found["core_fields_exact"]) == (3, 1, 2)
    assert found["valid_but_wrong"] == 1
    assert found["refused"] == {"blur": 1}
    assert (found["median_ms"], found["median_processor_ms"]) == (20, 18)


def test_the_curve_says_what_each_confidence_would_cover_and_risk() -> None:
    """Refused guesses count too: the curve shows what another threshold would do."""
    tally = Tally("x")
    tally.add(TRUE, Answer(TRUE, "", TRUE, 0.99), (1, 1))
    tally.add(TRUE, Answer(None, "ambiguous", WRONG_NAME, 0.6), (1, 1))
    curve = {point["confidence"]: point for point in tally.summary()["risk_coverage"]}
    assert (curve[0.5]["coverage"], curve[0.5]["wrong"], curve[0.5]["risk"]) == (1.0, 1, 0.5)
    assert (curve[0.9]["coverage"], curve[0.9]["wrong"]) == (0.5, 0)


def test_the_command_measures_a_folder() -> None:
    """All pictures of fixtures/mrz are exact; times, memory and the limit are given."""
    app = typer.Typer()
    app.command()(command)
    call = [str(FIXTURES), "--json", "--no-peers", "--stages"]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.output
    (found,) = json.loads(result.stdout)["engines"]
    assert (found["pictures"], found["exact"], found["valid_but_wrong"]) == (5, 5, 0)
    assert found["threads"] == 1
    assert found["peak_mb"] > 10
    assert 0 < found["limit_ms"] < found["median_processor_ms"]
    assert found["stages_ms"]["locate"] > 0


def test_a_folder_without_truth_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    """The message says which file is missing and what stands in it."""
    with pytest.raises(typer.BadParameter, match=r"ground_truth.csv \(file,type"):
        folder_pictures(tmp_path)


def test_synthetic_pictures_follow_from_the_seed() -> None:
    """The same seed gives the same document and frame, another seed another document."""
    first, again, other = (
        next(synthetic_pictures(1, "easy", 1, seed, "unseen")) for seed in (1, 1, 2)
    )
    assert first[1] == again[1] != other[1]
    assert (first[0]()[0] == again[0]()[0]).all()
