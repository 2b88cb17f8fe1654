"""What is held about each person: the projection of the records, kept beside the log."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from gate.store.chain import Segment, micros
from gate.store.engine import Engine
from gate.store.errors import StoreError, StoreErrorKind, rejected
from gate.store.keyring import REFERENCE_SCOPE, DataKey, Keyring, unsealed
from gate.store.keys import References
from gate.store.log import Appender, Draft, canonical, read_events
from gate.store.records import KINDS, Held, Record, View

LIVE, ERASED, LOST = "live", "erased", "lost"
ERASURE, FLAGGED = "erased", "record_flagged"


@dataclass(slots=True)
class Shelf:
    """One person's view while records are being added. `state` LOST: part cannot be read.

    `documents`: pseudonyms of the passports that ever led to this person.
    """

    view: View
    state: str
    sequence: int
    documents: set[bytes] = field(default_factory=set)

    @property
    def knows_person(self) -> bool:
        """Whether the person is held; of a lost one records are still taken."""
        return self.state == LOST or self.view.knows_person


class RecordWriter:
    """Adds records in one write transaction: log and projection together."""

    def __init__(
        self, engine: Engine, keyring: Keyring, references: References, appender: Appender
    ) -> None:
        self._engine = engine
        self._keyring = keyring
        self._references = references
        self._appender = appender
        self._shelves: dict[bytes | None, Shelf] = {}
        self._added: dict[tuple[str, str], tuple[int, bytes | None]] = {}
        self._passports: dict[bytes, bytes | None] = {}

    def add(self, record: Record, *, checked: bool = False) -> tuple[int, str]:
        """Append a record; returns its sequence, of the one held already if nothing is new, and
        the id that it is held under.

        `checked`: the caller has called `record.checked()`.

        Raises StoreError REJECTED (malformed, unknown person) or CONFLICT (the id or version is
        held with other content).
        """
        kind = KINDS[record.kind] if checked else record.checked()
        person = None
        if kind.of_person and record.person_id is not None:
            person = self._references.person(record.person_id)
        shelf = self._shelf(person)
        if person is not None and record.kind != "person" and not shelf.knows_person:
            raise rejected(record.name, "the person is unknown; enter the person first")
        document = self._document(record)
        record_id = record.record_id or self._natural_id(record, person, document)
        held = shelf.view.held(record.kind, record_id)
        if held is not None and self._says_the_same(record, record_id, held):
            return held.sequence, record_id
        version = self._next_version(record, record_id, person, held)
        if document is not None:
            self._refuse_others_passport(document, person, record_id)
        sequence = self._append(record, record_id, version, person, document)
        self._added[record.kind, record_id] = (version, person)
        content = None if record.content is None else dict(record.content)
        mark = document.hex() if document else (held.document if held else None)
        shelf.view.put(
            record.kind, record_id, Held(version, sequence, self._appender.at, content, mark)
        )
        shelf.sequence = sequence
        if document is not None:
            self._passports[document] = person
        if person is None:
            self._appender.reference_sequence = sequence
        return sequence, record_id

    def finish(self) -> None:
        """Write the changed views back; the caller finishes the appender after this."""
        changed = (
            shelf_row(self._appender.key(person), person, shelf)
            for person, shelf in self._shelves.items()
            if person is not None and shelf.sequence
        )
        self._engine.executemany(SAVE_SHELF, list(changed))
        self._engine.executemany(
            "INSERT OR REPLACE INTO passports VALUES (?, ?)", list(self._passports.items())
        )

    def view_for(self, record: Record) -> View:
        """Return what is held beside a record: about its person, or about everybody."""
        if record.person_id is None:
            return self._shelf(None).view
        return self._shelf(self._references.person(record.person_id)).view

    def flag(self, record: Record, why: dict[str, Any]) -> None:
        """Append that a record was kept for an officer to look at."""
        person = self._references.person(record.person_id) if record.person_id else None
        scope = person if person is not None else REFERENCE_SCOPE
        payload = canonical(why)
        self._appender.add(
            Draft(Segment.KEEPING, FLAGGED, record.name, 0, payload, scope, "", person)
        )

    def _append(
        self,
        record: Record,
        record_id: str,
        version: int,
        person: bytes | None,
        document: bytes | None,
    ) -> int:
        return self._appender.add(
            Draft(
                Segment.RECORDS,
                record.kind,
                record_id,
                version,
                canonical(record.content),
                REFERENCE_SCOPE if person is None else person,
                record.source,
                person,
                document,
                record.signature,
            )
        )

    def _shelf(self, person: bytes | None) -> Shelf:
        shelf = self._shelves.get(person)
        if shelf is None:
            shelf = self._read_shelf(person)
            self._shelves[person] = shelf
        return shelf

    def _read_shelf(self, person: bytes | None) -> Shelf:
        if person is None:
            view, _ = fold_everybody(self._engine, self._keyring)
            return Shelf(view, LIVE, 0)
        row = self._engine.row(
            "SELECT p.state, p.key_id, p.nonce, p.view, k.wrapped FROM persons p "
            "LEFT JOIN keys k ON k.key_id = p.key_id WHERE p.person_ref = ?",
            (person,),
        )
        if row is None:
            return Shelf(View(), LIVE, 0)
        state, key_id, nonce, sealed, wrapped = row
        if state != LIVE:
            return Shelf(View(), state if state == LOST else LIVE, 0)
        key = self._keyring.opened(key_id, wrapped, person) if wrapped else None
        data = unsealed(key, nonce, sealed, person)
        if key is None or data is None:
            return Shelf(View(), LOST, 0)
        self._appender.use(person, key)
        return Shelf(View.from_bytes(data), LIVE, 0)

    def _natural_id(self, record: Record, person: bytes | None, document: bytes | None) -> str:
        kind = KINDS[record.kind]
        content = record.content or {}
        named = content.get(kind.natural_id or "")
        if isinstance(named, str):
            return named
        if record.kind == "passport":
            return document.hex() if document else ""
        if record.kind == "country_policy":
            return str(content.get("nationality") or "any")
        if person is None:
            return record.kind
        if not kind.many:
            return person.hex()
        return hashlib.sha256(person + canonical(record.content)).digest()[:16].hex()

    def _document(self, record: Record) -> bytes | None:
        if record.kind != "passport" or record.content is None:
            return None
        return self._references.document(record.content["issuing_state"], record.content["number"])

    @staticmethod
    def _says_the_same(record: Record, record_id: str, held: Held) -> bool:
        """The same again is no news; other content under a version that is held is an error."""
        same = canonical(record.content) == canonical(held.content)
        if record.version is None or record.version > held.version:
            return same and record.version is None
        if same:
            return True
        raise StoreError(
            StoreErrorKind.CONFLICT,
            f"record {record_id}: version {record.version} is held with other content, or a later "
            f"one is (held: {held.version}); give it a later version",
        )

    def _next_version(
        self, record: Record, record_id: str, person: bytes | None, held: Held | None
    ) -> int:
        if held is not None:
            return record.version or held.version + 1
        self_version, owner = self._versions_in_log(record.kind, record_id)
        if owner is not None and owner != person:
            raise StoreError(
                StoreErrorKind.CONFLICT, f"record {record_id}: the id belongs to another person"
            )
        if record.version is not None and record.version <= self_version:
            raise StoreError(
                StoreErrorKind.CONFLICT,
                f"record {record_id}: version {record.version} was given already; "
                "give it a later version",
            )
        return record.version or self_version + 1

    def _versions_in_log(self, kind: str, record_id: str) -> tuple[int, bytes | None]:
        added = self._added.get((kind, record_id))
        if added is not None:
            return added
        row = self._engine.row(
            "SELECT version, person_ref FROM events WHERE segment = 'records' "
            "AND record_id = ? AND kind = ? ORDER BY version DESC LIMIT 1",
            (record_id, kind),
        )
        return (0, None) if row is None else (row[0], row[1])

    def _refuse_others_passport(
        self, document: bytes, person: bytes | None, record_id: str
    ) -> None:
        owner = self._passports.get(document)
        if owner is None:
            row = self._engine.row(
                "SELECT person_ref FROM passports WHERE document_ref = ?", (document,)
            )
            owner = None if row is None else bytes(row[0])
        if owner is not None and owner != person:
            raise StoreError(
                StoreErrorKind.CONFLICT, f"record {record_id}: the passport is another person's"
            )


SAVE_SHELF = (
    "INSERT INTO persons (person_ref, sequence, key_id, state, nonce, view) "
    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (person_ref) DO UPDATE SET "
    "sequence = excluded.sequence, key_id = excluded.key_id, state = excluded.state, "
    "nonce = excluded.nonce, view = excluded.view"
)


def shelf_row(key: DataKey | None, person: bytes, shelf: Shelf) -> tuple[Any, ...]:
    """Return the values of `SAVE_SHELF`; a view of which part is lost keeps no content."""
    nonce, sealed = None, None
    if shelf.state == LIVE and key is not None:
        nonce, sealed = key.seal(shelf.view.to_bytes(), person)
    return person, shelf.sequence, key.key_id if key else 0, shelf.state, nonce, sealed


def fold_person(
    engine: Engine, keyring: Keyring, person: bytes, up_to: int | None = None
) -> Shelf | None:
    """Fold a person's events up to a sequence; None where nothing is held (any more).

    State LOST where an event that was never erased cannot be opened.
    """
    limit = up_to if up_to is not None else 2**62
    events = read_events(
        engine,
        keyring,
        ("person_ref = ? AND segment <> 'journal' AND sequence <= ?", (person, limit)),
    )
    shelf: Shelf | None = None
    for event in events:
        if event.segment is Segment.KEEPING:
            if event.kind == ERASURE:
                shelf = Shelf(View(), ERASED, event.sequence)
            continue
        if shelf is None or shelf.state == ERASED:
            shelf = Shelf(View(), LIVE, event.sequence)
        shelf.sequence = event.sequence
        if event.document_ref is not None:
            shelf.documents.add(event.document_ref)
        if event.payload is None:
            shelf.state = LOST
            continue
        mark = event.document_ref.hex() if event.document_ref else None
        before = shelf.view.held(event.kind, event.record_id)
        if mark is None and before is not None:
            mark = before.document
        shelf.view.put(
            event.kind,
            event.record_id,
            Held(event.version, event.sequence, micros(event.received_at), event.content, mark),
        )
    return shelf


def fold_everybody(engine: Engine, keyring: Keyring, up_to: int | None = None) -> tuple[View, bool]:
    """Fold the records that concern everybody; False where one of them cannot be opened."""
    limit = up_to if up_to is not None else 2**62
    view, whole = View(), True
    events = read_events(
        engine,
        keyring,
        ("segment = 'records' AND person_ref IS NULL AND sequence <= ?", (limit,)),
    )
    for event in events:
        if event.payload is None:
            whole = False
            continue
        view.put(
            event.kind,
            event.record_id,
            Held(event.version, event.sequence, micros(event.received_at), event.content),
        )
    return view, whole
