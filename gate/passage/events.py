"""What can happen to the gate, in the past tense.

An event that belongs to one passage carries its id: a late result of an earlier
traveller is told apart by it and can never open a door.
"""

from dataclasses import dataclass

from gate.vocabulary.documents import Document
from gate.vocabulary.facts import Facts
from gate.vocabulary.passages import (
    CaptureKind,
    CaptureResult,
    Device,
    Door,
    FailureKind,
    PassageId,
    Sensors,
)


@dataclass(frozen=True, slots=True)
class Event:
    """Anything the runner hands to `step`."""


@dataclass(frozen=True, slots=True)
class OfPassage(Event):
    """A result that was asked for by one passage and means nothing to another."""

    passage: PassageId


@dataclass(frozen=True, slots=True)
class Started(Event):
    """The controller came up. `may_have_crossed`: exits committed but never confirmed."""

    boot: int
    interrupted: int = 0
    may_have_crossed: int = 0


@dataclass(frozen=True, slots=True)
class Sensed(Event):
    """The door board was read; the whole reading, so that nothing hangs on a lost edge."""

    sensors: Sensors


@dataclass(frozen=True, slots=True)
class LockAcknowledged(Event):
    """The board confirmed that a door's release has ended."""

    door: Door


@dataclass(frozen=True, slots=True)
class DocumentLaid(Event):
    """The reader's presence sensor sees a document."""


@dataclass(frozen=True, slots=True)
class DocumentRead(Event):
    """The MRZ was read; failed check digits are a property of the document, not an error."""

    document: Document


@dataclass(frozen=True, slots=True)
class DocumentUnreadable(Event):
    """The reader saw a document and could not read it."""


@dataclass(frozen=True, slots=True)
class DocumentRemoved(Event):
    """The reader's presence sensor sees no document any more."""


@dataclass(frozen=True, slots=True)
class FactsLoaded(OfPassage):
    """The store's view of the traveller as of `store_seq`; the referral draw comes with it."""

    facts: Facts
    store_seq: int
    random_referral: bool = False


@dataclass(frozen=True, slots=True)
class CaptureFinished(OfPassage):
    """A capture session ended with its one result."""

    kind: CaptureKind
    result: CaptureResult


@dataclass(frozen=True, slots=True)
class ExitAuthorised(OfPassage):
    """The exit decision is committed and synced; its commit is the exit instant."""


@dataclass(frozen=True, slots=True)
class FactsStale(OfPassage):
    """A record came after the facts were loaded; nothing was committed."""


@dataclass(frozen=True, slots=True)
class LateRecordFound(OfPassage):
    """A record that would have blocked came after the exit; staff are told, nothing changes."""

    rule_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeviceFailed(Event):
    """A device does not serve; until read back its state is unknown."""

    device: Device
    kind: FailureKind


@dataclass(frozen=True, slots=True)
class DeviceRecovered(Event):
    """A device serves again."""

    device: Device


@dataclass(frozen=True, slots=True)
class InterlockRefused(Event):
    """The interlock did not let a command through."""

    command: str


@dataclass(frozen=True, slots=True)
class DeadlineReached(Event):
    """`state.deadline_s` has passed."""


@dataclass(frozen=True, slots=True)
class HelpWanted(Event):
    """The traveller pressed the call button."""


@dataclass(frozen=True, slots=True)
class OfficerAdmitted(Event):
    """An officer examined the traveller and lets them pass."""

    officer_id: str


@dataclass(frozen=True, slots=True)
class OfficerLetBack(Event):
    """An officer sends the traveller back out through the entry door."""

    officer_id: str


@dataclass(frozen=True, slots=True)
class OfficerReset(Event):
    """An officer has looked, took over whoever was there and puts the gate back to work."""

    officer_id: str


@dataclass(frozen=True, slots=True)
class MaintenanceEntered(Event):
    """A technician takes the gate out of use."""

    officer_id: str


@dataclass(frozen=True, slots=True)
class MaintenanceLeft(Event):
    """A technician gives the gate back."""

    officer_id: str


@dataclass(frozen=True, slots=True)
class SelfTestWanted(Event):
    """An officer, or the schedule (not `attended`), asks for the self-test."""

    officer_id: str
    attended: bool = True


@dataclass(frozen=True, slots=True)
class SelfTested(Event):
    """The self-test is done; `failures`: what failed, each as `test: what it means`."""

    failures: tuple[str, ...]
