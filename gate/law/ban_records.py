"""Departure bans and their extensions before they are stored (Act 4, 4-2; Ordinance 2, 2-2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from gate.law.answers import answer, finding
from gate.law.ban_status import ban_run
from gate.law.periods import (
    days_on,
    month_period_end,
    period_end,
    seoul_day,
)
from gate.law.rule import Role, Who, note
from gate.vocabulary.decisions import Finding, RecordOutcome, StoreDecision
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import Amounts, BanGround, DepartureBan, PeriodUnit, RecordType
from gate.vocabulary.records_operations import (
    ExtensionFiling,
    PeriodLastDay,
    ValidateBan,
    ValidateExtension,
)

COUNTY_HEAD = "si_gun_gu_head"
"""Level of a requester who has to go through the metropolitan or provincial head."""

CAP_RULES = {
    BanGround.INVESTIGATION: "DEP-BAN-06",
    BanGround.WHEREABOUTS_UNKNOWN: "DEP-BAN-07",
    BanGround.WARRANT: "DEP-BAN-08",
}
"""The rule that caps a ban, by ground; DEP-BAN-13 for those of Act 4(1)."""


def validate_ban(operation: ValidateBan, at: datetime, parameters: Parameters) -> StoreDecision:
    """Accept, flag or reject a ban. A decision blocks whatever is wrong with it; a request never
    does, and one that is wrong is rejected (C18).
    """
    del at
    ban = operation.ban
    requested = ban.record_type is RecordType.REQUEST
    end = period_end(ban.start_date, ban.last_day, ban.unit, ban.length)
    last_day = end.last_day if end is not None else None
    doubts = amounts_doubtful(ban, parameters)
    faults = amounts_too_low(ban, parameters) + form_faults(ban, last_day)
    if last_day is not None and over_cap(ban, ban.start_date, last_day, parameters):
        faults += (finding("DEP-BAN-12") if requested else finding(cap_rule(ban.ground)),)
    outcome = RecordOutcome.ACCEPTED
    if faults and requested:
        outcome = RecordOutcome.REJECTED
    elif faults or doubts:
        outcome = RecordOutcome.FLAGGED
    return answer(outcome, *faults, *doubts, gate_blocks=not requested, last_day=last_day)


@note("DEP-BAN-03", "Act 4(1)3; Ordinance 1-3(1)", Who.STORE, Role.STORES)
def debt_ground_holds(amounts: Amounts, parameters: Parameters) -> bool:
    """An unpaid fine of at least ten million won, or a surcharge of at least twenty million;
    the two are not added.
    """
    fine, surcharge = amounts.fine or 0, amounts.surcharge or 0
    return fine >= parameters.fine_threshold_krw or surcharge >= parameters.surcharge_threshold_krw


@note("DEP-BAN-04", "Act 4(1)4; Ordinance 1-3(2)", Who.STORE, Role.STORES)
def tax_ground_holds(amounts: Amounts, parameters: Parameters) -> bool:
    """Overdue national tax, customs or local tax of at least fifty million won."""
    return max(_taxes(amounts)) >= parameters.tax_threshold_krw


def _taxes(amounts: Amounts) -> tuple[int, int, int]:
    return amounts.national_tax or 0, amounts.customs or 0, amounts.local_tax or 0


def amounts_too_low(ban: DepartureBan, parameters: Parameters) -> tuple[Finding, ...]:
    """The debt that a ban rests on stays below the threshold, even if all taxes are added."""
    amounts = ban.amounts or Amounts()
    if ban.ground is BanGround.UNPAID_FINE and not debt_ground_holds(amounts, parameters):
        return (finding("DEP-BAN-03", "ban.amounts=below the threshold"),)
    if (
        ban.ground is not BanGround.UNPAID_TAX
        or sum(_taxes(amounts)) >= parameters.tax_threshold_krw
    ):
        return ()
    return (finding("DEP-BAN-04", "ban.amounts=below the threshold"),)


def amounts_doubtful(ban: DepartureBan, parameters: Parameters) -> tuple[Finding, ...]:
    """Only the sum of several taxes reaches the threshold: a person decides (AMB-15)."""
    amounts = ban.amounts or Amounts()
    if ban.ground is not BanGround.UNPAID_TAX or tax_ground_holds(amounts, parameters):
        return ()
    if sum(_taxes(amounts)) < parameters.tax_threshold_krw:
        return ()
    return (finding("DEP-BAN-04", "ban.amounts=only the sum reaches the threshold"),)


@note("DEP-BAN-11", "Ordinance 2(2); for decisions Act 4(1), 4(2)", Who.STORE, Role.STORES)
def form_faults(ban: DepartureBan, last_day: date | None) -> tuple[Finding, ...]:
    """A request states grounds and period, has its documents, and in matters of a city, county
    or district comes from the metropolitan or provincial head. A decision states its period.
    What a record does not mention counts as in order (C18).
    """
    faults = ["ban.last_day=no period"] if last_day is None else []
    if ban.record_type is RecordType.REQUEST:
        if ban.grounds_stated is False:
            faults.append("ban.grounds_stated=false")
        if ban.documents is False:
            faults.append("ban.documents=false")
        if ban.requester_level == COUNTY_HEAD:
            faults.append("ban.requester_level=not entitled")
    return (finding("DEP-BAN-11", *faults),) if faults else ()


@note("DEP-BAN-13", "Act 4(1)", Who.STORE, Role.STORES)
@note("DEP-BAN-06", "Act 4(2)", Who.STORE, Role.STORES)
@note("DEP-BAN-07", "Act 4(2)1", Who.STORE, Role.STORES)
@note("DEP-BAN-08", "Act 4(2)2", Who.STORE, Role.STORES)
@note("DEP-BAN-12", "Ordinance 2(3)", Who.STORE, Role.STORES)
@note("SUS-02", "Ordinance 36-2", Who.STORE, Role.STORES)
def over_cap(ban: DepartureBan, start: date, last_day: date, parameters: Parameters) -> bool:
    """A period is over the cap of its ground: six months under Act 4(1); for an investigation
    one month, with unknown whereabouts or flight three months, with a warrant as long as that
    is valid. The cap's last day is counted like any period of months and is itself allowed.
    For suspensions the caps are not in the sources (SUS-02).
    """
    if ban.ground is BanGround.SUSPENSION:
        return False
    if ban.ground is BanGround.WARRANT:
        return ban.warrant_valid_until is None or last_day > ban.warrant_valid_until
    return last_day > month_period_end(start, cap_months(ban.ground, parameters))


def cap_months(ground: BanGround, parameters: Parameters) -> int:
    """The cap of a ground without a warrant, in months."""
    return {
        BanGround.INVESTIGATION: parameters.cap_4_2_months,
        BanGround.WHEREABOUTS_UNKNOWN: parameters.cap_4_2_1_months,
    }.get(ground, parameters.cap_4_1_months)


def cap_rule(ground: BanGround) -> str:
    """The rule id that a decision over the cap of its ground reports."""
    return CAP_RULES.get(ground, "DEP-BAN-13")


def validate_extension(
    operation: ValidateExtension, at: datetime, parameters: Parameters
) -> StoreDecision:
    """Accept, flag or reject an extension; it starts the day after the previous last day."""
    ban, extension, requested = operation.ban, operation.extension, operation.requested
    run = ban_run(ban, extension.decided_at or at)
    if run is None or run.open:
        return answer(
            RecordOutcome.REJECTED if requested else RecordOutcome.FLAGGED,
            finding("DEP-BAN-11", "ban.last_day=no period"),
            gate_blocks=not requested,
        )
    previous = run.late_through or run.timely.last_day
    start = days_on(previous, 1)
    end = period_end(start, extension.last_day, extension.unit, extension.length)
    last_day = end.last_day if end is not None else None
    faults = _extension_faults(operation, start, last_day, parameters)
    late = _decided_late(extension.decided_at, previous) and not requested
    if late:
        faults += (finding("DEP-EXT-05", "extension.decided_at=after the last day"),)
    outcome = RecordOutcome.ACCEPTED
    if faults:
        outcome = RecordOutcome.REJECTED if requested else RecordOutcome.FLAGGED
    return answer(outcome, *faults, gate_blocks=not requested, last_day=last_day)


def _extension_faults(
    operation: ValidateExtension, start: date, last_day: date | None, parameters: Parameters
) -> tuple[Finding, ...]:
    judge: Callable[..., tuple[Finding, ...]] = decided_extension_faults
    if operation.requested:
        judge = requested_extension_faults
    return judge(operation, start, last_day, parameters)


@note("DEP-EXT-06", "Ordinance 2-2(2)", Who.STORE, Role.STORES)
@note("DEP-EXT-07", "Ordinance 2-2(3)", Who.STORE, Role.STORES)
def requested_extension_faults(
    operation: ValidateExtension, start: date, last_day: date | None, parameters: Parameters
) -> tuple[Finding, ...]:
    """A request to extend is written, with grounds, intended period and documents, and asks for
    no more than the cap of its ground.
    """
    extension = operation.extension
    faults: tuple[Finding, ...] = ()
    if extension.grounds_stated is False or extension.documents is False or last_day is None:
        faults += (finding("DEP-EXT-06", "extension=incomplete"),)
    if last_day is not None and over_cap(operation.ban, start, last_day, parameters):
        faults += (finding("DEP-EXT-07", "extension.last_day=over the cap"),)
    return faults


@note("DEP-EXT-03", "Ordinance 2-2(1), (3)", Who.STORE, Role.STORES)
def decided_extension_faults(
    operation: ValidateExtension, start: date, last_day: date | None, parameters: Parameters
) -> tuple[Finding, ...]:
    """Each extension by itself stays within the cap of the ground."""
    if last_day is None:
        return (finding("DEP-BAN-11", "extension.last_day=no period"),)
    if over_cap(operation.ban, start, last_day, parameters):
        return (finding("DEP-EXT-03", "extension.last_day=over the cap"),)
    return ()


def _decided_late(decided_at: datetime | None, previous: date) -> bool:
    return decided_at is not None and seoul_day(decided_at) > previous


@note("DEP-EXT-02", "Act 4-2(2)", Who.STORE, Role.STORES)
def extension_filing(
    operation: ExtensionFiling, at: datetime, parameters: Parameters
) -> StoreDecision:
    """The agency asks for an extension no later than three days before the period ends; that
    whole day counts (AMB-17). Late is a flag: the Minister may still act. A request that is not
    in form is refused whenever it came (DEP-EXT-06).
    """
    del at
    if operation.grounds_stated is False or operation.documents is False:
        return answer(RecordOutcome.REJECTED, finding("DEP-EXT-06", "request=incomplete"))
    latest = days_on(operation.last_day, -parameters.extension_filing_days)
    timely = seoul_day(operation.filed_at) <= latest
    return answer(
        RecordOutcome.TIMELY if timely else RecordOutcome.LATE,
        finding("DEP-EXT-02", f"latest_filing_day={latest}"),
        latest_filing_day=latest,
    )


@note("DEP-PER-01", "Ordinance 1-4", Who.STORE, Role.COMPUTES)
@note("DEP-PER-02", "Ordinance 1-4", Who.STORE, Role.COMPUTES)
@note("DEP-PER-03", "Ordinance 1-4", Who.GATE_STORE, Role.COMPUTES)
def period_last_day(
    operation: PeriodLastDay, at: datetime, parameters: Parameters
) -> StoreDecision:
    """In a period of days the first day counts as one whatever the hour; a period of months
    runs by the calendar; a last day that is a Saturday or holiday is not moved.
    """
    del at, parameters
    end = period_end(operation.start_date, operation.last_day, operation.unit, operation.length)
    assert end is not None, "the operation is checked for a period when it is read"
    by_months = operation.last_day is None and operation.unit is PeriodUnit.MONTH
    return answer(
        RecordOutcome.COMPUTED,
        finding("DEP-PER-02" if by_months else "DEP-PER-01"),
        last_day=end.last_day,
        gate_refer_through=end.refer_through,
    )
