"""Permits, landings, conditional entry, bonds, exemptions and memberships before they are stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.law.world import NOON, outcome, store

ACCEPTED, REJECTED = "record_accepted", "record_rejected"


@pytest.mark.parametrize(
    ("entries", "status", "last_day"),
    [
        ("single", "D-2", "2031-06-09"),
        ("single", "A-2", "2031-06-09"),
        ("multiple", "A-1", "2034-03-09"),
        ("multiple", "A-2", "2034-03-09"),
        ("multiple", "A-3", "2034-03-09"),
        ("multiple", "D-8", None),
        ("multiple", None, None),
    ],
)
def test_alien_entry_permit(entries: str, status: str | None, last_day: str | None) -> None:
    """Three months and one entry; three years and several for who is posted here."""
    decision = store(
        "alien_entry_permit", issued_on="2031-03-10", entries=entries, status_code=status
    )
    assert decision.outcome.value == ("computed" if last_day else REJECTED)
    assert decision.rule_ids == ("AENT-09",)
    assert decision.values_by_name.get("last_day") == last_day


@pytest.mark.parametrize(
    ("printed", "last_day"), [("2031-05-01", "2031-05-01"), ("2032-01-01", "2031-06-09")]
)
def test_printed_end_of_an_entry_permit(printed: str, last_day: str) -> None:
    """The earlier of the statutory and the printed last day ends an alien entry permit."""
    decision = store("alien_entry_permit", issued_on="2031-03-10", valid_until=printed)
    assert decision.values_by_name == {"last_day": last_day}


@pytest.mark.parametrize(
    ("issued_on", "days", "last_day"),
    [
        ("2031-03-10", None, "2032-03-09"),
        ("2032-02-29", 15, "2033-02-28"),
        ("2031-03-10", 16, None),
    ],
)
def test_crew_multi_permit(issued_on: str, days: int | None, last_day: str | None) -> None:
    """A year by calendar, each landing fifteen days at most."""
    decision = store("crew_multi_permit", issued_on=issued_on, days=days)
    assert decision.outcome.value == ("computed" if last_day else REJECTED)
    assert decision.rule_ids == ("LAND-CREW-06",)
    assert decision.values_by_name.get("last_day") == last_day


@pytest.mark.parametrize(
    ("kind", "days", "rule_id"),
    [
        ("crew", 15, "LAND-CREW-01"),
        ("crew_multi", 15, "LAND-CREW-06"),
        ("tourism", 3, "LAND-TOUR-01"),
        ("emergency", 30, "LAND-EMG-01"),
        ("distress", 30, "LAND-DIS-01"),
        ("refugee", 90, "LAND-REF-01"),
    ],
)
def test_landing_caps(kind: str, days: int, rule_id: str) -> None:
    """The cap itself is allowed, for the landing and for one extension; a day more is not."""
    base: dict[str, Any] = {"kind": kind, "landed_on": "2031-03-01", "moj_approval": True}
    assert outcome("landing_permission", days=days, **base) == (ACCEPTED, [])
    assert outcome("landing_permission", days=days + 1, **base) == (REJECTED, [rule_id])
    longer = {**base, "days": 1, "extension_days": days}
    assert outcome("landing_permission", **longer) == (ACCEPTED, [])
    assert outcome("landing_permission", **{**longer, "extension_days": days + 1}) == (
        REJECTED,
        ["LAND-EXT-01"],
    )


def test_landing_last_day() -> None:
    """The day of landing is the first, an extension is added, without a day nothing is said."""
    base = {"kind": "crew", "landed_on": "2031-03-01", "days": 5}
    values = store("landing_permission", **base).values_by_name
    assert values == {"last_day": "2031-03-05"}
    extended = store("landing_permission", **base, extension_days=2).values_by_name
    assert extended == {"last_day": "2031-03-07"}
    assert store("landing_permission", kind="crew", days=5).values == ()


@pytest.mark.parametrize(
    ("kind", "ground", "extension", "rules"),
    [
        ("crew", "11(1)1", None, ["LAND-CREW-02"]),
        ("crew", "11(2)", None, []),
        ("crew_multi", "11(1)8", None, ["LAND-CREW-02"]),
        ("tourism", "11(1)3", None, ["LAND-TOUR-02"]),
        ("tourism", "11(2)", None, ["LAND-TOUR-02"]),
        ("tourism", "11(2)", 1, ["LAND-TOUR-05"]),
        ("emergency", "11(1)3", None, []),
        ("distress", "11(1)3", None, []),
    ],
)
def test_article_11_bars_landings(
    kind: str, ground: str, extension: int | None, rules: list[str]
) -> None:
    """Crew under 11(1), tourists under all of 11, again at an extension; not who is in distress."""
    inputs = {"kind": kind, "days": 1, "art11_ground": ground, "extension_days": extension}
    assert outcome("landing_permission", **inputs) == (REJECTED if rules else ACCEPTED, rules)


def test_refugee_landing_needs_approval() -> None:
    """Without the Minister's approval a refugee's landing is rejected, with all other faults."""
    assert outcome("landing_permission", kind="refugee", days=91) == (
        REJECTED,
        ["LAND-REF-01", "LAND-REF-02"],
    )


@pytest.mark.parametrize(
    ("kind", "departed", "expected"),
    [
        ("tourism", NOON, ("lapsed", ["LAND-TOUR-03"])),
        ("tourism", "2031-03-10T12:00:01+09:00", (ACCEPTED, [])),
        ("crew", NOON, ("lapsed", ["LAND-CREW-04"])),
        ("crew_multi", NOON, ("lapsed", ["LAND-CREW-04"])),
        ("emergency", NOON, (ACCEPTED, [])),
    ],
)
def test_landing_ends_with_the_ship(
    kind: str, departed: str, expected: tuple[str, list[str]]
) -> None:
    """When the ship leaves, a landing for tourism or of its crew is over."""
    inputs = {"kind": kind, "days": 3, "extension_days": 3, "ship_departed_at": departed}
    assert outcome("landing_permission", **inputs) == expected


@pytest.mark.parametrize(
    ("changes", "at", "expected"),
    [
        ({}, "2031-03-13T09:00:00+09:00", ("in_force", [])),
        ({}, "2031-03-13T00:00:00+00:00", ("in_force", [])),
        ({}, "2031-03-13T09:00:01+09:00", ("lapsed", [])),
        ({"hours": 73}, NOON, (REJECTED, ["COND-02"])),
        ({"hours": 48, "extension_hours": 48}, "2031-03-14T09:00:00+09:00", ("in_force", [])),
        ({"hours": 48, "extension_hours": 48}, "2031-03-14T09:00:01+09:00", ("lapsed", [])),
        ({"hours": 48, "extension_hours": 49}, NOON, (REJECTED, ["COND-03"])),
        ({"bond_krw": 10_000_000}, NOON, ("in_force", [])),
        ({"bond_krw": 10_000_001}, NOON, (REJECTED, ["COND-04"])),
        ({"hours": 73, "bond_krw": 10_000_001}, NOON, (REJECTED, ["COND-02", "COND-04"])),
    ],
)
def test_conditional_entry(
    changes: dict[str, Any], at: str, expected: tuple[str, list[str]]
) -> None:
    """At most 72 hours, once extended by the same, at most ten million; the last instant counts."""
    inputs = {"granted_at": "2031-03-10T09:00:00+09:00", "hours": 72, **changes}
    assert outcome("conditional_entry", at, **inputs) == expected


def test_conditional_entry_dates() -> None:
    """Expiry is an instant in Seoul; who is cured in time entered on the day of the permit."""
    values = store("conditional_entry", granted_at="2031-03-09T23:00:00+00:00", hours=24)
    assert values.values_by_name == {
        "expires_at": "2031-03-11T08:00:00+09:00",
        "entry_date": "2031-03-10",
    }


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"event": "passed_inspection"}, ("return_bond", ["COND-05"])),
        ({"event": "left"}, ("return_bond", ["COND-05"])),
        ({"event": "inspection_passed"}, ("return_bond", ["COND-05"])),
        ({"event": "fled"}, ("full_forfeit_allowed", ["COND-06"])),
        ({"event": "other_breach"}, ("partial_forfeit_allowed", ["COND-07"])),
        ({"event": "no_show", "no_show_count": 1}, ("flag_officer", ["COND-07"])),
        ({"event": "no_show", "no_show_count": 2}, ("full_forfeit_allowed", ["COND-06"])),
        ({"event": "no_show", "no_show_count": 3}, ("full_forfeit_allowed", ["COND-06"])),
        ({"event": "no_show", "no_show_count": 2, "good_cause": True}, ("flag_officer", ["COND-07"])),
    ],
)  # fmt: skip
def test_bond(inputs: dict[str, Any], expected: tuple[str, list[str]]) -> None:
    """Returned, forfeited in whole or in part, or left to an officer."""
    assert outcome("bond", **inputs) == expected


@pytest.mark.parametrize(
    ("submitted_at", "word"),
    [("2031-03-09T12:00:00+09:00", "timely"), ("2031-03-09T12:00:01+09:00", "late")],
)
def test_exemption_request(submitted_at: str, word: str) -> None:
    """Twenty-four hours before the entry is the last instant."""
    inputs = {"submitted_at": submitted_at, "planned_entry_at": NOON}
    assert outcome("bio_exemption_request", **inputs) == (word, ["ABIO-05"])


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"action": "cancel", "in_person": True, "at": "enrolment_center"}, (ACCEPTED, ["SES-MEM-01"])),
        ({"action": "cancel", "in_person": False, "at": "enrolment_center"}, (REJECTED, ["SES-MEM-01"])),
        ({"action": "cancel", "in_person": True, "at": "web"}, (REJECTED, ["SES-MEM-01"])),
        ({"action": "cancel", "in_person": True}, (REJECTED, ["SES-MEM-01"])),
        ({"action": "revoke", "reason": "false_information"}, (ACCEPTED, ["SES-MEM-02"])),
        ({"action": "revoke", "reason": "became_ineligible"}, (ACCEPTED, ["SES-MEM-03"])),
        ({"action": "revoke", "reason": "inappropriate"}, (ACCEPTED, ["SES-MEM-04"])),
        ({"action": "revoke"}, (REJECTED, ["SES-MEM-04"])),
    ],
)  # fmt: skip
def test_membership(inputs: dict[str, Any], expected: tuple[str, list[str]]) -> None:
    """Cancelled in person at a centre only; revoked for one of three reasons."""
    assert outcome("membership", **inputs) == expected


@pytest.mark.parametrize(
    ("changes", "expected", "blocks"),
    [
        ({}, (ACCEPTED, []), True),
        ({"record_type": "request"}, (ACCEPTED, []), False),
        ({"record_type": "request", "grounds_stated": False}, (REJECTED, ["ENT-BAN-14"]), False),
        ({"record_type": "request", "documents": False}, (REJECTED, ["ENT-BAN-14"]), False),
        ({"record_type": "request", "requester_level": "si_gun_gu_head"}, (REJECTED, ["ENT-BAN-10"]), False),
        ({"grounds_stated": False, "requester_level": "si_gun_gu_head"}, (ACCEPTED, []), True),
    ],
)  # fmt: skip
def test_entry_ban_record(
    changes: dict[str, Any], expected: tuple[str, list[str]], blocks: bool
) -> None:
    """A request for an entry ban has to be in form; a period is not asked for."""
    record = {"id": "x", "ground": "11(1)3", "from": "2031-01-01", **changes}
    assert outcome("validate_entry_ban", entry_ban=record) == expected
    as_ban = {
        "ban_id": "x",
        "start_date": "2031-01-01",
        "notice": None,
        "ground": "11(1)3",
        **changes,
    }
    assert outcome("validate_ban", ban=as_ban) == expected
    assert store("validate_entry_ban", entry_ban=record).gate_blocks is blocks


@pytest.mark.parametrize(
    ("days", "agreed", "expected"),
    [(90, False, (ACCEPTED, [])), (91, False, ("record_flagged", ["STAY-02"])), (180, True, (ACCEPTED, []))],
)  # fmt: skip
def test_grant_policy_record(days: int, agreed: bool, expected: tuple[str, list[str]]) -> None:
    """A short stay is ninety days at most unless an agreement says more."""
    policy = {"status_code": "B-1", "days": days, "over_90_agreed": agreed}
    assert outcome("validate_grant_policy", grant_policy=policy) == expected
