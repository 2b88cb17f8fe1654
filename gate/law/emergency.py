"""Emergency prohibition of departure at the gate (Act 4-6)."""

from __future__ import annotations

from collections.abc import Callable

from gate.law.check import Check
from gate.law.emergency_status import EmergencyPhase, EmergencyState
from gate.law.rule import ALIEN, BOTH_WAYS, DEPARTING, ENTERING, NATIONAL, Used, Who, blocks


def requests_that(check: Check, condition: Callable[[EmergencyState], bool]) -> Used | None:
    """The emergency requests that fulfil a condition, as facts used."""
    if not check.emergencies:
        return None
    return (
        tuple(
            f"emergency_bans[{ban.request_id}]={state.phase.value}"
            for ban, state in check.emergencies
            if condition(state)
        )
        or None
    )


def _in_force(state: EmergencyState) -> bool:
    return state.blocks and state.phase is not EmergencyPhase.QUARANTINED


@blocks("DEP-EMB-02", "Act 4-6(2)", NATIONAL, DEPARTING)
def emergency_ban_in_force(check: Check) -> Used | None:
    """From the receipt of an emergency request on, before any approval, nobody is let out."""
    return requests_that(check, _in_force)


@blocks("DEP-EMB-04", "Act 4-6(4) 1st sentence", NATIONAL, DEPARTING, Who.GATE_STORE)
def lodging_was_missed(check: Check) -> Used | None:
    """Approval was not asked for in time: the Minister has to revoke, and until that act the
    gate refers with this flag.
    """
    return requests_that(check, lambda state: _in_force(state) and state.lodging_failed)


@blocks("DEP-EMB-05", "Act 4-6(4) 2nd sentence", NATIONAL, DEPARTING, Who.GATE_STORE)
def approval_was_missed(check: Check) -> Used | None:
    """Approval did not come in time or was refused: the same."""
    return requests_that(check, lambda state: _in_force(state) and state.approval_failed)


@blocks("DEP-EMB-06", "Act 4-6(5)", NATIONAL, DEPARTING, Who.GATE_STORE)
def repeated_request_in_quarantine(check: Check) -> Used | None:
    """A request that may not be made again, or lacks what it needs, waits in quarantine and
    still makes the gate refer until an official rejects or accepts it.
    """
    return requests_that(check, lambda state: state.phase is EmergencyPhase.QUARANTINED)


@blocks("NGT-05", "Ordinance 1-2(1)3", NATIONAL, ENTERING)
def emergency_banned_person_enters(check: Check) -> Used | None:
    """An emergency prohibition closes the lane on entry, not the border."""
    return requests_that(check, lambda state: state.blocks)


@blocks("SUS-05", "project rule (AMB-26)", ALIEN, BOTH_WAYS)
def emergency_request_names_alien(check: Check) -> Used | None:
    """The documents give the emergency procedure for nationals only: an officer decides."""
    return requests_that(check, lambda state: state.blocks)
