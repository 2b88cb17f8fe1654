"""The end of a membership (SeS page on cancellation and revocation)."""

from __future__ import annotations

from datetime import datetime

from gate.law.answers import answer, finding
from gate.law.rule import Role, Who, note
from gate.vocabulary.decisions import RecordOutcome, StoreDecision
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import RevocationReason
from gate.vocabulary.records_operations import Membership, MembershipAction

CENTRES = ("enrolment_center", "enrolment_centre")

_REVOCATION_RULES = {
    RevocationReason.FALSE_INFORMATION: "SES-MEM-02",
    RevocationReason.BECAME_INELIGIBLE: "SES-MEM-03",
    RevocationReason.INAPPROPRIATE: "SES-MEM-04",
}


@note("SES-MEM-01", "SeS page, cancellation of membership", Who.STORE, Role.STORES)
def membership(operation: Membership, at: datetime, parameters: Parameters) -> StoreDecision:
    """A member ends the membership in person at an enrolment centre; online or by telephone is
    refused.
    """
    del at, parameters
    if operation.action is MembershipAction.REVOKE:
        return revocation(operation.reason)
    in_order = operation.in_person and operation.at in CENTRES
    outcome = RecordOutcome.ACCEPTED if in_order else RecordOutcome.REJECTED
    return answer(outcome, finding("SES-MEM-01"))


@note("SES-MEM-02", "SeS page, revocation", Who.STORE_OFFICER, Role.STORES)
@note("SES-MEM-03", "SeS page, revocation", Who.STORE_OFFICER, Role.STORES)
@note("SES-MEM-04", "SeS page, revocation", Who.STORE_OFFICER, Role.STORES)
def revocation(reason: RevocationReason | None) -> StoreDecision:
    """The authority may revoke for false information, for having become ineligible, or where it
    finds the person unsuited; each is an officer's judgement. Without a reason it is refused.
    """
    if reason is None:
        return answer(RecordOutcome.REJECTED, finding("SES-MEM-04", "reason=missing"))
    return answer(RecordOutcome.ACCEPTED, finding(_REVOCATION_RULES[reason]))
