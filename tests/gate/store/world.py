"""Invented people and a store on a temporary disk, for the tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gate.store import Record, SiteKeys, Store
from gate.vocabulary.decisions import ExitDecision, Finding, RuleBase, Verdict

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEYS = SiteKeys(bytes(range(32)))
PASSPORT = ("KOR", "M12345678")
NAME = "CANARYSON<<HALCYON"


@dataclass
class HandClock:
    """A wall clock turned by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """Return the time that it shows."""
        return self.now

    def turn(self, seconds: float) -> None:
        """Turn it forward, or back."""
        self.now += timedelta(seconds=seconds)


@dataclass
class Disk:
    """The free share of an imagined disk."""

    free: float = 0.5

    def __call__(self) -> float:
        """Return the free share."""
        return self.free


@dataclass
class World:
    """A store file, its clock and its disk."""

    path: Path
    clock: HandClock = field(default_factory=HandClock)
    disk: Disk = field(default_factory=Disk)

    def open(self, **options: Any) -> Store:
        """Open the store, made where it is missing."""
        settings: dict[str, Any] = {
            "keys": KEYS,
            "utc_now": self.clock,
            "free_share": self.disk,
            "create": True,
            **options,
        }
        return Store.open(self.path, **settings)


def person(person_id: str = "P-1", **changes: Any) -> Record:
    """A national with a canary for a name."""
    content = {
        "person_id": person_id,
        "category": "national",
        "nationality": "KOR",
        "dob": "1990-02-03",
        "sex": "F",
        "name": NAME,
        "resident_registered": True,
        "military_status": "not_liable",
        **changes,
    }
    return Record("person", content, person_id, source="registry")


def passport(
    person_id: str = "P-1", document: tuple[str, str] = PASSPORT, **changes: Any
) -> Record:
    """That national's passport."""
    content = {
        "issuing_state": document[0],
        "number": document[1],
        "nationality": document[0],
        "name": NAME,
        "dob": "1990-02-03",
        "sex": "F",
        "expiry": "2031-01-01",
        **changes,
    }
    return Record("passport", content, person_id, source="registry")


def enrolment(person_id: str = "P-1", **changes: Any) -> Record:
    """An active membership with both modalities."""
    content = {
        "status": "active",
        "enrolled_at": "2024-01-15T10:00:00+09:00",
        "has_face": True,
        "has_finger": True,
        **changes,
    }
    return Record("enrolment", content, person_id, source="desk")


def ban(ban_id: str = "B-1", person_id: str = "P-1", **changes: Any) -> Record:
    """A departure prohibition in force."""
    content = {
        "ban_id": ban_id,
        "ground": "4(1)1",
        "decided_at": "2026-03-01T10:00:00+09:00",
        "start_date": "2026-03-01",
        "last_day": "2026-06-01",
        **changes,
    }
    return Record("departure_ban", content, person_id, source="prosecution")


def traveller(person_id: str = "P-1", document: tuple[str, str] = PASSPORT) -> Sequence[Record]:
    """Everything an enrolled national needs."""
    return [person(person_id), passport(person_id, document), enrolment(person_id)]


def admitting(at: datetime = NOON) -> ExitDecision:
    """An exit decision that admits."""
    return ExitDecision(
        verdict=Verdict.ADMIT,
        findings=(),
        primary_rule=None,
        grounds=(Finding("NGT-02", "A 6(1)"),),
        traveller_message=None,
        document_examined=True,
        at=at,
        rule_base=RuleBase("ab" * 32, "1", "1"),
    )
