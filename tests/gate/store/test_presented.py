"""What the booklet on the reader changes in what is held, and what the journal may keep of it."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest

from gate.law import decide
from gate.store.presented import as_told, told_of, with_presented
from gate.vocabulary.decisions import Stage
from gate.vocabulary.documents import Document
from gate.vocabulary.facts import Direction, Facts
from gate.vocabulary.parameters import parameters_from
from gate.vocabulary.records import Authenticity, Evidence, Policy
from tests.gate.store.world import NOON, PASSPORT, World, traveller

NUMBERS = parameters_from(files("gate.law").joinpath("parameters.toml").read_text("utf-8"))
DOCUMENT = Document(
    document_code="P",
    issuing_state="KOR",
    document_number="M12345678",
    nationality="KOR",
    primary_identifier="CANARYSON",
    secondary_identifier="HALCYON",
    date_of_birth="1990-02-03",
    sex="F",
    date_of_expiry="2031-01-01",
    check_digits_ok=True,
)


@pytest.fixture
def held(world: World) -> Facts:
    """What the store holds about the holder of that document."""
    with world.open() as store:
        store.append_records(traveller())
        return store.load_facts(PASSPORT, NOON).facts


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"primary_identifier": "OTHERSON"},
        {"date_of_birth": "1991-02-03"},
        {"date_of_birth": None},
        {"sex": "X"},
        {"date_of_expiry": None},
        {"date_of_expiry": "2025-01-01"},
        {"nationality": "UTO"},
        {"check_digits_ok": False},
        {"examined_by": Evidence.CHIP, "authenticity": Authenticity.OK},
        {"examined_by": Evidence.READER, "authenticity": Authenticity.SUSPECT},
    ],
)
def test_what_the_journal_keeps_gives_the_same_facts(held: Facts, change: dict[str, str]) -> None:
    """Whatever the booklet said, the law sees no difference; a value that nobody holds stays apart."""
    document = replace(DOCUMENT, **change)  # type: ignore[arg-type]
    told = told_of(held, document, Direction.DEPARTURE)
    for secret in (document.document_number, document.primary_identifier, "1990-02-03"):
        assert secret not in str(told)
    shown = with_presented(held, document, Direction.DEPARTURE)
    again = as_told(held, told)
    assert again.passport is not None
    assert shown.passport is not None
    assert held.passport is not None
    for field in ("name", "dob", "sex"):
        value = getattr(shown.passport, field)
        if value is None or value == getattr(held.passport, field):
            assert getattr(again.passport, field) == value
        else:
            assert getattr(again.passport, field) != getattr(held.passport, field)
    same = {field: getattr(shown.passport, field) for field in ("name", "dob", "sex")}
    assert replace(again, passport=replace(again.passport, **same)) == shown


def test_an_examination_of_another_day_does_not_count(held: Facts) -> None:
    """The booklet on the reader may be another one with the same number."""
    assert held.passport is not None
    examined = replace(held.passport, authenticity=Authenticity.OK, examined_by=Evidence.CHIP)
    shown = with_presented(replace(held, passport=examined), DOCUMENT, Direction.ENTRY).passport
    assert shown is not None
    assert shown.authenticity is Authenticity.NOT_EXAMINED
    assert shown.examined_by is Evidence.NONE


@pytest.mark.parametrize("doubt", [Authenticity.SUSPECT, Authenticity.FORGED])
def test_a_held_doubt_about_the_booklet_stands(held: Facts, doubt: Authenticity) -> None:
    """Reported as forged is forged, whatever a device sees."""
    assert held.passport is not None
    suspect = replace(held, passport=replace(held.passport, authenticity=doubt))
    shown = with_presented(suspect, DOCUMENT, Direction.ENTRY).passport
    assert shown is not None
    assert shown.authenticity is doubt


@pytest.mark.parametrize("least", list(Evidence))
@pytest.mark.parametrize("examined_by", list(Evidence))
def test_a_policy_refers_what_was_examined_less(
    held: Facts, least: Evidence, examined_by: Evidence
) -> None:
    """What the reader vouched for now is set against what the policy demands."""
    document = replace(DOCUMENT, examined_by=examined_by, authenticity=Authenticity.OK)
    shown = with_presented(held, document, Direction.DEPARTURE)
    facts = replace(shown, policy=Policy(authenticity_evidence=least))
    order = list(Evidence)
    refers = order.index(examined_by) < order.index(least)
    assert ("GATE-DOC-01" in decide(facts, NOON, Stage.EXIT, NUMBERS).rule_ids) is refers


def test_a_reader_that_finds_a_forgery_refers(held: Facts) -> None:
    """A doubt of the device is a doubt, whatever the policy demands."""
    document = replace(DOCUMENT, examined_by=Evidence.READER, authenticity=Authenticity.FORGED)
    shown = with_presented(held, document, Direction.DEPARTURE)
    decision = decide(shown, NOON, Stage.EXIT, NUMBERS)
    assert "FORG-01" in decision.rule_ids
    assert decision.document_examined
