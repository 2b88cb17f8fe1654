"""On what an alien may enter: visa, or one of the ways without a visa (Act 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from gate.law.periods import month_period_end, within
from gate.law.rule import Role, Who, note
from gate.vocabulary.facts import Facts
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import CountryPolicy, Entries, Permit, PermitKind, PermitStatus

POSTED_STATUSES = ("A-1", "A-2", "A-3")
"""Statuses whose holders are posted here and may get the long entry permit (Ordinance 10(4))."""


@dataclass(frozen=True, slots=True)
class EntryBases:
    """What an alien's entry can rest on.

    `working`: the personal permits that work today. `dead`: those that do not, each with the
    rule id that it reports (C9). `exempt`: the visa exemption works. `suspended`: it would, but
    the agreement is suspended.
    """

    working: tuple[Permit, ...]
    dead: tuple[tuple[Permit, str], ...]
    exempt: bool
    suspended: bool

    @property
    def on_exemption(self) -> bool:
        """Whether the exemption is the basis: it is tried only when no permit works (AENT-04)."""
        return self.exempt and not self.working

    @property
    def any(self) -> bool:
        """Whether anything works."""
        return self.exempt or bool(self.working)

    def dead_with(self, rule_id: str) -> tuple[Permit, ...]:
        """The permits that do not work for the reason of a rule, where nothing else works."""
        if not self.dead or self.any:
            return ()
        return tuple(permit for permit, reason in self.dead if reason == rule_id)

    @property
    def nothing(self) -> bool:
        """Whether there is no record of any basis at all."""
        return not (self.any or self.suspended or self.dead)


def entry_bases(facts: Facts, today: date, parameters: Parameters) -> EntryBases:
    """Sort an alien's permits, and the exemption of the state, by whether they work today."""
    working: list[Permit] = []
    dead: list[tuple[Permit, str]] = []
    for permit in facts.permits:
        judge = _JUDGES.get(permit.kind)
        if judge is None:
            continue
        reason = judge(permit, today, parameters)
        if reason is None:
            working.append(permit)
        else:
            dead.append((permit, reason))
    policy = facts.country_policy
    agreed = policy is not None and policy.visa_exempt
    suspended = agreed and policy is not None and exemption_suspended(policy, today)
    return EntryBases(tuple(working), tuple(dead), agreed and not suspended, suspended)


@note("AENT-07", "Act 7(3); Ordinance 9", Who.GATE, Role.COMPUTES)
def exemption_suspended(policy: CountryPolicy, today: date) -> bool:
    """The Minister may suspend an exemption agreement; without an end until it is lifted."""
    return any(within(gap.from_, gap.to, today) for gap in policy.exemption_suspensions)


@note("PERM-REV-01", "Ordinance 94", Who.STORE_OFFICER, Role.COMPUTES)
def usable(permit: Permit, today: date) -> bool:
    """A permit works on its days, both ends included; one that was revoked counts as absent."""
    in_time = permit.valid_until is not None and within(
        permit.valid_from, permit.valid_until, today
    )
    return in_time and permit.status is PermitStatus.VALID


def entries_left(permit: Permit) -> bool:
    """A permit for several entries never runs out, any other after one completed entry."""
    return permit.entries is Entries.MULTIPLE or permit.used < 1


@note("AENT-03", "Act 7(2)1; entries left: project rule", Who.GATE, Role.COMPUTES)
def judge_reentry(permit: Permit, today: date, parameters: Parameters) -> str | None:
    """A permission or exemption of re-entry serves until its period ends, while it is not
    revoked and an entry is left.
    """
    del parameters
    return None if usable(permit, today) and entries_left(permit) else "AENT-03"


@note("AENT-06", "Act 7(2)4", Who.GATE, Role.COMPUTES)
def judge_refugee_document(permit: Permit, today: date, parameters: Parameters) -> str | None:
    """A refugee travel document issued here brings its holder back while it is valid."""
    del parameters
    return None if usable(permit, today) else "AENT-06"


@note("AENT-09", "Ordinance 10(4)", Who.GATE_STORE, Role.COMPUTES)
def judge_entry_permit(permit: Permit, today: date, parameters: Parameters) -> str | None:
    """An alien entry permit serves one entry within three months of its issue, for persons
    posted here under A-1 to A-3 several entries within three years; the earlier of that day
    and the printed one ends it.
    """
    if permit.entries is Entries.MULTIPLE and permit.status_code not in POSTED_STATUSES:
        return "AENT-09"
    issued = permit.issued_on or permit.valid_from
    if issued is None or today > entry_permit_end(issued, permit.entries, parameters):
        return "AENT-09"
    return None if usable(permit, today) and entries_left(permit) else "AENT-09"


def entry_permit_end(issued: date, entries: Entries | None, parameters: Parameters) -> date:
    """The last day of an alien entry permit by statute (AMB-35)."""
    months = parameters.entry_permit_months
    if entries is Entries.MULTIPLE:
        months = parameters.entry_permit_posted_months
    return month_period_end(issued, months)


@note("AENT-12", "Act 8(1)", Who.GATE, Role.COMPUTES)
def judge_visa(permit: Permit, today: date, parameters: Parameters) -> str | None:
    """A single visa serves one completed entry; a multiple one any number. One that is revoked
    or out of its dates is no visa at all (AENT-02).
    """
    del parameters
    in_time = permit.valid_until is not None and within(
        permit.valid_from, permit.valid_until, today
    )
    if not in_time or permit.status is PermitStatus.REVOKED:
        return "AENT-02"
    used_up = permit.status is PermitStatus.USED or not entries_left(permit)
    return "AENT-12" if used_up else None


@note("AENT-05", "Act 7(2)3; Ordinance 8", Who.OFFICER, Role.COMPUTES)
def judge_entry_permission(permit: Permit, today: date, parameters: Parameters) -> str:
    """A permission to enter without a visa for official duty, tourism, transit or the national
    interest is used before an officer only; at a gate it never works.
    """
    del permit, today, parameters
    return "AENT-05"


_JUDGES: dict[PermitKind, Callable[[Permit, date, Parameters], str | None]] = {
    PermitKind.VISA: judge_visa,
    PermitKind.REENTRY: judge_reentry,
    PermitKind.REENTRY_EXEMPTION: judge_reentry,
    PermitKind.REFUGEE_TRAVEL_DOCUMENT: judge_refugee_document,
    PermitKind.ALIEN_ENTRY_PERMIT: judge_entry_permit,
    PermitKind.ENTRY_PERMISSION_7_2_3: judge_entry_permission,
}
