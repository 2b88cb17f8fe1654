"""Emergency requests on receipt, and how one stands (Act 4-6; Ordinance 5-2, 5-3)."""

from __future__ import annotations

from datetime import datetime

from gate.law.answers import answer, finding
from gate.law.emergency_status import EmergencyPhase, EmergencyState, emergency_state
from gate.law.rule import Role, Who, note
from gate.vocabulary.decisions import Finding, RecordOutcome, StoreDecision
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import EmergencyBan, RevocationBasis
from gate.vocabulary.records_operations import (
    EarlierRequest,
    EmergencyIntake,
    EmergencyRequest,
    EmergencyStatus,
)


def emergency_intake(
    operation: EmergencyIntake, at: datetime, parameters: Parameters
) -> StoreDecision:
    """Accept an emergency request or put it into quarantine; either way the gate refers."""
    del at
    request = operation.request
    faults: tuple[Finding, ...] = ()
    if not conditions_met(request, parameters):
        faults += (finding("DEP-EMB-01", "request=conditions not met"),)
    if any(bars_repetition(earlier, request) for earlier in operation.history):
        faults += (finding("DEP-EMB-06", "history=same crime, revoked for a missed deadline"),)
    if not form_complete(request):
        faults += (finding("DEP-EMB-07", "request=incomplete"),)
    outcome = RecordOutcome.QUARANTINED if faults else RecordOutcome.ACCEPTED
    return answer(outcome, *faults, gate_blocks=True)


@note("DEP-EMB-01", "Act 4-6(1)", Who.STORE, Role.STORES)
def conditions_met(request: EmergencyRequest, parameters: Parameters) -> bool:
    """The crime carries death, life, or at least three years of imprisonment as its gravest
    penalty (AMB-22b); the need is urgent; and evidence may be destroyed, or the suspect has
    fled or may flee.
    """
    penalty = request.max_penalty_years
    grave = penalty is not None and (
        penalty.years is None or penalty.years >= parameters.emergency_penalty_years
    )
    return grave and request.urgent and (request.evidence_risk or request.flight_risk)


@note("DEP-EMB-06", "Act 4-6(5)", Who.GATE_STORE, Role.STORES)
def bars_repetition(earlier: EarlierRequest, request: EmergencyRequest) -> bool:
    """After a revocation for a missed deadline nobody may request again for the same crime, no
    other agency either; another crime, or a ban lifted as needless, does not bar.
    """
    return (
        earlier.revoked_basis is RevocationBasis.DEADLINE and earlier.crime_id == request.crime_id
    )


@note("DEP-EMB-07", "Ordinance 5-2(1)", Who.STORE, Role.STORES)
def form_complete(request: EmergencyRequest) -> bool:
    """The request is written, states its grounds and the intended period, and has its documents."""
    stated = request.grounds_stated and request.intended_period_stated
    return request.written_request and stated and request.documents is not False


_OUTCOMES = {
    EmergencyPhase.NOT_YET: RecordOutcome.IN_FORCE,
    EmergencyPhase.IN_FORCE: RecordOutcome.IN_FORCE,
    EmergencyPhase.REVOCATION_DUE: RecordOutcome.REVOCATION_DUE,
    EmergencyPhase.QUARANTINED: RecordOutcome.IS_QUARANTINED,
    EmergencyPhase.LAPSED: RecordOutcome.LAPSED,
    EmergencyPhase.REVOKED: RecordOutcome.REVOKED,
    EmergencyPhase.REJECTED: RecordOutcome.IS_REJECTED,
}


def emergency_status(
    operation: EmergencyStatus, at: datetime, parameters: Parameters
) -> StoreDecision:
    """Say how an emergency request stands, and under which rules."""
    ban = operation.emergency_ban
    state = emergency_state(ban, at, parameters)
    return answer(
        _OUTCOMES[state.phase],
        *(finding(rule_id) for rule_id in _status_rules(ban, state)),
        gate_blocks=state.blocks,
    )


def _status_rules(ban: EmergencyBan, state: EmergencyState) -> tuple[str, ...]:
    if state.phase in (EmergencyPhase.QUARANTINED, EmergencyPhase.REJECTED):
        return ("DEP-EMB-06",)
    if state.phase is EmergencyPhase.LAPSED:
        return ("DEP-EMB-09",)
    if state.phase is EmergencyPhase.REVOKED and ban.revoked_basis is RevocationBasis.NEEDLESS:
        return ("DEP-REV-01",)
    if state.phase not in (EmergencyPhase.REVOCATION_DUE, EmergencyPhase.REVOKED):
        return ()
    missed = (("DEP-EMB-04", state.lodging_failed), ("DEP-EMB-05", state.approval_failed))
    return tuple(rule_id for rule_id, failed in missed if failed)
