"""A past passage with the facts as they stood: what an exit was decided on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gate.store.chain import instant_of, micros
from gate.store.engine import Engine
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.journal import EXIT_DECISION
from gate.store.keyring import Keyring
from gate.store.loading import digest_of, facts_mapping, freshness
from gate.store.log import SYNCED, Event, read_events
from gate.store.persons import LIVE, fold_everybody, fold_person
from gate.store.records import View
from gate.vocabulary.facts import Facts, facts_from
from gate.vocabulary.passages import PassageId


@dataclass(frozen=True, slots=True)
class ReplayedPassage:
    """One exit decision and what it rested on.

    `facts`: the store's view as of `store_seq`, without what the document and the captures
    said; None where it cannot be read any more. `data`: the journalled decision with findings,
    rule base and evidence. `same_facts`: the view has the digest that the decision recorded.
    """

    passage: PassageId
    at: datetime
    store_seq: int
    data: dict[str, Any]
    facts: Facts | None = field(repr=False)
    same_facts: bool


def replay(
    engine: Engine, keyring: Keyring, passage: PassageId, max_age_min: int
) -> ReplayedPassage:
    """Return what a passage's exit decision rested on.

    Raises StoreError(REJECTED) where the passage has none, or its month was forgotten.
    """
    event = _decision_of(engine, keyring, passage)
    content = event.content
    data, at = content["data"], datetime.fromisoformat(content["at"])
    view = _view_then(engine, keyring, event.document_ref, data["store_seq"])
    everybody, whole = fold_everybody(engine, keyring, data["store_seq"])
    if view is None or not whole or event.document_ref is None:
        return ReplayedPassage(passage, at, data["store_seq"], data, None, False)
    mapping = facts_mapping(view, everybody, at, event.document_ref.hex())
    synced_at = _synced_then(engine, keyring, data["store_seq"])
    mapping["store"] = freshness(everybody, synced_at, max_age_min)
    same = digest_of(everybody, view) == data["facts_digest"]
    return ReplayedPassage(passage, at, data["store_seq"], data, facts_from(mapping), same)


def _decision_of(engine: Engine, keyring: Keyring, passage: PassageId) -> Event:
    condition = "segment = 'journal' AND record_id = ? AND kind = ?"
    events = read_events(engine, keyring, (condition, (str(passage), EXIT_DECISION)))
    if not events or events[0].payload is None:
        raise StoreError(
            StoreErrorKind.REJECTED, f"passage {passage}: no exit decision of it can be read"
        )
    return events[0]


def _view_then(
    engine: Engine, keyring: Keyring, document: bytes | None, store_seq: int
) -> View | None:
    row = engine.row("SELECT person_ref FROM passports WHERE document_ref = ?", (document,))
    if row is None:
        return None
    shelf = fold_person(engine, keyring, bytes(row[0]), store_seq)
    return shelf.view if shelf is not None and shelf.state == LIVE else None


def _synced_then(engine: Engine, keyring: Keyring, store_seq: int) -> datetime | None:
    row = engine.row(
        "SELECT max(sequence) FROM events WHERE segment = 'keeping' AND kind = ? AND sequence <= ?",
        (SYNCED, store_seq),
    )
    if row[0] is None:
        return None
    (event,) = read_events(engine, keyring, ("sequence = ?", (row[0],)))
    if event.payload is None:
        return None
    return instant_of(micros(datetime.fromisoformat(event.content["synced_at"])))
