"""How an emergency prohibition of departure stands at an instant (Act 4-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from gate.law.periods import seoul_day
from gate.law.rule import Role, Who, note
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import ApprovalResult, EmergencyBan, IntakeState


class EmergencyPhase(Enum):
    """The states of an emergency request."""

    IN_FORCE = "in_force"
    REVOCATION_DUE = "revocation_due"
    QUARANTINED = "quarantined"
    LAPSED = "lapsed"
    REVOKED = "revoked"
    REJECTED = "rejected"
    NOT_YET = "not_yet"


BLOCKING_PHASES = frozenset(
    {EmergencyPhase.IN_FORCE, EmergencyPhase.REVOCATION_DUE, EmergencyPhase.QUARANTINED}
)


@dataclass(frozen=True, slots=True)
class EmergencyState:
    """`lodging_failed`, `approval_failed`: why a revocation is due (Act 4-6(4) 1st, 2nd)."""

    phase: EmergencyPhase
    lodging_failed: bool = False
    approval_failed: bool = False

    @property
    def blocks(self) -> bool:
        """Whether the gate refers: always until a human act or the end of an approved period."""
        return self.phase in BLOCKING_PHASES


def emergency_state(ban: EmergencyBan, now: datetime, parameters: Parameters) -> EmergencyState:
    """How `ban` stands at `now`. Time alone never lifts it (AMB-19)."""
    lodging_failed = lodging_missed(ban, now, parameters)
    approval_failed = approval_missed(ban, now, parameters)
    phase = _phase(ban, now, lodging_failed or approval_failed)
    return EmergencyState(phase, lodging_failed, approval_failed)


def _phase(ban: EmergencyBan, now: datetime, revocation_due: bool) -> EmergencyPhase:
    if ban.revoked_at is not None and ban.revoked_at <= now:
        return EmergencyPhase.REVOKED
    if ban.intake_state is IntakeState.REJECTED:
        return EmergencyPhase.REJECTED
    if ban.received_at is None and ban.requested_at > now:
        return EmergencyPhase.NOT_YET
    if ban.intake_state is IntakeState.QUARANTINED:
        return EmergencyPhase.QUARANTINED
    if revocation_due:
        return EmergencyPhase.REVOCATION_DUE
    if approved_period_over(ban, now):
        return EmergencyPhase.LAPSED
    return EmergencyPhase.IN_FORCE


@note("DEP-EMB-08", "Act 4-6(3); Ordinance 5-3(1)", Who.STORE, Role.COMPUTES)
def lodged_at(ban: EmergencyBan, now: datetime) -> datetime | None:
    """When the request for approval was lodged, as known at `now`. Without the prosecutor's
    written direction and the report it counts as not lodged.
    """
    lodged = ban.approval_lodged_at
    if lodged is None or lodged > now or ban.attachments is False:
        return None
    return lodged


@note("DEP-EMB-03", "Act 4-6(3)", Who.STORE, Role.COMPUTES)
@note("DEP-EMB-04", "Act 4-6(4) 1st sentence", Who.GATE_STORE, Role.COMPUTES)
def lodging_missed(ban: EmergencyBan, now: datetime, parameters: Parameters) -> bool:
    """The agency has six hours to lodge the request for approval, the last instant included;
    afterwards the Minister has to revoke, and a later lodging heals nothing.
    """
    deadline = ban.requested_at + timedelta(hours=parameters.emergency_lodging_h)
    return (lodged_at(ban, now) or now) > deadline


@note("DEP-EMB-05", "Act 4-6(4) 2nd sentence", Who.GATE_STORE, Role.COMPUTES)
def approval_missed(ban: EmergencyBan, now: datetime, parameters: Parameters) -> bool:
    """Approval has to come within twelve hours of lodging, the last instant included; a refusal
    makes the revocation due at once (AMB-21).
    """
    lodged = lodged_at(ban, now)
    if lodged is None:
        return False
    decided = ban.approval_decided_at
    if decided is None or decided > now:
        decided = now
    elif ban.approval_result is ApprovalResult.REFUSED:
        return True
    return decided > lodged + timedelta(hours=parameters.emergency_approval_h)


@note("DEP-EMB-09", "Ordinance 5-3(2), (5)", Who.GATE_STORE, Role.COMPUTES)
def approved_period_over(ban: EmergencyBan, now: datetime) -> bool:
    """Approval sets a period that counts from the placement; its last day is included."""
    return (
        ban.approval_result is ApprovalResult.APPROVED
        and ban.approved_last_day is not None
        and seoul_day(now) > ban.approved_last_day
    )
