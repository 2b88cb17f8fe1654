"""Aliens leaving, alien crew of Korean vessels, conditional entry and landings at the gate."""

from __future__ import annotations

from gate.law.alien_entry import stay_lives
from gate.law.check import Check
from gate.law.landings import crew_permit_live, last_landing_day
from gate.law.nationals import first_and_unregistered, first_or_last, travelling_crew
from gate.law.rule import ALIEN, BOTH_WAYS, DEPARTING, ENTERING, Used, Who, blocks, carries
from gate.vocabulary.records import Crew, LandingKind

MANUAL_LANDINGS = (
    LandingKind.TOURISM,
    LandingKind.EMERGENCY,
    LandingKind.DISTRESS,
    LandingKind.REFUGEE,
)


@blocks("ADEP-02", "project rule", ALIEN, DEPARTING)
def no_live_stay(check: Check) -> Used | None:
    """Who leaves without a live stay, and is no permanent resident, may have overstayed. Crew
    on a multiple landing permit is judged by LAND-CREW-05.
    """
    if check.crew_multi or stay_lives(check.facts.stay, check):
        return None
    return ("stay=not live",)


@carries("STAY-04", "Act 10-3(1)", ALIEN)
def permanent_resident(check: Check) -> Used | None:
    """A permanent resident's stay has no limit."""
    stay = check.facts.stay
    return ("stay.permanent=true",) if stay is not None and stay.permanent else None


@blocks("CREW-A-01", "Ordinance 15(10), 35(2)", ALIEN, BOTH_WAYS)
def alien_crew_first_or_last(check: Check) -> Used | None:
    """Alien crew of a Korean vessel is treated as national crew is: an officer on the first
    departure and on the last entry.
    """
    return first_or_last(check) if _korean_vessel(check) else None


@blocks("CREW-A-02", "Ordinance 35(2) with 1(5)", ALIEN, DEPARTING)
def alien_crew_not_registered(check: Check) -> Used | None:
    """Alien crew of a Korean vessel registers before its first departure; on departure only,
    because for entry the Ordinance takes over the other rule alone.
    """
    return first_and_unregistered(_korean_vessel(check))


def _korean_vessel(check: Check) -> Crew | None:
    crew = travelling_crew(check)
    return crew if crew is not None and crew.korean_vessel else None


@blocks("COND-08", "Ordinance 16(4), (5)", ALIEN, BOTH_WAYS)
def conditional_permit_to_be_surrendered(check: Check) -> Used | None:
    """The holder of a conditional entry permit surrenders it to an officer, entering or
    leaving, also when it has lapsed.
    """
    permit = check.facts.conditional_entry
    if permit is None:
        return None
    given_up = permit.surrendered_at is not None and permit.surrendered_at <= check.now
    return None if given_up else ("conditional_entry=not surrendered",)


@blocks("LAND-CREW-05", "project rule", ALIEN, DEPARTING)
def landing_overstayed(check: Check) -> Used | None:
    """Crew on a multiple landing permit leaves by the last day of its landing; the day of
    landing is the first one.
    """
    landing = check.facts.landing
    if landing is None or not check.crew_multi:
        return None
    last_day = last_landing_day(landing)
    if last_day is not None and check.today <= last_day:
        return None
    return (f"landing.last_day={last_day or 'unknown'}",)


@blocks("LAND-CREW-06", "Ordinance 18-2", ALIEN, ENTERING, Who.GATE_STORE)
def crew_permit_over(check: Check) -> Used | None:
    """A multiple landing permit for crew holds for a year; then, or when it was revoked, it
    carries nobody in.
    """
    landing = check.facts.landing
    if landing is None or not check.crew_multi:
        return None
    if crew_permit_live(landing, check.today, check.parameters):
        return None
    return ("landing.permit_issued_on=over or revoked",)


@blocks("LAND-GATE-01", "project rule", ALIEN, BOTH_WAYS)
def only_a_manual_landing(check: Check) -> Used | None:
    """Who has nothing but a tourism, emergency, distress or refugee landing uses the officer's
    lane.
    """
    landing = check.facts.landing
    if landing is None or landing.permit_kind not in MANUAL_LANDINGS:
        return None
    if stay_lives(check.facts.stay, check) or (check.bases is not None and check.bases.any):
        return None
    return (f"landing.permit_kind={landing.permit_kind.value}",)
