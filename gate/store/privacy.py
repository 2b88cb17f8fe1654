"""Erasure, export and retention: what may be kept, for how long, and how it is forgotten.

Nothing is removed from the log: the key is destroyed, and with it what the key sealed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gate.store.chain import Segment
from gate.store.engine import Engine
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.keyring import REFERENCE_SCOPE, Keyring
from gate.store.log import Appender, Draft, canonical, read_events
from gate.store.persons import ERASED, ERASURE, SAVE_SHELF, Shelf, fold_person, shelf_row
from gate.store.records import View

BANS = ("departure_ban", "emergency_ban", "entry_ban")


def erase(
    engine: Engine, keyring: Keyring, appender: Appender, person: bytes, why: dict[str, str]
) -> int:
    """Destroy a person's keys; returns how many. In the caller's write transaction.

    Raises StoreError(REJECTED) while a ban on the person is not over: forgetting it would open
    the gate.
    """
    shelf = fold_person(engine, keyring, person)
    if shelf is None or shelf.state == ERASED:
        raise StoreError(StoreErrorKind.REJECTED, "nothing is held about this person")
    standing = standing_bans(shelf.view, appender.at_day)
    if standing:
        raise StoreError(
            StoreErrorKind.REJECTED,
            f"a ban stands (record {', '.join(standing)}); revoke it or wait until it is over",
        )
    return _forget(engine, keyring, appender, person, why)


def reapply_erasure(engine: Engine, keyring: Keyring, appender: Appender, person: bytes) -> None:
    """Erase somebody again whom an older back-up brought back; nothing where it did not."""
    shelf = fold_person(engine, keyring, person)
    if shelf is None or shelf.state == ERASED:
        return
    _forget(engine, keyring, appender, person, {"reason": "erased before the restore"})


def _forget(
    engine: Engine, keyring: Keyring, appender: Appender, person: bytes, why: dict[str, str]
) -> int:
    sequence = _append_erasure(appender, person, why)
    # The way from document to person is gone, so nobody's facts may count as unchanged.
    appender.reference_sequence = sequence
    destroyed = keyring.destroy(person, appender.at)
    appender.forget(person)
    engine.execute(SAVE_SHELF, shelf_row(None, person, Shelf(View(), ERASED, sequence)))
    engine.execute("DELETE FROM passports WHERE person_ref = ?", (person,))
    return destroyed


def _append_erasure(appender: Appender, person: bytes, why: dict[str, str]) -> int:
    """Append that a person was erased; the reason is sealed with the site's own key."""
    return appender.add(
        Draft(
            Segment.KEEPING,
            ERASURE,
            person.hex(),
            0,
            canonical(why),
            REFERENCE_SCOPE,
            why.get("officer_id", ""),
            person,
        )
    )


def standing_bans(view: View, today: str) -> list[str]:
    """Return the ids of bans that are not known to be over on a day (ISO date, Seoul)."""
    return [
        record_id
        for kind in BANS
        for record_id, held in sorted(view.kinds.get(kind, {}).items())
        if held.content is not None and not _is_over(held.content, today)
    ]


def _is_over(content: dict[str, Any], today: str) -> bool:
    """Only an explicit end counts; a period that would have to be computed does not."""
    if content.get("revoked_at") is not None or content.get("intake_state") == "rejected":
        return True
    last_days = [content.get("last_day") or content.get("approved_last_day")]
    last_days += [extension.get("last_day") for extension in content.get("extensions") or []]
    return all(day is not None and day < today for day in last_days)


def export_person(engine: Engine, keyring: Keyring, person: bytes) -> dict[str, Any]:
    """Return all that is held about one person, as JSON values: every version of every record,
    and the journal of passages with one of the person's documents.
    """
    records = read_events(engine, keyring, ("person_ref = ?", (person,)))
    documents = [
        bytes(row[0])
        for row in engine.rows("SELECT document_ref FROM passports WHERE person_ref = ?", (person,))
    ]
    marks = ", ".join("?" * len(documents))
    passages = read_events(
        engine,
        keyring,
        (
            "segment = 'journal' AND record_id IN "
            f"(SELECT passage FROM passages WHERE document_ref IN ({marks}))",
            tuple(documents),
        ),
    )
    return {
        "person_ref": person.hex(),
        "document_refs": [document.hex() for document in documents],
        "records": [
            {
                "kind": event.kind,
                "record_id": event.record_id,
                "version": event.version,
                "received_at": event.received_at.isoformat(),
                "source": event.source,
                "content": event.content,
                "readable": event.payload is not None,
            }
            for event in records
        ],
        "passages": [
            {"passage": event.record_id, "kind": event.kind, **(event.content or {})}
            for event in passages
        ],
    }


def forget_journal_before(
    engine: Engine, keyring: Keyring, appender: Appender, before: datetime
) -> list[str]:
    """Destroy the journal keys of whole months before an instant; returns the months."""
    last = f"{before:%Y-%m}"
    scopes = engine.rows(
        "SELECT DISTINCT scope FROM keys WHERE wrapped IS NOT NULL "
        "AND substr(scope, 1, 8) = CAST('journal ' AS BLOB)"
    )
    months = sorted(bytes(scope).decode().removeprefix("journal ") for (scope,) in scopes)
    gone = [month for month in months if month < last]
    for month in gone:
        engine.execute(
            "DELETE FROM passages WHERE opened IN (SELECT sequence FROM events WHERE key_id IN "
            "(SELECT key_id FROM keys WHERE scope = ?))",
            (f"journal {month}".encode(),),
        )
        keyring.destroy(f"journal {month}".encode(), appender.at)
        appender.add(
            Draft(
                Segment.KEEPING,
                "journal_forgotten",
                month,
                0,
                canonical({"month": month}),
                REFERENCE_SCOPE,
                "",
            )
        )
    return gone
