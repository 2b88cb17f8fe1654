"""Smart Entry Service membership at the gate: quality of the enrolment, reasons to lose it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gate.law.check import Check
from gate.law.nationals import guardian_consents, is_child
from gate.law.periods import below, reached, seoul_day, still_barred
from gate.law.rule import ALIEN, ANYBODY, DEPARTING, NATIONAL, Role, Used, Who, blocks, note
from gate.vocabulary.records import ConsentKind, KisRecord, Passport, Penalty


@blocks("SES-ELG-01", "SeS eligibility page", NATIONAL, who=Who.GATE_STORE)
def national_too_young(check: Check) -> Used | None:
    """The lane starts at the seventh birthday, that day included; an enrolment made before it
    stays defective.
    """
    years = check.parameters.national_minimum_age_years
    if below(check.dob, years, check.today):
        return ("person.dob=below the minimum age",)
    enrolled_on = enrolment_day(check)
    if enrolled_on is not None and below(check.dob, years, enrolled_on):
        return ("enrolment.enrolled_at=below the minimum age",)
    return None


@blocks("SES-ELG-02", "SeS eligibility page; Ordinance 15(4)1", ALIEN, who=Who.GATE_STORE)
def alien_enrolled_too_young(check: Check) -> Used | None:
    """An alien is enrolled from the seventeenth birthday on; an earlier enrolment does not
    carry, and while the alien is younger only AGT-01 is said.
    """
    years = check.parameters.alien_minimum_age_years
    enrolled_on = enrolment_day(check)
    if enrolled_on is None or below(check.dob, years, check.today):
        return None
    if not below(check.dob, years, enrolled_on):
        return None
    return ("enrolment.enrolled_at=below the minimum age",)


def enrolment_day(check: Check) -> date | None:
    """The Seoul day of the enrolment that the gate relies on; None where it relies on none."""
    enrolment = check.facts.enrolment
    if enrolment is None or not check.relies_on_enrolment:
        return None
    return seoul_day(enrolment.enrolled_at)


@blocks(
    "SES-ELG-03",
    "SeS eligibility page; Ordinance 1-2(1)3(b)",
    NATIONAL,
    who=Who.GATE_STORE,
)
def enrolled_without_guardian(check: Check) -> Used | None:
    """A child was enrolled with the representative's consent, or the enrolment stays defective
    for good. While the child is 7 to 13 and no consent stands now, NGT-07 says so instead.
    """
    enrolment = check.facts.enrolment
    enrolled_on = enrolment_day(check)
    if enrolment is None or enrolled_on is None or not _child_on(check, enrolled_on):
        return None
    if is_child(check) and not guardian_consents(check):
        return None
    guardians = (c for c in check.facts.consents if c.kind is ConsentKind.GUARDIAN)
    if any(consent.live_at(enrolment.enrolled_at) for consent in guardians):
        return None
    return ("consents[guardian]=not live at enrolled_at",)


def _child_on(check: Check, day: date) -> bool:
    parameters = check.parameters
    return reached(check.dob, parameters.national_minimum_age_years, day) and below(
        check.dob, parameters.own_consent_age_years, day
    )


@blocks("SES-ELG-07", "SeS eligibility page", ANYBODY, who=Who.GATE_STORE)
def no_own_consent(check: Check) -> Used | None:
    """From 14 on the own consent to supply and use passport and biometric data has to stand
    (AMB-10), where the gate relies on the enrolment.
    """
    if not check.relies_on_enrolment:
        return None
    if not reached(check.dob, check.parameters.own_consent_age_years, check.today):
        return None
    return None if own_consent(check) else ("consents[self]=not live",)


def own_consent(check: Check) -> bool:
    """Whether the own consent stands now."""
    return any(c.kind is ConsentKind.SELF and c.live_at(check.now) for c in check.facts.consents)


@blocks("SES-MEM-05", "project rule from the SeS page on cancellation and revocation", ANYBODY)
def left_the_service(check: Check) -> Used | None:
    """Whose membership was cancelled or revoked is not let through by another template."""
    enrolment = check.facts.enrolment
    if enrolment is None or not check.left_service:
        return None
    return (f"enrolment.status={enrolment.status.value}",)


@blocks("SES-INE-02", "SeS eligibility page; Act 11", ALIEN, DEPARTING, Who.GATE_STORE)
def inadmissible_alien_leaves(check: Check) -> Used | None:
    """Somebody inadmissible does not use the lane at all: at departure an alien with a stored
    entry ban in force is referred (AMB-08, C2).
    """
    return tuple(f"entry_bans[{ban.id}]=in force" for ban in check.entry_bans) or None


@note("AGT-07", "Ordinance 15(4)3", Who.GATE, Role.COMPUTES)
@blocks("SES-INE-03", "SeS eligibility page, reasons for ineligibility", ALIEN, who=Who.GATE_STORE)
def heavy_penalty(check: Check) -> Used | None:
    """A registered foreigner who paid a penalty of more than five million won within the last
    three years is not eligible; the sum of several, an unpaid one and overseas Koreans are
    judged by an officer (AMB-09, C14).
    """
    if not (check.registered_alien or check.overseas_korean):
        return None
    threshold = check.parameters.penalty_threshold_krw
    if any(single_heavy(check)) or any(unpaid_heavy(check)):
        return ("penalties=one over the threshold",)
    total = sum(penalty.amount_krw for penalty in recent_penalties(check))
    return ("penalties=sum over the threshold",) if total > threshold else None


def single_heavy(check: Check) -> Iterator[Penalty]:
    """Penalties over the threshold, paid, within the window."""
    threshold = check.parameters.penalty_threshold_krw
    for penalty in recent_penalties(check):
        if penalty.paid_on is not None and penalty.amount_krw > threshold:
            yield penalty


def unpaid_heavy(check: Check) -> Iterator[Penalty]:
    """Penalties over the threshold that were never paid, whatever their date."""
    threshold = check.parameters.penalty_threshold_krw
    for penalty in check.facts.penalties:
        if penalty.paid_on is None and penalty.amount_krw > threshold:
            yield penalty


def recent_penalties(check: Check) -> Iterator[Penalty]:
    """Penalties inside the window, which runs from the later of decision and payment."""
    years = check.parameters.penalty_window_years
    for penalty in check.facts.penalties:
        since = max(penalty.decided_on, penalty.paid_on or penalty.decided_on)
        if still_barred(since, years, check.today):
            yield penalty


@blocks("SES-INE-05", "SeS eligibility page, reasons for ineligibility", ALIEN, who=Who.GATE_STORE)
def data_differ(check: Check) -> Used | None:
    """A registered foreigner's or overseas Korean's passport has to state what the immigration
    record states: name, date of birth, sex, nationality, number (C12).
    """
    if not (check.registered_alien or check.overseas_korean):
        return None
    passport = check.facts.passport
    if passport is None:
        return None
    if check.facts.kis_record is None:
        return ("kis_record=missing",)
    differing = differing_fields(passport, check.facts.kis_record)
    return tuple(f"kis_record.{name}=differs" for name in differing) or None


def differing_fields(passport: Passport, record: KisRecord) -> tuple[str, ...]:
    """Names of the fields in which a passport and the immigration record differ."""
    pairs = (
        ("name", passport.name, record.name),
        ("dob", passport.dob, record.dob),
        ("sex", passport.sex, record.sex),
        ("nationality", passport.nationality, record.nationality),
        ("passport_number", passport.number, record.passport_number),
    )
    return tuple(name for name, shown, stored in pairs if shown != stored)
