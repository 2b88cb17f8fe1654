"""Aliens' entry: visa or another basis, stay, purpose (Act 7, 7-3, 12)."""

from __future__ import annotations

from gate.law.alien_basis import EntryBases
from gate.law.check import Check
from gate.law.periods import within
from gate.law.rule import ALIEN, DEPARTING, ENTERING, Used, Who, blocks, carries
from gate.vocabulary.records import Permit, PermitKind, PermitStatus, Stay

NO_BASES = EntryBases((), (), exempt=True, suspended=False)
"""What crew on a multiple landing permit is judged by: their permit, not the rules here (C11)."""


def bases_of(check: Check) -> EntryBases:
    """The bases of an alien whose entry Act 7 governs."""
    return NO_BASES if check.crew_multi or check.bases is None else check.bases


def _dead(check: Check, rule_id: str) -> Used | None:
    bases = bases_of(check)
    if not bases.dead:
        return None
    dead = bases.dead_with(rule_id)
    return tuple(f"permits={permit.kind.value} does not work" for permit in dead) or None


@blocks("AENT-02", "Act 7(1), 12(3)1", ALIEN, ENTERING)
def no_visa(check: Check) -> Used | None:
    """An alien needs a visa unless the Act lets that alien in without one. Said where there is
    no record of any basis, or a visa that is revoked or out of its dates (C9).
    """
    if bases_of(check).nothing:
        return ("permits=no basis",)
    return _dead(check, "AENT-02")


@blocks("AENT-03", "Act 7(2)1; entries left: project rule", ALIEN, ENTERING)
def reentry_does_not_work(check: Check) -> Used | None:
    """A permission or exemption of re-entry that is over, revoked or used up."""
    return _dead(check, "AENT-03")


@carries("AENT-04", "Act 7(2)2", ALIEN, ENTERING)
def by_exemption(check: Check) -> Used | None:
    """A national of a state with an exemption agreement needs no visa; tried only when no
    personal basis works.
    """
    on_exemption = check.bases is not None and check.bases.on_exemption
    return ("country_policy.visa_exempt=true",) if on_exemption else None


@carries("AENT-03", "Act 7(2)1", ALIEN, ENTERING)
def by_reentry(check: Check) -> Used | None:
    """A person permitted to re-enter, or exempt from that, needs no visa."""
    kinds = (PermitKind.REENTRY, PermitKind.REENTRY_EXEMPTION)
    return _works(check, *kinds)


@carries("AENT-08", "Act 7(4); Ordinance 10(1)-(3)", ALIEN, ENTERING)
def by_entry_permit(check: Check) -> Used | None:
    """A national of a state without diplomatic relations, or of a designated state, enters with
    an alien entry permit.
    """
    return _works(check, PermitKind.ALIEN_ENTRY_PERMIT)


def _works(check: Check, *kinds: PermitKind) -> Used | None:
    working = check.bases.working if check.bases is not None else ()
    return tuple(f"permits={p.kind.value}" for p in working if p.kind in kinds) or None


@blocks("AENT-05", "Act 7(2)3; Ordinance 8", ALIEN, ENTERING, Who.OFFICER)
def only_an_entry_permission(check: Check) -> Used | None:
    """A permission to enter without a visa for official duty, transit, tourism or the national
    interest is used before an officer.
    """
    return _dead(check, "AENT-05")


@blocks("AENT-06", "Act 7(2)4", ALIEN, ENTERING)
def refugee_document_does_not_work(check: Check) -> Used | None:
    """A refugee travel document that is over or revoked."""
    return _dead(check, "AENT-06")


@blocks("AENT-07", "Act 7(3); Ordinance 9", ALIEN, ENTERING)
def exemption_is_suspended(check: Check) -> Used | None:
    """The exemption agreement is suspended today and nothing else works; a visa still would."""
    bases = bases_of(check)
    if not bases.suspended or bases.any:
        return None
    return ("country_policy.exemption_suspensions=in force",)


@blocks("AENT-09", "Ordinance 10(4)", ALIEN, ENTERING, Who.GATE_STORE)
def entry_permit_does_not_work(check: Check) -> Used | None:
    """An alien entry permit that is over, used up, or of a kind that could not be issued."""
    return _dead(check, "AENT-09")


@blocks("AENT-12", "Act 8(1)", ALIEN, ENTERING)
def visa_used_up(check: Check) -> Used | None:
    """A single visa whose one entry was completed."""
    return _dead(check, "AENT-12")


@blocks("AENT-11", "Act 7-3, 12(3)1-2", ALIEN, ENTERING)
def no_prior_travel_permit(check: Check) -> Used | None:
    """Where the Minister demands it, a visa-free entrant holds a valid prior travel permit;
    not for re-entry, visa or refugee document.
    """
    policy = check.facts.country_policy
    if policy is None or not policy.ptp_required or not _on_exemption(check):
        return None
    if any(_is_live_prior_permit(permit, check) for permit in check.facts.permits):
        return None
    return ("permits=no prior travel permit",)


def _is_live_prior_permit(permit: Permit, check: Check) -> bool:
    return (
        permit.kind is PermitKind.PRIOR_TRAVEL_PERMIT
        and permit.status is PermitStatus.VALID
        and permit.valid_until is not None
        and within(permit.valid_from, permit.valid_until, check.today)
    )


def _on_exemption(check: Check) -> bool:
    return not check.crew_multi and check.bases is not None and check.bases.on_exemption


@blocks("AENT-13", "Act 12(3)2", ALIEN, ENTERING, Who.GATE_OFFICER)
def purpose_in_doubt(check: Check) -> Used | None:
    """The purpose of the entry has to fit the status; a gate cannot judge an intention, only
    see the flag (AMB-30), or that a lapsed registration now comes in on the exemption (AMB-47).
    """
    if check.crew_multi:
        return None
    if check.facts.purpose_conflict:
        return ("purpose_conflict=true",)
    lapsed = check.facts.alien_registration is not None and not check.registered_alien
    return ("alien_registration=lapsed",) if lapsed and _on_exemption(check) else None


@blocks("AENT-14", "Act 12(3)3", ALIEN, ENTERING)
def stay_not_determined(check: Check) -> Used | None:
    """The period of stay has to be determined: who enters on a personal basis needs a live
    stay. Permanent residents are exempt.
    """
    if check.crew_multi or check.bases is None or not check.bases.working:
        return None
    return None if stay_lives(check.facts.stay, check) else ("stay=not live",)


def stay_lives(stay: Stay | None, check: Check) -> bool:
    """Whether a stay is permanent or runs today, its last day included."""
    if stay is None:
        return False
    return stay.permanent or (stay.stay_until is not None and check.today <= stay.stay_until)


@blocks("AENT-16", "Act 12(5); Ordinance 15(7)", ALIEN, ENTERING)
def officer_must_grant_stay(check: Check) -> Used | None:
    """An officer grants status and stay to who enters on an exemption; at a gate only where a
    signed policy for the state has done so in advance (AMB-29).
    """
    policy = check.facts.country_policy
    if policy is None or policy.grant_policy is not None or not _on_exemption(check):
        return None
    return ("country_policy.grant_policy=none",)


@blocks("AENT-10", "Ordinance 10(5)", ALIEN, DEPARTING)
def entry_permit_to_be_collected(check: Check) -> Used | None:
    """An officer collects the alien entry permit when its holder leaves, a multiple one at the
    last departure; the gate cannot tell which that is and refers every holder (AMB-32).
    """
    held = any(
        permit.kind is PermitKind.ALIEN_ENTRY_PERMIT and permit.status is not PermitStatus.REVOKED
        for permit in check.facts.permits
    )
    return ("permits=alien_entry_permit",) if held else None
