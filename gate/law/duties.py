"""What the store has to see to when something happens: duties that open or shut no door."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from gate.law.periods import below, seoul_day
from gate.law.rule import Role, Who, note
from gate.vocabulary.facts import Direction
from gate.vocabulary.parameters import Parameters
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

LEGAL_BASES = {
    BiometricSource.SES: "consent of the member",
    BiometricSource.RESIDENT_CERT: "Act 3(3), 6(4)",
    BiometricSource.ART38: "Act 38(1)1",
    BiometricSource.ART12_2: "Act 12-2(1)",
}
"""On what provision a template of each origin may be used."""


@note("NGT-10", "Ordinance 1-2(3); Act 3(3)-(6), 6(4)-(7)", Who.STORE, Role.STORES)
@note("ABIO-08", "Act 12-2(3)-(6); Ordinance 15-2(3), (4)", Who.STORE, Role.STORES)
def legal_basis(source: BiometricSource) -> str:
    """A template is kept with its origin and the provision that lets it be used, and is used for
    inspection only.
    """
    return LEGAL_BASES[source]


@note("DEP-BAN-15", "Ordinance 5", Who.STORE, Role.STORES)
@note("DEP-EMB-12", "Ordinance 5", Who.STORE, Role.STORES)
@note("ENT-BAN-12", "Ordinance 13", Who.STORE, Role.STORES)
def due_at_once(decided_at: datetime, received_at: datetime, max_age_s: float) -> bool:
    """A decision or revocation is entered at once; True where it took longer than the age at
    which a gate stops trusting its store, so that staff look for the cause.
    """
    return (received_at - decided_at).total_seconds() > max_age_s


@note("DEP-REV-02", "Act 4-3(2); Ordinance 3(3)", Who.STORE, Role.STORES)
@note("ENT-BAN-11", "Ordinance 14(3)", Who.STORE, Role.STORES)
def revocation_must_be_requested(ground_gone: bool, ban: DepartureBan) -> bool:
    """The agency that asked for a ban asks in writing for its revocation as soon as the ground
    is gone; its request lifts nothing.
    """
    return ground_gone and ban.revocation_requested_at is None and ban.revoked_at is None


@note("DEP-REV-03", "Ordinance 3(2)", Who.STORE, Role.STORES)
def agency_must_be_told(ban: DepartureBan, passport_surrendered: bool) -> bool:
    """A revocation is told to the agency that asked for the ban, with reasons, unless it is
    confirmed that the passport was surrendered or seized.
    """
    return ban.revoked_at is not None and not passport_surrendered


@note("DEP-NOT-06", "Ordinance 3-3(1), (2)", Who.STORE, Role.STORES)
def exclusion_in_order(ground: ExclusionGround | None, decided_with_ban: bool) -> bool:
    """Withholding the notice is asked for with the ban or extension and decided together."""
    return ground is None or decided_with_ban


@note("DEP-EMB-11", "Ordinance 5-3(5)", Who.STORE, Role.STORES)
def follows_emergency(ban: DepartureBan) -> bool:
    """After approval an emergency prohibition is extended as an ordinary ban that names the
    request it came from; revocation, notice and objection follow the ordinary rules.
    """
    return ban.origin_request_id is not None


@note("AENT-20", "Act 7(1), 8, 9; Ordinance 7, 7-2, 11, 96", Who.STORE, Role.STORES)
def permit_traceable(permit: Permit) -> bool:
    """Visas and certificates are issued elsewhere; the record names who issued them."""
    return permit.kind is not PermitKind.VISA or permit.issuer is not None


@note("STAY-01", "Act 10", Who.STORE, Role.STORES)
@note("STAY-03", "Act 10-2(1)2", Who.STORE, Role.STORES)
def stay_in_order(stay: Stay) -> bool:
    """Whoever enters has a status of stay: a standard one with a period, long ones up to the
    Ministry's maximum, or the permanent one without.
    """
    return stay.permanent or (stay.status_code is not None and stay.stay_until is not None)


@note("ABIO-02", "Act 12-2(1)1", Who.OFFICER, Role.STORES)
def owes_biometrics(
    dob: BirthDate | None,
    exemption: BiometricExemption | None,
    at: datetime,
    parameters: Parameters,
) -> bool:
    """Every alien gives biometrics on entry, except who is below 17 or was exempted."""
    young = below(dob, parameters.alien_minimum_age_years, seoul_day(at))
    return not young and exemption is None


class OfficerOption(Enum):
    """What an officer can choose for a referred traveller."""

    ADMIT = "admit"
    EXAMINE = "examine"
    DENY_DEPARTURE = "deny_departure"
    DENY_ENTRY = "deny_entry"


@note("NENT-04", "project rule from Act 4, 6", Who.GATE, Role.COMPUTES)
def officer_options(category: Category, direction: Direction) -> tuple[OfficerOption, ...]:
    """No entry bar for nationals exists: an officer must not even be shown it as a choice."""
    options = (OfficerOption.ADMIT, OfficerOption.EXAMINE)
    if direction is Direction.DEPARTURE:
        return (*options, OfficerOption.DENY_DEPARTURE)
    return options if category is Category.NATIONAL else (*options, OfficerOption.DENY_ENTRY)
