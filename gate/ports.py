"""What the gate needs of the world: one Protocol per port, in plain types.

Adapters in `gate.adapters` and `gate.store` implement them. An operating error leaves an adapter
as `DeviceError` or `StoreError` and as nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, Protocol

from gate.vocabulary.decisions import ExitDecision
from gate.vocabulary.documents import Document
from gate.vocabulary.facts import Facts
from gate.vocabulary.passages import (
    CaptureKind,
    CaptureResult,
    Device,
    Door,
    FailureKind,
    Outcome,
    PassageId,
    Sensors,
)
from gate.vocabulary.reasons import Reason
from gate.vocabulary.screens import Screen


class DeviceError(Exception):
    """A device does not serve. Says which and why, never what was being read."""

    def __init__(self, device: Device, kind: FailureKind, message: str = "") -> None:
        super().__init__(message or f"{device.value}: {kind.value}")
        self.device = device
        self.kind = kind


class StoreError(DeviceError):
    """The store does not serve; nothing was half written."""

    def __init__(self, kind: FailureKind, message: str = "") -> None:
        super().__init__(Device.STORE, kind, message)


class Clock(Protocol):
    """The one clock of a gate: monotonic seconds for deadlines, UTC for the law."""

    def mono_s(self) -> float:
        """Seconds that never go backwards."""
        ...

    def utc(self) -> datetime:
        """Aware wall-clock time, which may jump."""
        ...


class Recoverable(Protocol):
    """A device that can be opened anew."""

    async def recover(self) -> None:
        """Open and read back in full. Raises DeviceError while it does not serve."""
        ...


class ReaderNotice(Enum):
    """What a document reader reports beside a reading."""

    LAID = "laid"
    REMOVED = "removed"
    UNREADABLE = "unreadable"


class DocumentReader(Recoverable, Protocol):
    """Reads the MRZ of one document after the other."""

    async def arm(self) -> None:
        """Be ready for one document. Raises DeviceError."""
        ...

    async def next_notice(self) -> ReaderNotice | Document:
        """Wait for what happens next. Raises DeviceError."""
        ...


class Doors(Recoverable, Protocol):
    """Both leaves, their sensors and the safety loops as one board or more shows them."""

    async def release(self, door: Door) -> None:
        """Begin a release pulse that ends by itself. Raises DeviceError."""
        ...

    async def lock(self, door: Door) -> None:
        """End the release. Raises DeviceError."""
        ...

    async def hold_open(self) -> None:
        """Keep both releases on. Raises DeviceError."""
        ...

    async def read(self) -> Sensors:
        """Everything afresh. Raises DeviceError."""
        ...

    async def next_sensors(self) -> Sensors:
        """Wait until a reading differs from the last one that `read` or this handed out.
        Raises DeviceError.
        """
        ...


class Recognition(Recoverable, Protocol):
    """Captures probes and compares them with the references of one person."""

    async def capture(
        self, kind: CaptureKind, passage: PassageId, person_id: str, within_s: float
    ) -> CaptureResult:
        """One session, one verdict, at most after `within_s`. Raises DeviceError."""
        ...

    async def forget(self, passage: PassageId) -> None:
        """Drop every sample of the passage and stop its sessions. Raises DeviceError."""
        ...


@dataclass(frozen=True, slots=True)
class Captured:
    """What an enrolment station took of one applicant: templates by kind, opaque bytes.

    `findings`: words for what was wrong where no template was made, for the officer.
    """

    templates: Mapping[str, bytes] = field(repr=False)
    findings: tuple[str, ...] = ()


class EnrolmentStation(Protocol):
    """Camera and sensor of an enrolment desk, and the search among those enrolled."""

    async def capture(self, on: date) -> Captured:
        """Several samples of each characteristic, made into references. Raises DeviceError."""
        ...

    async def duplicates(self, captured: Captured, person_id: str) -> tuple[str, ...]:
        """Ids of other persons who look or touch alike (1:N). Raises DeviceError."""
        ...


class EnrolmentRecords(Protocol):
    """The store as an enrolment desk uses it."""

    def facts(self, document: Document, at: datetime) -> Facts:
        """What is held about the document's holder, seen through it. Raises StoreError."""
        ...

    def enrol(
        self,
        person_id: str,
        records: Sequence[tuple[str, Mapping[str, Any]]],
        templates: Mapping[str, bytes],
    ) -> None:
        """Commit records (kind, content) and templates, all or none. Raises StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class LoadedFacts:
    """The store's view of a document's holder as of `store_seq`."""

    facts: Facts
    store_seq: int


@dataclass(frozen=True, slots=True)
class Boot:
    """What the store knows at start-up: this boot's number and what the last one left open."""

    number: int
    interrupted: int
    may_have_crossed: int


class GateStore(Recoverable, Protocol):
    """Records and journal. `append` and `close_passage` are group-committed and never lost."""

    async def start(self) -> Boot:
        """Count the boot, close what was left open as interrupted. Raises StoreError."""
        ...

    async def open_passage(self, passage: PassageId, at: datetime) -> None:
        """Commit and sync that the passage began. Raises StoreError."""
        ...

    async def load_facts(self, passage: PassageId, document: Document) -> LoadedFacts:
        """The folded view of the holder and the store's freshness. Raises StoreError."""
        ...

    async def authorise_exit(
        self, passage: PassageId, decision: ExitDecision, store_seq: int
    ) -> bool:
        """Commit and sync the decision; False if a record came after `store_seq`.
        Raises StoreError.
        """
        ...

    async def authorise_officer_admit(
        self, passage: PassageId, officer_id: str, at: datetime
    ) -> None:
        """Commit and sync an officer's admit. Raises StoreError."""
        ...

    async def late_rules(
        self, passage: PassageId, document: Document, store_seq: int
    ) -> tuple[str, ...]:
        """Rules that records received after `store_seq` would have blocked with.
        Raises StoreError.
        """
        ...

    def append(
        self, kind: str, passage: PassageId | None, data: dict[str, Any], at: datetime
    ) -> None:
        """Add a journal entry; it is durable within 250 ms."""
        ...

    def close_passage(
        self, passage: PassageId, outcome: Outcome, reasons: tuple[Reason, ...], at: datetime
    ) -> None:
        """Add the passage's one outcome; durable within 250 ms."""
        ...

    async def flush(self) -> None:
        """Make everything added so far durable. Raises StoreError."""
        ...


class Staff(Protocol):
    """Where officers are told what travellers are not."""

    def call(self, passage: PassageId | None, reasons: tuple[Reason, ...]) -> None:
        """Call an officer to this gate."""
        ...

    def dismiss(self) -> None:
        """The call is answered."""
        ...

    def alert(self, reason: Reason, passage: PassageId | None) -> None:
        """Tell without calling."""
        ...


class TravellerScreen(Protocol):
    """The traveller's one instruction."""

    def show(self, screen: Screen) -> None:
        """Replace what stands there."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a gate is composed of."""

    reader: DocumentReader
    doors: Doors
    recognition: Recognition
    store: GateStore
    staff: Staff
    screen: TravellerScreen
    clock: Clock


class GateControl(Protocol):
    """What pages and consoles have of a running gate, in the same process or over a socket."""

    def act(self, act: str, officer_id: str) -> None:
        """Do what an officer's button does. Raises ValueError for an unknown act."""
        ...

    def subscribe(self, seen: Callable[[dict[str, Any]], None]) -> None:
        """Be handed a view now and at every change; the newest replaces older ones."""
        ...
