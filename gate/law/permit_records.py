"""Permits, landings and exemptions before they are stored (Act 10-2, 12-2, 14 to 16-2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from gate.law.alien_basis import POSTED_STATUSES, entry_permit_end
from gate.law.answers import answer, finding
from gate.law.ban_records import COUNTY_HEAD
from gate.law.landings import crew_permit_end, landing_cap_days, ship_has_left
from gate.law.periods import day_period_end
from gate.law.rule import Role, Who, note
from gate.vocabulary.decisions import Finding, RecordOutcome, StoreDecision
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import Entries, EntryBan, EntryBanGround, LandingKind, RecordType
from gate.vocabulary.records_operations import (
    AlienEntryPermit,
    BioExemptionRequest,
    CrewMultiPermit,
    LandingPermission,
    ValidateEntryBan,
    ValidateGrantPolicy,
)


def alien_entry_permit(
    operation: AlienEntryPermit, at: datetime, parameters: Parameters
) -> StoreDecision:
    """Compute the last day of an alien entry permit; the earlier of the statutory
    and the printed one; reject several entries for somebody who is not posted here (AENT-09).
    """
    del at
    multiple = operation.entries is Entries.MULTIPLE
    if multiple and operation.status_code not in POSTED_STATUSES:
        return answer(RecordOutcome.REJECTED, finding("AENT-09", "entries=multiple"))
    last_day = entry_permit_end(operation.issued_on, operation.entries, parameters)
    if operation.valid_until is not None:
        last_day = min(last_day, operation.valid_until)
    return answer(RecordOutcome.COMPUTED, finding("AENT-09"), last_day=last_day)


def crew_multi_permit(
    operation: CrewMultiPermit, at: datetime, parameters: Parameters
) -> StoreDecision:
    """Compute the last day of a multiple landing permit; each landing is fifteen days at most."""
    del at
    if operation.days is not None and operation.days > parameters.crew_landing_days:
        return answer(RecordOutcome.REJECTED, finding("LAND-CREW-06", "days=over the cap"))
    last_day = crew_permit_end(operation.issued_on, parameters)
    return answer(RecordOutcome.COMPUTED, finding("LAND-CREW-06"), last_day=last_day)


_CAP_RULES = {
    LandingKind.CREW: "LAND-CREW-01",
    LandingKind.CREW_MULTI: "LAND-CREW-06",
    LandingKind.TOURISM: "LAND-TOUR-01",
    LandingKind.EMERGENCY: "LAND-EMG-01",
    LandingKind.DISTRESS: "LAND-DIS-01",
    LandingKind.REFUGEE: "LAND-REF-01",
}


def landing_permission(
    operation: LandingPermission, at: datetime, parameters: Parameters
) -> StoreDecision:
    """Accept or reject a landing or its extension, or say that it ended with its ship."""
    faults = (
        over_landing_cap(operation, parameters)
        + over_extension_cap(operation, parameters)
        + barred_by_article_11(operation)
        + approval_missing(operation)
    )
    if faults:
        return answer(RecordOutcome.REJECTED, *faults)
    if ship_has_left(operation.ship_departed_at, at):
        ended = {LandingKind.TOURISM: "LAND-TOUR-03"}
        ended |= dict.fromkeys((LandingKind.CREW, LandingKind.CREW_MULTI), "LAND-CREW-04")
        if operation.kind in ended:
            return answer(RecordOutcome.LAPSED, finding(ended[operation.kind]))
    days = operation.days + (operation.extension_days or 0)
    landed = operation.landed_on
    last_day = day_period_end(landed, days) if landed is not None else None
    return answer(RecordOutcome.ACCEPTED, last_day=last_day)


@note("LAND-CREW-01", "Act 14(1)", Who.STORE, Role.STORES)
@note("LAND-TOUR-01", "Act 14-2(1)", Who.STORE, Role.STORES)
@note("LAND-EMG-01", "Act 15(1); Ordinance 19", Who.STORE, Role.STORES)
@note("LAND-DIS-01", "Act 16(1); Ordinance 20", Who.STORE, Role.STORES)
@note("LAND-REF-01", "Act 16-2(1)", Who.STORE, Role.STORES)
def over_landing_cap(operation: LandingPermission, parameters: Parameters) -> tuple[Finding, ...]:
    """A landing lasts at most: crew fifteen days, tourism three, emergency and distress thirty,
    refugees ninety.
    """
    if operation.days <= landing_cap_days(operation.kind, parameters):
        return ()
    return (finding(_CAP_RULES[operation.kind], "days=over the cap"),)


@note("LAND-EXT-01", "Act 14(5); Ordinance 21(2)", Who.STORE, Role.STORES)
def over_extension_cap(operation: LandingPermission, parameters: Parameters) -> tuple[Finding, ...]:
    """One extension lasts at most as long as the Act lets the landing itself last; nothing
    limits their number.
    """
    extension_days = operation.extension_days or 0
    if extension_days <= landing_cap_days(operation.kind, parameters):
        return ()
    return (finding("LAND-EXT-01", "extension_days=over the cap"),)


@note("LAND-CREW-02", "Act 14(1) proviso", Who.STORE, Role.STORES)
@note("LAND-TOUR-02", "Act 14-2(1) proviso; Ordinance 18-3(3)1", Who.STORE, Role.STORES)
@note("LAND-TOUR-05", "Ordinance 18-3(5)", Who.STORE, Role.STORES)
def barred_by_article_11(operation: LandingPermission) -> tuple[Finding, ...]:
    """No landing for crew under a ground of Act 11(1); none for tourism under any case of Act 11
    (AMB-35), and the same is asked again when a tourism landing is extended.
    """
    ground = operation.art11_ground
    if ground is None:
        return ()
    if operation.kind is LandingKind.TOURISM:
        rule_id = "LAND-TOUR-02" if operation.extension_days is None else "LAND-TOUR-05"
        return (finding(rule_id, f"art11_ground={ground.value}"),)
    crew = operation.kind in (LandingKind.CREW, LandingKind.CREW_MULTI)
    if crew and ground is not EntryBanGround.RECIPROCITY:
        return (finding("LAND-CREW-02", f"art11_ground={ground.value}"),)
    return ()


@note("LAND-REF-02", "Act 16-2(1); Ordinance 20-2", Who.STORE, Role.STORES)
def approval_missing(operation: LandingPermission) -> tuple[Finding, ...]:
    """A refugee's landing needs the Minister's approval."""
    if operation.kind is not LandingKind.REFUGEE or operation.moj_approval:
        return ()
    return (finding("LAND-REF-02", "moj_approval=false"),)


@note("ABIO-05", "Ordinance 15-2(2)", Who.STORE, Role.STORES)
def bio_exemption_request(
    operation: BioExemptionRequest, at: datetime, parameters: Parameters
) -> StoreDecision:
    """An agency asks to exempt somebody from giving biometrics no later than 24 hours before the
    entry.
    """
    del at
    latest = operation.planned_entry_at - timedelta(hours=parameters.exemption_request_h)
    timely = operation.submitted_at <= latest
    return answer(RecordOutcome.TIMELY if timely else RecordOutcome.LATE, finding("ABIO-05"))


def validate_entry_ban(
    operation: ValidateEntryBan, at: datetime, parameters: Parameters
) -> StoreDecision:
    """Accept an entry ban, or reject a request for one that is not in form."""
    del at, parameters
    ban = operation.entry_ban
    faults = entry_ban_request_faults(ban)
    outcome = RecordOutcome.REJECTED if faults else RecordOutcome.ACCEPTED
    blocks = ban.record_type is RecordType.DECISION
    return answer(outcome, *faults, gate_blocks=blocks, last_day=ban.last_day)


@note("ENT-BAN-14", "Ordinance 14(2) with 2(2)", Who.STORE, Role.STORES)
def entry_ban_request_faults(ban: EntryBan) -> tuple[Finding, ...]:
    """A request for an entry ban states its grounds, has its documents, and in matters of a
    city, county or district comes from the metropolitan or provincial head; a period is not
    asked for.
    """
    if ban.record_type is not RecordType.REQUEST:
        return ()
    faults = []
    if ban.grounds_stated is False or ban.documents is False:
        faults.append(finding("ENT-BAN-14", "entry_ban=incomplete"))
    if ban.requester_level == COUNTY_HEAD:
        faults.append(finding("ENT-BAN-10", "entry_ban.requester_level=not entitled"))
    return tuple(faults)


@note("STAY-02", "Act 10-2(1)1", Who.STORE, Role.STORES)
def validate_grant_policy(
    operation: ValidateGrantPolicy, at: datetime, parameters: Parameters
) -> StoreDecision:
    """A short stay is at most ninety days, longer only under an agreement or in reciprocity."""
    del at
    policy = operation.grant_policy
    if policy.days <= parameters.short_stay_days or policy.over_90_agreed:
        return answer(RecordOutcome.ACCEPTED)
    return answer(RecordOutcome.FLAGGED, finding("STAY-02", "grant_policy.days=over the cap"))
