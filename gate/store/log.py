"""Appending to the log: sealed, chained, in one write transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from typing import Any, NamedTuple

from gate.store.chain import (
    CLOCK_STOOD_BEFORE,
    COLUMNS,
    INSERT,
    Segment,
    hash_of,
    instant_of,
    micros,
)
from gate.store.engine import Engine
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.keyring import DataKey, Keyring, unsealed
from gate.vocabulary.passages import PassageId
from gate.vocabulary.records_codec import encode

SYNCED = "synced"
CLOCK_TOLERANCE_US = 1_000_000
SEOUL = timezone(timedelta(hours=9))


class Draft(NamedTuple):
    """An event before it has its place in the chain. `payload` is plain JSON text."""

    segment: Segment
    kind: str
    record_id: str
    version: int
    payload: bytes
    scope: bytes
    source: str
    person_ref: bytes | None = None
    document_ref: bytes | None = None
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Event:
    """An event read back. `payload` is None where its key is destroyed or lost."""

    sequence: int
    received_at: datetime
    segment: Segment
    kind: str
    record_id: str
    version: int
    source: str
    person_ref: bytes | None
    document_ref: bytes | None
    payload: bytes | None

    @property
    def content(self) -> Any:
        """The payload as JSON values; None where it cannot be read."""
        return None if self.payload is None else json.loads(self.payload)


def canonical(value: Any) -> bytes:
    """Return the one JSON text of a value: sorted keys, no spaces, UTF-8."""
    return _ENCODER.encode(value).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, PassageId):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "__dataclass_fields__"):
        return encode(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
)


class Appender:
    """Adds events inside the write transaction that its caller holds; `finish` moves the head."""

    def __init__(self, engine: Engine, keyring: Keyring, now: datetime) -> None:
        self._engine = engine
        self._keyring = keyring
        self.sequence: int
        self.boot: int
        (
            self.sequence,
            self._hash,
            self.latest_at,
            self.reference_sequence,
            self.synced_at,
            self.boot,
        ) = engine.row(
            "SELECT sequence, hash, latest_at, reference_sequence, synced_at, boot FROM head"
        )
        clock = micros(now)
        self.clock_behind = clock < self.latest_at - CLOCK_TOLERANCE_US
        self.at = clock if self.clock_behind else max(clock, self.latest_at)
        self._rows: list[tuple[Any, ...]] = []
        self._keys: dict[bytes, DataKey] = {}
        self._journal_scope: bytes | None = None

    def key(self, scope: bytes) -> DataKey:
        """Return the key of a scope, the same for the whole transaction."""
        found = self._keys.get(scope)
        if found is None:
            found = self._keys[scope] = self._keyring.for_scope(scope)
        return found

    def use(self, scope: bytes, key: DataKey) -> None:
        """Take a key that the caller has found as the newest of its scope."""
        self._keys[scope] = key

    def has_key(self, scope: bytes) -> bool:
        """Whether this transaction has used the scope's key."""
        return scope in self._keys

    def journal_scope(self) -> bytes:
        """The journal has a key for each month, so that old months can be forgotten."""
        if self._journal_scope is None:
            self._journal_scope = f"journal {instant_of(self.at):%Y-%m}".encode()
        return self._journal_scope

    @property
    def at_day(self) -> str:
        """Today in Seoul, ISO."""
        return f"{instant_of(self.at).astimezone(SEOUL):%Y-%m-%d}"

    def forget(self, scope: bytes) -> None:
        """Use no key of this scope any more."""
        self._keys.pop(scope, None)

    def add(self, draft: Draft) -> int:
        """Seal and chain one event; return its sequence."""
        key = self.key(draft.scope)
        segment = draft.segment.value
        nonce, ciphertext = key.seal(
            draft.payload, associated(segment, draft.kind, draft.record_id, draft.version)
        )
        self.sequence += 1
        row: tuple[Any, ...] = (
            self.sequence,
            self.at,
            CLOCK_STOOD_BEFORE if self.clock_behind else 0,
            segment,
            draft.kind,
            draft.record_id,
            draft.version,
            draft.source,
            draft.person_ref,
            draft.document_ref,
            key.key_id,
            draft.signature,
            nonce,
            ciphertext,
        )
        self._hash = hash_of(self._hash, row)
        self._rows.append((*row, self._hash))
        self.latest_at = max(self.latest_at, self.at)
        return self.sequence

    def flush(self) -> None:
        """Write what was added so far, still inside the transaction."""
        if self._rows:
            self._engine.executemany(INSERT, self._rows)
            self._rows.clear()

    def finish(self) -> None:
        """Write everything and move the head."""
        self.flush()
        self._engine.execute(
            "UPDATE head SET sequence = ?, hash = ?, latest_at = ?, "
            "reference_sequence = ?, synced_at = ?, boot = ?",
            (
                self.sequence,
                self._hash,
                self.latest_at,
                self.reference_sequence,
                self.synced_at,
                self.boot,
            ),
        )

    def refuse_if_clock_behind(self) -> None:
        """No decision is committed while the wall clock stands before what was written."""
        if self.clock_behind:
            raise StoreError(
                StoreErrorKind.CLOCK,
                f"store {self._engine.path}: the wall clock stands before the latest entry "
                f"({instant_of(self.latest_at):%Y-%m-%dT%H:%M:%SZ}); set the clock right, "
                "or if that entry's time is wrong run `egate store accept-clock`",
            )


def associated(segment: str, kind: str, record_id: str, version: int) -> bytes:
    """What a ciphertext is bound to, so that none can be passed off as another record's."""
    return f"{segment}\0{kind}\0{record_id}\0{version}".encode()


Where = tuple[str, tuple[Any, ...]]


def read_events(engine: Engine, keyring: Keyring, where: Where) -> list[Event]:
    """Return the events that an SQL condition names, in order, opened as far as keys allow."""
    condition, parameters = where
    rows = engine.rows(
        f"SELECT {COLUMNS} FROM events WHERE {condition} ORDER BY sequence", parameters
    )
    keys: dict[int, DataKey | None] = {}
    return [_event(row, keys, keyring.numbered) for row in rows]


def _event(
    row: tuple[Any, ...],
    keys: dict[int, DataKey | None],
    numbered: Callable[[int], DataKey | None],
) -> Event:
    sequence, at, _, segment, kind, record_id, version, source, person, document, key_id = row[:11]
    if key_id not in keys:
        keys[key_id] = numbered(key_id)
    bound_to = associated(segment, kind, record_id, version)
    payload = unsealed(keys[key_id], row[12], row[13], bound_to)
    return Event(
        sequence,
        instant_of(at),
        Segment(segment),
        kind,
        record_id,
        version,
        source,
        person,
        document,
        payload,
    )
