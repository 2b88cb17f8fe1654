"""What is kept how long, and who is forgotten when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from gate.store import KINDS, Record
from gate.store.records import Held
from gate.store.retention import KEPT_DAYS, keep_until
from gate.vocabulary.passages import Outcome, PassageId
from tests.gate.store.world import NOON, PASSPORT, World, ban, enrolment, traveller


@pytest.mark.parametrize(
    ("kind", "content", "last_day"),
    [
        ("enrolment", {"status": "active"}, None),
        ("enrolment", {"status": "cancelled"}, date(2026, 3, 2) + timedelta(days=31)),
        ("penalty", {"amount_krw": 1, "decided_on": "2020-01-01"}, None),
        ("penalty", {"paid_on": "2024-02-29"}, date(2027, 3, 4)),
        ("deportation", {"departed_on": "2024-02-29"}, date(2029, 3, 5)),
        ("entry_ban", {"from": "2026-01-01"}, None),
        ("departure_ban", {"last_day": "2026-01-01"}, date(2026, 1, 1) + timedelta(days=1098)),
        ("person", {"person_id": "P-1"}, date.min),
    ],
)
def test_the_last_day_of_keeping(kind: str, content: dict[str, Any], last_day: date | None) -> None:
    """Each kind by its own end; what the law still looks at is never forgotten before."""
    received_at = int(NOON.timestamp() * 1e6)
    assert keep_until(kind, Held(1, 1, received_at, content)) == last_day


def test_the_schedule_names_known_kinds() -> None:
    """No period for a kind that does not exist."""
    assert set(KEPT_DAYS) <= set(KINDS)


def test_whoever_ended_the_membership_long_ago_is_forgotten(world: World) -> None:
    """Members, persons with a standing ban and recent leavers stay; old months go."""
    documents = {name: ("KOR", f"N0000000{name}") for name in (1, 2, 3)}
    with world.open() as store:
        store.open_passage(PassageId(1, 1), NOON)
        store.close_passage(PassageId(1, 1), Outcome.REFER, NOON)
        for name, document in documents.items():
            store.append_records(traveller(f"P-{name}", document))
        store.append_records([enrolment("P-1", status="cancelled")])
        store.append_records([enrolment("P-2", status="cancelled"), ban("B-2", "P-2")])
        world.clock.now += timedelta(days=31)
        assert store.erase_what_is_due("OFF-1") == (0, [])
        world.clock.now += timedelta(days=1)
        assert store.erase_what_is_due("OFF-1") == (1, [])
        held = {
            name: store.load_facts(document, world.clock.now).facts.person is not None
            for name, document in documents.items()
        }
        assert held == {1: False, 2: True, 3: True}
        world.clock.now += timedelta(days=900)
        assert store.erase_what_is_due("OFF-1") == (0, ["2026-03"])
        assert store.verify().holds


def test_a_record_entered_in_error_keeps_nobody(world: World) -> None:
    """A withdrawn ban does not hold an ended membership back."""
    with world.open() as store:
        store.append_records([*traveller(), ban()])
        store.append_records([Record("departure_ban", None, "P-1", record_id="B-1")])
        store.append_records([enrolment(status="cancelled")])
        world.clock.now += timedelta(days=40)
        assert store.erase_what_is_due("OFF-1")[0] == 1
        assert store.load_facts(PASSPORT, world.clock.now).facts.person is None
