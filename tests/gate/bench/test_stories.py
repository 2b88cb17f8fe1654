"""The demo's stories: what each kind of traveller comes to, and that a seed tells it again."""

import pytest

from gate.bench.actors import KINDS
from gate.bench.stories import Told, tell

ENDS = {
    "admitted": "admit",
    "banned": "refer",
    "ban_while_inside": "refer",
    "expired_passport": "refer",
    "not_enrolled": "refer",
    "face_mismatch": "refer",
    "finger_mismatch": "refer",
    "no_face": "refer",
    "two_faces": "refer",
    "no_finger": "refer",
    "half_finger": "refer",
    "two_persons": "refer",
    "turned_back": "abandoned",
    "document_withdrawn": "abandoned",
    "nobody_entered": "abandoned",
    "fire_on_the_way": "evacuated",
    "power_lost": "interrupted",
    "reader_unplugged": "refer",
}
RULES = {
    "banned": "DEP-BAN-10",
    "ban_while_inside": "DEP-BAN-10",
    "expired_passport": "NGT-01",
    "not_enrolled": "NGT-02",
    "face_mismatch": "GATE-BIO-01",
    "finger_mismatch": "GATE-BIO-01",
}


def told(kinds: list[str], seed: int) -> tuple[Told, str]:
    """A run and its text."""
    lines: list[str] = []
    return tell(kinds, seed=seed, say=lines.append), "\n".join(lines)


@pytest.fixture(scope="module")
def whole() -> tuple[Told, str]:
    """Every kind once."""
    return told(list(KINDS), seed=11)


def test_every_kind_ends_as_it_must(whole: tuple[Told, str]) -> None:
    """Each traveller's passage comes to the outcome that their story is named for."""
    run, _text = whole
    assert run.errors == 0
    ended = [entry for entry in run.journal if entry["kind"] == "passage_closed"]
    assert [entry["data"]["outcome"] for entry in ended] == [ENDS[kind] for kind in KINDS]
    summary = "passages 18 admitted 1 referred 12 abandoned 3 evacuated 1 interrupted 1 errors 0"
    assert run.summary == summary


def test_an_evacuation_with_somebody_inside_is_a_task_in_the_journal(
    whole: tuple[Told, str],
) -> None:
    """Staff were told that somebody may have crossed, and the journal keeps that they were."""
    alerts = [entry["data"]["reason"] for entry in whole[0].journal if entry["kind"] == "alert"]
    assert "may_have_crossed" in alerts


@pytest.mark.parametrize("kind", RULES)
def test_staff_read_the_rule(whole: tuple[Told, str], kind: str) -> None:
    """The story of a traveller whom the law stops names the rule and its article."""
    story = whole[1].split(f"== {kind.replace('_', ' ')}")[1].split("\n==")[0]
    assert f"{RULES[kind]} [" in story


def test_no_number_is_told_in_full(whole: tuple[Told, str]) -> None:
    """Stories mask document numbers."""
    import re

    assert not re.search(r"M\d{3}[A-Z]\d{4}", whole[1])


def test_a_seed_tells_the_same_again() -> None:
    """Same seed: same text, same outcomes, same journal; another seed, another run."""
    kinds = ["admitted", "banned", "power_lost"]
    first, second, other = told(kinds, 3), told(kinds, 3), told(kinds, 4)
    assert first == second
    assert first[1] != other[1]
