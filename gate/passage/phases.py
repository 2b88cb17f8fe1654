"""GateState and Phase, in the order a traveller meets them."""

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from gate.vocabulary.decisions import EntryDecision, ExitDecision
from gate.vocabulary.documents import Document
from gate.vocabulary.facts import Facts
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.passages import (
    UNKNOWN_SENSORS,
    CaptureKind,
    CaptureResult,
    Device,
    Outcome,
    PassageId,
    Sensors,
    Topology,
)
from gate.vocabulary.reasons import Reason
from gate.vocabulary.timings import Timings


class Phase(Enum):
    """Where the gate stands."""

    STARTING = "starting"
    OUT_OF_SERVICE = "out_of_service"
    MAINTENANCE = "maintenance"
    READY = "ready"
    READING = "reading"
    CHECKING = "checking"
    RETURNING = "returning"
    ENTERING = "entering"
    CAPTURING = "capturing"
    AUTHORISING = "authorising"
    LEAVING = "leaving"
    CLEARING = "clearing"
    REFERRED = "referred"
    LETTING_BACK = "letting_back"
    OCCUPIED_UNKNOWN = "occupied_unknown"
    EVACUATING = "evacuating"


@dataclass(frozen=True, slots=True)
class Settings:
    """What stays the same for a boot."""

    topology: Topology
    timings: Timings
    parameters: Parameters
    read_attempts: int = 3
    authorise_rounds: int = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """Everything that belongs to the one traveller now in the gate, gone at the outcome."""

    id: PassageId
    document: Document | None = field(default=None, repr=False)
    read_attempts: int = 0
    facts: Facts | None = field(default=None, repr=False)
    store_seq: int = -1
    random_referral: bool = False
    entry_decision: EntryDecision | None = None
    captures: tuple[tuple[CaptureKind, CaptureResult], ...] = ()
    exit_decision: ExitDecision | None = None
    authorise_rounds: int = 0
    officer_id: str | None = None
    door_seen_open: bool = False  # the released door of this phase was seen unlocked
    door_locking: bool = False  # its release was ended
    exit_authorised: bool = False
    exit_crossed: bool = False
    reasons: tuple[Reason, ...] = ()
    outcome: Outcome | None = None

    def capture(self, kind: CaptureKind) -> CaptureResult | None:
        """The result of one capture, if it came."""
        return dict(self.captures).get(kind)


@dataclass(frozen=True, slots=True)
class GateState:
    """All that `step` knows. Never written to disk: a restart begins with a read-back."""

    settings: Settings
    phase: Phase = Phase.STARTING
    boot: int = 0
    last_n: int = 0
    sensors: Sensors = UNKNOWN_SENSORS
    document_laid: bool = False
    failed: frozenset[Device] = frozenset()
    deadline_s: float | None = None
    passage: Passage | None = None
    standing_reasons: tuple[Reason, ...] = ()
    testing: bool = False  # a self-test is under way
    test_failures: tuple[str, ...] = ()  # of the last self-test; the gate stays shut until none
    let_back_locking: bool = False  # the entry's release was ended behind who was let back

    def with_passage(self, **changes: Any) -> "GateState":
        """The same state with some fields of its passage replaced."""
        assert self.passage is not None
        return replace(self, passage=replace(self.passage, **changes))
