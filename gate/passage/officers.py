"""Handlers of the phases in which an officer decides, and of evacuation and maintenance."""

from dataclasses import replace

from gate.passage import moves
from gate.passage.commands import (
    Alert,
    AuthoriseOfficerAdmit,
    CallOfficer,
    Command,
    DismissOfficer,
    HoldOpenForEvacuation,
    LockDoor,
    Record,
    ReleaseDoor,
    RunSelfTest,
    Show,
)
from gate.passage.events import (
    DeadlineReached,
    Event,
    HelpWanted,
    LateRecordFound,
    MaintenanceEntered,
    MaintenanceLeft,
    OfficerAdmitted,
    OfficerLetBack,
    OfficerReset,
    SelfTested,
    SelfTestWanted,
    Sensed,
)
from gate.passage.moves import Step
from gate.passage.phases import GateState, Phase
from gate.passage.walking import walking_doubt
from gate.vocabulary.instants import Instant
from gate.vocabulary.passages import Door, DoorState, Outcome
from gate.vocabulary.reasons import Reason
from gate.vocabulary.screens import Screen

SELF_TEST_S = 120.0
"""Longer than every wait of a self-test together."""


def noted(state: GateState, officer_id: str, deed: str, *, done: bool) -> Command:
    """The officer's act as the journal keeps it, whether or not it could be done."""
    passage = state.passage.id if state.passage else None
    return Record("officer", passage, {"officer_id": officer_id, "deed": deed, "done": done})


def refused(state: GateState, event: Event, now: Instant) -> Step:
    """An act that does not fit the phase: kept, not done."""
    officer_id = getattr(event, "officer_id", "")
    return moves.stay(state, noted(state, officer_id, type(event).__name__, done=False))


def help_wanted(state: GateState, event: HelpWanted, now: Instant) -> Step:
    """The call button in a passage: the officer comes."""
    return moves.refer(state, now, Reason.HELP_WANTED)


def referred_let_back(state: GateState, event: OfficerLetBack, now: Instant) -> Step:
    """Back out by the way they came; outside there is nothing to open."""
    note = noted(state, event.officer_id, "let_back", done=True)
    if state.sensors.presence == 0:
        return moves.before((note,), moves.finish(state, now, Outcome.REFER))
    if state.sensors.exit is not DoorState.LOCKED:
        return refused(state, event, now)
    if state.passage is not None:
        state = state.with_passage(door_seen_open=False, door_locking=False)
    state = replace(state, let_back_locking=False)
    let_back_s = now.mono_s + state.settings.timings.let_back_s
    return moves.go(state, Phase.LETTING_BACK, let_back_s, note, ReleaseDoor(Door.ENTRY))


def referred_admitted(state: GateState, event: OfficerAdmitted, now: Instant) -> Step:
    """An officer's admit takes the place of the exit decision; outside it is the manual lane."""
    assert state.passage is not None
    note = noted(state, event.officer_id, "admit", done=True)
    if state.sensors.presence == 0 and state.sensors.both_locked:
        return moves.before((note,), moves.finish(state, now, Outcome.REFER))
    if state.sensors.presence != 1 or not state.sensors.both_locked:
        return refused(state, event, now)
    state = state.with_passage(officer_id=event.officer_id)
    assert state.passage is not None
    authorise = AuthoriseOfficerAdmit(state.passage.id, event.officer_id)
    authorise_s = now.mono_s + state.settings.timings.authorise_s
    return moves.go(state, Phase.AUTHORISING, authorise_s, note, Show(Screen.WAIT), authorise)


def referred_reset(state: GateState, event: OfficerReset, now: Instant) -> Step:
    """Taken over and gone; with somebody still inside a reset is refused."""
    if state.sensors.presence > 0:
        return refused(state, event, now)
    note = noted(state, event.officer_id, "reset", done=True)
    return moves.before((note,), moves.finish(state, now, Outcome.REFER))


def call_again(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """Nobody came: call again, for as long as it takes."""
    passage = state.passage
    reasons = passage.reasons if passage else state.standing_reasons
    again_s = now.mono_s + state.settings.timings.officer_s
    call = CallOfficer(passage.id if passage else None, reasons)
    return moves.go(state, state.phase, again_s, call)


def letting_back_sensed(state: GateState, event: Sensed, now: Instant) -> Step:
    """Out and the entry shut: over. Shut with somebody inside: the officer again."""
    doubt = walking_doubt(state, shut=Door.EXIT)
    if doubt is Reason.DOOR_FORCED:
        return officer_again(state, now, doubt)
    sensors = state.sensors
    if sensors.entry is not DoorState.LOCKED:
        gone = sensors.presence == 0 and not sensors.entry_beam_broken
        seen = state.with_passage(door_seen_open=True) if state.passage else state
        ends = gone and sensors.entry is not DoorState.RELEASED
        if not ends or seen.let_back_locking:
            return moves.stay(seen)
        return moves.stay(replace(seen, let_back_locking=True), LockDoor(Door.ENTRY))
    if sensors.presence == 0:
        return moves.finish(state, now, Outcome.REFER)
    if state.passage is not None and state.passage.door_seen_open:
        return officer_again(state, now, Reason.LET_BACK_TIMED_OUT)
    return moves.stay(state)


def letting_back_deadline(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """Still inside: the officer again."""
    if state.sensors.presence == 0:
        return moves.finish(state, now, Outcome.REFER)
    return officer_again(state, now, Reason.LET_BACK_TIMED_OUT)


def officer_again(state: GateState, now: Instant, reason: Reason) -> Step:
    """Letting back did not work."""
    if state.passage is None:
        return moves.occupied(state, now, *state.standing_reasons, reason)
    return moves.refer(state, now, reason)


def occupied_reset(state: GateState, event: OfficerReset, now: Instant) -> Step:
    """Empty, says the officer, and so must the sensors."""
    if state.sensors.presence > 0:
        return refused(state, event, now)
    note = noted(state, event.officer_id, "reset", done=True)
    state = replace(state, standing_reasons=())
    return moves.before((note, DismissOfficer()), moves.restart(state, now))


def evacuating_reset(state: GateState, event: OfficerReset, now: Instant) -> Step:
    """Only with the loops whole and nobody inside."""
    if not state.sensors.loops_ok or state.sensors.presence > 0:
        return refused(state, event, now)
    return occupied_reset(state, event, now)


def evacuating_recovered(state: GateState) -> Step:
    """The board came back in an evacuation: hold the doors open again."""
    return moves.stay(state, HoldOpenForEvacuation())


def maintenance_entered(state: GateState, event: MaintenanceEntered, now: Instant) -> Step:
    """Out of use until given back."""
    note = noted(state, event.officer_id, "maintenance", done=True)
    return moves.go(state, Phase.MAINTENANCE, None, note, Show(Screen.CLOSED))


def maintenance_left(state: GateState, event: MaintenanceLeft, now: Instant) -> Step:
    """Back to work by way of a full read-back; a self-test runs to its end first."""
    if state.testing:
        return refused(state, event, now)
    note = noted(state, event.officer_id, "maintenance_over", done=True)
    return moves.before((note,), moves.restart(state, now))


def self_test_wanted(state: GateState, event: SelfTestWanted, now: Instant) -> Step:
    """Out of use while every part is tried; with somebody inside nothing is tried."""
    if state.sensors.presence > 0:
        return refused(state, event, now)
    note = noted(state, event.officer_id, "self_test", done=True)
    state = replace(state, testing=True)
    commands = (Show(Screen.CLOSED), *moves.lock_and_read_back(), RunSelfTest(event.attended))
    return moves.go(state, Phase.MAINTENANCE, now.mono_s + SELF_TEST_S, note, *commands)


def self_tested(state: GateState, event: SelfTested, now: Instant) -> Step:
    """Back to work, or out of service until a test finds nothing any more."""
    if not state.testing:
        return moves.stay(state)
    record = Record("self_test", None, {"failures": list(event.failures)})
    told = (record, Alert(Reason.SELF_TEST_FAILED, None)) if event.failures else (record,)
    state = replace(state, test_failures=event.failures)
    return moves.before(told, moves.restart(state, now))


def self_test_deadline(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """A test that does not end has failed."""
    return self_tested(state, SelfTested(("self_test: not done in time",)), now)


def late_record(state: GateState, event: LateRecordFound, now: Instant) -> Step:
    """Somebody left whom a later record would have stopped: staff must know, nothing changes."""
    record = Record("post_alert", event.passage, {"rule_ids": list(event.rule_ids)})
    return moves.stay(state, record, Alert(Reason.LATE_RECORD, event.passage))
