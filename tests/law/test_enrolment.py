"""The enrolment desk: who is accepted, denied, referred, and the one neutral text."""

from __future__ import annotations

from typing import Any

import pytest

from gate.vocabulary.decisions import TravellerMessage
from tests.law.world import (
    NOON,
    alien,
    applicant,
    at_desk,
    ban,
    emergency,
    enrolment,
    national,
    visitor,
)

GUARDIAN = {"kind": "guardian", "given_at": "2031-03-10T11:00:00+09:00", "family_certificate": True}


def test_accepted() -> None:
    """Nationals, registered aliens and agreement nationals in order are accepted without text."""
    for person in (national(), alien(), visitor()):
        decision = enrolment(applicant(person))
        assert decision.verdict.value == "accept_enrolment", decision.rule_ids
        assert decision.traveller_message is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"person__resident_registered": False}, ["SES-ELG-01"]),
        ({"passport__usage": "single"}, ["SES-ELG-05"]),
        ({"passport__expiry": "2031-03-10"}, []),
        ({"passport__expiry": "2031-03-09"}, ["SES-ELG-05"]),
        ({"passport__expiry": None}, ["SES-ELG-05"]),
        ({"passport__status": "restricted"}, ["SES-ELG-05"]),
        ({"passport__mrz_ok": False}, ["SES-ELG-05"]),
        ({"passport": None}, ["SES-ELG-05"]),
        ({"capture__finger_ok": False}, ["SES-INE-01"]),
        ({"capture__face_ok": False}, ["SES-INE-01"]),
        ({"capture": None}, ["SES-ELG-06"]),
        ({"consents": []}, ["SES-ELG-07"]),
        ({"departure_bans": [ban()]}, ["SES-INE-02"]),
        ({"departure_bans": [ban(last_day="2031-03-09")]}, []),
        ({"emergency_bans": [emergency()]}, ["SES-INE-02"]),
        ({"emergency_bans": [emergency(intake_state="quarantined")]}, ["SES-INE-02"]),
        ({"emergency_bans": [emergency(intake_state="rejected")]}, []),
        ({"entry_bans": [{"id": "x", "ground": "11(1)3", "from": "2031-01-01"}]}, ["SES-INE-02"]),
        ({"passport__nationality": "UTO"}, ["SES-INE-04"]),
        ({"consents": [], "capture__face_ok": False}, ["SES-ELG-07", "SES-INE-01"]),
    ],
)
def test_national_denied(changes: dict[str, Any], expected: list[str]) -> None:
    """Every condition denies by its own id, and all are reported together."""
    verdict = "deny_enrolment" if expected else "accept_enrolment"
    assert at_desk(applicant(national(), **changes)) == (verdict, expected)


@pytest.mark.parametrize(
    ("dob", "consents", "expected"),
    [
        ("2024-03-11", [GUARDIAN], ["SES-ELG-01"]),
        ("2024-03-10", [GUARDIAN], []),
        ("2024-03-10", [{**GUARDIAN, "family_certificate": False}], ["SES-ELG-03"]),
        ("2024-03-10", [{**GUARDIAN, "family_certificate": False}, GUARDIAN], []),
        ("2024-03-10", [], ["SES-ELG-03"]),
        ("2017-03-11", [{"kind": "self", "given_at": NOON}], ["SES-ELG-03"]),
        ("2017-03-11", [GUARDIAN], []),
        ("2017-03-10", [GUARDIAN], ["SES-ELG-07"]),
        ("2017-03-10", [{"kind": "self", "given_at": NOON}], []),
    ],
)
def test_children(dob: str, consents: list[Any], expected: list[str]) -> None:
    """The representative's consent with certificate from 7 to 13, the own one from 14 on."""
    verdict = "deny_enrolment" if expected else "accept_enrolment"
    facts = applicant(national(), person__dob=dob, consents=consents)
    assert at_desk(facts) == (verdict, expected)


@pytest.mark.parametrize(
    ("dob", "consents", "expected"),
    [
        ("2017-03-11", [GUARDIAN], ("accept_enrolment", [])),
        ("2017-03-10", [{"kind": "self", "given_at": NOON}], ("refer", ["SES-ELG-04"])),
        ("1995-05-05", [{"kind": "self", "given_at": NOON}], ("refer", ["SES-ELG-04"])),
    ],
)
def test_identity_card(dob: str, consents: list[Any], expected: tuple[str, list[str]]) -> None:
    """Without a card an officer looks; a child's certificate stands in for it."""
    for papers in (None, {"id_card": False}):
        facts = applicant(national(), person__dob=dob, consents=consents, documents=papers)
        assert at_desk(facts) == expected


def test_deny_beats_refer_and_both_are_reported() -> None:
    """A denial with a missing card reports both ids and denies."""
    facts = applicant(national(), documents=None, capture__face_ok=False)
    assert at_desk(facts) == ("deny_enrolment", ["SES-ELG-04", "SES-INE-01"])


DESIGNATION = {"basis": "CREW_MULTI", "status": "valid", "valid_until": "2032-01-01"}
LANDING = {"permit_kind": "crew_multi", "permit_issued_on": "2030-03-11"}
NO_CATEGORY = {"alien_registration": None, "country_policy": None}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"person__dob": "2014-03-11", "passport__dob": "2014-03-11", "kis_record__dob": "2014-03-11"}, ["SES-ELG-02"]),
        ({"person__dob": "2014-03-10", "passport__dob": "2014-03-10", "kis_record__dob": "2014-03-10"}, []),
        (NO_CATEGORY, ["SES-ELG-12"]),
        ({**NO_CATEGORY, "overseas_korean_report": {"status": "valid", "valid_until": "2031-03-10"}}, []),
        ({**NO_CATEGORY, "designations": [{**DESIGNATION, "basis": "KUS_TTP"}]}, []),
        ({**NO_CATEGORY, "designations": [DESIGNATION]}, ["SES-ELG-12"]),
        ({**NO_CATEGORY, "designations": [DESIGNATION], "landing": LANDING}, []),
        ({**NO_CATEGORY, "landing": LANDING}, ["SES-ELG-12"]),
        ({**NO_CATEGORY, "designations": [DESIGNATION], "landing": {**LANDING, "permit_issued_on": "2030-03-10"}}, ["SES-ELG-12"]),
        ({**NO_CATEGORY, "designations": [DESIGNATION], "landing": {**LANDING, "permit_kind": "crew"}}, ["SES-ELG-12"]),
        ({"kis_record__sex": "F"}, ["SES-INE-05"]),
        ({"deportations": [{"departed_on": "2026-03-10"}]}, ["SES-INE-02"]),
        ({"deportations": [{"departed_on": "2026-03-09"}]}, []),
        ({"country_policy": {"reciprocity_refusal": True}}, ["SES-INE-02"]),
        ({"departure_bans": [ban(kind="suspension", ground="29(1)")]}, ["SES-INE-02"]),
        ({"penalties": [{"amount_krw": 5_000_001, "decided_on": "2031-01-01", "paid_on": "2031-01-01"}]}, ["SES-INE-03"]),
        ({"penalties": [{"amount_krw": 5_000_000, "decided_on": "2031-01-01", "paid_on": "2031-01-01"}]}, []),
    ],
)  # fmt: skip
def test_alien_denied(changes: dict[str, Any], expected: list[str]) -> None:
    """Age, category, bans, penalties and the immigration record of an alien."""
    verdict = "deny_enrolment" if expected else "accept_enrolment"
    assert at_desk(applicant(alien(), **changes)) == (verdict, expected)


@pytest.mark.parametrize(
    "penalties",
    [
        [{"amount_krw": 3_000_000, "decided_on": "2031-01-01", "paid_on": "2031-01-01"}] * 2,
        [{"amount_krw": 5_000_001, "decided_on": "2001-01-01", "paid_on": None}],
    ],
)
def test_penalties_for_an_officer(penalties: list[Any]) -> None:
    """Only the sum, or an unpaid one, is referred; so is any of an overseas Korean."""
    assert at_desk(applicant(alien(), penalties=penalties)) == ("refer", ["SES-INE-03"])
    single = [{"amount_krw": 9_000_000, "decided_on": "2031-01-01", "paid_on": "2031-01-01"}]
    report = {"status": "valid", "valid_until": "2032-01-01"}
    korean = {"alien_registration": None, "overseas_korean_report": report, "penalties": single}
    assert at_desk(applicant(alien(), **korean)) == ("refer", ["SES-INE-03"])
    assert at_desk(applicant(visitor(), penalties=single)) == ("accept_enrolment", [])


def test_forged_paper_goes_to_an_officer() -> None:
    """Nobody is enrolled on a suspect passport."""
    for person, rule_id in ((national(), "FORG-01"), (alien(), "FORG-02")):
        facts = applicant(person, passport__authenticity="suspect")
        assert at_desk(facts) == ("refer", [rule_id])


def test_unknown_birthday_goes_to_an_officer() -> None:
    """Without the whole birthday the age rules cannot be answered."""
    assert at_desk(applicant(national(), person__dob="1995-<<-<<")) == ("refer", ["GATE-DATA-01"])


@pytest.mark.parametrize("reason", [{"departure_bans": [ban()]}, {"documents": None}])
def test_one_text_for_every_reason(reason: dict[str, Any]) -> None:
    """An applicant under a hidden ban reads what everybody reads."""
    decision = enrolment(applicant(national(), **reason))
    assert decision.traveller_message is TravellerMessage.ENROL_GENERIC
