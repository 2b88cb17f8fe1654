"""Duties and deadlines that open or shut no door."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from gate.law import duties
from gate.law.tasks import tasks_due
from gate.vocabulary.facts import Direction, facts_from
from gate.vocabulary.records import (
    BiometricExemption,
    BiometricSource,
    BirthDate,
    Category,
    DepartureBan,
    ExclusionGround,
    Permit,
    PermitKind,
    Stay,
)
from tests.law.world import NOON, NUMBERS, ban, emergency, national, permit

AT = datetime.fromisoformat(NOON)


def _ban(**changes: Any) -> DepartureBan:
    (record,) = facts_from(national(departure_bans=[ban(**changes)])).departure_bans
    return record


def test_templates_name_their_legal_basis() -> None:
    """Every origin of a template has a provision that lets it be used."""
    bases = [duties.legal_basis(source) for source in BiometricSource]
    assert len(set(bases)) == len(bases)
    assert duties.legal_basis(BiometricSource.ART38) == "Act 38(1)1"


def test_late_entry_of_a_decision() -> None:
    """A decision that took longer than the limit to arrive is noticed; at the limit it is not."""
    sent = datetime.fromisoformat("2031-03-10T11:59:00+09:00")
    assert not duties.due_at_once(sent, AT, 60)
    assert duties.due_at_once(sent, AT, 59.9)


def test_revocation_has_to_be_requested_once() -> None:
    """When the ground is gone the agency asks, unless it did or the ban is revoked."""
    assert duties.revocation_must_be_requested(True, _ban())
    assert not duties.revocation_must_be_requested(False, _ban())
    assert not duties.revocation_must_be_requested(True, _ban(revocation_requested_at=NOON))
    assert not duties.revocation_must_be_requested(True, _ban(revoked_at=NOON))


def test_agency_learns_of_a_revocation() -> None:
    """The agency is told of a revocation unless the passport is known to be surrendered."""
    assert duties.agency_must_be_told(_ban(revoked_at=NOON), passport_surrendered=False)
    assert not duties.agency_must_be_told(_ban(revoked_at=NOON), passport_surrendered=True)
    assert not duties.agency_must_be_told(_ban(), passport_surrendered=False)


def test_exclusion_is_decided_with_the_ban() -> None:
    """Withholding a notice is decided together with the ban, or there is nothing to decide."""
    assert duties.exclusion_in_order(None, decided_with_ban=False)
    assert duties.exclusion_in_order(ExclusionGround.SECURITY, decided_with_ban=True)
    assert not duties.exclusion_in_order(ExclusionGround.SECURITY, decided_with_ban=False)


def test_extension_of_an_emergency_ban_names_its_request() -> None:
    """An ordinary ban that names a request continues an emergency prohibition."""
    assert duties.follows_emergency(_ban(origin_request_id="e-1"))
    assert not duties.follows_emergency(_ban())


def test_visa_names_its_issuer() -> None:
    """A visa without issuer cannot be traced; other permits need none."""
    assert duties.permit_traceable(Permit(kind=PermitKind.VISA, issuer="mission"))
    assert not duties.permit_traceable(Permit(kind=PermitKind.VISA))
    assert duties.permit_traceable(Permit(kind=PermitKind.REENTRY))


def test_stay_names_status_and_period() -> None:
    """A standard status has a period, the permanent one has none."""
    until = AT.date()
    assert duties.stay_in_order(Stay(permanent=True))
    assert duties.stay_in_order(Stay(status_code="D-8", stay_until=until))
    assert not duties.stay_in_order(Stay(status_code="D-8"))
    assert not duties.stay_in_order(Stay(stay_until=until))


@pytest.mark.parametrize(
    ("dob", "exempt", "expected"),
    [
        (BirthDate(2014, 3, 11), False, False),
        (BirthDate(2014, 3, 10), False, True),
        (BirthDate(1990, 1, 1), True, False),
        (None, False, True),
    ],
)
def test_duty_to_give_biometrics(dob: BirthDate | None, exempt: bool, expected: bool) -> None:
    """Everybody from seventeen on gives biometrics, but who was exempted."""
    exemption = BiometricExemption(basis="A-3") if exempt else None
    assert duties.owes_biometrics(dob, exemption, AT, NUMBERS) is expected


def test_officer_cannot_deny_a_national_entry() -> None:
    """The choice to deny entry is shown for aliens entering and for nobody else."""
    shown = {
        (people, way)
        for people in Category
        for way in Direction
        if duties.OfficerOption.DENY_ENTRY in duties.officer_options(people, way)
    }
    assert shown == {(Category.ALIEN, Direction.ENTRY)}
    leaving = duties.officer_options(Category.NATIONAL, Direction.DEPARTURE)
    assert duties.OfficerOption.DENY_DEPARTURE in leaving
    assert duties.OfficerOption.ADMIT in duties.officer_options(Category.NATIONAL, Direction.ENTRY)


def _tasks(at: str = NOON, **records: Any) -> list[tuple[str, str, str, str]]:
    facts = facts_from(national(**records))
    return [
        (task.kind.value, task.rule_id, task.record, str(task.due))
        for task in tasks_due(facts, datetime.fromisoformat(at), NUMBERS)
    ]


TOLD = {"given_at": NOON}


@pytest.mark.parametrize(
    ("record", "at", "expected"),
    [
        (ban(notice=TOLD), NOON, []),
        (ban(), NOON, [("notice_required", "DEP-NOT-01", "b-1", "2031-03-01")]),
        (ban(notice=TOLD), "2031-03-16T23:59:59+09:00", []),
        (ban(notice=TOLD), "2031-03-17T00:00:00+09:00", [("extension_filing_ends", "DEP-EXT-02", "b-1", "2031-03-17")]),
        (ban(notice=TOLD), "2031-03-20T12:00:00+09:00", [("extension_filing_ends", "DEP-EXT-02", "b-1", "2031-03-17")]),
        (ban(notice=TOLD), "2031-03-21T00:00:00+09:00", []),
        (ban(notice=TOLD, extension_request={"filed_at": NOON, "status": "pending"}), "2031-03-17T00:00:00+09:00", []),
        (ban(notice={"excluded_ground": "4-4(3)1"}, last_day="2031-12-31"), NOON, []),
        (ban(notice={"excluded_ground": "4-4(3)2"}, last_day="2031-05-31"), NOON, []),
        (ban(notice={"excluded_ground": "4-4(3)2"}, last_day="2031-06-01"), NOON, [("notice_required", "DEP-NOT-04", "b-1", "2031-05-31")]),
        (ban(record_type="request"), NOON, []),
        (ban(notice=TOLD, objection={"filed_at": "2031-03-01T10:00:00+09:00"}), "2031-03-16T12:00:00+09:00", []),
        (ban(last_day="2031-06-01", notice=TOLD, objection={"filed_at": "2031-03-01T10:00:00+09:00"}), "2031-03-17T00:00:00+09:00", [("objection_overdue", "DEP-OBJ-02", "b-1", "2031-03-16")]),
        (ban(last_day="2031-06-01", notice=TOLD, objection={"filed_at": "2031-03-01T10:00:00+09:00", "extended_times": 1}), "2031-03-31T00:00:00+09:00", []),
        (ban(last_day="2031-06-01", notice=TOLD, objection={"filed_at": "2031-03-01T10:00:00+09:00", "extended_times": 1}), "2031-04-01T00:00:00+09:00", [("objection_overdue", "DEP-OBJ-02", "b-1", "2031-03-31")]),
        (ban(last_day="2031-06-01", notice=TOLD, objection={"filed_at": "2031-03-01T10:00:00+09:00", "status": "dismissed"}), "2031-04-30T00:00:00+09:00", []),
        (ban(last_day=None, notice=None), NOON, []),
    ],
)  # fmt: skip
def test_ban_tasks(record: dict[str, Any], at: str, expected: list[Any]) -> None:
    """A running ban raises its notice, the end of the term to extend, and overdue objections."""
    assert _tasks(at, departure_bans=[record]) == expected


def test_late_extension_moves_the_end() -> None:
    """The term to ask for a further extension counts from the end of the late one."""
    extension = {"decided_at": "2031-03-06T10:00:00+09:00", "last_day": "2031-03-12"}
    record = ban(last_day="2031-03-05", notice=TOLD, extensions=[extension])
    expected = [("extension_filing_ends", "DEP-EXT-02", "b-1", "2031-03-09")]
    assert _tasks(departure_bans=[record]) == expected


def test_emergency_tasks() -> None:
    """A missed deadline raises the revocation with the rule and the instant that passed."""
    late = "2031-03-10T15:00:01+09:00"
    lodging = ("revocation_due", "DEP-EMB-04", "e-1", "2031-03-10 15:00:00+09:00")
    assert _tasks(emergency_bans=[emergency()]) == []
    assert _tasks(late, emergency_bans=[emergency()]) == [lodging]
    lodged = emergency(approval_lodged_at="2031-03-10T10:00:00+09:00")
    approval = ("revocation_due", "DEP-EMB-05", "e-1", "2031-03-10 22:00:00+09:00")
    assert _tasks("2031-03-11T00:00:00+09:00", emergency_bans=[lodged]) == [approval]


def test_a_late_lodging_raises_no_second_task() -> None:
    """Its twelve hours still run; what is due is due for the six."""
    late = emergency(approval_lodged_at="2031-03-10T16:00:00+09:00")
    lodging = ("revocation_due", "DEP-EMB-04", "e-1", "2031-03-10 15:00:00+09:00")
    assert _tasks("2031-03-10T16:30:00+09:00", emergency_bans=[late]) == [lodging]


def test_permit_tasks() -> None:
    """A permit is named on its last day, not before, not after, and not once revoked."""
    last = permit("visa", valid_until="2031-03-10")
    assert _tasks(permits=[last]) == [("permit_ends", "PERM-REV-01", "visa", "2031-03-10")]
    assert _tasks("2031-03-09T12:00:00+09:00", permits=[last]) == []
    assert _tasks("2031-03-11T12:00:00+09:00", permits=[last]) == []
    assert _tasks(permits=[{**last, "status": "revoked"}]) == []
