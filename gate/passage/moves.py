"""The moves that handlers share: entering a phase, referring, finishing, going back to work."""

from dataclasses import replace

from gate.passage import topologies
from gate.passage.commands import (
    Alert,
    CallOfficer,
    Capture,
    ClosePassage,
    Command,
    DismissOfficer,
    EndCaptures,
    HoldOpenForEvacuation,
    LoadFacts,
    LockDoor,
    OpenPassage,
    ReadBack,
    ReadDocument,
    Record,
    ReleaseDoor,
    Show,
    WatchForLateRecords,
)
from gate.passage.phases import GateState, Passage, Phase
from gate.vocabulary.instants import Instant
from gate.vocabulary.passages import CaptureKind, Device, Door, DoorState, Outcome, PassageId
from gate.vocabulary.reasons import Reason
from gate.vocabulary.screens import Screen

Step = tuple[GateState, tuple[Command, ...]]

NEEDS: dict[Phase, frozenset[Device]] = {
    Phase.READING: frozenset({Device.READER, Device.DOORS, Device.STORE}),
    Phase.CHECKING: frozenset({Device.DOORS, Device.STORE}),
    Phase.RETURNING: frozenset({Device.READER, Device.DOORS}),
    Phase.ENTERING: frozenset({Device.DOORS}),
    Phase.CAPTURING: frozenset({Device.DOORS, Device.RECOGNITION}),
    Phase.AUTHORISING: frozenset({Device.DOORS, Device.STORE}),
    Phase.LEAVING: frozenset({Device.DOORS}),
}
"""Which devices a passage cannot do without in a phase; the failure of another one waits."""


def stay(state: GateState, *commands: Command) -> Step:
    """No move."""
    return state, commands


def go(state: GateState, phase: Phase, deadline_s: float | None, *commands: Command) -> Step:
    """Enter a phase with its deadline on the monotonic clock."""
    return replace(state, phase=phase, deadline_s=deadline_s), commands


def then(step: Step, *commands: Command) -> Step:
    """The same step with more commands behind it."""
    return step[0], step[1] + commands


def before(commands: tuple[Command, ...], step: Step) -> Step:
    """The same step with commands in front of it."""
    return step[0], commands + step[1]


def restart(state: GateState, now: Instant) -> Step:
    """Lock everything, read everything back, then see."""
    state = replace(state, passage=None, testing=False)
    return go(
        state,
        Phase.STARTING,
        now.mono_s + state.settings.timings.start_s,
        Show(Screen.CLOSED),
        *lock_and_read_back(),
    )


def lock_and_read_back() -> tuple[Command, ...]:
    """Both doors locked, then everything read afresh."""
    return (LockDoor(Door.ENTRY), LockDoor(Door.EXIT), ReadBack())


def back_to_work(state: GateState, now: Instant) -> Step:
    """READY if everything serves and the gate is empty; otherwise the phase that says why not."""
    if state.sensors.presence > 0:
        return occupied(state, now, Reason.OCCUPIED_UNKNOWN)
    sound = not state.failed and not state.test_failures
    serves = sound and state.sensors.mains_ok and state.sensors.tamper_ok
    if not serves or not state.sensors.both_locked:
        return go(state, Phase.OUT_OF_SERVICE, None, Show(Screen.CLOSED))
    state = replace(state, standing_reasons=())
    return go(state, Phase.READY, None, Show(Screen.LAY_DOCUMENT), *_arm(state))


def _arm(state: GateState) -> tuple[Command, ...]:
    """The reader inside a one-step gate waits for nobody outside."""
    return (ReadDocument(),) if topologies.first(state.settings.topology) is Phase.READING else ()


def begin(state: GateState, now: Instant) -> Step:
    """A new passage, in the first phase of the topology."""
    passage = PassageId(state.boot, state.last_n + 1)
    state = replace(state, last_n=passage.n, passage=Passage(passage))
    first = topologies.first(state.settings.topology)
    return before((OpenPassage(passage),), enter(state, first, now))


def advance(state: GateState, now: Instant) -> Step:
    """The next check point of the topology."""
    last = Phase.CHECKING if state.phase is Phase.RETURNING else state.phase
    return enter(state, topologies.following(state.settings.topology, last), now)


def enter(state: GateState, phase: Phase, now: Instant) -> Step:
    """Enter a phase of the passage, unless a device that it needs is not there."""
    if NEEDS[phase] & state.failed:
        return refer(state, now, Reason.DEVICE_FAILED)
    state = state.with_passage(door_seen_open=False, door_locking=False)
    return _ENTRANCES[phase](state, now)


def _enter_reading(state: GateState, now: Instant) -> Step:
    show = Show(Screen.WAIT if state.document_laid else Screen.LAY_DOCUMENT)
    arm = () if _arm(state) else (ReadDocument(),)
    return go(state, Phase.READING, now.mono_s + state.settings.timings.read_s, show, *arm)


def _enter_checking(state: GateState, now: Instant) -> Step:
    passage = state.passage
    assert passage is not None
    assert passage.document is not None
    load = LoadFacts(passage.id, passage.document)
    answer_s = now.mono_s + state.settings.timings.entry_answer_s
    return go(state, Phase.CHECKING, answer_s, Show(Screen.WAIT), load)


def _enter_entering(state: GateState, now: Instant) -> Step:
    if state.sensors.presence > 0 or not state.sensors.both_locked:
        return refer(state, now, Reason.SENSOR_DOUBT)
    enter_s = now.mono_s + state.settings.timings.enter_s
    return go(state, Phase.ENTERING, enter_s, ReleaseDoor(Door.ENTRY), Show(Screen.ENTER))


def _enter_capturing(state: GateState, now: Instant) -> Step:
    passage = state.passage
    assert passage is not None
    person = passage.facts.person if passage.facts else None
    within_s = state.settings.timings.capture_s
    captures = tuple(
        Capture(kind, passage.id, person.person_id if person else "", within_s)
        for kind in CaptureKind
    )
    return go(
        state,
        Phase.CAPTURING,
        now.mono_s + within_s,
        Show(Screen.LOOK_AND_TOUCH),
        *captures,
    )


def _enter_authorising(state: GateState, now: Instant) -> Step:
    passage = state.passage
    assert passage is not None
    assert passage.document is not None
    load = LoadFacts(passage.id, passage.document)
    authorise_s = now.mono_s + state.settings.timings.authorise_s
    return go(state, Phase.AUTHORISING, authorise_s, Show(Screen.WAIT), load)


def _enter_leaving(state: GateState, now: Instant) -> Step:
    leave_s = now.mono_s + state.settings.timings.leave_s
    return go(state, Phase.LEAVING, leave_s, ReleaseDoor(Door.EXIT), Show(Screen.LEAVE))


_ENTRANCES = {
    Phase.READING: _enter_reading,
    Phase.CHECKING: _enter_checking,
    Phase.ENTERING: _enter_entering,
    Phase.CAPTURING: _enter_capturing,
    Phase.AUTHORISING: _enter_authorising,
    Phase.LEAVING: _enter_leaving,
}


def lock_what_is_not(state: GateState) -> tuple[Command, ...]:
    """Lock every door that is not confirmed locked or whose release may still act."""
    released = state.phase in (Phase.ENTERING, Phase.LEAVING, Phase.LETTING_BACK)
    return tuple(
        LockDoor(door)
        for door in Door
        if released or state.sensors.door(door) is not DoorState.LOCKED
    )


def refer(state: GateState, now: Instant, *reasons: Reason) -> Step:
    """Hand over to an officer; on the traveller's side every reason is alike."""
    passage = state.passage
    assert passage is not None
    told = passage.reasons + tuple(r for r in reasons if r not in passage.reasons)
    commands = (
        EndCaptures(passage.id),
        *lock_what_is_not(state),
        Show(Screen.OFFICER),
        CallOfficer(passage.id, told),
        Record("referred", passage.id, {"reasons": [reason.value for reason in reasons]}),
    )
    state = state.with_passage(reasons=told)
    return go(state, Phase.REFERRED, now.mono_s + state.settings.timings.officer_s, *commands)


def occupied(state: GateState, now: Instant, *reasons: Reason) -> Step:
    """Somebody or something may be in the gate and no passage explains it."""
    state = replace(state, passage=None, standing_reasons=reasons)
    commands = (
        *lock_what_is_not(state),
        Show(Screen.OFFICER),
        CallOfficer(None, reasons),
        Record("occupied_unknown", None, {"reasons": [reason.value for reason in reasons]}),
    )
    officer_s = now.mono_s + state.settings.timings.officer_s
    return go(state, Phase.OCCUPIED_UNKNOWN, officer_s, *commands)


def finish(state: GateState, now: Instant, outcome: Outcome) -> Step:
    """The traveller is gone or never came: wait until the gate is seen empty and shut."""
    locks = lock_what_is_not(state)
    if state.passage is not None:
        state = state.with_passage(outcome=outcome)
        locks = (*locks, EndCaptures(state.passage.id)) if state.passage else locks
    clear_s = now.mono_s + state.settings.timings.clear_s
    return before(locks, settle_clearing(*go(state, Phase.CLEARING, clear_s), now))


def settle_clearing(state: GateState, commands: tuple[Command, ...], now: Instant) -> Step:
    """Close the passage as soon as nothing is left of it."""
    sensors = state.sensors
    if sensors.presence > 0 or not sensors.both_locked or state.document_laid:
        return state, commands
    closed, closing = close(state)
    work, working = back_to_work(closed, now)
    return work, commands + closing + working


def close(state: GateState) -> Step:
    """Append the outcome; the passage is over."""
    passage = state.passage
    if passage is None:
        return stay(state, DismissOfficer())
    assert passage.outcome is not None
    closing = ClosePassage(passage.id, passage.outcome, passage.reasons)
    watch: tuple[Command, ...] = ()
    if passage.outcome is Outcome.ADMIT and passage.document is not None:
        watch = (WatchForLateRecords(passage.id, passage.document, passage.store_seq),)
    return replace(state, passage=None), (closing, DismissOfficer(), *watch)


def evacuate(state: GateState, now: Instant) -> Step:
    """Outranks everything; only an officer ends it."""
    commands: tuple[Command, ...] = (
        HoldOpenForEvacuation(),
        Show(Screen.EVACUATE),
        CallOfficer(state.passage.id if state.passage else None, (Reason.EVACUATION,)),
    )
    if state.passage is not None:
        somebody = state.sensors.presence > 0 or state.phase is Phase.LEAVING
        commands += _end_by_evacuation(state.passage, somebody)
    state = replace(state, passage=None, testing=False, standing_reasons=(Reason.EVACUATION,))
    return go(state, Phase.EVACUATING, now.mono_s + state.settings.timings.officer_s, *commands)


def _end_by_evacuation(passage: Passage, somebody: bool) -> tuple[Command, ...]:
    reasons = (*passage.reasons, Reason.EVACUATION)
    task: tuple[Command, ...] = ()
    if somebody:
        reasons = (*reasons, Reason.MAY_HAVE_CROSSED)
        task = (Alert(Reason.MAY_HAVE_CROSSED, passage.id),)
    # A passage that was on its way out with its outcome settled keeps that outcome.
    outcome = passage.outcome or Outcome.EVACUATED
    return (EndCaptures(passage.id), ClosePassage(passage.id, outcome, reasons), *task)
