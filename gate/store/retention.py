"""How long each kind of record is kept after its own end, and who may therefore be erased.

The documents that the project follows name no periods. Those below are the project's policy:
as long as a rule still looks at the record (the three years of a penalty, the five years after
a deportation), and a month for what only serves the membership.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from gate.store.chain import instant_of
from gate.store.engine import Engine
from gate.store.keyring import Keyring
from gate.store.log import SEOUL
from gate.store.persons import LIVE, fold_person
from gate.store.privacy import standing_bans
from gate.store.records import Held, View

MONTH, YEAR = 31, 366
JOURNAL_MONTHS = 24
KEPT_DAYS: dict[str, int] = {
    "enrolment": MONTH,
    "consent": MONTH,
    "biometric_source": MONTH,
    "departure_ban": 3 * YEAR,
    "emergency_ban": 3 * YEAR,
    "entry_ban": 3 * YEAR,
    "deportation": 5 * YEAR + 1,
    "penalty": 3 * YEAR + 1,
    "permit": YEAR,
    "military_permission": YEAR,
    "designation": MONTH,
    "landing": YEAR,
    "conditional_entry": YEAR,
    "custody": 5 * YEAR,
}
"""Days after the end of a record. A kind that is missing here lives as long as the others do."""

_ENDS: dict[str, tuple[str, ...]] = {
    "departure_ban": ("revoked_at", "last_day"),
    "emergency_ban": ("revoked_at", "approved_last_day"),
    "entry_ban": ("revoked_at", "last_day"),
    "deportation": ("departed_on",),
    "penalty": ("paid_on",),
    "permit": ("valid_until",),
    "military_permission": ("valid_until",),
    "designation": ("valid_until",),
    "consent": ("withdrawn_at",),
}


def keep_until(kind: str, held: Held) -> date | None:
    """Return the last day on which a record is kept; None while it has no end."""
    content = held.content
    if content is None:
        return date.min  # withdrawn: entered in error
    end = _ended(kind, content, _day_of(held))
    return None if end is None else end + timedelta(days=KEPT_DAYS.get(kind, 0))


def _ended(kind: str, content: Mapping[str, Any], received: date) -> date | None:
    if kind not in KEPT_DAYS:
        return date.min
    if kind == "enrolment":
        return None if content["status"] == "active" else received
    if kind not in _ENDS:
        return received
    stated = [content[name][:10] for name in _ENDS[kind] if content.get(name)]
    if stated:
        return date.fromisoformat(stated[0])
    # Without an end of its own a consent lasts as long as the membership; a debt or ban for ever.
    return received if kind == "consent" else None


def due(engine: Engine, keyring: Keyring, today: date) -> Iterator[str]:
    """Yield the ids of the persons of whom nothing has to be kept any more on a day in Seoul."""
    persons = engine.rows("SELECT person_ref FROM persons WHERE state = 'live'")
    for (person,) in persons:
        shelf = fold_person(engine, keyring, bytes(person))
        if shelf is not None and shelf.state == LIVE and is_due(shelf.view, today):
            yield from _person_ids(shelf.view)


def is_due(view: View, today: date) -> bool:
    """Whether every record of a view is past its time, and the membership has ended."""
    enrolled = any(held.content for held in view.kinds.get("enrolment", {}).values())
    if not enrolled or standing_bans(view, today.isoformat()):
        return False
    untils = [
        keep_until(kind, held) for kind, records in view.kinds.items() for held in records.values()
    ]
    return all(until is not None and until < today for until in untils)


def _person_ids(view: View) -> list[str]:
    held = view.kinds.get("person", {}).values()
    return [one.content["person_id"] for one in held if one.content is not None]


def _day_of(held: Held) -> date:
    return instant_of(held.received_at).astimezone(SEOUL).date()
