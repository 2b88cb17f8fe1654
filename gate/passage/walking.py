"""Handlers while a door is released: entering, leaving, and the clearing after them."""

from gate.passage import moves
from gate.passage.commands import LockDoor
from gate.passage.events import DeadlineReached, DocumentRemoved, Sensed
from gate.passage.moves import Step
from gate.passage.phases import GateState
from gate.passage.watch import power_doubt
from gate.vocabulary.instants import Instant
from gate.vocabulary.passages import Door, DoorState, Outcome
from gate.vocabulary.reasons import Reason


def walking_doubt(state: GateState, shut: Door) -> Reason | None:
    """Why nobody may go on walking; `shut` is the door that must not move."""
    if state.sensors.door(shut) is not DoorState.LOCKED:
        return Reason.DOOR_FORCED
    if state.sensors.presence > 1:
        return Reason.TAILGATING
    return power_doubt(state)


def entering_sensed(state: GateState, event: Sensed, now: Instant) -> Step:
    """One person in and the door shut behind them; nobody, and it is over."""
    doubt = walking_doubt(state, shut=Door.EXIT)
    if doubt is not None:
        return moves.refer(state, now, doubt)
    if state.sensors.entry is not DoorState.LOCKED:
        return _moved(state, Door.ENTRY, passed=state.sensors.presence == 1)
    assert state.passage is not None
    if not state.passage.door_seen_open:
        return moves.stay(state)
    if state.sensors.presence == 1:
        return moves.advance(state, now)
    return moves.finish(state, now, Outcome.ABANDONED)


def entering_deadline(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """Nobody entered, or the door does not shut behind who did."""
    if state.sensors.presence > 0:
        return moves.refer(state, now, Reason.DOOR_HELD)
    return moves.finish(state, now, Outcome.ABANDONED)


def leaving_sensed(state: GateState, event: Sensed, now: Instant) -> Step:
    """Gone and the door shut behind them; still there, and the officer comes."""
    doubt = walking_doubt(state, shut=Door.ENTRY)
    if doubt is not None:
        return moves.refer(state, now, doubt)
    sensors = state.sensors
    if sensors.exit is not DoorState.LOCKED:
        if sensors.exit_beam_broken:
            state = state.with_passage(exit_crossed=True)
        return _moved(state, Door.EXIT, passed=sensors.presence == 0)
    assert state.passage is not None
    if not state.passage.door_seen_open:
        return moves.stay(state)
    return _left(state, now) if sensors.presence == 0 else _did_not_leave(state, now)


def leaving_deadline(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """Too long on the way out."""
    return _left(state, now) if state.sensors.presence == 0 else _did_not_leave(state, now)


def _moved(state: GateState, door: Door, *, passed: bool) -> Step:
    """End the release once the traveller is through and off the threshold."""
    assert state.passage is not None
    sensors = state.sensors
    beam = sensors.entry_beam_broken if door is Door.ENTRY else sensors.exit_beam_broken
    # A closed leaf with its coil on has not let anybody through yet.
    through = passed and not beam and sensors.door(door) is not DoorState.RELEASED
    locking = state.passage.door_locking
    state = state.with_passage(door_seen_open=True, door_locking=locking or through)
    return moves.stay(state, LockDoor(door)) if through and not locking else moves.stay(state)


def _left(state: GateState, now: Instant) -> Step:
    assert state.passage is not None
    by_officer = state.passage.officer_id is not None
    return moves.finish(state, now, Outcome.REFER if by_officer else Outcome.ADMIT)


def _did_not_leave(state: GateState, now: Instant) -> Step:
    assert state.passage is not None
    if state.passage.exit_crossed:
        # Something is inside and somebody was on the threshold: a thing left, or a second mind.
        reasons = (Reason.DID_NOT_LEAVE, Reason.OBJECT_LEFT, Reason.MAY_HAVE_CROSSED)
        return moves.refer(state, now, *reasons)
    return moves.refer(state, now, Reason.DID_NOT_LEAVE)


def clearing_sensed(state: GateState, event: Sensed, now: Instant) -> Step:
    """Ready as soon as the gate is seen empty and shut; a late comer goes to the officer."""
    late = state.passage is not None and state.passage.outcome is Outcome.ABANDONED
    if late and state.sensors.presence > 0:
        state = state.with_passage(outcome=None)
        return moves.refer(state, now, Reason.LATE_ENTRY)
    return moves.settle_clearing(state, (), now)


def clearing_removed(state: GateState, event: DocumentRemoved, now: Instant) -> Step:
    """A forgotten document was fetched."""
    return moves.settle_clearing(state, (), now)


def clearing_deadline(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """Something stays behind: the passage ends as it did, the gate waits for an officer."""
    closed, closing = moves.close(state)
    return moves.before(closing, moves.occupied(closed, now, *_left_behind(state)))


def _left_behind(state: GateState) -> tuple[Reason, ...]:
    reasons: tuple[Reason, ...] = ()
    if state.sensors.presence > 0:
        reasons += (Reason.OBJECT_LEFT,)
    if state.document_laid:
        reasons += (Reason.DOCUMENT_FORGOTTEN,)
    if not state.sensors.both_locked:
        reasons += (Reason.DOOR_HELD,)
    return reasons or (Reason.SENSOR_DOUBT,)
