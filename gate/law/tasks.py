"""Deadlines that staff must be told of; none of them lifts or sets anything by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from gate.law.ban_status import BanStanding, ban_run, ban_standing
from gate.law.emergency_status import EmergencyPhase, emergency_state
from gate.law.periods import days_on, month_period_end, seoul_day
from gate.vocabulary.facts import Facts
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import (
    DepartureBan,
    ExclusionGround,
    ObjectionStatus,
    PermitStatus,
    RecordType,
)


class TaskKind(Enum):
    """What staff have to see to."""

    REVOCATION_DUE = "revocation_due"
    NOTICE_REQUIRED = "notice_required"
    EXTENSION_FILING_ENDS = "extension_filing_ends"
    OBJECTION_OVERDUE = "objection_overdue"
    PERMIT_ENDS = "permit_ends"


@dataclass(frozen=True, slots=True)
class Task:
    """One task: `record` is the id of the ban or request, or the kind of permit."""

    kind: TaskKind
    rule_id: str
    record: str
    due: date | datetime


def tasks_due(facts: Facts, at: datetime, parameters: Parameters) -> tuple[Task, ...]:
    """The tasks that one person's records raise at the aware instant `at`, in record order."""
    return (
        *_emergency_tasks(facts, at, parameters),
        *_ban_tasks(facts, at, parameters),
        *_permit_tasks(facts, at),
    )


def _emergency_tasks(facts: Facts, at: datetime, parameters: Parameters) -> Iterator[Task]:
    for ban in facts.emergency_bans:
        state = emergency_state(ban, at, parameters)
        if state.phase is not EmergencyPhase.REVOCATION_DUE:
            continue
        lodging_due = ban.requested_at + timedelta(hours=parameters.emergency_lodging_h)
        if state.lodging_failed:
            yield Task(TaskKind.REVOCATION_DUE, "DEP-EMB-04", ban.request_id, lodging_due)
        if state.approval_failed and ban.approval_lodged_at is not None:
            due = ban.approval_lodged_at + timedelta(hours=parameters.emergency_approval_h)
            yield Task(TaskKind.REVOCATION_DUE, "DEP-EMB-05", ban.request_id, due)


def _ban_tasks(facts: Facts, at: datetime, parameters: Parameters) -> Iterator[Task]:
    today = seoul_day(at)
    for ban in facts.departure_bans:
        if ban.record_type is RecordType.REQUEST:
            continue
        if ban_standing(ban, today, at) is BanStanding.NONE:
            continue
        run = ban_run(ban, at)
        if run is not None and not run.open:
            last_day = run.late_through or run.timely.last_day
            yield from _notice_task(ban, last_day, parameters)
            yield from _extension_task(ban, last_day, today, parameters)
        yield from _objection_task(ban, today, parameters)


def _notice_task(ban: DepartureBan, last_day: date, parameters: Parameters) -> Iterator[Task]:
    notice = ban.notice
    if notice is not None and notice.given_at is not None:
        return
    if notice is None or notice.excluded_ground is None:
        yield Task(TaskKind.NOTICE_REQUIRED, "DEP-NOT-01", ban.ban_id, ban.start_date)
    elif notice.excluded_ground is ExclusionGround.INVESTIGATION:
        three_months = month_period_end(ban.start_date, parameters.hidden_notice_months)
        if last_day > three_months:
            yield Task(TaskKind.NOTICE_REQUIRED, "DEP-NOT-04", ban.ban_id, three_months)


def _extension_task(
    ban: DepartureBan, last_day: date, today: date, parameters: Parameters
) -> Iterator[Task]:
    latest = days_on(last_day, -parameters.extension_filing_days)
    if latest <= today <= last_day and ban.extension_request is None:
        yield Task(TaskKind.EXTENSION_FILING_ENDS, "DEP-EXT-02", ban.ban_id, latest)


def _objection_task(ban: DepartureBan, today: date, parameters: Parameters) -> Iterator[Task]:
    objection = ban.objection
    if objection is None or objection.status is not ObjectionStatus.PENDING:
        return
    days = parameters.objection_decision_days
    days += objection.extended_times * parameters.objection_extension_days
    due = days_on(seoul_day(objection.filed_at), days)
    if today > due:
        yield Task(TaskKind.OBJECTION_OVERDUE, "DEP-OBJ-02", ban.ban_id, due)


def _permit_tasks(facts: Facts, at: datetime) -> Iterator[Task]:
    today = seoul_day(at)
    for permit in facts.permits:
        if permit.status is PermitStatus.VALID and permit.valid_until == today:
            yield Task(TaskKind.PERMIT_ENDS, "PERM-REV-01", permit.kind.value, today)
