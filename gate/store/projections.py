"""The projections made again from the log, and told in a form that can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gate.store.engine import Engine
from gate.store.journal import CLOSED, CONFIRMING, EXIT_DECISION, OFFICER_ADMIT, OPENED
from gate.store.keyring import Keyring, unsealed
from gate.store.log import Event, read_events
from gate.store.persons import LIVE, SAVE_SHELF, Shelf, fold_everybody, fold_person, shelf_row
from gate.store.records import KINDS, View
from gate.vocabulary.passages import Outcome


def rebuild(engine: Engine, keyring: Keyring) -> None:
    """Make every projection again, inside the write transaction that the caller holds.

    Passages of a month whose journal key was destroyed are forgotten, as retention did.
    """
    for table in ("persons", "passports", "passages"):
        engine.execute(f"DELETE FROM {table}")
    persons = engine.execute(
        "SELECT person_ref FROM events WHERE person_ref IS NOT NULL "
        "GROUP BY person_ref ORDER BY min(sequence)"
    )
    for (person,) in persons:
        _rebuild_person(engine, keyring, bytes(person))
    for event in read_events(engine, keyring, ("segment = 'journal' AND record_id <> ''", ())):
        _replay_passage_event(engine, event)


def _rebuild_person(engine: Engine, keyring: Keyring, person: bytes) -> None:
    shelf = fold_person(engine, keyring, person)
    if shelf is None:
        return
    key = keyring.for_scope(person) if shelf.state == LIVE else None
    engine.execute(SAVE_SHELF, shelf_row(key, person, shelf))
    engine.executemany(
        "INSERT OR REPLACE INTO passports VALUES (?, ?)",
        [(document, person) for document in sorted(shelf.documents)],
    )


def _replay_passage_event(engine: Engine, event: Event) -> None:
    passage, sequence = event.record_id, event.sequence
    if event.payload is None:
        return
    if event.kind == OPENED:
        engine.execute(
            "INSERT INTO passages (passage, document_ref, opened) VALUES (?, ?, ?)",
            (passage, event.document_ref, sequence),
        )
    elif event.kind in (EXIT_DECISION, OFFICER_ADMIT):
        engine.execute(
            "UPDATE passages SET exit = ?, document_ref = coalesce(?, document_ref) "
            "WHERE passage = ?",
            (sequence, event.document_ref, passage),
        )
    elif event.kind in CONFIRMING:
        _confirm(engine, passage, sequence)
    elif event.kind == CLOSED:
        outcome = Outcome(event.content["data"]["outcome"])
        engine.execute(
            "UPDATE passages SET outcome = ?, closed = ? WHERE passage = ?",
            (outcome.value, sequence, passage),
        )
        if outcome is Outcome.ADMIT:
            _confirm(engine, passage, sequence)


def _confirm(engine: Engine, passage: str, sequence: int) -> None:
    engine.execute(
        "UPDATE passages SET confirmed = coalesce(confirmed, ?) WHERE passage = ?",
        (sequence, passage),
    )


def plain(engine: Engine, keyring: Keyring) -> dict[str, Any]:
    """Return every projection decrypted, in an order of its own, without keys and nonces."""
    persons = {}
    for person, sequence, state, key_id, nonce, sealed in engine.rows(
        "SELECT person_ref, sequence, state, key_id, nonce, view FROM persons"
    ):
        view = None
        if sealed is not None:
            data = unsealed(keyring.numbered(key_id), nonce, sealed, bytes(person))
            view = None if data is None else data.decode()
        persons[bytes(person).hex()] = (sequence, state, view)
    return {
        "persons": persons,
        "passports": sorted(engine.rows("SELECT * FROM passports")),
        "passages": sorted(engine.rows("SELECT * FROM passages"), key=str),
    }


def latest_records(engine: Engine, keyring: Keyring) -> Iterator[dict[str, Any]]:
    """Yield the latest version of every readable record as the exchange files state it.

    A record id that the store made itself is left out: it would mean nothing elsewhere.
    """
    everybody, _ = fold_everybody(engine, keyring)
    yield from _rows_of(engine, None, everybody)
    persons = engine.execute(
        "SELECT person_ref FROM persons WHERE state = 'live' ORDER BY person_key"
    )
    for (person,) in persons:
        shelf = fold_person(engine, keyring, bytes(person))
        if shelf is not None and shelf.state == LIVE:
            yield from _rows_of(engine, _person_id(shelf), shelf.view)


def _person_id(shelf: Shelf) -> str | None:
    held = shelf.view.kinds.get("person", {})
    return next((one.content["person_id"] for one in held.values() if one.content), None)


def _rows_of(engine: Engine, person_id: str | None, view: View) -> Iterator[dict[str, Any]]:
    records = [
        (held.sequence, kind, record_id, held)
        for kind, held_of_kind in view.kinds.items()
        for record_id, held in held_of_kind.items()
        if held.content is not None
    ]
    for sequence, kind, record_id, held in sorted(records, key=lambda item: item[0]):
        natural = KINDS[kind].natural_id
        given = natural is not None and held.content.get(natural) == record_id
        yield {
            "kind": kind,
            "person_id": person_id,
            "record_id": record_id if given else None,
            "version": None,
            "source": engine.row("SELECT source FROM events WHERE sequence = ?", (sequence,))[0],
            "content": held.content,
        }
