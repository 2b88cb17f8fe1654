"""Aliens at the gate: age, category, biometrics, papers, penalties, stay, crew, landings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.law.world import NOON, alien, exit_decision, grounds, ids, merged, visitor

ENROLLED_ON = {"enrolment__enrolled_at": "2031-03-10T09:00:00+09:00"}
LATER = "2031-03-10T12:00:01+09:00"


@pytest.mark.parametrize("direction", ["departure", "entry"])
def test_everything_in_order(direction: str) -> None:
    """A registered alien in order is admitted both ways."""
    carried = grounds(alien(direction))
    assert "AGT-02a1" in carried
    assert {"AGT-05", "AENT-03"} <= set(carried) if direction == "entry" else "AGT-06" in carried


@pytest.mark.parametrize(
    ("dob", "expected"),
    [
        ("2014-03-11", ["AGT-01"]),
        ("2014-03-10", []),
        ("2014-03-09", []),
        ("2014-03-<<", ["GATE-DATA-01"]),
    ],
)
def test_seventeenth_birthday(dob: str, expected: list[str]) -> None:
    """The lane opens for aliens on the seventeenth birthday."""
    same = {"passport__dob": dob, "kis_record__dob": dob, "biometric_sources": ["art38"]}
    assert ids(alien(person__dob=dob, **same)) == expected


@pytest.mark.parametrize(
    ("dob", "sources", "expected"),
    [
        ("2013-02-01", ["ses"], []),
        ("2013-02-02", ["ses"], ["SES-ELG-02"]),
        ("2013-02-02", ["art38"], []),
        ("2014-03-11", ["ses"], ["AGT-01"]),
        ("2013-02-02", ["art12_2"], ["SES-ELG-02"]),
    ],
)
def test_enrolled_below_seventeen(dob: str, sources: list[str], expected: list[str]) -> None:
    """An enrolment before the seventeenth birthday carries nobody unless biometrics are deemed."""
    same = {"passport__dob": dob, "kis_record__dob": dob}
    assert ids(alien(person__dob=dob, biometric_sources=sources, **same)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"alien_registration__valid_until": "2031-03-10"}, []),
        ({"alien_registration__valid_until": "2031-03-09"}, ["AGT-02"]),
        ({"alien_registration__valid_until": None}, ["AGT-02"]),
        ({"alien_registration__status": "expired"}, ["AGT-02"]),
        ({"alien_registration__status": "cancelled"}, ["AGT-02"]),
        ({"alien_registration": None}, ["AGT-02"]),
        ({"alien_registration": None, "overseas_korean_report": {"status": "valid", "valid_until": "2031-03-10"}}, []),
        ({"alien_registration": None, "overseas_korean_report": {"status": "valid", "valid_until": "2031-03-09"}}, ["AGT-02"]),
        ({"alien_registration": None, "designations": [{"basis": "KUS_TTP", "status": "valid", "valid_until": "2031-03-10"}]}, []),
        ({"alien_registration": None, "designations": [{"basis": "KUS_TTP", "status": "valid", "valid_until": "2031-03-09"}]}, ["AGT-02"]),
        ({"alien_registration": None, "designations": [{"basis": "PRIORITY_CARD", "status": "revoked", "valid_until": "2032-01-01"}]}, ["AGT-02"]),
        ({"alien_registration": None, "designations": [{"basis": "MOJ", "status": "valid", "valid_until": None}]}, ["AGT-02"]),
        ({"alien_registration": None, "designations": [{"basis": "MOJ", "status": "valid", "valid_until": "2031-03-11"}]}, []),
        ({"alien_registration": None, "country_policy": {"mou_gate": {"valid_until": "2031-03-10"}}}, []),
        ({"alien_registration": None, "country_policy": {"mou_gate": {"valid_until": "2031-03-09"}}}, ["AGT-02"]),
        ({"alien_registration": None, "country_policy": {"mou_gate": {"valid_from": "2031-03-10"}}}, []),
        ({"alien_registration": None, "country_policy": {"mou_gate": {"valid_from": "2031-03-11"}}}, ["AGT-02"]),
        ({"alien_registration": None, "country_policy": {}}, ["AGT-02"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("direction", ["departure", "entry"])
def test_categories(direction: str, changes: dict[str, Any], expected: list[str]) -> None:
    """One live category suffices; every last day is included."""
    assert ids(alien(direction, **changes)) == expected


@pytest.mark.parametrize(
    ("basis", "trace"), [("KUS_TTP", "SES-ELG-08"), ("PRIORITY_CARD", "SES-ELG-09"), ("CREW_MULTI", "SES-ELG-10")]
)  # fmt: skip
def test_designation_is_traced(basis: str, trace: str) -> None:
    """An admission says on which designation, agreement or report it rests."""
    designation = {"basis": basis, "status": "valid", "valid_until": "2031-03-10"}
    carried = grounds(alien(alien_registration=None, designations=[designation]))
    others = {"SES-ELG-08", "SES-ELG-09", "SES-ELG-10"} - {trace}
    assert {"AGT-02c", trace} <= set(carried)
    assert not others & set(carried)
    assert not {"AGT-02a1", "AGT-02a2", "AGT-02b", "AGT-02c"} & set(grounds(alien())) - {"AGT-02a1"}


def test_other_categories_are_traced() -> None:
    """Agreement and residence report are named; permanent residents too."""
    assert {"AGT-02b", "SES-ELG-11", "AENT-04"} <= set(grounds(visitor()))
    report = {"status": "valid", "valid_until": "2032-01-01"}
    carried = grounds(alien(alien_registration=None, overseas_korean_report=report))
    assert "AGT-02a2" in carried
    assert "STAY-04" not in carried
    permanent = alien(stay={"status_code": "F-5", "permanent": True})
    assert "STAY-04" in grounds(permanent)
    assert "AENT-08" in grounds(alien(permits=[{**_permit(), "kind": "alien_entry_permit"}]))
    assert "AENT-04" not in grounds(alien())


def _permit() -> dict[str, Any]:
    return {
        "kind": "reentry",
        "valid_from": "2031-01-15",
        "valid_until": "2031-12-31",
        "entries": "single",
    }


@pytest.mark.parametrize(
    ("direction", "sources", "expected"),
    [
        ("entry", ["art38"], []),
        ("entry", ["art12_2"], ["AGT-03"]),
        ("entry", ["resident_cert"], ["AGT-03"]),
        ("entry", [], ["AGT-03"]),
        ("departure", ["art38"], []),
        ("departure", ["art12_2"], []),
        ("departure", ["ses"], ["AGT-03"]),
    ],
)
def test_deemed_biometrics(direction: str, sources: list[str], expected: list[str]) -> None:
    """Registration biometrics count both ways, those taken at the border only when leaving."""
    facts = alien(direction, enrolment=None, consents=[], biometric_sources=sources)
    assert ids(facts) == expected
    if not expected:
        assert {"AGT-04e", "AGT-04d"} & set(grounds(facts))


def test_exemption_from_biometrics_is_no_way_in() -> None:
    """Who need not give biometrics cannot use a biometric lane either."""
    facts = alien(enrolment=None, biometric_sources=[], biometric_exemption={"basis": "12-2(1)2"})
    assert ids(facts) == ["AGT-03"]


@pytest.mark.parametrize(
    ("changes", "leaving", "entering"),
    [
        ({"passport__expiry": "2031-03-09"}, ["ADEP-01"], ["AENT-01"]),
        ({"passport__expiry": "2031-03-10"}, [], []),
        ({"passport__status": "stolen"}, ["ADEP-01"], ["AENT-01"]),
        ({"passport__usage": "single"}, ["SES-ELG-05"], ["SES-ELG-05"]),
        ({"passport__usage": "single", "passport__expiry": "2031-03-09"}, ["ADEP-01"], ["AENT-01"]),
        ({"passport__usage": "single", "passport__status": "lost"}, ["ADEP-01"], ["AENT-01"]),
        ({"passport__status": "restricted"}, ["NGT-08"], ["NGT-08"]),
        ({"passport__authenticity": "suspect"}, ["FORG-02"], ["FORG-02"]),
        ({"passport__authenticity": "forged"}, ["FORG-02"], ["FORG-02"]),
        ({"immigration_investigation": True}, ["FORG-06"], ["FORG-06"]),
        ({"purpose_conflict": True}, [], ["AENT-13"]),
        ({"enrolment__status": "cancelled"}, ["SES-MEM-05"], ["SES-MEM-05"]),
        ({"consents": []}, ["SES-ELG-07"], ["SES-ELG-07"]),
        ({"consents": [], "biometric_sources": ["art38"]}, [], []),
        ({"stay": None}, ["ADEP-02"], ["AENT-14"]),
        ({"stay__stay_until": "2031-03-10"}, [], []),
        ({"stay__stay_until": "2031-03-09"}, ["ADEP-02"], ["AENT-14"]),
        ({"stay__stay_until": None}, ["ADEP-02"], ["AENT-14"]),
        ({"stay": {"permanent": True}}, [], []),
        ({"conditional_entry": {"granted_at": "2031-03-01T09:00:00+09:00", "hours": 72}}, ["COND-08"], ["COND-08"]),
        ({"conditional_entry": {"granted_at": NOON, "hours": 72, "surrendered_at": NOON}}, [], []),
        ({"conditional_entry": {"granted_at": NOON, "hours": 72, "surrendered_at": LATER}}, ["COND-08"], ["COND-08"]),
        ({"person__crew": {"travelling_as_crew": True, "korean_vessel": True, "first_departure": True}}, ["CREW-A-01", "CREW-A-02"], []),
        ({"person__crew": {"travelling_as_crew": True, "korean_vessel": True, "first_departure": True, "registered": True}}, ["CREW-A-01"], []),
        ({"person__crew": {"travelling_as_crew": True, "korean_vessel": True, "first_departure": True, "irregular_vessel": True}}, ["CREW-A-01"], []),
        ({"person__crew": {"travelling_as_crew": True, "korean_vessel": True, "last_entry": True}}, [], ["CREW-A-01"]),
        ({"person__crew": {"travelling_as_crew": True, "first_departure": True, "last_entry": True}}, [], []),
        ({"person__crew": {"korean_vessel": True, "first_departure": True, "last_entry": True}}, [], []),
        ({"kis_record__name": "ROE<<JANE"}, ["SES-INE-05"], ["SES-INE-05"]),
        ({"kis_record__dob": "1990-01-21"}, ["SES-INE-05"], ["SES-INE-05"]),
        ({"kis_record__sex": "F"}, ["SES-INE-05"], ["SES-INE-05"]),
        ({"kis_record__nationality": "RGA"}, ["SES-INE-05"], ["SES-INE-05"]),
        ({"kis_record__passport_number": "Z2"}, ["SES-INE-05"], ["SES-INE-05"]),
        ({"kis_record": None}, ["SES-INE-05"], ["SES-INE-05"]),
        ({"entry_bans": [{"id": "x", "ground": "11(1)4", "from": "2031-01-01"}]}, ["SES-INE-02"], ["ENT-BAN-04"]),
        ({"passport": None}, ["GATE-DOC-01"], ["GATE-DOC-01"]),
    ],
)  # fmt: skip
def test_one_fact_spoilt(changes: dict[str, Any], leaving: list[str], entering: list[str]) -> None:
    """Each condition refers by its own id, leaving and entering."""
    assert ids(alien("departure", **changes)) == leaving
    assert ids(alien("entry", **changes)) == entering


@pytest.mark.parametrize("direction", ["departure", "entry"])
def test_record_mismatch_concerns_registered_aliens_only(direction: str) -> None:
    """A visitor has no immigration record to differ from."""
    assert ids(visitor(direction)) == []
    other = {"name": "OTHER", "nationality": "RGA"}
    assert ids(visitor(direction, kis_record=other)) == []


def penalty(amount: int, decided: str, paid: str | None) -> dict[str, Any]:
    """A penalty under the Act."""
    return {"amount_krw": amount, "decided_on": decided, "paid_on": paid}


OVER, AT = 5_000_001, 5_000_000


@pytest.mark.parametrize(
    ("penalties", "expected"),
    [
        ([penalty(AT, "2031-01-01", "2031-01-02")], []),
        ([penalty(OVER, "2031-01-01", "2031-01-02")], ["SES-INE-03"]),
        ([penalty(OVER, "2028-01-01", "2028-03-10")], ["SES-INE-03"]),
        ([penalty(OVER, "2028-01-01", "2028-03-09")], []),
        ([penalty(OVER, "2028-03-10", "2028-01-01")], ["SES-INE-03"]),
        ([penalty(OVER, "2020-01-01", None)], ["SES-INE-03"]),
        ([penalty(AT, "2020-01-01", None)], []),
        ([penalty(2_500_000, "2031-01-01", "2031-01-02")] * 2, []),
        ([penalty(2_500_001, "2031-01-01", "2031-01-02")] * 2, ["SES-INE-03"]),
        ([penalty(AT, "2028-01-01", "2028-03-09"), penalty(AT, "2031-01-01", "2031-01-02")], []),
        (
            [penalty(AT, "2028-01-01", "2028-03-10"), penalty(AT, "2031-01-01", None)],
            ["SES-INE-03"],
        ),
    ],
)
def test_penalties(penalties: list[Any], expected: list[str]) -> None:
    """More than five million in three years refers the registered, not the visitor."""
    assert ids(alien(penalties=penalties)) == expected
    assert ids(alien("departure", penalties=penalties)) == expected
    assert ids(visitor(penalties=penalties)) == []
    report = {"status": "valid", "valid_until": "2032-01-01"}
    korean = alien(penalties=penalties, alien_registration=None, overseas_korean_report=report)
    assert ids(korean) == expected


def crew_multi(direction: str, **changes: Any) -> dict[str, Any]:
    """Foreign crew on a multiple landing permit, landed on the first of March."""
    landing = {
        "permit_kind": "crew_multi",
        "permit_issued_on": "2030-03-11",
        "landed_on": "2031-03-01",
        "days": 15,
    }
    designation = {"basis": "CREW_MULTI", "status": "valid", "valid_until": "2034-01-01"}
    base = visitor(direction, landing=landing, designations=[designation], country_policy=None)
    base["stay"] = None
    return merged(base, changes)


@pytest.mark.parametrize(
    ("changes", "at", "leaving", "entering"),
    [
        ({}, NOON, [], []),
        ({}, "2031-03-11T00:00:00+09:00", [], ["LAND-CREW-06"]),
        ({}, "2031-03-15T23:59:59+09:00", [], ["LAND-CREW-06"]),
        ({}, "2031-03-16T00:00:00+09:00", ["LAND-CREW-05"], ["LAND-CREW-06"]),
        ({"landing__extension_days": 1}, "2031-03-16T00:00:00+09:00", [], ["LAND-CREW-06"]),
        ({"landing__permit_status": "revoked"}, NOON, [], ["LAND-CREW-06"]),
        ({"landing__permit_issued_on": None}, NOON, [], ["LAND-CREW-06"]),
        ({"landing__permit_issued_on": "2031-03-10"}, NOON, [], []),
        ({"landing__permit_issued_on": "2031-03-11"}, NOON, [], ["LAND-CREW-06"]),
        ({"landing__landed_on": None}, NOON, ["LAND-CREW-05"], []),
        ({"landing__days": None}, NOON, ["LAND-CREW-05"], []),
        ({"purpose_conflict": True}, NOON, [], []),
        ({"designations": []}, NOON, ["AGT-02"], ["AGT-02"]),
        ({"passport__status": "lost"}, NOON, ["ADEP-01"], ["AENT-01"]),
    ],
)
def test_crew_on_multiple_permit(
    changes: dict[str, Any], at: str, leaving: list[str], entering: list[str]
) -> None:
    """Their permit is judged in place of visa and stay: a year by calendar, fifteen days each."""
    assert ids(crew_multi("departure", **changes), at) == leaving
    assert ids(crew_multi("entry", **changes), at) == entering


@pytest.mark.parametrize(
    ("changes", "used"),
    [({}, "landing.last_day=2031-03-15"), ({"landing__days": None}, "landing.last_day=unknown")],
)
def test_staff_read_the_last_day_of_a_landing(changes: dict[str, Any], used: str) -> None:
    """The day itself, or that it is unknown."""
    decision = exit_decision(crew_multi("departure", **changes), "2031-03-16T00:00:00+09:00")
    assert decision.findings[0].facts_used == (used,)


@pytest.mark.parametrize("kind", ["crew", "tourism"])
def test_only_the_multiple_permit_replaces_visa_and_stay(kind: str) -> None:
    """A past landing of another kind says nothing about who has a live stay and a permit."""
    past = {"permit_kind": kind, "landed_on": "2031-01-01", "days": 3}
    assert ids(alien("departure", landing=past)) == []
    assert ids(alien("entry", landing=past)) == []


@pytest.mark.parametrize("kind", ["tourism", "emergency", "distress", "refugee"])
def test_manual_landings(kind: str) -> None:
    """Who has only such a landing uses the officer's lane; another authority opens the lane."""
    landing = {"permit_kind": kind, "landed_on": "2031-03-09", "days": 3}
    only: dict[str, Any] = {"landing": landing, "stay": None, "permits": []}
    assert ids(alien("departure", **only)) == ["ADEP-02", "LAND-GATE-01"]
    assert ids(alien("entry", **only)) == ["AENT-02", "LAND-GATE-01"]
    assert ids(alien("departure", landing=landing)) == []
    # A permit to enter is no authority to have stayed.
    assert ids(alien("departure", landing=landing, stay=None)) == ["ADEP-02", "LAND-GATE-01"]
    assert ids(visitor("entry", landing=landing)) == []
    assert ids(alien("departure", landing={**landing, "permit_kind": "crew"})) == []
    crew_only = {**only, "landing": {**landing, "permit_kind": "crew"}}
    assert ids(alien("departure", **crew_only)) == ["ADEP-02"]


@pytest.mark.parametrize(
    ("number", "rule_id"), [("1", "01"), ("2", "02"), ("3", "03"), ("4", "04"), ("5", "05"), ("6", "06"), ("7", "07"), ("8", "08")]
)  # fmt: skip
def test_entry_ban_grounds(number: str, rule_id: str) -> None:
    """Each item of Article 11(1) reports its own id, and only when entering."""
    record = {"id": "x", "ground": f"11(1){number}", "from": "2031-01-01"}
    assert ids(alien(entry_bans=[record])) == [f"ENT-BAN-{rule_id}"]
    assert ids(alien("departure", entry_bans=[record])) == ["SES-INE-02"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["ENT-BAN-09"]),
        ({"from": "2031-03-10"}, ["ENT-BAN-09"]),
        ({"from": "2031-03-11"}, []),
        ({"last_day": "2031-03-10"}, ["ENT-BAN-09"]),
        ({"last_day": "2031-03-09"}, []),
        ({"revoked_at": NOON}, []),
        ({"revoked_at": LATER}, ["ENT-BAN-09"]),
        ({"record_type": "request"}, []),
    ],
)
def test_entry_ban_days(changes: dict[str, Any], expected: list[str]) -> None:
    """An entry ban is open until revoked, a stated last day is included, a request blocks not."""
    record = {"id": "x", "ground": "11(2)", "from": "2031-01-01", **changes}
    assert ids(alien(entry_bans=[record])) == expected


@pytest.mark.parametrize(
    ("departed_on", "expected"),
    [("2026-03-10", ["ENT-BAN-06"]), ("2026-03-09", []), ("2026-03-11", ["ENT-BAN-06"])],
)
def test_five_years_after_deportation(departed_on: str, expected: list[str]) -> None:
    """The fifth anniversary is still barred; leaving is not touched."""
    facts = {"deportations": [{"departed_on": "2000-01-01"}, {"departed_on": departed_on}]}
    assert ids(alien(**facts)) == expected
    assert ids(alien("departure", **facts)) == []


def test_deportation_on_29_february() -> None:
    """A missing anniversary becomes 1 March, which is still barred."""
    facts = alien(deportations=[{"departed_on": "2028-02-29"}])
    assert "ENT-BAN-06" in ids(facts, "2033-03-01T09:00:00+09:00")
    assert "ENT-BAN-06" not in ids(facts, "2033-03-02T09:00:00+09:00")


def test_reciprocity_of_the_whole_state() -> None:
    """Where the state refuses Koreans its nationals are referred when entering."""
    policy = {"country_policy": {"reciprocity_refusal": True}}
    assert ids(alien(**policy)) == ["ENT-BAN-09"]
    assert ids(alien("departure", **policy)) == []


def test_entry_ban_on_a_national_is_a_conflict_of_data() -> None:
    """A national is referred on entry under NENT-05 alone, and nothing happens when leaving."""
    from tests.law.world import national

    record = {"id": "x", "ground": "11(1)3", "from": "2031-01-01"}
    assert ids(national("entry", entry_bans=[record])) == ["NENT-05"]
    assert ids(national("departure", entry_bans=[record])) == []
    assert ids(national("entry", deportations=[{"departed_on": "2031-01-01"}])) == []
    revoked = {**record, "revoked_at": NOON}
    assert ids(national("entry", entry_bans=[revoked])) == []
