"""What the gate can ask, in the imperative. Each has its twin coroutine in `gate.effects`."""

from dataclasses import dataclass
from typing import Any

from gate.vocabulary.decisions import ExitDecision
from gate.vocabulary.documents import Document
from gate.vocabulary.passages import CaptureKind, Door, Outcome, PassageId
from gate.vocabulary.reasons import Reason
from gate.vocabulary.screens import Screen


@dataclass(frozen=True, slots=True)
class Command:
    """Anything `step` asks for."""


@dataclass(frozen=True, slots=True)
class ReadDocument(Command):
    """Arm the reader for one document."""


@dataclass(frozen=True, slots=True)
class OpenPassage(Command):
    """Commit that a passage began (synchronous, behind the reading or the walking)."""

    passage: PassageId


@dataclass(frozen=True, slots=True)
class LoadFacts(Command):
    """Load what the store knows of the holder of this document."""

    passage: PassageId
    document: Document


@dataclass(frozen=True, slots=True)
class ReleaseDoor(Command):
    """Pulse the release; the board ends the pulse itself if the host dies."""

    door: Door


@dataclass(frozen=True, slots=True)
class LockDoor(Command):
    """End the release; the leaf closes when its beam is free."""

    door: Door


@dataclass(frozen=True, slots=True)
class HoldOpenForEvacuation(Command):
    """Keep both releases on until an officer ends the evacuation."""


@dataclass(frozen=True, slots=True)
class ReadBack(Command):
    """Read every input and coil afresh."""


@dataclass(frozen=True, slots=True)
class RunSelfTest(Command):
    """Test relays, contacts, sensors and devices; `attended`: an officer stands by."""

    attended: bool


@dataclass(frozen=True, slots=True)
class Capture(Command):
    """Start a capture session against the references of this person."""

    kind: CaptureKind
    passage: PassageId
    person_id: str
    within_s: float


@dataclass(frozen=True, slots=True)
class EndCaptures(Command):
    """Stop what still runs and forget every sample of the passage."""

    passage: PassageId


@dataclass(frozen=True, slots=True)
class AuthoriseExit(Command):
    """Commit the decision unless a record came after `store_seq`."""

    passage: PassageId
    decision: ExitDecision
    store_seq: int


@dataclass(frozen=True, slots=True)
class AuthoriseOfficerAdmit(Command):
    """Commit an officer's admit in place of an exit decision."""

    passage: PassageId
    officer_id: str


@dataclass(frozen=True, slots=True)
class CallOfficer(Command):
    """Call an officer to the gate; the reasons go to staff only."""

    passage: PassageId | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class DismissOfficer(Command):
    """The call is answered."""


@dataclass(frozen=True, slots=True)
class Show(Command):
    """What the traveller's screen says."""

    screen: Screen


@dataclass(frozen=True, slots=True)
class Record(Command):
    """Append to the journal; `data` is plain JSON and holds no name, number or sample."""

    kind: str
    passage: PassageId | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClosePassage(Command):
    """Append the passage's one outcome."""

    passage: PassageId
    outcome: Outcome
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class WatchForLateRecords(Command):
    """Look once more whether a record came that would have blocked this exit."""

    passage: PassageId
    document: Document
    store_seq: int


@dataclass(frozen=True, slots=True)
class Alert(Command):
    """Tell staff something that asks for no answer at the gate."""

    reason: Reason
    passage: PassageId | None
