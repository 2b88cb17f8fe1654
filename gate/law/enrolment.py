"""Eligibility at the enrolment desk (SeS eligibility page)."""

from __future__ import annotations

from gate.law.aliens import agreement_in_force, designated
from gate.law.ban_status import BanStanding
from gate.law.check import Check
from gate.law.entry_bans import deportations_barring
from gate.law.landings import crew_permit_live
from gate.law.membership import (
    data_differ,
    heavy_penalty,
    own_consent,
    single_heavy,
)
from gate.law.nationals import foreign_booklet_of_a_national, guardian_consents, is_child
from gate.law.periods import below, reached
from gate.law.rule import ALIEN, ANYBODY, NATIONAL, Used, Who, denies, refers
from gate.law.travel_document import expired
from gate.vocabulary.records import DesignationBasis, PassportStatus, Usage

PAGE = "SeS eligibility page"


@denies("SES-ELG-01", PAGE, NATIONAL, Who.GATE_STORE)
def national_not_eligible(check: Check) -> Used | None:
    """A national enrols as a registered resident from the seventh birthday on."""
    person = check.facts.person
    if person is None or not person.resident_registered:
        return ("person.resident_registered=false",)
    if below(check.dob, check.parameters.national_minimum_age_years, check.today):
        return ("person.dob=below the minimum age",)
    return None


@denies("SES-ELG-02", PAGE + "; Ordinance 15(4)1", ALIEN, Who.GATE_STORE)
def alien_below_seventeen(check: Check) -> Used | None:
    """An alien of whatever category enrols from the seventeenth birthday on (AMB-07)."""
    if below(check.dob, check.parameters.alien_minimum_age_years, check.today):
        return ("person.dob=below the minimum age",)
    return None


@denies("SES-ELG-03", PAGE + "; Ordinance 1-2(1)3(b)", NATIONAL, Who.GATE_STORE)
def child_without_guardian(check: Check) -> Used | None:
    """From 7 to 13 the representative consents and the family relationship certificate is
    submitted; on the fourteenth birthday neither is needed any more.
    """
    if not is_child(check):
        return None
    consents = guardian_consents(check)
    if not consents:
        return ("consents[guardian]=not live",)
    if any(consent.family_certificate for consent in consents):
        return None
    return ("consents[guardian].family_certificate=false",)


@refers("SES-ELG-04", PAGE, ANYBODY)
def no_id_card(check: Check) -> Used | None:
    """The applicant brings the residence card or alien registration card; without one an
    officer identifies the applicant. The certificate stands in for a child's card, and who is
    14 to 16 has none yet (AMB-50).
    """
    if check.category in NATIONAL and below(
        check.dob, check.parameters.own_consent_age_years, check.today
    ):
        return None
    papers = check.facts.documents
    return None if papers is not None and papers.id_card else ("documents.id_card=false",)


@denies("SES-ELG-05", PAGE, ANYBODY, Who.GATE_STORE)
def passport_not_fit(check: Check) -> Used | None:
    """The passport is machine-readable, for several journeys, unexpired and of valid status."""
    passport = check.facts.passport
    if passport is None:
        return ("passport=missing",)
    if not passport.mrz_ok:
        return ("passport.mrz_ok=false",)
    if passport.usage is Usage.SINGLE:
        return ("passport.usage=single",)
    if passport.status is not PassportStatus.VALID:
        return (f"passport.status={passport.status.value}",)
    if passport.expiry is None:
        return ("passport.expiry=unknown",)
    return expired(passport, check.today)


@denies("SES-ELG-06", PAGE, ANYBODY)
def nothing_captured(check: Check) -> Used | None:
    """Identity has to be verifiable by fingerprint and face: without a capture it is not. Bad
    quality is SES-INE-01 (C19).
    """
    return ("capture=missing",) if check.facts.capture is None else None


@denies("SES-INE-01", PAGE, ANYBODY)
def quality_not_sufficient(check: Check) -> Used | None:
    """Both samples have to be good enough to verify the identity with."""
    capture = check.facts.capture
    if capture is None or (capture.face_ok and capture.finger_ok):
        return None
    return ("capture=quality not sufficient",)


@denies("SES-ELG-07", PAGE, ANYBODY, Who.GATE_STORE)
def applicant_without_own_consent(check: Check) -> Used | None:
    """The applicant consents to supply and use passport and biometric data; below 14 the
    representative does.
    """
    if not reached(check.dob, check.parameters.own_consent_age_years, check.today):
        return None
    return None if own_consent(check) else ("consents[self]=not live",)


@denies("SES-ELG-12", PAGE, ALIEN)
def alien_without_category(check: Check) -> Used | None:
    """An alien needs a valid registration or report, a designation, or an agreement state; for
    crew the multiple landing permit itself has to be live.
    """
    bases = (b for b in DesignationBasis if b is not DesignationBasis.CREW_MULTI)
    in_one = (
        check.registered_alien
        or check.overseas_korean
        or agreement_in_force(check)
        or any(designated(check, basis) for basis in bases)
        or crew_member_eligible(check)
    )
    return None if in_one else ("category=none",)


def crew_member_eligible(check: Check) -> bool:
    """Whether designation and multiple landing permit of a crew member are both live."""
    landing = check.facts.landing
    return (
        landing is not None
        and check.crew_multi
        and designated(check, DesignationBasis.CREW_MULTI)
        and crew_permit_live(landing, check.today, check.parameters)
    )


@denies("SES-INE-02", PAGE + "; Ordinance 1-2(1)3; Act 4, 4-6, 11, 29(1)", ANYBODY, Who.GATE_STORE)
def banned_in_any_way(check: Check) -> Used | None:
    """Whoever may not leave or may not enter is not enrolled: ban, emergency ban also in
    quarantine, suspension, entry ban, recent deportation. One id for all of them (C2).
    """
    standing = any(s is not BanStanding.NONE for _, s in check.bans)
    emergency = any(state.blocks for _, state in check.emergencies)
    entry_ban = bool(check.entry_bans)
    inadmissible = check.category in ALIEN and (
        deportations_barring(check) != () or refused_by_reciprocity(check)
    )
    return ("bans=in force",) if standing or emergency or entry_ban or inadmissible else None


def refused_by_reciprocity(check: Check) -> bool:
    """Whether nationals of the applicant's state are refused as a whole (Act 11(2))."""
    policy = check.facts.country_policy
    return policy is not None and policy.reciprocity_refusal


@denies("SES-INE-03", PAGE, ALIEN, Who.GATE_STORE)
def penalty_of_registered_alien(check: Check) -> Used | None:
    """A registered foreigner who paid one penalty over five million won within three years."""
    if not check.registered_alien:
        return None
    found = next(single_heavy(check), None)
    return None if found is None else ("penalties=one over the threshold",)


@refers("SES-INE-03", PAGE, ALIEN, Who.GATE_STORE)
def penalty_for_an_officer(check: Check) -> Used | None:
    """Where only the sum is over, the penalty is unpaid, or the applicant is an overseas
    Korean, whom the page does not name, an officer decides (AMB-09, C14).
    """
    if penalty_of_registered_alien(check) is not None:
        return None
    return heavy_penalty(check)


@denies("SES-INE-04", PAGE, NATIONAL, Who.GATE_STORE)
def foreign_booklet_offered(check: Check) -> Used | None:
    """A Korean with several nationalities registers the Korean passport."""
    return foreign_booklet_of_a_national(check)


@denies("SES-INE-05", PAGE, ALIEN, Who.GATE_STORE)
def applicant_data_differ(check: Check) -> Used | None:
    """The passport has to state what the immigration record states (C12)."""
    return data_differ(check)


@refers("GATE-DATA-01", "project rule", ANYBODY)
def birthday_unknown(check: Check) -> Used | None:
    """Without the whole date of birth the age rules cannot be answered: an officer looks."""
    known = check.dob is not None and check.dob.known
    return None if known else ("person.dob=unknown",)
