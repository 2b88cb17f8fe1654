"""Every rule id speaks, has an article and words of its own; every number has a source."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from gate.law.answers import article_of
from gate.law.catalogue import all_ids, rules_of, unlisted, unspoken
from gate.law.primary import class_of
from gate.law.rule import BLOCKING, RULES, Role
from gate.vocabulary.parameters import Parameters, parameters_from
from tests.law.world import NUMBERS, TEXT

LAW = Path(__file__).parents[2] / "gate" / "law"


def test_every_rule_speaks() -> None:
    """No rule id is without function or officer's act, and none was invented."""
    assert unspoken() == ()
    assert {rule_id[:6] for rule_id in unlisted()} <= {"AGT-02"}
    assert len(all_ids()) == len(set(all_ids())) == 211


def test_every_rule_has_article_and_words() -> None:
    """A lawyer finds the article and a sentence above every rule."""
    for rule in RULES:
        assert rule.article, rule
        assert len(rule.text) > 15, rule


def test_unknown_id_speaks_for_nothing() -> None:
    """An id that is in no document has no rules and no article."""
    assert rules_of("XYZ-01") == ()
    with pytest.raises(KeyError):
        article_of("XYZ-01")


def test_every_blocking_rule_has_a_class() -> None:
    """The staff order knows each rule that can block at a gate; GATE-DATA-01 alone comes last."""
    blocking = {rule.rule_id for rules in BLOCKING.values() for rule in rules}
    last = {rule_id for rule_id in blocking if class_of(rule_id) == 9}
    assert last == {"GATE-DATA-01"}
    assert all(rules_of(rule_id)[0].role is not Role.OFFICER for rule_id in blocking)


def test_every_parameter_has_a_source_and_is_used() -> None:
    """Each number names unit, article and day in force, and some rule reads it."""
    code = "".join(path.read_text(encoding="utf-8") for path in LAW.glob("*.py"))
    for name, source in NUMBERS.sources:
        assert source.unit
        assert source.article
        assert source.in_force.year >= 2010
        assert re.search(rf"parameters\.{name}\b", code), name
        assert NUMBERS.source(name) is source


def test_numbers_are_those_of_the_articles() -> None:
    """The shipped numbers, once more from the articles: a slip in the file shows here."""
    n = NUMBERS
    ages = (n.national_minimum_age_years, n.own_consent_age_years, n.alien_minimum_age_years)
    assert ages == (7, 14, 17)
    assert (n.cap_4_1_months, n.cap_4_2_months, n.cap_4_2_1_months) == (6, 1, 3)
    assert (n.fine_threshold_krw, n.surcharge_threshold_krw) == (10_000_000, 20_000_000)
    assert (n.tax_threshold_krw, n.penalty_threshold_krw) == (50_000_000, 5_000_000)
    assert (n.penalty_window_years, n.deportation_bar_years) == (3, 5)
    assert (n.emergency_lodging_h, n.emergency_approval_h, n.emergency_penalty_years) == (6, 12, 3)
    assert (n.entry_permit_months, n.entry_permit_posted_months) == (3, 36)
    assert (n.conditional_entry_h, n.bond_krw, n.forfeit_no_shows) == (72, 10_000_000, 2)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("no toml at all [", "not TOML"),
        ("x = 1", "version is missing"),
        ('version = "1"', "missing or unknown"),
        (TEXT.replace("[bond_krw]", "[bond_dollars]"), "bond_dollars"),
        (TEXT.replace('unit = "won"', 'units = "won"', 1), "needs value, unit"),
        (TEXT.replace("value = 7\n", "value = -7\n"), "national_minimum_age_years.value must be"),
        (TEXT.replace("value = true", "value = 1"), "e_notice_accepted.value must be bool"),
        (TEXT.replace("value = 7\n", "value = true\n"), "must be int"),
        (TEXT.replace("in_force = 2011-11-01", 'in_force = "2011"', 1), "in_force must be a date"),
        (TEXT.replace('value = "none"', 'value = "luck"'), "authenticity_evidence"),
    ],
)
def test_bad_parameters_are_refused(text: str, complaint: str) -> None:
    """A text with anything missing, unknown or of the wrong kind is refused by name."""
    with pytest.raises(ValueError, match=re.escape(complaint)):
        parameters_from(text)


def test_hash_follows_the_text() -> None:
    """Another text has another hash, so that a decision names exactly its numbers."""
    changed = parameters_from(TEXT.replace("value = 72", "value = 71"))
    assert changed.conditional_entry_h == 71
    assert changed.text_hash != NUMBERS.text_hash
    assert len(fields(Parameters)) == len(NUMBERS.sources) + 3
