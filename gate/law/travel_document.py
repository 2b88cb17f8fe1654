"""Passports: when one is valid, and what becomes of a forged one (Act 5, 12-4)."""

from __future__ import annotations

from datetime import date

from gate.law.check import Check
from gate.law.rule import (
    ALIEN,
    DEPARTING,
    ENTERING,
    NATIONAL,
    Used,
    Who,
    blocks,
    refers,
)
from gate.vocabulary.records import Authenticity, Passport, PassportStatus, Usage

_NOT_VALID = (PassportStatus.LOST, PassportStatus.STOLEN, PassportStatus.CANCELLED)


def expired(passport: Passport, today: date) -> Used | None:
    """A passport is valid through its printed day of expiry (AMB-39)."""
    if passport.expiry is None or today <= passport.expiry:
        return None
    return (f"passport.expiry={passport.expiry}",)


def lost_stolen_or_cancelled(passport: Passport) -> Used | None:
    """Reported lost or stolen, or cancelled by the issuer."""
    return (f"passport.status={passport.status.value}",) if passport.status in _NOT_VALID else None


@blocks("AENT-01", "Act 7(1), 12(3)1", ALIEN, ENTERING)
def alien_enters_without_valid_passport(check: Check) -> Used | None:
    """An alien enters with a valid passport."""
    return not_valid(check.facts.passport, check.today)


@blocks("ADEP-01", "Ordinance 35(1)", ALIEN, DEPARTING)
def alien_leaves_without_valid_passport(check: Check) -> Used | None:
    """An alien leaves with a valid passport, as a national does."""
    return not_valid(check.facts.passport, check.today)


def not_valid(passport: Passport | None, today: date) -> Used | None:
    """Expired, lost, stolen or cancelled (C5)."""
    if passport is None:
        return None
    return expired(passport, today) or lost_stolen_or_cancelled(passport)


@blocks("SES-ELG-05", "SeS eligibility page", ALIEN, who=Who.GATE_STORE)
def alien_with_single_use_passport(check: Check) -> Used | None:
    """The lane wants a passport for several journeys; at a gate only an alien's otherwise valid
    single-use passport is told apart so (C5).
    """
    passport = check.facts.passport
    if passport is None or passport.usage is not Usage.SINGLE:
        return None
    otherwise_valid = passport.status is PassportStatus.VALID and not expired(passport, check.today)
    return ("passport.usage=single",) if otherwise_valid else None


@refers("FORG-01", "Act 5; Ordinance 6(1)", NATIONAL, Who.GATE_OFFICER)
@blocks("FORG-01", "Act 5; Ordinance 6(1)", NATIONAL, who=Who.GATE_OFFICER)
def national_paper_suspect(check: Check) -> Used | None:
    """A national's passport or seafarer's paper that may be forged goes to an officer, who may
    keep it, tells the holder why, and may tell the issuer. Suspicion is enough.
    """
    return suspect(check)


@refers("FORG-02", "Act 12-4(1); Ordinance 15(9), 35(3)", ALIEN, Who.GATE_OFFICER)
@blocks("FORG-02", "Act 12-4(1); Ordinance 15(9), 35(3)", ALIEN, who=Who.GATE_OFFICER)
def alien_paper_suspect(check: Check) -> Used | None:
    """The same for an alien's paper, but nobody tells the issuer."""
    return suspect(check)


def suspect(check: Check) -> Used | None:
    """Suspected or known to be forged."""
    passport = check.facts.passport
    doubts = (Authenticity.SUSPECT, Authenticity.FORGED)
    if passport is None or passport.authenticity not in doubts:
        return None
    return (f"passport.authenticity={passport.authenticity.value}",)


@blocks("FORG-06", "Act 12-4(2)", ALIEN, who=Who.GATE_OFFICER)
def under_investigation(check: Check) -> Used | None:
    """An alien investigated under this Act and liable to deportation: an officer may keep the
    passport.
    """
    return ("immigration_investigation=true",) if check.facts.immigration_investigation else None
