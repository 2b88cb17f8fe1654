"""The folded view from JSON and back: strict, canonical, silent about personal values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gate.vocabulary.facts import facts_from, facts_to
from gate.vocabulary.records import NOT_YET_CAPTURED, BirthDate, Live
from gate.vocabulary.records_operations import operation_from
from tests.law.spoilers import GROUPS, traveller
from tests.law.world import alien, ban, emergency, national


def test_round_trip() -> None:
    """Writing and reading gives the same facts, and writing again the same text."""
    for group, (_, _, spoilers) in GROUPS.items():
        for spoiler in spoilers:
            facts = facts_from(traveller(group, spoiler))
            form = facts_to(facts)
            assert facts_from(form) == facts
            assert json.dumps(facts_to(facts_from(form))) == json.dumps(form)


def test_absent_and_empty_are_the_same() -> None:
    """An absent list, object or flag equals the empty one, so that a digest does not depend on it."""
    bare = facts_from(national())
    spelt = facts_from(
        national(departure_bans=[], landing=None, purpose_conflict=False, permits=None)
    )
    assert facts_to(bare) == facts_to(spelt)


@pytest.mark.parametrize(
    "live", [None, "not_yet_captured", {"face_match": False, "finger_match": True}]
)
def test_live_has_three_states(live: Any) -> None:
    """Unknown, still to come and captured are kept apart."""
    facts = facts_from(national(live=live))
    kinds = {None: None, "not_yet_captured": NOT_YET_CAPTURED}
    expected = Live(face_match=False, finger_match=True) if isinstance(live, dict) else kinds[live]
    assert facts.live == expected
    assert facts_from(facts_to(facts)).live == expected


BAD = [
    ({"departure_bans": [ban(start_date="2031-02-30")]}, "(b-1), field start_date: no such day"),
    ({"departure_bans": [ban(start_date="20310230")]}, "must be a date YYYY-MM-DD"),
    ({"departure_bans": [ban(decided_at="2031-03-01T10:00:00")]}, "field decided_at: a timestamp needs its offset"),
    ({"departure_bans": [ban(decided_at="soon")]}, "field decided_at: must be a timestamp"),
    ({"departure_bans": [ban(ground="9(9)")]}, "field ground: must be one of 4(1)1"),
    ({"departure_bans": [ban(length=3, last_day=None)]}, "(b-1), field unit: a period needs a unit"),
    ({"departure_bans": [ban(unit="day")]}, "field length: a period with a unit needs a length"),
    ({"departure_bans": [ban(unit="day", length=0)]}, "field length: must be 1 or more"),
    ({"departure_bans": [ban(amounts={"fine": -1})]}, "field fine: must be 0 or more"),
    ({"departure_bans": [ban(amounts={"fine": 1.5})]}, "field fine: must be a whole number"),
    ({"departure_bans": [ban(amounts={"fine": True})]}, "field fine: must be a whole number"),
    ({"departure_bans": [ban(severity="high")]}, "(b-1): unknown field severity"),
    ({"departure_bans": [{"ban_id": "b-9"}]}, "(b-9): field ground is missing"),
    ({"departure_bans": {"ban_id": "b-9"}}, "field departure_bans: must be a list"),
    ({"departure_bans": [7]}, "[0]: must be an object"),
    ({"penalties": [{"amount_krw": -5, "decided_on": "2031-01-01"}]}, "field amount_krw: must be 0 or more"),
    ({"emergency_bans": [emergency(intake_state="lost")]}, "(e-1), field intake_state: must be one of"),
    ({"person__dob": "1995-13-01"}, "field dob: no such day"),
    ({"person__dob": "1995-<<-05"}, "field dob: a known day needs its month"),
    ({"person__dob": "95-05-05"}, "field dob: must be a date"),
    ({"person__resident_registered": "yes"}, "field resident_registered: must be true or false"),
    ({"person__name": 5}, "field name: must be text"),
    ({"stay": {"permanent": True, "stay_until": "2031-04-01"}}, "field stay_until: must be null"),
    ({"live": {"face_match": "yes"}}, "field face_match: must be true or false"),
    ({"penalties": [{"amount_krw": 10**13, "decided_on": "2031-01-01"}]}, "field amount_krw: must be 1000000000000 or less"),
    ({"departure_bans": [ban(revoked_at="9999-12-31T00:00:00Z")]}, "(b-1), field revoked_at: must lie in the years 1900 to 9899"),
    ({"horoscope": "good"}, "unknown field horoscope"),
    ({"direction": "up"}, "field direction: must be one of departure, entry"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "complaint"), BAD)
def test_bad_input_is_named(changes: dict[str, Any], complaint: str) -> None:
    """Every kind of bad input is refused by record, field and reason."""
    with pytest.raises(ValueError) as refusal:
        facts_from(national(**changes))
    assert complaint in str(refusal.value)


def test_facts_must_be_an_object() -> None:
    """A list is no view of a traveller, and no operation."""
    with pytest.raises(ValueError, match="facts: must be an object"):
        facts_from([])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="operation: must be an object"):
        operation_from([])  # type: ignore[arg-type]


def test_errors_and_repr_keep_personal_values() -> None:
    """Neither an error nor a repr shows a name, a birthday or a document number."""
    secret = national(passport__number="SECRET77", person__name="SECRET<<NAME", passport__sex=3)
    with pytest.raises(ValueError) as refusal:
        facts_from(secret)
    assert "SECRET" not in str(refusal.value)
    facts = facts_from(alien(passport__number="SECRET77", kis_record__name="SECRET<<NAME"))
    assert "SECRET" not in repr(facts)
    assert "1990" not in repr(facts.person)
    with pytest.raises(ValueError) as unknown:
        facts_from({"SECRET NAME <<": 1})
    assert "SECRET" not in str(unknown.value)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1995-05-05", "1995-05-05", "1995-05-05"),
        ("1996-02-<<", "1996-02-01", "1996-02-29"),
        ("1995-12-XX", "1995-12-01", "1995-12-31"),
        ("1995-<<-<<", "1995-01-01", "1995-12-31"),
    ],
)
def test_birth_dates_may_be_partly_known(text: str, earliest: str, latest: str) -> None:
    """An unknown day or month leaves a range; writing gives the ICAO filler."""
    birth = facts_from(national(person__dob=text)).person
    assert birth is not None
    assert birth.dob is not None
    assert (str(birth.dob.earliest), str(birth.dob.latest)) == (earliest, latest)
    assert birth.dob.known == (earliest == latest)
    assert str(birth.dob) == text.replace("XX", "<<")
    assert str(BirthDate(1995, 5)) == "1995-05-<<"


@pytest.mark.parametrize(
    ("operation", "complaint"),
    [
        ({"operation": "period_last_day", "start_date": "2031-01-01", "length": 3}, "field unit: a period needs a unit"),
        ({"operation": "period_last_day", "start_date": "2031-01-01"}, "field length: a period needs"),
        ({"operation": "objection_filing", "filed_at": "2031-01-01T00:00:00+09:00"}, "aware_on has to be known"),
        ({"operation": "emergency_intake", "request": {"max_penalty_years": "long"}}, "field max_penalty_years: must be"),
        ({"operation": "emergency_intake", "request": {"max_penalty_years": -1}}, "field max_penalty_years: must be"),
        ({"operation": "bond", "event": "smiled"}, "field event: must be one of"),
        ({"operation": "landing_permission", "kind": "crew", "days": 0}, "field days: must be 1 or more"),
        ({"operation": "validate_ban", "ban": {"ban_id": "x", "ground": "11(9)", "start_date": "2031-01-01"}}, "(x), field ground: must be one of 11(1)1"),
        ({"operation": "validate_ban", "ban": {"ban_id": "x", "ground": "11(2)", "start_date": "2031-01-01", "mood": 1}}, "unknown field mood"),
        ({"operation": "validate_ban", "ban": {"ground": "11(2)"}, "mood": 1}, "unknown field beside ban"),
        ({"operation": "dance"}, "operation: must be one of"),
        ({}, "operation: must be one of"),
    ],
)  # fmt: skip
def test_bad_operations_are_named(operation: dict[str, Any], complaint: str) -> None:
    """An operation that cannot be read is refused by field and reason."""
    with pytest.raises(ValueError) as refusal:
        operation_from(operation)
    assert complaint in str(refusal.value)
