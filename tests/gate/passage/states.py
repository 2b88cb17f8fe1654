"""States and events for tests of the core: every phase as the gate really reaches it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources

from gate.passage.commands import Command
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
    LockAcknowledged,
    MaintenanceEntered,
    MaintenanceLeft,
    OfficerAdmitted,
    OfficerLetBack,
    OfficerReset,
    SelfTested,
    SelfTestWanted,
    Sensed,
    Started,
)
from gate.passage.phases import GateState, Phase, Settings
from gate.passage.step import step
from gate.vocabulary.documents import Document
from gate.vocabulary.facts import Facts, facts_from
from gate.vocabulary.instants import Instant
from gate.vocabulary.parameters import parameters_from
from gate.vocabulary.passages import (
    CaptureKind,
    CaptureResult,
    CaptureVerdict,
    Device,
    Door,
    DoorState,
    FailureKind,
    PassageId,
    Sensors,
    Topology,
)
from gate.vocabulary.timings import Timings

SETTINGS = Settings(
    topology=Topology.INTEGRATED_TWO_STEP,
    timings=Timings(),
    parameters=parameters_from(
        resources.files("gate.law").joinpath("parameters.toml").read_text(encoding="utf-8")
    ),
)
START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
EMPTY = Sensors(entry=DoorState.LOCKED, exit=DoorState.LOCKED)
INSIDE = replace(EMPTY, presence=1)
ENTRY_OPEN = replace(EMPTY, entry=DoorState.OPEN)
EXIT_OPEN = replace(EMPTY, exit=DoorState.OPEN, presence=1)
FIRE = replace(EMPTY, fire_loop_ok=False)
P1 = PassageId(1, 1)
DOCUMENT = Document(
    document_code="PM",
    issuing_state="KOR",
    document_number="M123A4567",
    nationality="KOR",
    primary_identifier="HONG",
    secondary_identifier="GILDONG",
    date_of_birth="1990-01-01",
    sex="M",
    date_of_expiry="2033-01-01",
    check_digits_ok=True,
)
MATCH = CaptureResult(CaptureVerdict.MATCH, 0.9, 0.5)
NON_MATCH = CaptureResult(CaptureVerdict.NON_MATCH, 0.1, 0.5)


def at(mono_s: float) -> Instant:
    """An instant of the test's day."""
    return Instant(mono_s, START)


def facts(**changes: object) -> Facts:
    """Facts of a national whom the law lets through, with some sections replaced."""
    mapping: dict[str, object] = {
        "direction": "departure",
        "person": {
            "person_id": "p1",
            "category": "national",
            "nationality": "KOR",
            "dob": "1990-01-01",
            "resident_registered": True,
            "military_status": "not_liable",
        },
        "passport": {
            "number": "M123A4567",
            "issuing_state": "KOR",
            "nationality": "KOR",
            "expiry": "2033-01-01",
            "mrz_ok": True,
        },
        "enrolment": {
            "status": "active",
            "enrolled_at": "2025-01-01T10:00:00+09:00",
            "has_face": True,
            "has_finger": True,
        },
        "consents": [{"kind": "self", "given_at": "2025-01-01T10:00:00+09:00"}],
        "biometric_sources": ["ses"],
        "store": {"synced_at": START.isoformat(), "max_age_min": 60},
    }
    return facts_from({**mapping, **changes})


BAN = {
    "ban_id": "b1",
    "ground": "4(1)1",
    "decided_at": "2026-05-20T00:00:00+09:00",
    "start_date": "2026-05-20",
    "unit": "month",
    "length": 1,
}


def dialogue(state: GateState, *events: Event, now: Instant) -> tuple[GateState, list[Command]]:
    """Post events one after the other; the state at the end and every command on the way."""
    asked: list[Command] = []
    for event in events:
        state, commands = step(state, event, now)
        asked += commands
    return state, asked


_WAY: tuple[tuple[Phase, tuple[tuple[Event, float], ...]], ...] = (
    (Phase.STARTING, ((Started(1), 0.0),)),
    (Phase.READY, ((Sensed(EMPTY), 0.5),)),
    (Phase.READING, ((DocumentLaid(), 1.0),)),
    (Phase.CHECKING, ((DocumentRead(DOCUMENT), 1.5),)),
    (Phase.RETURNING, ((FactsLoaded(P1, facts(), 5), 1.6), (DeadlineReached(), 3.0))),
    (Phase.ENTERING, ((DocumentRemoved(), 3.5),)),
    (
        Phase.CAPTURING,
        (
            (Sensed(ENTRY_OPEN), 4.0),
            (Sensed(replace(ENTRY_OPEN, presence=1)), 4.5),
            (Sensed(INSIDE), 5.0),
        ),
    ),
    (
        Phase.AUTHORISING,
        (
            (CaptureFinished(P1, CaptureKind.FACE, MATCH), 6.0),
            (CaptureFinished(P1, CaptureKind.FINGER, MATCH), 6.5),
        ),
    ),
    (Phase.LEAVING, ((FactsLoaded(P1, facts(), 6), 6.6), (ExitAuthorised(P1), 6.7))),
)


def reach(phase: Phase) -> GateState:
    """The gate in a phase, by the way a traveller takes to it."""
    beside = _BESIDE.get(phase)
    if beside is not None:
        start, event = beside
        return step(reach(start), event, at(7.0))[0]
    state = GateState(SETTINGS)
    for reached, events in _WAY:
        for event, mono_s in events:
            state, _ = step(state, event, at(mono_s))
        assert state.phase is reached
        if reached is phase:
            return state
    raise AssertionError(phase)


_BESIDE: dict[Phase, tuple[Phase, Event]] = {
    Phase.OUT_OF_SERVICE: (Phase.READY, DeviceFailed(Device.READER, FailureKind.UNPLUGGED)),
    Phase.MAINTENANCE: (Phase.READY, MaintenanceEntered("o1")),
    Phase.REFERRED: (Phase.CAPTURING, HelpWanted()),
    Phase.LETTING_BACK: (Phase.REFERRED, OfficerLetBack("o1")),
    Phase.OCCUPIED_UNKNOWN: (Phase.READY, Sensed(INSIDE)),
    Phase.EVACUATING: (Phase.CAPTURING, Sensed(FIRE)),
    Phase.CLEARING: (Phase.ENTERING, DeadlineReached()),
}


def _clearing() -> GateState:
    state, _ = step(reach(Phase.ENTERING), Sensed(ENTRY_OPEN), at(4.0))
    return step(state, DeadlineReached(), at(99.0))[0]


_REACHED: dict[Phase, GateState] = {}


def reached(phase: Phase) -> GateState:
    """`reach`, once for each phase."""
    if phase not in _REACHED:
        _REACHED[phase] = _clearing() if phase is Phase.CLEARING else reach(phase)
        assert _REACHED[phase].phase is phase
    return _REACHED[phase]


SENSINGS = [
    Sensors(entry=entry, exit=exit_, presence=presence, entry_beam_broken=beam)
    for entry in DoorState
    for exit_ in DoorState
    for presence in (0, 1, 2)
    for beam in (False, True)
] + [
    FIRE,
    replace(EMPTY, emergency_stop_loop_ok=False),
    replace(EMPTY, mains_ok=False),
    replace(INSIDE, tamper_ok=False),
    replace(EMPTY, approach=True),
]

EVENTS: list[Event] = [
    Started(2),
    *(Sensed(sensors) for sensors in SENSINGS),
    *(LockAcknowledged(door) for door in Door),
    DocumentLaid(),
    DocumentRead(DOCUMENT),
    DocumentRead(replace(DOCUMENT, check_digits_ok=False)),
    DocumentUnreadable(),
    DocumentRemoved(),
    *(FactsLoaded(passage, facts(), 9) for passage in (P1, PassageId(1, 2))),
    FactsLoaded(P1, facts(departure_bans=[BAN]), 9),
    FactsLoaded(P1, facts(), 9, random_referral=True),
    *(
        CaptureFinished(passage, kind, result)
        for passage in (P1, PassageId(1, 2))
        for kind in CaptureKind
        for result in (MATCH, NON_MATCH)
    ),
    *(kind(passage) for kind in (ExitAuthorised, FactsStale) for passage in (P1, PassageId(9, 9))),
    LateRecordFound(P1, ("DEP-BAN-10",)),
    *(DeviceFailed(device, kind) for device in Device for kind in FailureKind),
    *(DeviceRecovered(device) for device in Device),
    InterlockRefused("x"),
    DeadlineReached(),
    HelpWanted(),
    OfficerAdmitted("o1"),
    OfficerLetBack("o1"),
    OfficerReset("o1"),
    MaintenanceEntered("o1"),
    MaintenanceLeft("o1"),
    SelfTestWanted("o1"),
    SelfTested(()),
    SelfTested(("exit_open: not made",)),
]
