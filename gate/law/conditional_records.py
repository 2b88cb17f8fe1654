"""Conditional entry permits and their bonds (Act 13; Ordinance 16, 17)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from gate.law.answers import answer, finding
from gate.law.periods import seoul_day
from gate.law.rule import Role, Who, note
from gate.vocabulary.decisions import Finding, RecordOutcome, StoreDecision
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import BondEvent
from gate.vocabulary.records_operations import Bond, ConditionalEntryPermit


def conditional_entry(
    operation: ConditionalEntryPermit, at: datetime, parameters: Parameters
) -> StoreDecision:
    """Reject a permit over its limits, else say until which instant it runs."""
    faults = (
        period_too_long(operation, parameters)
        + extension_too_long(operation)
        + bond_too_high(operation.bond_krw, parameters)
    )
    if faults:
        return answer(RecordOutcome.REJECTED, *faults)
    hours = operation.hours + (operation.extension_hours or 0)
    expires_at = operation.granted_at + timedelta(hours=hours)
    outcome = RecordOutcome.IN_FORCE if at <= expires_at else RecordOutcome.LAPSED
    return answer(outcome, expires_at=expires_at, entry_date=entry_date(operation))


@note("COND-09", "Ordinance 16(3)", Who.STORE, Role.COMPUTES)
def entry_date(operation: ConditionalEntryPermit) -> date:
    """Whoever meets the requirements in time entered when the permit was granted; periods of
    stay count from there.
    """
    return seoul_day(operation.granted_at)


@note("COND-02", "Ordinance 16(1)", Who.STORE, Role.STORES)
def period_too_long(
    operation: ConditionalEntryPermit, parameters: Parameters
) -> tuple[Finding, ...]:
    """A conditional entry is permitted for at most 72 hours."""
    if operation.hours <= parameters.conditional_entry_h:
        return ()
    return (finding("COND-02", "hours=over the cap"),)


@note("COND-03", "Ordinance 16(2)", Who.STORE, Role.STORES)
def extension_too_long(operation: ConditionalEntryPermit) -> tuple[Finding, ...]:
    """It is extended once (AMB-36), by at most the period first set."""
    if (operation.extension_hours or 0) <= operation.hours:
        return ()
    return (finding("COND-03", "extension_hours=over the first period"),)


@note("COND-04", "Act 13(2); Ordinance 17(1)", Who.STORE, Role.STORES)
def bond_too_high(bond_krw: int | None, parameters: Parameters) -> tuple[Finding, ...]:
    """A bond is at most ten million won."""
    if (bond_krw or 0) <= parameters.bond_krw:
        return ()
    return (finding("COND-04", "bond_krw=over the cap"),)


@note("COND-05", "Ordinance 17(3)", Who.STORE, Role.STORES)
@note("COND-06", "Ordinance 17(4)", Who.STORE_OFFICER, Role.STORES)
@note("COND-07", "Ordinance 17(4); Act 13(3)", Who.STORE_OFFICER, Role.STORES)
def bond(operation: Bond, at: datetime, parameters: Parameters) -> StoreDecision:
    """A bond goes back when the inspection is passed, or on leaving because the requirements were
    not met in time. All of it may be forfeited after flight or two failures to appear without
    good cause, part of it after another breach; a single or excused failure goes to an officer
    (C20).
    """
    del at
    if operation.event in (BondEvent.PASSED_INSPECTION, BondEvent.LEFT):
        return answer(RecordOutcome.RETURN_BOND, finding("COND-05"))
    if operation.event is BondEvent.FLED:
        return answer(RecordOutcome.FULL_FORFEIT_ALLOWED, finding("COND-06"))
    if operation.event is BondEvent.OTHER_BREACH:
        return answer(RecordOutcome.PARTIAL_FORFEIT_ALLOWED, finding("COND-07"))
    if operation.no_show_count >= parameters.forfeit_no_shows and not operation.good_cause:
        return answer(RecordOutcome.FULL_FORFEIT_ALLOWED, finding("COND-06"))
    return answer(RecordOutcome.FLAG_OFFICER, finding("COND-07"))
