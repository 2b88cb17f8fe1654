"""A past passage with the facts as they stood: what its checks were decided on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
from gate.store.presented import as_told
from gate.store.records import View
from gate.vocabulary.decisions import Stage
from gate.vocabulary.facts import Facts, facts_from
from gate.vocabulary.passages import PassageId
from gate.vocabulary.records import NOT_YET_CAPTURED, Live

FACTS_LOADED, CAPTURE = "facts_loaded", "capture"
ENTRY_DECISION, EXIT_CHECK = "entry_decision", "exit_check"
STAGES = {
    ENTRY_DECISION: Stage.ENTRY,
    EXIT_CHECK: Stage.EXIT,
    EXIT_DECISION: Stage.EXIT,
}


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


@dataclass(frozen=True, slots=True)
class Said:
    """What a check came to, comparable between then and now."""

    verdict: str
    primary_rule: str | None
    rule_ids: frozenset[str]
    document_examined: bool


@dataclass(frozen=True, slots=True)
class RecordedCheck:
    """One check of a passage as the journal holds it, and what it rested on.

    `facts`: everything that the law was given then, the booklet and the captures included; None
    where it cannot be told any more, and `why_not` says why. `rule_set`: None where unrecorded.
    """

    passage: PassageId
    stage: Stage
    at: datetime
    store_seq: int
    said: Said
    parameters_hash: str | None
    rule_set: str | None
    facts: Facts | None = field(repr=False)
    why_not: str = ""


def recorded_checks(
    engine: Engine, keyring: Keyring, passage: PassageId, max_age_min: int
) -> list[RecordedCheck]:
    """Return the checks of a passage in the order in which they were made."""
    condition = "segment = 'journal' AND record_id = ?"
    loaded: Event | None = None
    captures: dict[str, str] = {}
    checks = []
    for event in read_events(engine, keyring, (condition, (str(passage),))):
        if event.payload is None:
            continue
        data = event.content["data"]
        if event.kind == FACTS_LOADED:
            loaded = event
        elif event.kind == CAPTURE:
            captures[data["kind"]] = data["verdict"]
        elif event.kind in STAGES:
            rest = _rested_on(event, loaded, captures)
            facts, why_not = _facts_then(engine, keyring, rest, max_age_min)
            checks.append(_recorded(passage, event, rest, facts, why_not))
    return checks


def _rested_on(event: Event, loaded: Event | None, captures: Mapping[str, str]) -> dict[str, Any]:
    """The latest loading before the check, outranked by what the check itself holds."""
    rest: dict[str, Any] = {"captures": dict(captures), "readable": True}
    if loaded is not None:
        rest.update(loaded.content["data"], document=loaded.document_ref)
    rest.update(event.content["data"], kind=event.kind)
    rest["at"] = datetime.fromisoformat(event.content["at"])
    rest["document"] = event.document_ref or rest.get("document")
    return rest


def _recorded(
    passage: PassageId, event: Event, rest: dict[str, Any], facts: Facts | None, why_not: str
) -> RecordedCheck:
    told = rest.get("decision") or event.content["data"]
    base = told.get("rule_base") or {}
    return RecordedCheck(
        passage=passage,
        stage=STAGES[event.kind],
        at=datetime.fromisoformat(told.get("at") or event.content["at"]),
        store_seq=rest.get("store_seq", -1),
        said=Said(
            verdict=told.get("verdict") or told["outcome"],
            primary_rule=told.get("primary_rule"),
            rule_ids=frozenset(finding["rule_id"] for finding in told.get("findings", ())),
            document_examined=bool(told.get("document_examined")),
        ),
        parameters_hash=base.get("parameters_hash") or rest.get("parameters_hash"),
        rule_set=base.get("rule_set_version") or rest.get("rule_set"),
        facts=facts,
        why_not=why_not,
    )


def _facts_then(
    engine: Engine, keyring: Keyring, rest: dict[str, Any], max_age_min: int
) -> tuple[Facts | None, str]:
    if "presented" not in rest or rest.get("document") is None:
        return None, "the journal does not hold what the booklet said"
    store_seq, document, at = rest["store_seq"], rest["document"], rest["at"]
    view = _view_then(engine, keyring, document, store_seq) if rest["readable"] else None
    everybody, whole = fold_everybody(engine, keyring, store_seq)
    seen = view or View()
    if not whole or digest_of(everybody, seen) != rest["facts_digest"]:
        return None, "what was held about this person then was erased or cannot be opened"
    mapping = facts_mapping(seen, everybody, at, document.hex())
    mapping["store"] = rest.get("store") or freshness(
        everybody, _synced_then(engine, keyring, store_seq), max_age_min
    )
    held = as_told(facts_from(mapping), rest["presented"])
    return replace(held, live=_live(rest)), ""


def _live(rest: Mapping[str, Any]) -> Any:
    if STAGES[rest["kind"]] is Stage.ENTRY:
        return NOT_YET_CAPTURED
    captures = rest["captures"]
    return Live(
        face_match=captures.get("face") == "match", finger_match=captures.get("finger") == "match"
    )


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
