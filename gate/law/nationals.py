"""Nationals at the gate in both directions (Ordinance 1-2), departing (Act 3), entering (Act 6)."""

from __future__ import annotations

from gate.law.check import KOREA, Check
from gate.law.periods import below, reached, within
from gate.law.rule import (
    ANYBODY,
    DEPARTING,
    ENTERING,
    NATIONAL,
    Used,
    blocks,
    carries,
)
from gate.law.travel_document import expired, lost_stolen_or_cancelled
from gate.vocabulary.records import (
    Consent,
    ConsentKind,
    Crew,
    GrantStatus,
    MilitaryForm,
    MilitaryPermission,
    MilitaryStatus,
    PassportStatus,
    Usage,
)


@blocks("NGT-01", "Ordinance 1-2(1)1; Act 3(1), 6(1)", NATIONAL)
def no_valid_multiple_use_passport(check: Check) -> Used | None:
    """A national uses the lane with a valid passport good for several journeys. The printed day
    of expiry still counts. On entry it never means refusal: an officer verifies (Act 6(2)).
    """
    passport = check.facts.passport
    if passport is None:
        return None
    if passport.usage is Usage.SINGLE:
        return ("passport.usage=single",)
    return expired(passport, check.today) or lost_stolen_or_cancelled(passport)


@blocks("NGT-02", "Ordinance 1-2(1)2", NATIONAL)
def not_registered(check: Check) -> Used | None:
    """Fingerprints and face have to be registered, unless the certificate record stands in
    (NGT-03). Somebody who left the service is told apart by SES-MEM-05.
    """
    if check.enrolled or check.deemed or check.left_service:
        return None
    return ("enrolment=missing or without face and finger",)


@carries("NGT-03", "Ordinance 1-2(1) 2nd sentence", NATIONAL)
def certificate_stands_in(check: Check) -> Used | None:
    """A holder of a resident certificate of 14 or over, whose template of that record is here
    and matches, counts as registered; younger ones do not (AMB-03, AMB-04).
    """
    if not check.deemed or check.enrolled:
        return None
    return ("biometric_sources=resident_cert",)


@blocks("NGT-06", "Ordinance 1-2(1)3(a)", NATIONAL)
def adult_not_resident(check: Check) -> Used | None:
    """From 14 on a national has to be registered as a resident."""
    person = check.facts.person
    if person is None or person.resident_registered:
        return None
    if not reached(check.dob, check.parameters.own_consent_age_years, check.today):
        return None
    return ("person.resident_registered=false",)


@blocks("NGT-07", "Ordinance 1-2(1)3(b)", NATIONAL)
def child_not_resident_or_without_consent(check: Check) -> Used | None:
    """From 7 to 13 a national has to be registered as a resident, and the legal
    representative's consent has to stand.
    """
    person = check.facts.person
    if person is None or not is_child(check):
        return None
    if not person.resident_registered:
        return ("person.resident_registered=false",)
    if not guardian_consents(check):
        return ("consents[guardian]=not live",)
    return None


def is_child(check: Check) -> bool:
    """Whether somebody is surely at least 7 and surely not yet 14."""
    parameters = check.parameters
    return reached(check.dob, parameters.national_minimum_age_years, check.today) and below(
        check.dob, parameters.own_consent_age_years, check.today
    )


def guardian_consents(check: Check) -> tuple[Consent, ...]:
    """The representatives' consents that stand now."""
    return tuple(
        consent
        for consent in check.facts.consents
        if consent.kind is ConsentKind.GUARDIAN and consent.live_at(check.now)
    )


@blocks("NGT-08", "Ordinance 1-2(1)4", ANYBODY)
def officer_must_examine(check: Check) -> Used | None:
    """Whose passport is restricted in its use, or ordered to be surrendered, needs an officer.
    The list of the Ordinance is open (AMB-42): a foreign passport so marked is doubt as well.
    """
    passport = check.facts.passport
    marks = (PassportStatus.RESTRICTED, PassportStatus.SURRENDER_ORDERED)
    if passport is None or passport.status not in marks:
        return None
    return (f"passport.status={passport.status.value}",)


@carries("NGT-09", "Ordinance 1-2(2)", NATIONAL)
def stamp_omitted(check: Check) -> Used | None:
    """Who passed by device gets no stamp."""
    del check
    return ("stamp=omitted",)


@carries("NDEP-03", "Act 3(2)", NATIONAL, DEPARTING)
def departure_by_device(check: Check) -> Used | None:
    """A completed inspection by device replaces the officer's departure inspection."""
    del check
    return ()


@carries("NENT-03", "Act 6(3)", NATIONAL, ENTERING)
def entry_by_device(check: Check) -> Used | None:
    """A completed inspection by device replaces the officer's entry inspection."""
    del check
    return ()


@blocks("SES-INE-04", "SeS eligibility page, reasons for ineligibility", NATIONAL)
def foreign_booklet_of_a_national(check: Check) -> Used | None:
    """A Korean with several nationalities uses the Korean passport, on entry too."""
    passport = check.facts.passport
    if passport is None or (passport.nationality or passport.issuing_state) == KOREA:
        return None
    return ("passport.nationality=foreign",)


@blocks("NDEP-MIL-01", "Ordinance 1(6)", NATIONAL, DEPARTING)
def no_travel_permission(check: Check) -> Used | None:
    """Who is liable for military service leaves with the permission for overseas travel; the
    gate knows only what was notified electronically.
    """
    person = check.facts.person
    if person is None or person.military_status is not MilitaryStatus.LIABLE:
        return None
    return None if notified_permission(check) is not None else ("military_permissions=none live",)


@carries("NDEP-MIL-02", "Ordinance 1(6) proviso", NATIONAL, DEPARTING)
def permission_notified(check: Check) -> Used | None:
    """Where the Manpower Administration notified the permission over the network, the paper may
    be left out, if the standing policy accepts that (AMB-34).
    """
    person = check.facts.person
    liable = person is not None and person.military_status is MilitaryStatus.LIABLE
    return ("military_permissions=e_notice",) if liable else None


def notified_permission(check: Check) -> MilitaryPermission | None:
    """The electronic permission that covers today, under the policy in force."""
    policy = check.facts.policy
    accepted = None if policy is None else policy.mma_e_notice_accepted
    if accepted is None:
        accepted = check.parameters.e_notice_accepted
    if not accepted:
        return None
    for permission in check.facts.military_permissions:
        if _covers(permission, check):
            return permission
    return None


def _covers(permission: MilitaryPermission, check: Check) -> bool:
    return (
        permission.form is MilitaryForm.E_NOTICE
        and permission.status is GrantStatus.VALID
        and permission.valid_until is not None
        and within(permission.valid_from, permission.valid_until, check.today)
    )


@blocks("CREW-N-02", "Ordinance 1(4) proviso", NATIONAL)
def crew_leaving_first_or_coming_last(check: Check) -> Used | None:
    """The crew member's shortcut for card and stamp does not hold on the first departure and
    the last entry as crew, so an officer is needed (AMB-33).
    """
    return first_or_last(check)


@blocks("CREW-N-03", "Ordinance 1(5)", NATIONAL, DEPARTING)
def crew_not_registered(check: Check) -> Used | None:
    """Who leaves as crew for the first time has to be registered as crew, unless the vessel
    operates irregularly.
    """
    return first_and_unregistered(travelling_crew(check))


def travelling_crew(check: Check) -> Crew | None:
    """The crew facts of somebody who travels as crew now."""
    person = check.facts.person
    crew = person.crew if person is not None else None
    return crew if crew is not None and crew.travelling_as_crew else None


def first_or_last(check: Check) -> Used | None:
    """First departure as crew when leaving, last entry as crew when entering."""
    crew = travelling_crew(check)
    if crew is None:
        return None
    if check.direction in DEPARTING:
        return ("person.crew.first_departure=true",) if crew.first_departure else None
    return ("person.crew.last_entry=true",) if crew.last_entry else None


def first_and_unregistered(crew: Crew | None) -> Used | None:
    """First departure as crew of a regular vessel without registration."""
    if crew is None or not crew.first_departure or crew.irregular_vessel or crew.registered:
        return None
    return ("person.crew.registered=false",)
