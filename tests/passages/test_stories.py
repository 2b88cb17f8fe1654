"""What happens to travellers, told to the core alone."""

from dataclasses import replace

from gate.passage.commands import (
    Alert,
    AuthoriseExit,
    AuthoriseOfficerAdmit,
    CallOfficer,
    Capture,
    ClosePassage,
    EndCaptures,
    HoldOpenForEvacuation,
    LoadFacts,
    LockDoor,
    OpenPassage,
    ReadBack,
    ReadDocument,
    ReleaseDoor,
    Show,
)
from gate.passage.events import (
    CaptureFinished,
    DeadlineReached,
    DeviceFailed,
    DeviceRecovered,
    DocumentLaid,
    DocumentRead,
    DocumentRemoved,
    DocumentUnreadable,
    ExitAuthorised,
    FactsLoaded,
    FactsStale,
    OfficerAdmitted,
    OfficerLetBack,
    OfficerReset,
    Sensed,
    Started,
)
from gate.passage.phases import GateState, Phase
from gate.vocabulary.passages import (
    CaptureKind,
    CaptureResult,
    CaptureVerdict,
    Device,
    Door,
    DoorState,
    FailureKind,
    Outcome,
    PassageId,
)
from gate.vocabulary.reasons import Reason
from gate.vocabulary.screens import Screen
from tests.gate.passage.states import (
    BAN,
    DOCUMENT,
    EMPTY,
    ENTRY_OPEN,
    EXIT_OPEN,
    FIRE,
    INSIDE,
    MATCH,
    NON_MATCH,
    P1,
    SETTINGS,
    facts,
)
from tests.passages.dialogue import Dialogue

CALL_LAW = CallOfficer(P1, (Reason.LAW,))


def test_admitted() -> None:
    """The whole way: document, entry, captures, exit decision committed, out, ready again."""
    gate = Dialogue(GateState(SETTINGS), mono_s=0.0)
    gate >> Started(1) << LockDoor(Door.ENTRY) << LockDoor(Door.EXIT) << ReadBack()
    gate >> Sensed(EMPTY) << Show(Screen.LAY_DOCUMENT) << ReadDocument()
    gate >> DocumentLaid() << OpenPassage(P1) << Show(Screen.WAIT)
    gate >> DocumentRead(DOCUMENT) << LoadFacts(P1, DOCUMENT)
    (gate >> FactsLoaded(P1, facts(), 5)).never(ReleaseDoor, Show)
    gate.after(2.0) >> DeadlineReached() << Show(Screen.TAKE_DOCUMENT)
    gate >> DocumentRemoved() << ReleaseDoor(Door.ENTRY) << Show(Screen.ENTER)
    gate >> Sensed(ENTRY_OPEN)
    gate >> Sensed(replace(ENTRY_OPEN, presence=1)) << LockDoor(Door.ENTRY)
    gate >> Sensed(INSIDE) << Show(Screen.LOOK_AND_TOUCH) << Capture << Capture
    (gate >> CaptureFinished(P1, CaptureKind.FACE, MATCH)).never(LoadFacts)
    gate >> CaptureFinished(P1, CaptureKind.FINGER, MATCH) << LoadFacts(P1, DOCUMENT)
    (gate >> FactsLoaded(P1, facts(), 6) << AuthoriseExit).never(ReleaseDoor)
    gate >> ExitAuthorised(P1) << ReleaseDoor(Door.EXIT) << Show(Screen.LEAVE)
    gate >> Sensed(EXIT_OPEN)
    gate >> Sensed(replace(EXIT_OPEN, presence=0)) << LockDoor(Door.EXIT)
    gate >> Sensed(EMPTY) << ClosePassage(P1, Outcome.ADMIT, ()) << Show(Screen.LAY_DOCUMENT)
    gate.stands_in(Phase.READY)


def test_the_entry_answer_comes_at_its_time_whatever_was_found() -> None:
    """Banned, clean or drawn for a referral: nothing shows before the deadline (GATE-MSG-01)."""
    banned = facts(departure_bans=[BAN])
    for loaded in (FactsLoaded(P1, banned, 5), FactsLoaded(P1, facts(), 5, random_referral=True)):
        gate = Dialogue(Phase.CHECKING)
        (gate >> loaded).never(Show, CallOfficer, ReleaseDoor)
        gate.after(9.0) >> DeadlineReached() << Show(Screen.OFFICER) << CallOfficer
        gate.stands_in(Phase.REFERRED)


def test_banned_while_inside() -> None:
    """The second check sees the ban that the first could not; nothing is committed."""
    gate = Dialogue(Phase.AUTHORISING)
    (gate >> FactsLoaded(P1, facts(departure_bans=[BAN]), 7) << CALL_LAW).never(AuthoriseExit)
    gate.stands_in(Phase.REFERRED)


def test_a_record_between_loading_and_commit() -> None:
    """Stale facts are loaded again, three times at most, then the officer."""
    gate = Dialogue(Phase.AUTHORISING)
    for _ in range(2):
        gate >> FactsLoaded(P1, facts(), 7) << AuthoriseExit
        gate >> FactsStale(P1) << LoadFacts(P1, DOCUMENT)
    gate >> FactsLoaded(P1, facts(), 8) << AuthoriseExit
    gate >> FactsStale(P1) << CallOfficer(P1, (Reason.FACTS_KEPT_CHANGING,))


def test_a_commit_that_comes_too_late_opens_nothing() -> None:
    """Referred for its slowness, the passage stays referred when the commit is reported."""
    gate = Dialogue(Phase.AUTHORISING)
    gate >> FactsLoaded(P1, facts(), 7) << AuthoriseExit
    gate.after(60.0) >> DeadlineReached() << CallOfficer(P1, (Reason.AUTHORISATION_TIMED_OUT,))
    (gate >> ExitAuthorised(P1)).quiet().stands_in(Phase.REFERRED)


def test_somebody_elses_face_or_finger() -> None:
    """One characteristic that does not match refers; both run to their end first."""
    for face, finger in ((NON_MATCH, MATCH), (MATCH, NON_MATCH)):
        gate = Dialogue(Phase.CAPTURING)
        (gate >> CaptureFinished(P1, CaptureKind.FACE, face)).never(Show, CallOfficer)
        gate >> CaptureFinished(P1, CaptureKind.FINGER, finger) << LoadFacts(P1, DOCUMENT)
        gate >> FactsLoaded(P1, facts(), 7) << CALL_LAW


def test_captures_that_never_come() -> None:
    """A timeout is a failed capture, and a failed capture is the officer's."""
    gate = Dialogue(Phase.CAPTURING)
    gate >> CaptureFinished(P1, CaptureKind.FACE, MATCH)
    gate.after(60.0) >> DeadlineReached() << LoadFacts(P1, DOCUMENT)
    gate >> FactsLoaded(P1, facts(), 7) << EndCaptures(P1) << CALL_LAW
    assert gate.state.passage is not None
    finger = gate.state.passage.capture(CaptureKind.FINGER)
    assert finger == CaptureResult(CaptureVerdict.FAILURE_TO_ACQUIRE)


def test_two_persons() -> None:
    """Two in the gate on one release: the door shuts, the officer comes, nobody goes on."""
    gate = Dialogue(Phase.ENTERING)
    gate >> Sensed(ENTRY_OPEN)
    two = Sensed(replace(ENTRY_OPEN, presence=2))
    gate >> two << LockDoor(Door.ENTRY) << CallOfficer(P1, (Reason.TAILGATING,))
    gate >> Sensed(replace(INSIDE, presence=2))
    gate >> OfficerLetBack("o1") << ReleaseDoor(Door.ENTRY)
    gate >> Sensed(ENTRY_OPEN) << LockDoor(Door.ENTRY)
    gate >> Sensed(EMPTY) << ClosePassage(P1, Outcome.REFER, (Reason.TAILGATING,))


def test_backs_out() -> None:
    """In and out again before the door shut: abandoned."""
    gate = Dialogue(Phase.ENTERING)
    gate >> Sensed(ENTRY_OPEN) >> Sensed(replace(ENTRY_OPEN, presence=1)) << LockDoor(Door.ENTRY)
    gate >> Sensed(ENTRY_OPEN)
    gate >> Sensed(EMPTY) << ClosePassage(P1, Outcome.ABANDONED, ())


def test_a_late_comer_is_referred() -> None:
    """Nobody entered in time; who slips in while the door closes meets the officer."""
    gate = Dialogue(Phase.ENTERING)
    gate >> Sensed(ENTRY_OPEN)
    gate.after(60.0) >> DeadlineReached() << LockDoor(Door.ENTRY)
    gate.stands_in(Phase.CLEARING) >> Sensed(replace(ENTRY_OPEN, presence=1))
    gate.stands_in(Phase.REFERRED)


def test_document_withdrawn_before_it_was_read() -> None:
    """Who takes the document away again has changed their mind."""
    gate = Dialogue(Phase.READING)
    gate >> DocumentRemoved() << ClosePassage(P1, Outcome.ABANDONED, ())
    gate.stands_in(Phase.READY)


def test_document_forgotten() -> None:
    """The entry opens only once the document is back in its holder's hand."""
    gate = Dialogue(Phase.RETURNING)
    (gate >> Sensed(EMPTY)).never(ReleaseDoor)
    gate.after(60.0) >> DeadlineReached() << CallOfficer(P1, (Reason.DOCUMENT_FORGOTTEN,))


def test_unreadable_three_times() -> None:
    """Twice again, then the officer."""
    gate = Dialogue(Phase.READING)
    for _ in range(2):
        gate >> DocumentUnreadable() << Show(Screen.LAY_AGAIN) << ReadDocument()
    gate >> DocumentUnreadable() << CallOfficer(P1, (Reason.DOCUMENT_UNREADABLE,))


def test_a_failed_check_digit_refers_like_everything_else() -> None:
    """GATE-DOC-01 at the fixed time, by the same screen."""
    gate = Dialogue(Phase.READING)
    gate >> DocumentRead(replace(DOCUMENT, check_digits_ok=False)) << LoadFacts
    wrong = {"number": "M1", "issuing_state": "KOR", "expiry": "2033-01-01", "mrz_ok": False}
    (gate >> FactsLoaded(P1, facts(passport=wrong), 5)).never(Show, CallOfficer)
    gate.after(9.0) >> DeadlineReached() << Show(Screen.OFFICER) << CALL_LAW
    assert gate.state.passage is not None
    assert gate.state.passage.entry_decision is not None
    assert "GATE-DOC-01" in gate.state.passage.entry_decision.rule_ids


def test_an_object_left_behind() -> None:
    """Something stays inside though somebody was on the threshold: nobody knows, the officer looks."""
    gate = Dialogue(Phase.LEAVING)
    gate >> Sensed(replace(EXIT_OPEN, exit_beam_broken=True)) >> Sensed(EXIT_OPEN)
    reasons = (Reason.DID_NOT_LEAVE, Reason.OBJECT_LEFT, Reason.MAY_HAVE_CROSSED)
    gate.after(60.0) >> DeadlineReached() << LockDoor(Door.EXIT) << CallOfficer(P1, reasons)


def test_fire() -> None:
    """Doors held open, the passage evacuated, staff told that somebody may have crossed."""
    gate = Dialogue(Phase.CAPTURING)
    gate >> Sensed(replace(FIRE, presence=1)) << HoldOpenForEvacuation() << EndCaptures(P1)
    gate >> Sensed(replace(FIRE, presence=1))
    gate >> ExitAuthorised(P1)
    gate.stands_in(Phase.EVACUATING)
    gate >> Sensed(EMPTY) >> OfficerReset("o1") << LockDoor(Door.ENTRY) << ReadBack()


def test_emergency_stop_with_somebody_inside_raises_a_task() -> None:
    """An evacuation with somebody present: somebody may have crossed unchecked."""
    gate = Dialogue(Phase.CAPTURING)
    stop = replace(INSIDE, emergency_stop_loop_ok=False)
    gate >> Sensed(stop) << ClosePassage << Alert(Reason.MAY_HAVE_CROSSED, P1)


def test_officer_reset_with_somebody_inside() -> None:
    """Refused: the gate does not believe that it is empty."""
    gate = Dialogue(Phase.REFERRED)
    (gate >> OfficerReset("o1")).never(ClosePassage, ReleaseDoor).stands_in(Phase.REFERRED)


def test_officer_admits() -> None:
    """An officer's admit is committed like a decision; the passage stays referred by outcome."""
    gate = Dialogue(Phase.REFERRED)
    gate >> OfficerAdmitted("o1") << AuthoriseOfficerAdmit(P1, "o1")
    gate >> ExitAuthorised(P1) << ReleaseDoor(Door.EXIT)
    gate >> Sensed(EXIT_OPEN) >> Sensed(EMPTY) << ClosePassage
    assert gate.state.phase is Phase.READY


def test_a_device_that_is_needed_and_one_that_is_not() -> None:
    """Captures need the worker and not the reader; without the reader the next one waits."""
    gate = Dialogue(Phase.CAPTURING)
    gate >> DeviceFailed(Device.READER, FailureKind.UNPLUGGED)
    gate.stands_in(Phase.CAPTURING) >> DeviceFailed(Device.RECOGNITION, FailureKind.SILENT)
    gate.stands_in(Phase.REFERRED) >> OfficerLetBack("o1") << ReleaseDoor(Door.ENTRY)
    gate >> Sensed(ENTRY_OPEN) >> Sensed(EMPTY)
    gate.stands_in(Phase.OUT_OF_SERVICE) >> DeviceRecovered(Device.READER)
    gate.stands_in(Phase.OUT_OF_SERVICE) >> DeviceRecovered(Device.RECOGNITION)
    gate.stands_in(Phase.READY)


def test_the_door_board_lost_on_the_way_out() -> None:
    """Nobody knows whether the traveller is through: officer, and not ready before a read-back."""
    gate = Dialogue(Phase.LEAVING)
    gate >> DeviceFailed(Device.DOORS, FailureKind.UNPLUGGED)
    gate << CallOfficer(P1, (Reason.DEVICE_FAILED, Reason.MAY_HAVE_CROSSED))
    gate >> DeviceRecovered(Device.DOORS) << LockDoor(Door.ENTRY) << ReadBack()
    assert gate.state.sensors.entry is DoorState.UNKNOWN


def test_power_back_with_somebody_inside() -> None:
    """After a start presence means an officer, whatever the last boot was about."""
    gate = Dialogue(GateState(SETTINGS))
    gate >> Started(2, interrupted=1, may_have_crossed=1) << Alert(Reason.MAY_HAVE_CROSSED, None)
    gate >> Sensed(INSIDE) << CallOfficer(None, (Reason.OCCUPIED_UNKNOWN,))
    gate >> OfficerLetBack("o1") << ReleaseDoor(Door.ENTRY)
    gate >> Sensed(ENTRY_OPEN) << LockDoor(Door.ENTRY)
    gate >> Sensed(EMPTY) << Show(Screen.LAY_DOCUMENT)
    gate.stands_in(Phase.READY)
    gate >> DocumentLaid() << OpenPassage(PassageId(2, 1))


def test_late_results_of_an_earlier_passage() -> None:
    """They are recorded and change nothing."""
    gate = Dialogue(Phase.AUTHORISING)
    before = gate.state
    (gate >> ExitAuthorised(PassageId(1, 99))).never(ReleaseDoor)
    assert gate.state == before
