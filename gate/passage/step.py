"""`step(state, event, now) -> (state, commands)`: the whole behaviour of the gate.

Rules of this file:
- It is pure and total: every phase answers every event, if only by staying as it is.
- ALWAYS holds what outranks the phase; ROWS holds the rest, in the order a traveller meets it.
- Each row names every phase it may lead to; a test holds the rows to it and the diagram in
  ARCHITECTURE.md is drawn from them.
- A result of another passage than the present one changes nothing and is recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gate.passage import inside, moves, officers, outside, walking
from gate.passage.commands import Alert, Record
from gate.passage.events import (
    CaptureFinished,
    DeadlineReached,
    DeviceFailed,
    DeviceRecovered,
    DocumentLaid,
    DocumentRead,
    DocumentRemoved,
    DocumentUnreadable,
    Event,
    ExitAuthorised,
    FactsLoaded,
    FactsStale,
    HelpWanted,
    InterlockRefused,
    LateRecordFound,
    MaintenanceEntered,
    MaintenanceLeft,
    OfficerAdmitted,
    OfficerLetBack,
    OfficerReset,
    OfPassage,
    SelfTested,
    SelfTestWanted,
    Sensed,
    Started,
)
from gate.passage.moves import Step
from gate.passage.phases import GateState, Phase
from gate.vocabulary.instants import Instant
from gate.vocabulary.passages import Device, DoorState
from gate.vocabulary.reasons import Reason

Handler = Callable[[GateState, Any, Instant], Step]


@dataclass(frozen=True, slots=True)
class Row:
    """In `phase`, `event` is answered by `handler`, which stays or leads to one of `leads_to`."""

    phase: Phase
    event: type[Event]
    handler: Handler
    leads_to: tuple[Phase, ...] = ()


_P = Phase
_IDLE = (_P.READY, _P.OUT_OF_SERVICE, _P.OCCUPIED_UNKNOWN)  # where `back_to_work` may lead
_SHUT = (_P.READING, _P.CHECKING, _P.RETURNING, _P.CAPTURING, _P.AUTHORISING)
_BEGINS = (_P.READING, _P.ENTERING, _P.CHECKING, _P.REFERRED)
_ENDS = (_P.CLEARING, *_IDLE)
_CHECKED = (_P.ENTERING, _P.CAPTURING, _P.REFERRED)  # what may follow the entry answer
_ENTERED = (_P.READING, _P.CAPTURING, _P.AUTHORISING, _P.REFERRED)
_CAPTURED = (_P.ENTERING, _P.AUTHORISING, _P.REFERRED)

ROWS: tuple[Row, ...] = (
    Row(_P.STARTING, Started, outside.started),
    Row(_P.STARTING, Sensed, outside.starting_sensed, _IDLE),
    Row(_P.STARTING, DeadlineReached, outside.starting_deadline, _IDLE),
    Row(_P.OUT_OF_SERVICE, Sensed, outside.idle_sensed, _IDLE),
    Row(_P.OUT_OF_SERVICE, MaintenanceEntered, officers.maintenance_entered, (_P.MAINTENANCE,)),
    Row(_P.OUT_OF_SERVICE, SelfTestWanted, officers.self_test_wanted, (_P.MAINTENANCE,)),
    Row(_P.MAINTENANCE, SelfTested, officers.self_tested, (_P.STARTING,)),
    Row(_P.MAINTENANCE, DeadlineReached, officers.self_test_deadline, (_P.STARTING,)),
    Row(_P.MAINTENANCE, MaintenanceLeft, officers.maintenance_left, (_P.STARTING,)),
    Row(_P.READY, Sensed, outside.ready_sensed, (*_IDLE, *_BEGINS)),
    Row(_P.READY, DocumentLaid, outside.ready_laid, _BEGINS),
    Row(_P.READY, DocumentRead, outside.ready_read, _BEGINS),
    Row(_P.READY, DocumentUnreadable, outside.ready_unreadable, _BEGINS),
    Row(_P.READY, MaintenanceEntered, officers.maintenance_entered, (_P.MAINTENANCE,)),
    Row(_P.READY, SelfTestWanted, officers.self_test_wanted, (_P.MAINTENANCE,)),
    Row(_P.READING, DocumentLaid, outside.reading_laid),
    Row(_P.READING, DocumentRead, outside.reading_read, (_P.CHECKING, _P.REFERRED)),
    Row(_P.READING, DocumentUnreadable, outside.reading_unreadable, (_P.REFERRED,)),
    Row(_P.READING, DocumentRemoved, outside.reading_removed, _ENDS),
    Row(_P.READING, DeadlineReached, outside.reading_deadline, (_P.REFERRED,)),
    Row(_P.CHECKING, FactsLoaded, outside.checking_facts),
    Row(_P.CHECKING, DeadlineReached, outside.checking_answer, (_P.RETURNING, *_CHECKED)),
    Row(_P.RETURNING, DocumentRemoved, outside.returning_removed, _CHECKED),
    Row(_P.RETURNING, DeadlineReached, outside.returning_deadline, (_P.REFERRED,)),
    Row(_P.ENTERING, Sensed, walking.entering_sensed, (*_ENTERED, *_ENDS)),
    Row(_P.ENTERING, DeadlineReached, walking.entering_deadline, (_P.REFERRED, *_ENDS)),
    Row(_P.CAPTURING, CaptureFinished, inside.capture_finished, _CAPTURED),
    Row(_P.CAPTURING, DeadlineReached, inside.captures_deadline, _CAPTURED),
    Row(_P.AUTHORISING, FactsLoaded, inside.authorising_facts, (_P.REFERRED,)),
    Row(_P.AUTHORISING, FactsStale, inside.authorising_stale, (_P.REFERRED,)),
    Row(_P.AUTHORISING, ExitAuthorised, inside.exit_authorised, (_P.LEAVING, _P.REFERRED)),
    Row(_P.AUTHORISING, DeadlineReached, inside.authorising_deadline, (_P.REFERRED,)),
    *(Row(phase, Sensed, outside.shut_sensed, (_P.REFERRED,)) for phase in _SHUT),
    Row(_P.LEAVING, Sensed, walking.leaving_sensed, (_P.REFERRED, *_ENDS)),
    Row(_P.LEAVING, DeadlineReached, walking.leaving_deadline, (_P.REFERRED, *_ENDS)),
    Row(_P.CLEARING, Sensed, walking.clearing_sensed, (_P.REFERRED, *_IDLE)),
    Row(_P.CLEARING, DocumentRemoved, walking.clearing_removed, _IDLE),
    Row(_P.CLEARING, DeadlineReached, walking.clearing_deadline, (_P.OCCUPIED_UNKNOWN,)),
    *(
        Row(phase, HelpWanted, officers.help_wanted, (_P.REFERRED,))
        for phase in (*_SHUT, _P.ENTERING, _P.LEAVING)
    ),
    Row(_P.REFERRED, OfficerAdmitted, officers.referred_admitted, (_P.AUTHORISING, *_ENDS)),
    Row(_P.REFERRED, OfficerLetBack, officers.referred_let_back, (_P.LETTING_BACK, *_ENDS)),
    Row(_P.REFERRED, OfficerReset, officers.referred_reset, _ENDS),
    Row(_P.REFERRED, DeadlineReached, officers.call_again),
    Row(
        _P.LETTING_BACK,
        Sensed,
        officers.letting_back_sensed,
        (_P.REFERRED, *_ENDS),
    ),
    Row(_P.LETTING_BACK, DeadlineReached, officers.letting_back_deadline, (_P.REFERRED, *_ENDS)),
    Row(_P.OCCUPIED_UNKNOWN, OfficerLetBack, officers.referred_let_back, (_P.LETTING_BACK, *_ENDS)),
    Row(_P.OCCUPIED_UNKNOWN, OfficerReset, officers.occupied_reset, (_P.STARTING,)),
    Row(_P.OCCUPIED_UNKNOWN, DeadlineReached, officers.call_again),
    Row(_P.EVACUATING, OfficerReset, officers.evacuating_reset, (_P.STARTING,)),
    Row(_P.EVACUATING, DeadlineReached, officers.call_again),
)

TABLE: dict[tuple[Phase, type[Event]], Row] = {(row.phase, row.event): row for row in ROWS}

ALWAYS: tuple[tuple[str, tuple[Phase, ...]], ...] = (
    ("a safety loop is interrupted", (_P.EVACUATING,)),
    ("a device that the phase needs fails, or the interlock refuses", (_P.REFERRED, *_IDLE)),
    ("the door board is back", (_P.STARTING, *_IDLE)),
)
"""What outranks the phase: shown once in the diagram instead of from every phase."""

_OFFICERS_ACTS = (
    OfficerAdmitted,
    OfficerLetBack,
    OfficerReset,
    MaintenanceEntered,
    MaintenanceLeft,
    SelfTestWanted,
)


def step(state: GateState, event: Event, now: Instant) -> Step:
    """Answer one event. Total; never raises for any event in any phase."""
    if isinstance(event, LateRecordFound):
        return officers.late_record(state, event, now)
    if isinstance(event, OfPassage) and not _is_of_present(state, event):
        return moves.stay(state, Record("late_result", event.passage, _named(event)))
    if isinstance(event, DeadlineReached) and not _is_due(state, now):
        return moves.stay(state)
    outranking = _take_in(state, event, now)
    if outranking is not None:
        return outranking
    return _by_table(_noticed(state, event), event, now)


def _by_table(state: GateState, event: Event, now: Instant) -> Step:
    row = TABLE.get((state.phase, type(event)))
    if row is not None:
        return row.handler(state, event, now)
    if isinstance(event, _OFFICERS_ACTS):
        return officers.refused(state, event, now)
    return moves.stay(state)


def _is_of_present(state: GateState, event: OfPassage) -> bool:
    return state.passage is not None and state.passage.id == event.passage


def _is_due(state: GateState, now: Instant) -> bool:
    return state.deadline_s is not None and now.mono_s >= state.deadline_s


def _named(event: Event) -> dict[str, str]:
    return {"event": type(event).__name__}


def _noticed(state: GateState, event: Event) -> GateState:
    """Facts about the world that hold in every phase."""
    if isinstance(event, Sensed):
        return replace(state, sensors=event.sensors)
    if isinstance(event, DocumentLaid | DocumentRead):
        return replace(state, document_laid=isinstance(event, DocumentLaid) or state.document_laid)
    if isinstance(event, DocumentRemoved):
        return replace(state, document_laid=False)
    return state


def _take_in(state: GateState, event: Event, now: Instant) -> Step | None:
    """ALWAYS: what is answered alike whatever the phase."""
    if isinstance(event, Sensed) and not event.sensors.loops_ok:
        noticed = _noticed(state, event)
        evacuating = state.phase is Phase.EVACUATING
        return moves.stay(noticed) if evacuating else moves.evacuate(noticed, now)
    if isinstance(event, DeviceFailed):
        return _device_failed(state, event, now)
    if isinstance(event, DeviceRecovered):
        return _device_recovered(state, event, now)
    if isinstance(event, InterlockRefused):
        record = Record("interlock", None, {"command": event.command})
        return moves.before((record, Alert(Reason.INTERLOCK, None)), _doubt(state, now))
    return None


def _doubt(state: GateState, now: Instant) -> Step:
    """The interlock said no to a command: what was meant is not what is."""
    if state.phase in (Phase.EVACUATING, Phase.STARTING, Phase.MAINTENANCE):
        return moves.stay(state)
    if state.passage is not None:
        return moves.refer(state, now, Reason.INTERLOCK)
    return moves.occupied(state, now, Reason.INTERLOCK)


def _device_failed(state: GateState, event: DeviceFailed, now: Instant) -> Step:
    known = event.device in state.failed
    state = replace(state, failed=state.failed | {event.device})
    if event.device is Device.DOORS:
        unknown = replace(state.sensors, entry=DoorState.UNKNOWN, exit=DoorState.UNKNOWN)
        state = replace(state, sensors=unknown)
    if event.device is Device.READER:
        state = replace(state, document_laid=False)
    told = {"device": event.device.value, "kind": event.kind.value}
    record = () if known else (Record("device_failed", _passage_id(state), told),)
    return moves.before(record, _without_device(state, event.device, now))


def _without_device(state: GateState, device: Device, now: Instant) -> Step:
    needed = device in moves.NEEDS.get(state.phase, frozenset())
    if needed and state.phase is Phase.LEAVING:
        return moves.refer(state, now, Reason.DEVICE_FAILED, Reason.MAY_HAVE_CROSSED)
    if needed:
        return moves.refer(state, now, Reason.DEVICE_FAILED)
    if state.phase is Phase.LETTING_BACK and device is Device.DOORS:
        return officers.officer_again(state, now, Reason.DEVICE_FAILED)
    if state.phase in (Phase.READY, Phase.STARTING):
        return moves.back_to_work(state, now)
    return moves.stay(state)


def _device_recovered(state: GateState, event: DeviceRecovered, now: Instant) -> Step:
    known = event.device in state.failed
    state = replace(state, failed=state.failed - {event.device})
    told = {"device": event.device.value}
    record = (Record("device_recovered", _passage_id(state), told),) if known else ()
    return moves.before(record, _with_device(state, event.device, now))


def _with_device(state: GateState, device: Device, now: Instant) -> Step:
    if device is Device.DOORS and state.phase is Phase.EVACUATING:
        return officers.evacuating_recovered(state)
    if state.phase is Phase.OUT_OF_SERVICE:
        lost = device is Device.DOORS
        return moves.restart(state, now) if lost else outside.idle_again(state, now)
    if device is Device.DOORS:
        # Nothing is taken for granted: what is not meant to be open is locked and read again.
        return moves.stay(state, *moves.lock_and_read_back())
    return moves.stay(state)


def _passage_id(state: GateState) -> Any:
    return state.passage.id if state.passage else None
