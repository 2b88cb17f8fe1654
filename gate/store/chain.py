"""The log's events and the hash that chains them.

Each hash covers the one before, everything the row says in clear, and the ciphertext. So the
chain is verified without a key, and still verifies after a person's key was destroyed.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from gate.store.engine import Engine, translated

GENESIS = bytes(32)
CLOCK_STOOD_BEFORE = 1
COLUMNS = (
    "sequence, received_at, flags, segment, kind, record_id, version, source, "
    "person_ref, document_ref, key_id, signature, nonce, ciphertext"
)
INSERT = (
    f"INSERT INTO events ({COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_text = json.encoder.encode_basestring_ascii
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Segment(Enum):
    """The three streams in the one chain."""

    RECORDS = "records"
    JOURNAL = "journal"
    KEEPING = "keeping"  # erasure, key changes, acts on the store itself


def micros(instant: datetime) -> int:
    """Return microseconds since 1970; a naive instant is a `ValueError`."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset")
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(value: int) -> datetime:
    """Return the aware UTC instant of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=value)


def hash_of(previous: bytes, row: tuple[Any, ...]) -> bytes:
    """Return the hash of a row given as `COLUMNS`, 32 bytes; injective in every column."""
    sequence, at, flags, segment, kind, record_id, version, source, person, document, key_id = row[
        :11
    ]
    signature, nonce, ciphertext = row[11:]
    # A JSON list without spaces, put together by hand: this runs for every event there ever was.
    header = (
        f"[{sequence},{at},{flags},{_text(segment)},{_text(kind)},{_text(record_id)},{version},"
        f"{_text(source)},{_reference(person)},{_reference(document)},{key_id}]"
    ).encode()
    lengths = struct.pack(">III", len(header), len(signature), len(nonce))
    return hashlib.sha256(
        b"".join((previous, lengths, header, signature, nonce, ciphertext))
    ).digest()


def _reference(reference: bytes | None) -> str:
    return "null" if reference is None else f'"{reference.hex()}"'


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a verification found. `broken_at`: first wrong sequence; None = the chain holds."""

    events: int
    head: bytes
    broken_at: int | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether every event is the one that was written, and none is missing."""
        return self.broken_at is None


def verify(engine: Engine, progress: Callable[[int], None] | None = None) -> ChainReport:
    """Check every hash, the numbering without gaps, and the head; needs no key.

    `progress(events_done)` is called now and then. Raises StoreError for a damaged file.
    """
    with engine.reading():
        head_sequence, head_hash = engine.row("SELECT sequence, hash FROM head")
        rows = engine.execute(f"SELECT {COLUMNS}, hash FROM events ORDER BY sequence")
        report = _follow(_each(engine, rows), progress)
    if not report.holds:
        return report
    if report.events != head_sequence:
        missing = min(report.events, head_sequence) + 1
        reason = "events are missing at the end" if report.events < head_sequence else "not in head"
        return ChainReport(report.events, report.head, missing, reason)
    if report.head != bytes(head_hash):
        return ChainReport(report.events, report.head, head_sequence, "the head has another hash")
    return report


def _each(engine: Engine, rows: Any) -> Iterator[Any]:
    """Iterate so that damage met on the way becomes a StoreError."""
    try:
        yield from rows
    except engine.errors as error:
        raise translated(error, engine.path) from None


def _follow(rows: Iterable[Any], progress: Callable[[int], None] | None) -> ChainReport:
    previous, count = GENESIS, 0
    for *columns, stored in rows:
        if columns[0] != count + 1:
            return ChainReport(count, previous, count + 1, "event is missing")
        expected = hash_of(previous, tuple(columns))
        if expected != stored:
            return ChainReport(count, previous, columns[0], "event was changed")
        previous, count = expected, count + 1
        if progress is not None and count % 10_000 == 0:
            progress(count)
    return ChainReport(count, previous)


def verify_end(engine: Engine, length: int = 50) -> ChainReport:
    """Check the head against the last events only: quick enough for every start."""
    with engine.reading():
        sequence, head_hash = engine.row("SELECT sequence, hash FROM head")
        rows = engine.rows(
            f"SELECT {COLUMNS}, hash FROM events ORDER BY sequence DESC LIMIT ?", (length + 1,)
        )[::-1]
    if (rows[-1][0] if rows else 0) != sequence:
        return ChainReport(len(rows), head_hash, sequence, "the end of the log is missing")
    if (bytes(rows[-1][-1]) if rows else GENESIS) != head_hash:
        return ChainReport(len(rows), head_hash, sequence, "the head has another hash")
    previous = GENESIS if rows and rows[0][0] == 1 else None
    for *columns, stored in rows:
        if previous is not None and hash_of(previous, tuple(columns)) != stored:
            return ChainReport(len(rows), head_hash, columns[0], "event was changed")
        previous = bytes(stored)
    return ChainReport(sequence, head_hash)
