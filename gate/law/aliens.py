"""Aliens at the gate (Ordinance 15(4), 35(4)): age, category, registration of biometrics."""

from __future__ import annotations

from gate.law.check import Check
from gate.law.periods import below, within
from gate.law.rule import (
    ALIEN,
    BOTH_WAYS,
    DEPARTING,
    ENTERING,
    Role,
    Used,
    Who,
    blocks,
    carries,
    note,
)
from gate.vocabulary.records import DesignationBasis, GrantStatus


@blocks("AGT-01", "Ordinance 15(4)1", ALIEN)
def below_seventeen(check: Check) -> Used | None:
    """An alien uses the lane from the seventeenth birthday on."""
    if not below(check.dob, check.parameters.alien_minimum_age_years, check.today):
        return None
    return ("person.dob=below the minimum age",)


@blocks("AGT-02", "Ordinance 15(4)1", ALIEN)
def no_category(check: Check) -> Used | None:
    """An alien needs one of the categories: valid registration, valid residence report,
    agreement state, or the Minister's designation.
    """
    in_one = (
        check.registered_alien
        or check.overseas_korean
        or agreement_in_force(check)
        or any_designation(check)
    )
    return None if in_one else ("category=none",)


def agreement_in_force(check: Check) -> bool:
    """Whether the state's mutual agreement covers today; both its days count."""
    policy = check.facts.country_policy
    agreement = policy.mou_gate if policy is not None else None
    return agreement is not None and within(
        agreement.valid_from, agreement.valid_until, check.today
    )


def designated(check: Check, basis: DesignationBasis) -> bool:
    """Whether a designation on this basis is valid today, its last day included."""
    if not check.facts.designations:
        return False
    return any(
        designation.basis is basis
        and designation.status is GrantStatus.VALID
        and designation.valid_until is not None
        and check.today <= designation.valid_until
        for designation in check.facts.designations
    )


def any_designation(check: Check) -> bool:
    """Whether any designation is valid today."""
    return any(designated(check, basis) for basis in DesignationBasis)


@carries("AGT-02a1", "Ordinance 15(4)1(a)(i)", ALIEN)
def by_alien_registration(check: Check) -> Used | None:
    """Category: a valid alien registration."""
    return ("alien_registration=valid",) if check.registered_alien else None


@carries("AGT-02a2", "Ordinance 15(4)1(a)(ii)", ALIEN)
def by_residence_report(check: Check) -> Used | None:
    """Category: a valid report of residence of an overseas Korean."""
    return ("overseas_korean_report=valid",) if check.overseas_korean else None


@carries("AGT-02b", "Ordinance 15(4)1(b)", ALIEN)
@carries("SES-ELG-11", "SeS eligibility page; Ordinance 15(4)1(b)", ALIEN)
def by_agreement(check: Check) -> Used | None:
    """Category: a national of a state with a mutual agreement on automated clearance."""
    return ("country_policy.mou_gate=in force",) if agreement_in_force(check) else None


@carries("AGT-02c", "Ordinance 15(4)1(c)", ALIEN)
def by_designation(check: Check) -> Used | None:
    """Category: identified by the Minister on another ground; a dated record is needed
    (AMB-06).
    """
    if not check.facts.designations:
        return None
    bases = tuple(
        f"designations={basis.value}" for basis in DesignationBasis if designated(check, basis)
    )
    return bases or None


@carries("SES-ELG-08", "SeS eligibility page; Ordinance 15(4)1(c)", ALIEN)
def by_trusted_traveller_scheme(check: Check) -> Used | None:
    """A registrant of the scheme between Korea and the United States, though not registered
    in Korea.
    """
    return _designation_used(check, DesignationBasis.KUS_TTP)


@carries("SES-ELG-09", "SeS eligibility page; Ordinance 15(4)1(c)", ALIEN)
def by_priority_card(check: Check) -> Used | None:
    """A holder of the Korea Priority Card."""
    return _designation_used(check, DesignationBasis.PRIORITY_CARD)


@carries("SES-ELG-10", "SeS eligibility page; Ordinance 15(4)1(c), 18-2", ALIEN)
def by_crew_permit(check: Check) -> Used | None:
    """Foreign crew with a multiple landing permit."""
    return _designation_used(check, DesignationBasis.CREW_MULTI)


def _designation_used(check: Check, basis: DesignationBasis) -> Used | None:
    return (f"designations={basis.value}",) if designated(check, basis) else None


@note("ABIO-07", "project rule", Who.GATE, Role.COMPUTES)
@blocks("AGT-03", "Ordinance 15(4)2", ALIEN, BOTH_WAYS)
def biometrics_not_registered(check: Check) -> Used | None:
    """An alien's fingerprints and face have to be registered, or count as registered by AGT-04.
    An exemption from giving biometrics does not help (ABIO-07).
    """
    if check.enrolled or check.deemed or check.left_service:
        return None
    return ("enrolment=missing or without face and finger",)


@carries("AGT-04e", "Ordinance 15(4) 2nd sentence", ALIEN, ENTERING)
def deemed_on_entry(check: Check) -> Used | None:
    """On entry biometrics given at registration (Act 38(1)1), held here and matching, count as
    registered; those given at the border do not (AMB-05).
    """
    return ("biometric_sources=art38",) if check.deemed else None


@carries("AGT-04d", "Ordinance 35(4)", ALIEN, DEPARTING)
def deemed_on_departure(check: Check) -> Used | None:
    """On departure biometrics given at registration or at the border count."""
    return ("biometric_sources=art38 or art12_2",) if check.deemed else None


@carries("AGT-05", "Ordinance 15(5)", ALIEN, ENTERING)
def no_card_no_stamp(check: Check) -> Used | None:
    """Who entered by device shows no entry card and gets no stamp."""
    del check
    return ("card=omitted", "stamp=omitted")


@carries("AGT-06", "Ordinance 35(5)", ALIEN, DEPARTING)
def no_departure_stamp(check: Check) -> Used | None:
    """Who left by device gets no stamp."""
    del check
    return ("stamp=omitted",)


@carries("AGT-08", "Ordinance 35(4)", ALIEN, DEPARTING)
def departure_as_entry(check: Check) -> Used | None:
    """Leaving by device asks for all that entering by device asks for: the rules AGT-01 to
    AGT-03 hold in both directions.
    """
    del check
    return ()
