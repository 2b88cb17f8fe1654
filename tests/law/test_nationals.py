"""Nationals at the gate: each rule the day before, the day of and the day after."""

from __future__ import annotations

from typing import Any

import pytest

from tests.law.world import NOON, exit_decision, grounds, ids, national

BIRTHDAY_7 = {"person__dob": "2024-03-10", "enrolment__enrolled_at": "2031-03-10T00:00:00+09:00"}
GUARDIAN = {"kind": "guardian", "given_at": "2031-03-09T10:00:00+09:00", "family_certificate": True}
OWN = {"kind": "self", "given_at": "2030-02-01T09:00:00+09:00"}


def child(**changes: Any) -> dict[str, Any]:
    """Ten years old, enrolled at nine with the representative's consent."""
    consent = {"kind": "guardian", "given_at": "2030-01-31T10:00:00+09:00"}
    return national(**{"person__dob": "2021-01-15", "consents": [consent], **changes})


def crew(**flags: bool) -> dict[str, Any]:
    """Somebody who travels as crew."""
    return {"travelling_as_crew": True, **flags}


@pytest.mark.parametrize("direction", ["departure", "entry"])
def test_everything_in_order(direction: str) -> None:
    """An adult national in order is admitted both ways, without stamp and without a message."""
    decision = exit_decision(national(direction))
    assert decision.admitted
    assert decision.primary_rule is None
    assert decision.traveller_message is None
    expected = "NDEP-03" if direction == "departure" else "NENT-03"
    assert grounds(national(direction)) == sorted([expected, "NGT-09"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"passport__usage": "single"}, ["NGT-01"]),
        ({"passport__expiry": "2031-03-09"}, ["NGT-01"]),
        ({"passport__expiry": "2031-03-10"}, []),
        ({"passport__expiry": "2031-03-11"}, []),
        ({"passport__status": "lost"}, ["NGT-01"]),
        ({"passport__status": "stolen"}, ["NGT-01"]),
        ({"passport__status": "cancelled"}, ["NGT-01"]),
        ({"passport__status": "restricted"}, ["NGT-08"]),
        ({"passport__status": "surrender_ordered"}, ["NGT-08"]),
        ({"passport__authenticity": "suspect"}, ["FORG-01"]),
        ({"passport__authenticity": "forged"}, ["FORG-01"]),
        ({"passport__authenticity": "forged", "passport__usage": "single"}, ["FORG-01", "NGT-01"]),
        ({"passport__nationality": "UTO"}, ["SES-INE-04"]),
        ({"passport__nationality": None, "passport__issuing_state": "UTO"}, ["SES-INE-04"]),
        ({"passport__nationality": None}, []),
        ({"passport__mrz_ok": False}, ["GATE-DOC-01"]),
        ({"passport__expiry": None}, ["GATE-DOC-01"]),
        ({"passport": None}, ["GATE-DOC-01"]),
        ({"person__resident_registered": False}, ["NGT-06"]),
        ({"enrolment": None}, ["NGT-02"]),
        ({"enrolment__has_face": False}, ["NGT-02"]),
        ({"enrolment__has_finger": False}, ["NGT-02"]),
        ({"enrolment__status": "cancelled"}, ["SES-MEM-05"]),
        ({"enrolment__status": "revoked", "consents": []}, ["SES-MEM-05"]),
        ({"consents": []}, ["SES-ELG-07"]),
        ({"consents": [{**OWN, "withdrawn_at": NOON}]}, ["SES-ELG-07"]),
        ({"consents": [{**OWN, "withdrawn_at": "2031-03-10T12:00:01+09:00"}]}, []),
        ({"consents": [{**OWN, "given_at": NOON}]}, []),
        ({"consents": [{**OWN, "given_at": "2031-03-10T12:00:01+09:00"}]}, ["SES-ELG-07"]),
        ({"consents": [GUARDIAN]}, ["SES-ELG-07"]),
        ({"live__face_match": False}, ["GATE-BIO-01"]),
        ({"live__finger_match": False}, ["GATE-BIO-01"]),
        ({"live": None}, ["GATE-BIO-01"]),
        ({"live": "not_yet_captured"}, ["GATE-BIO-01"]),
        ({"immigration_investigation": True, "purpose_conflict": True}, []),
        ({"enrolment": None, "consents": []}, ["NGT-02"]),
        ({"enrolment": None, "live": None}, ["GATE-BIO-01", "NGT-02"]),
    ],
)
@pytest.mark.parametrize("direction", ["departure", "entry"])
def test_one_fact_spoilt(direction: str, changes: dict[str, Any], expected: list[str]) -> None:
    """Each condition of the lane refers by its own id and by no other, in both directions."""
    assert ids(national(direction, **changes)) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2031-03-09T23:59:59+09:00", ["SES-ELG-01"]),
        ("2031-03-09T15:00:00+00:00", []),
        ("2031-03-10T00:00:00+09:00", []),
    ],
)
def test_seventh_birthday_starts_at_midnight_in_seoul(at: str, expected: list[str]) -> None:
    """The lane opens at 00:00 in Seoul on the seventh birthday, which in UTC is still the eve."""
    facts = national(**{**BIRTHDAY_7, "consents": [GUARDIAN]})
    assert ids(facts, at) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"consents": []}, ["NGT-07"]),
        ({"consents": [OWN]}, ["NGT-07"]),
        ({"person__resident_registered": False}, ["NGT-07"]),
        (
            {"consents": [{"kind": "guardian", "given_at": "2030-02-01T10:00:01+09:00"}]},
            ["SES-ELG-03"],
        ),
        ({"consents": [{"kind": "guardian", "given_at": "2030-02-01T10:00:00+09:00"}]}, []),
        ({"enrolment": None}, ["NGT-02"]),
        ({"enrolment": None, "consents": []}, ["NGT-02", "NGT-07"]),
        ({"person__dob": "2024-06-01", "person__resident_registered": False}, ["SES-ELG-01"]),
        ({"person__dob": "2023-06-01"}, ["SES-ELG-01"]),
        (
            {
                "enrolment": None,
                "biometric_sources": ["resident_cert"],
                "person__resident_cert_holder": True,
            },
            ["NGT-02"],
        ),
        ({"enrolment__status": "revoked"}, ["SES-MEM-05"]),
    ],
)
def test_children(changes: dict[str, Any], expected: list[str]) -> None:
    """From 7 to 13: residence and the representative's consent, now and when enrolled."""
    assert ids(child(**changes)) == expected


@pytest.mark.parametrize(
    ("dob", "consents", "expected"),
    [
        ("2017-03-11", [GUARDIAN], ["SES-ELG-03"]),
        ("2017-03-11", [OWN], ["NGT-07"]),
        ("2017-03-10", [OWN], ["SES-ELG-03"]),
        ("2017-03-10", [{**GUARDIAN, "given_at": "2030-01-31T10:00:00+09:00"}], ["SES-ELG-07"]),
        ("2017-03-10", [{**GUARDIAN, "given_at": "2030-01-31T10:00:00+09:00"}, OWN], []),
        ("2016-02-01", [OWN], []),
        ("2016-02-02", [OWN], ["SES-ELG-03"]),
    ],
)
def test_fourteenth_birthday(dob: str, consents: list[Any], expected: list[str]) -> None:
    """Own consent from the fourteenth birthday on; an enrolment before it needs the guardian's."""
    assert ids(national(person__dob=dob, consents=consents)) == expected


def test_not_resident_at_fourteen_is_another_rule() -> None:
    """Missing residence is NGT-07 the day before the fourteenth birthday and NGT-06 on it."""
    spoilt = {"person__resident_registered": False, "consents": [OWN, GUARDIAN]}
    before = ids(national(person__dob="2017-03-11", **spoilt))
    on = ids(national(person__dob="2017-03-10", **spoilt))
    assert ("NGT-07" in before, "NGT-06" in before) == (True, False)
    assert ("NGT-07" in on, "NGT-06" in on) == (False, True)


CERTIFICATE = {
    "enrolment": None,
    "consents": [],
    "biometric_sources": ["resident_cert"],
    "person__resident_cert_holder": True,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"person__dob": "2017-03-10"}, []),
        ({"person__resident_cert_holder": False}, ["NGT-02"]),
        ({"biometric_sources": ["art38", "art12_2"]}, ["NGT-02"]),
        ({"live__face_match": False}, ["GATE-BIO-01", "NGT-02"]),
        ({"enrolment": {"status": "cancelled", "enrolled_at": NOON}}, ["SES-MEM-05"]),
        ({"person__dob": None}, ["GATE-DATA-01", "NGT-02"]),
    ],
)
def test_certificate_stands_in(changes: dict[str, Any], expected: list[str]) -> None:
    """From 14 on a resident certificate's template that matches counts as registration."""
    assert ids(national(**{**CERTIFICATE, **changes})) == expected


def test_certificate_ends_interest_in_the_enrolment() -> None:
    """Where the certificate covers the traveller, consent and age at enrolment do not matter."""
    facts = national(
        biometric_sources=["ses", "resident_cert"],
        person__resident_cert_holder=True,
        consents=[],
        enrolment__enrolled_at="1999-01-01T10:00:00+09:00",
    )
    assert ids(facts) == []
    assert "NGT-03" not in grounds(facts)
    assert "NGT-03" in grounds(national(**CERTIFICATE))


E_NOTICE = {"form": "e_notice", "valid_from": "2031-03-10", "valid_until": "2031-03-10"}


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ([E_NOTICE], []),
        ([], ["NDEP-MIL-01"]),
        ([{**E_NOTICE, "form": "paper"}], ["NDEP-MIL-01"]),
        ([{**E_NOTICE, "status": "revoked"}], ["NDEP-MIL-01"]),
        ([{**E_NOTICE, "valid_from": "2031-03-11", "valid_until": "2031-04-01"}], ["NDEP-MIL-01"]),
        ([{**E_NOTICE, "valid_from": "2031-01-01", "valid_until": "2031-03-09"}], ["NDEP-MIL-01"]),
        ([{**E_NOTICE, "valid_until": None}], ["NDEP-MIL-01"]),
        ([{**E_NOTICE, "form": "paper"}, E_NOTICE], []),
    ],
)
def test_military_permission(permissions: list[Any], expected: list[str]) -> None:
    """Who is liable leaves on an electronic permission that covers today; entry is unaffected."""
    facts = {"person__military_status": "liable", "military_permissions": permissions}
    assert ids(national(**facts)) == expected
    assert ids(national("entry", **facts)) == []


def test_e_notice_only_where_policy_accepts_it() -> None:
    """The electronic notice serves under a standing policy, of the store or of the parameters."""
    facts = national(person__military_status="liable", military_permissions=[E_NOTICE])
    assert "NDEP-MIL-02" in grounds(facts)
    assert "NDEP-MIL-02" not in grounds(national())
    assert ids(facts, e_notice_accepted=False) == ["NDEP-MIL-01"]
    refusing = national(
        person__military_status="liable",
        military_permissions=[E_NOTICE],
        policy={"mma_e_notice_accepted": False},
    )
    assert ids(refusing) == ["NDEP-MIL-01"]


def test_unknown_liability_refers_departure_only() -> None:
    """Unknown never means clear, and liability matters when leaving."""
    facts = {"person__military_status": "unknown"}
    assert ids(national(**facts)) == ["GATE-DATA-01"]
    assert ids(national("entry", **facts)) == []


@pytest.mark.parametrize(
    ("direction", "flags", "expected"),
    [
        ("departure", {"first_departure": True}, ["CREW-N-02", "CREW-N-03"]),
        ("departure", {"first_departure": True, "registered": True}, ["CREW-N-02"]),
        ("departure", {"first_departure": True, "irregular_vessel": True}, ["CREW-N-02"]),
        ("departure", {"last_entry": True}, []),
        ("departure", {}, []),
        ("entry", {"last_entry": True}, ["CREW-N-02"]),
        ("entry", {"first_departure": True}, []),
        ("departure", {"first_departure": True, "travelling_as_crew": False}, []),
    ],
)
def test_crew(direction: str, flags: dict[str, bool], expected: list[str]) -> None:
    """Crew needs an officer on the first departure and the last entry, and registration first."""
    assert ids(national(direction, person__crew=crew(**flags))) == expected


@pytest.mark.parametrize("dob", ["1995-05-<<", "1995-<<-<<", None])
def test_unknown_birthday_refers(dob: str | None) -> None:
    """An unknown day of birth refers as missing data, and age rules say only what is sure."""
    assert ids(national(person__dob=dob)) == ["GATE-DATA-01"]


def test_partly_known_birthday_still_answers_what_is_sure() -> None:
    """Somebody born in 1995 is surely over 14, so missing residence is still NGT-06."""
    facts = national(person__dob="1995-<<-<<", person__resident_registered=False)
    assert ids(facts) == ["GATE-DATA-01", "NGT-06"]


def test_somebody_unknown_to_the_store() -> None:
    """A passport of nobody we know refers; whether national or alien says the passport."""
    nobody: dict[str, Any] = {
        "person": None,
        "enrolment": None,
        "consents": [],
        "biometric_sources": [],
    }
    assert ids(national(**nobody)) == ["GATE-DATA-01", "NGT-02"]
    assert ids(national(**nobody, passport__nationality=None)) == ["GATE-DATA-01", "NGT-02"]
    foreign = {"passport__issuing_state": "UTO", "passport__nationality": "UTO"}
    assert "AGT-03" in ids(national(**nobody, **foreign))
