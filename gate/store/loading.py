"""Loading what the law may look at: one snapshot, three look-ups, one decryption."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gate.store.chain import instant_of, micros
from gate.store.engine import Engine
from gate.store.keyring import Keyring, unsealed
from gate.store.log import CLOCK_TOLERANCE_US
from gate.store.persons import LIVE, fold_everybody
from gate.store.records import View
from gate.vocabulary.facts import Facts, facts_from


@dataclass(frozen=True, slots=True)
class LoadedFacts:
    """The store's view of the holder of a document, all of one snapshot.

    `store_seq`: the last event that the snapshot holds. `versions`: (kind, record id, version)
    of every record seen. `digest`: SHA-256 over their contents, hex. `readable`: False where a record of
    this person cannot be opened any more; then `facts` names nobody and the law refers.
    """

    facts: Facts = field(repr=False)
    store_seq: int
    document_ref: str
    versions: tuple[tuple[str, str, int], ...] = ()
    digest: str = ""
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read, still as JSON values; `mapping` is the argument of `facts_from`."""

    mapping: dict[str, Any] = field(repr=False)
    store_seq: int
    versions: tuple[tuple[str, str, int], ...]
    digest: str
    readable: bool


class FactsReader:
    """Reads views; remembers only the records that concern everybody."""

    def __init__(self, engine: Engine, keyring: Keyring, max_age_min: int) -> None:
        self._engine = engine
        self._keyring = keyring
        self._max_age_min = max_age_min
        self._everybody: tuple[int, View, bool] | None = None

    def load(self, document: bytes, at: datetime) -> LoadedFacts:
        """Return the facts about the holder of a document as the law wants them."""
        with self._engine.reading():
            snapshot = self.snapshot(document, at)
        return LoadedFacts(
            facts_from(snapshot.mapping),
            snapshot.store_seq,
            document.hex(),
            snapshot.versions,
            snapshot.digest,
            snapshot.readable,
        )

    def snapshot(self, document: bytes, at: datetime) -> Snapshot:
        """Read inside the transaction that the caller holds."""
        sequence, latest_at, reference_sequence, synced_at = self._engine.row(
            "SELECT sequence, latest_at, reference_sequence, synced_at FROM head"
        )
        everybody, whole = self._everybody_as_of(reference_sequence)
        view, readable = self._person_view(document)
        clock_behind = micros(at) < latest_at - CLOCK_TOLERANCE_US
        mapping = facts_mapping(view, everybody, at, document.hex())
        known = synced_at is not None and whole and not clock_behind
        synced = instant_of(synced_at) if known else None
        mapping["store"] = freshness(everybody, synced, self._max_age_min)
        return Snapshot(
            mapping,
            sequence,
            everybody.versions() + view.versions(),
            digest_of(everybody, view),
            readable,
        )

    def last_change(self, document: bytes) -> int:
        """Sequence of the last event that could change a decision about this document."""
        reference: int = self._engine.row("SELECT reference_sequence FROM head")[0]
        row = self._engine.row(
            "SELECT p.sequence FROM passports d "
            "JOIN persons p ON p.person_ref = d.person_ref WHERE d.document_ref = ?",
            (document,),
        )
        return max(reference, row[0] if row else 0)

    def _everybody_as_of(self, sequence: int) -> tuple[View, bool]:
        if self._everybody is None or self._everybody[0] != sequence:
            view, whole = fold_everybody(self._engine, self._keyring)
            self._everybody = (sequence, view, whole)
        return self._everybody[1], self._everybody[2]

    def _person_view(self, document: bytes) -> tuple[View, bool]:
        row = self._engine.row(
            "SELECT p.person_ref, p.state, p.key_id, p.nonce, p.view, k.wrapped "
            "FROM passports d JOIN persons p ON p.person_ref = d.person_ref "
            "LEFT JOIN keys k ON k.key_id = p.key_id WHERE d.document_ref = ?",
            (document,),
        )
        if row is None:
            return View(), True
        person, state, key_id, nonce, sealed, wrapped = row
        if state != LIVE or wrapped is None:
            return View(), False
        data = unsealed(self._keyring.opened(key_id, wrapped, person), nonce, sealed, person)
        return (View(), False) if data is None else (View.from_bytes(data), True)


def facts_mapping(view: View, everybody: View, at: datetime, document: str) -> dict[str, Any]:
    """Return the JSON form of the facts, without the store's freshness."""
    mapping = view.facts(at, document)
    policy = _policy(everybody)
    if policy:
        mapping["policy"] = policy
    holidays = everybody.held("holidays", "holidays")
    if holidays is not None and holidays.content is not None:
        mapping["holidays"] = holidays.content["value"]
    nationality = (mapping.get("passport") or mapping.get("person") or {}).get("nationality")
    if nationality is None:
        nationality = mapping.get("person", {}).get("nationality")
    held = everybody.held("country_policy", str(nationality))
    if held is not None and held.content is not None:
        mapping["country_policy"] = held.content
    return mapping


def freshness(everybody: View, synced_at: datetime | None, max_age_min: int) -> dict[str, Any]:
    """Return the JSON form of the store's state; a policy record outranks the default age."""
    return {
        "synced_at": None if synced_at is None else synced_at.isoformat(),
        "max_age_min": _policy(everybody).get("max_age_min") or max_age_min,
    }


def _policy(everybody: View) -> dict[str, Any]:
    held = everybody.held("policy", "policy")
    return dict(held.content) if held is not None and held.content is not None else {}


def digest_of(everybody: View, view: View) -> str:
    """Return the digest of the records that a decision rests on, 64 hex digits."""
    digest = hashlib.sha256(everybody.digest)
    digest.update(view.digest)
    return digest.hexdigest()
