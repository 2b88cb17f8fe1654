"""On what an alien may enter: each basis, its days, its entries, and what beats what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.law.world import alien, grounds, ids, permit, visitor


@pytest.mark.parametrize("kind", ["reentry", "reentry_exemption"])
@pytest.mark.parametrize(
    ("changes", "works"),
    [
        ({}, True),
        ({"valid_until": "2031-03-10"}, True),
        ({"valid_until": "2031-03-09"}, False),
        ({"valid_from": "2031-03-10"}, True),
        ({"valid_from": "2031-03-11"}, False),
        ({"valid_from": None}, True),
        ({"valid_until": None}, False),
        ({"status": "revoked"}, False),
        ({"status": "used"}, False),
        ({"entries": "single", "used": 0}, True),
        ({"entries": "single", "used": 1}, False),
        ({"entries": "multiple", "used": 9}, True),
        ({"entries": None, "used": 1}, False),
    ],
)
def test_reentry(kind: str, changes: dict[str, Any], works: bool) -> None:
    """A re-entry permission serves through its last day while an entry is left."""
    facts = alien(permits=[permit(kind, **changes)])
    assert ids(facts) == ([] if works else ["AENT-03"])


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("refugee_travel_document", {}, []),
        ("refugee_travel_document", {"used": 5, "entries": "single"}, []),
        ("refugee_travel_document", {"valid_until": "2031-03-10"}, []),
        ("refugee_travel_document", {"valid_until": "2031-03-09"}, ["AENT-06"]),
        ("refugee_travel_document", {"status": "revoked"}, ["AENT-06"]),
        ("visa", {}, []),
        ("visa", {"entries": "single"}, []),
        ("visa", {"entries": "single", "used": 1}, ["AENT-12"]),
        ("visa", {"status": "used"}, ["AENT-12"]),
        ("visa", {"status": "revoked"}, ["AENT-02"]),
        ("visa", {"valid_until": "2031-03-10"}, []),
        ("visa", {"valid_until": "2031-03-09"}, ["AENT-02"]),
        ("visa", {"valid_until": None}, ["AENT-02"]),
        ("visa", {"valid_from": "2031-03-11"}, ["AENT-02"]),
        ("visa", {"valid_until": "2031-03-09", "entries": "single", "used": 1}, ["AENT-02"]),
        ("entry_permission_7_2_3", {}, ["AENT-05"]),
        ("prior_travel_permit", {}, ["AENT-02"]),
        ("alien_entry_permit", {"entries": "single"}, []),
        ("alien_entry_permit", {"entries": "single", "used": 1}, ["AENT-09"]),
        ("alien_entry_permit", {"entries": "single", "valid_from": "2030-12-11"}, []),
        ("alien_entry_permit", {"entries": "single", "valid_from": "2030-12-10"}, ["AENT-09"]),
        ("alien_entry_permit", {"entries": "single", "issued_on": "2030-12-10"}, ["AENT-09"]),
        ("alien_entry_permit", {"entries": "single", "valid_until": "2031-03-09"}, ["AENT-09"]),
        ("alien_entry_permit", {"entries": "single", "status": "revoked"}, ["AENT-09"]),
        ("alien_entry_permit", {"entries": "single", "valid_from": None}, ["AENT-09"]),
        ("alien_entry_permit", {"entries": "multiple", "status_code": "D-8"}, ["AENT-09"]),
        ("alien_entry_permit", {"entries": "multiple", "status_code": "A-1"}, []),
        ("alien_entry_permit", {"entries": "multiple", "status_code": "A-2", "used": 4}, []),
        ("alien_entry_permit", {"entries": "multiple", "status_code": "A-3", "valid_from": "2028-03-11"}, []),
        ("alien_entry_permit", {"entries": "multiple", "status_code": "A-3", "valid_from": "2028-03-10"}, ["AENT-09"]),
    ],
)  # fmt: skip
def test_single_basis(kind: str, changes: dict[str, Any], expected: list[str]) -> None:
    """Each basis reports its own id where it does not work, and nothing where it does."""
    assert ids(alien(permits=[permit(kind, **changes)])) == expected


def test_no_record_of_any_basis() -> None:
    """Without visa, permit or exemption there is no basis; permits of others do not matter."""
    assert ids(alien(permits=[])) == ["AENT-02"]
    assert ids(alien("departure", permits=[])) == []


DEAD = {
    "AENT-02": permit("visa", valid_until="2031-03-09"),
    "AENT-03": permit("reentry", status="revoked"),
    "AENT-05": permit("entry_permission_7_2_3"),
    "AENT-06": permit("refugee_travel_document", status="revoked"),
    "AENT-09": permit("alien_entry_permit", status_code="D-8"),
    "AENT-12": permit("visa", entries="single", used=1),
}


def test_dead_permits_are_all_reported_until_something_works() -> None:
    """Several dead permits report each its own id; a single working basis silences them all."""
    dead = list(DEAD.values())
    assert ids(alien(permits=dead)) == sorted(DEAD)
    assert ids(alien(permits=[*dead, permit("visa")])) == []
    assert ids(visitor(permits=dead)) == []


SUSPENDED = {"from": "2031-03-01", "to": "2031-03-10"}


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (SUSPENDED, ["AENT-07"]),
        ({**SUSPENDED, "to": "2031-03-09"}, []),
        ({**SUSPENDED, "to": None}, ["AENT-07"]),
        ({**SUSPENDED, "from": "2031-03-10"}, ["AENT-07"]),
        ({"from": "2031-03-11"}, []),
    ],
)
def test_suspended_exemption(gap: dict[str, Any], expected: list[str]) -> None:
    """A suspended exemption carries nobody on the days of the suspension; a visa still does."""
    facts = {"country_policy__exemption_suspensions": [gap]}
    assert ids(visitor(**facts)) == expected
    with_visa = visitor(permits=[permit("visa")], stay={"stay_until": "2031-04-01"}, **facts)
    assert ids(with_visa) == []


def test_suspended_exemption_silences_the_rules_about_it() -> None:
    """Neither prior permit nor grant policy is asked for while the exemption does not carry."""
    facts = visitor(
        country_policy__exemption_suspensions=[SUSPENDED],
        country_policy__ptp_required=True,
        country_policy__grant_policy=None,
    )
    assert ids(facts) == ["AENT-07"]


@pytest.mark.parametrize(
    ("permits", "expected"),
    [
        ([], ["AENT-11"]),
        ([permit("prior_travel_permit")], []),
        ([permit("prior_travel_permit", valid_until="2031-03-10")], []),
        ([permit("prior_travel_permit", valid_until="2031-03-09")], ["AENT-11"]),
        ([permit("prior_travel_permit", valid_from="2031-03-11")], ["AENT-11"]),
        ([permit("prior_travel_permit", status="revoked")], ["AENT-11"]),
        ([permit("prior_travel_permit", valid_until=None)], ["AENT-11"]),
        ([permit("reentry", status="revoked")], ["AENT-11"]),
    ],
)
def test_prior_travel_permit(permits: list[Any], expected: list[str]) -> None:
    """Where demanded, a visa-free entrant holds one that covers today; others need none."""
    demanded = {"country_policy__ptp_required": True}
    assert ids(visitor(permits=permits, **demanded)) == expected
    assert ids(alien(country_policy={"visa_exempt": True, "ptp_required": True})) == []
    assert ids(visitor(permits=permits)) == []


def test_grant_policy() -> None:
    """Without a policy that grants status and stay in advance an officer has to."""
    assert ids(visitor(country_policy__grant_policy=None)) == ["AENT-16"]
    assert ids(visitor("departure", country_policy__grant_policy=None)) == []
    assert ids(alien(country_policy={"visa_exempt": True})) == []


def test_personal_basis_is_tried_before_the_exemption() -> None:
    """A working visa without a live stay refers, though the exemption alone would carry."""
    facts = visitor(permits=[permit("visa")])
    assert ids(facts) == ["AENT-14"]
    assert "AENT-04" in grounds(visitor())


def test_lapsed_registration_on_the_exemption() -> None:
    """Whose registration lapsed and now comes in visa-free is in doubt about the purpose."""
    lapsed = {"status": "expired", "valid_until": "2030-01-01"}
    assert ids(visitor(alien_registration=lapsed)) == ["AENT-13"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, ["AENT-10"]), ({"status": "used"}, ["AENT-10"]), ({"status": "revoked"}, [])],
)
def test_entry_permit_is_collected(changes: dict[str, Any], expected: list[str]) -> None:
    """An officer collects an alien entry permit from who leaves, unless it was withdrawn."""
    record = permit("alien_entry_permit", entries="single", **changes)
    assert ids(alien("departure", permits=[record])) == expected
    assert ids(alien("departure", permits=[permit("visa")])) == []
