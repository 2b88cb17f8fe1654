"""Landing permissions (Act 14 to 16-2): how long they run and how much may be granted."""

from __future__ import annotations

from datetime import date, datetime

from gate.law.periods import day_period_end, month_period_end
from gate.law.rule import Role, Who, note
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import GrantStatus, Landing, LandingKind


def last_landing_day(landing: Landing) -> date | None:
    """The last day of a landing with its extension; None where day or length is unknown."""
    if landing.landed_on is None or landing.days is None:
        return None
    return day_period_end(landing.landed_on, landing.days + (landing.extension_days or 0))


@note("LAND-CREW-06", "Ordinance 18-2(2)", Who.GATE_STORE, Role.COMPUTES)
def crew_permit_end(issued: date, parameters: Parameters) -> date:
    """The last day of a multiple landing permit: a year less a day, by calendar (AMB-35)."""
    return month_period_end(issued, parameters.crew_multi_months)


def crew_permit_live(landing: Landing, today: date, parameters: Parameters) -> bool:
    """Whether a multiple landing permit stands today, its last day included."""
    issued = landing.permit_issued_on
    return (
        landing.permit_status is GrantStatus.VALID
        and issued is not None
        and issued <= today <= crew_permit_end(issued, parameters)
    )


def landing_cap_days(kind: LandingKind, parameters: Parameters) -> int:
    """The most days that the Act lets one landing, or one extension, last."""
    return {
        LandingKind.CREW: parameters.crew_landing_days,
        LandingKind.CREW_MULTI: parameters.crew_landing_days,
        LandingKind.TOURISM: parameters.tourism_landing_days,
        LandingKind.EMERGENCY: parameters.emergency_landing_days,
        LandingKind.DISTRESS: parameters.distress_landing_days,
        LandingKind.REFUGEE: parameters.refugee_landing_days,
    }[kind]


@note("LAND-TOUR-03", "Ordinance 18-3(4)", Who.STORE, Role.COMPUTES)
@note("LAND-CREW-04", "Act 14(6)", Who.STORE, Role.COMPUTES)
def ship_has_left(departed_at: datetime | None, now: datetime) -> bool:
    """A landing from a ship ends when that ship leaves: for tourism at once, also if extended;
    for crew with the final departure from the Republic, until which it serves in other ports.
    """
    return departed_at is not None and departed_at <= now
