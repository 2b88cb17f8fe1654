"""Operating errors of the store: which one, and what to do."""

from __future__ import annotations

from enum import Enum

from gate import ports
from gate.vocabulary.passages import FailureKind


class StoreErrorKind(Enum):
    """Why the store does not serve, or did not take a record."""

    MISSING = "missing"
    LOCKED = "locked"
    CORRUPT = "corrupt"
    BROKEN_CHAIN = "broken_chain"
    NEWER_SCHEMA = "newer_schema"
    FULL = "closed for space"
    READ_ONLY = "read_only"
    IO = "io"
    KEY = "key"
    CLOCK = "clock"
    REJECTED = "rejected"
    CONFLICT = "conflict"

    @property
    def failure(self) -> FailureKind:
        """The same in the words that the gate's core knows."""
        return _FAILURES.get(self, FailureKind.FAULTY)


_FAILURES = {
    StoreErrorKind.MISSING: FailureKind.MISSING,
    StoreErrorKind.LOCKED: FailureKind.LOCKED,
    StoreErrorKind.CORRUPT: FailureKind.CORRUPT,
    StoreErrorKind.BROKEN_CHAIN: FailureKind.CORRUPT,
    StoreErrorKind.FULL: FailureKind.FULL,
    StoreErrorKind.CLOCK: FailureKind.CLOCK,
}


class StoreError(ports.StoreError):
    """The store cannot do what was asked; nothing was half written.

    `problem` says why, `kind` says it in the core's words; the message says which file or
    record and what to do, and never holds a name, a document number or any other content.
    """

    def __init__(self, problem: StoreErrorKind, message: str) -> None:
        super().__init__(problem.failure, message)
        self.problem = problem


def rejected(record_id: str, reason: str) -> StoreError:
    """Return the error of a record that is refused whole."""
    return StoreError(StoreErrorKind.REJECTED, f"record {record_id}: {reason}")
