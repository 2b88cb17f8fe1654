"""Notice of a departure ban and objections to it (Act 4-4, 4-5)."""

from __future__ import annotations

from datetime import date, datetime

from gate.law.answers import answer, finding
from gate.law.periods import days_on, month_period_end, next_working_day, seoul_day
from gate.law.rule import Role, Who, note
from gate.vocabulary.decisions import RecordOutcome, StoreDecision
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import ExclusionGround
from gate.vocabulary.records_operations import (
    NoticeDecision,
    NoticeOf,
    ObjectionDecisionDeadline,
    ObjectionFiling,
)

_GROUND_RULES = {
    ExclusionGround.SECURITY: "DEP-NOT-03",
    ExclusionGround.INVESTIGATION: "DEP-NOT-04",
    ExclusionGround.WHEREABOUTS_UNKNOWN: "DEP-NOT-05",
}


@note("DEP-NOT-01", "Act 4-4(1)", Who.STORE, Role.STORES)
@note("DEP-NOT-02", "Act 4-4(2)", Who.STORE, Role.STORES)
@note("DEP-NOT-03", "Act 4-4(3)1", Who.STORE_OFFICER, Role.STORES)
@note("DEP-NOT-05", "Act 4-4(3)3", Who.STORE_OFFICER, Role.STORES)
def notice_decision(
    operation: NoticeDecision, at: datetime, parameters: Parameters
) -> StoreDecision:
    """A ban or its extension is notified in writing at once, unless clear serious harm to
    security or public interest, clear serious hindrance of an investigation, or unknown
    whereabouts excludes it. A revocation is always notified. One id decides (C17).
    """
    del at
    ground = operation.exclusion_ground
    three_months = None
    if operation.start_date is not None:
        three_months = month_period_end(operation.start_date, parameters.hidden_notice_months)
    excluded = ground is not None
    rule_id = "DEP-NOT-01" if ground is None else _GROUND_RULES[ground]
    if operation.decision is NoticeOf.REVOCATION:
        rule_id, excluded = "DEP-NOT-02", False
    elif ground is ExclusionGround.INVESTIGATION:
        excluded = investigation_still_hides(operation.last_day, three_months)
    return answer(
        RecordOutcome.NOTICE_EXCLUDED if excluded else RecordOutcome.NOTICE_REQUIRED,
        finding(rule_id),
        three_month_last_day=three_months,
    )


@note("DEP-NOT-04", "Act 4-4(3)2", Who.STORE, Role.STORES)
def investigation_still_hides(last_day: date | None, three_months: date | None) -> bool:
    """Hindrance of an investigation hides a ban only while its whole period, extensions
    included, is no longer than three months (AMB-25).
    """
    return last_day is not None and three_months is not None and last_day <= three_months


@note("DEP-OBJ-01", "Act 4-5(1)", Who.STORE, Role.STORES)
def objection_filing(
    operation: ObjectionFiling, at: datetime, parameters: Parameters
) -> StoreDecision:
    """An objection is filed within ten days of the notice or of becoming aware; the first day
    is not counted. Where the tenth day is no working day, or the two days differ, an officer
    judges a filing that only the longer reading covers (AMB-18, C16).
    """
    del at
    starts = (operation.notice_received_on, operation.aware_on)
    tenth_days = sorted(
        days_on(start, parameters.objection_days) for start in starts if start is not None
    )
    earliest, latest = tenth_days[0], tenth_days[-1]
    filed = seoul_day(operation.filed_at)
    outcome = RecordOutcome.LATE
    if filed <= earliest:
        outcome = RecordOutcome.TIMELY
    elif filed <= max(next_working_day(earliest, operation.holidays), latest):
        outcome = RecordOutcome.FLAG_OFFICER
    return answer(
        outcome, finding("DEP-OBJ-01", f"last_filing_day={earliest}"), last_filing_day=earliest
    )


@note("DEP-OBJ-02", "Act 4-5(2)", Who.STORE, Role.STORES)
def objection_decision(
    operation: ObjectionDecisionDeadline, at: datetime, parameters: Parameters
) -> StoreDecision:
    """An objection is decided within fifteen days of its filing, which may be extended once by
    up to fifteen; the filing day is not counted and weekends are not moved (C23).
    """
    times = operation.extended_times
    if times > parameters.objection_extensions:
        return answer(RecordOutcome.REJECTED, finding("DEP-OBJ-02", "extended_times=too many"))
    days = parameters.objection_decision_days + times * parameters.objection_extension_days
    due = days_on(operation.filed_on, days)
    return answer(
        RecordOutcome.TIMELY if seoul_day(at) <= due else RecordOutcome.LATE,
        finding("DEP-OBJ-02", f"decision_due={due}"),
        decision_due=due,
    )
