"""Records are events; what is held is their fold."""

from __future__ import annotations

import random
from typing import Any

import pytest

from gate.store import KINDS, Record, Store, StoreError, StoreErrorKind
from tests.gate.store.world import (
    NOON,
    PASSPORT,
    World,
    ban,
    enrolment,
    passport,
    person,
    traveller,
)


def refusal(store: Store, record: Record) -> StoreError:
    """Append and return why that was refused; nothing may have been written."""
    before = store.verify()
    with pytest.raises(StoreError) as caught:
        store.append_records([record])
    assert store.verify() == before
    return caught.value


def test_a_later_version_replaces_the_content_and_the_earlier_stays(world: World) -> None:
    """The fold holds the latest version; the export has both."""
    with world.open() as store:
        store.append_records([*traveller(), ban()])
        store.append_records([ban(revoked_at="2026-03-02T10:00:00+09:00")])
        bans = store.load_facts(PASSPORT, NOON).facts.departure_bans
        assert [(held.version, held.revoked_at is not None) for held in bans] == [(2, True)]
        versions = [
            record["version"]
            for record in store.export_person("P-1")["records"]
            if record["kind"] == "departure_ban"
        ]
        assert versions == [1, 2]


def test_a_revocation_touches_only_what_it_names(world: World) -> None:
    """Of two bans, the one that was not revoked stands."""
    with world.open() as store:
        store.append_records([*traveller(), ban("B-1"), ban("B-2")])
        store.append_records([ban("B-1", revoked_at="2026-03-02T10:00:00+09:00")])
        bans = store.load_facts(PASSPORT, NOON).facts.departure_bans
        assert {held.ban_id: held.revoked_at is None for held in bans} == {
            "B-1": False,
            "B-2": True,
        }


def test_the_same_again_is_no_news(world: World) -> None:
    """A record delivered twice is held once."""
    with world.open() as store:
        first = store.append_records([*traveller(), ban()])
        assert store.append_records([*traveller(), ban()]) == first


def test_an_id_with_other_content_is_refused(world: World) -> None:
    """A version that is held never changes its meaning."""
    with world.open() as store:
        store.append_records([*traveller(), ban()])
        held = ban(last_day="2026-09-01")
        again = Record(
            held.kind, held.content, held.person_id, record_id="B-1", version=1, source="x"
        )
        error = refusal(store, again)
        assert error.problem is StoreErrorKind.CONFLICT
        assert "B-1" in str(error)


def test_an_id_of_another_person_is_refused(world: World) -> None:
    """Nobody's ban is moved to somebody else; nor is a passport."""
    with world.open() as store:
        store.append_records([*traveller(), ban(), person("P-2")])
        assert refusal(store, ban("B-1", "P-2")).problem is StoreErrorKind.CONFLICT
        assert refusal(store, passport("P-2")).problem is StoreErrorKind.CONFLICT


def test_a_record_about_an_unknown_person_is_refused(world: World) -> None:
    """The person comes first."""
    with world.open() as store:
        error = refusal(store, Record("departure_ban", ban().content, "P-9"))
        assert error.problem is StoreErrorKind.REJECTED
        assert "unknown" in str(error)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("departure_ban", {**(ban().content or {}), "decided_at": "2026-03-01T10:00:00"}),
        ("departure_ban", {**(ban().content or {}), "last_day": "2026-02-30"}),
        ("departure_ban", {**(ban().content or {}), "last_day": "2026-02-28"}),
        ("departure_ban", {**(ban().content or {}), "extensions": [{"last_day": "2026-02-28"}]}),
        ("departure_ban", {**(ban().content or {}), "ban_id": " "}),
        ("permit", {"kind": "visa", "valid_from": "2026-05-01", "valid_until": "2026-04-30"}),
        (
            "entry_ban",
            {"id": "E", "ground": "11(1)1", "from": "2026-05-01", "last_day": "2026-04-30"},
        ),
        ("departure_ban", {**(ban().content or {}), "ground": "4(9)"}),
        ("departure_ban", {**(ban().content or {}), "colour": "red"}),
        ("departure_ban", {**(ban().content or {}), "amounts": {"fine": -1}}),
        ("penalty", {"amount_krw": -5, "decided_on": "2026-01-01"}),
        ("biometric_source", {"value": "guess"}),
        ("immigration_investigation", {"value": "yes"}),
        ("nonsense", {}),
        ("policy", {"max_age_min": 10}),
        ("holidays", {"value": ["2026-01-01"]}),
    ],
)
def test_malformed_content_is_refused_whole(
    world: World, kind: str, content: dict[str, Any]
) -> None:
    """Naive timestamps, impossible dates, unknown words, negative amounts: nothing is written."""
    with world.open() as store:
        store.append_records(traveller())
        assert refusal(store, Record(kind, content, "P-1")).problem is StoreErrorKind.REJECTED


def test_one_bad_record_takes_its_whole_batch_back(world: World) -> None:
    """All or none."""
    with world.open() as store:
        store.append_records(traveller())
        before = store.verify()
        with pytest.raises(StoreError):
            store.append_records([ban("B-1"), ban("B-2", ground="4(9)")])
        assert store.verify() == before
        assert store.load_facts(PASSPORT, NOON).facts.departure_bans == ()


def test_a_record_entered_in_error_is_withdrawn(world: World) -> None:
    """Content None takes it out of the view, not out of the log."""
    with world.open() as store:
        store.append_records([*traveller(), ban()])
        store.append_records([Record("departure_ban", None, "P-1", record_id="B-1")])
        assert store.load_facts(PASSPORT, NOON).facts.departure_bans == ()
        assert len(store.export_person("P-1")["records"]) == 5


def test_every_section_of_the_facts_has_its_kind() -> None:
    """Whatever the law looks at and a record can say, the store can hold."""
    from gate.vocabulary.facts import Facts

    own = {"direction", "live", "store", "capture", "documents", "transaction"}
    assert {kind.section for kind in KINDS.values()} == (set(Facts.__dataclass_fields__) - own)


@pytest.mark.parametrize("seed", range(3))
def test_the_projections_made_again_are_the_ones_that_grew(world: World, seed: int) -> None:
    """Random lives of records: rebuilding from the log changes nothing."""
    chance = random.Random(seed)
    with world.open() as store:
        for number in range(4):
            store.append_records(traveller(f"P-{number}", ("KOR", f"N{number:08d}")))
        for _ in range(25):
            who = chance.randrange(4)
            if chance.random() < 0.1:
                _erase(store, f"P-{who}")
                store.append_records(traveller(f"P-{who}", ("KOR", f"N{who:08d}")))
            store.append_records([_something(chance, f"P-{who}")])
        grown = store.projections_plain()
        store.rebuild_projections()
        assert store.projections_plain() == grown
        assert store.verify().holds


def _something(chance: random.Random, who: str) -> Record:
    day = f"2026-{chance.randrange(3, 13):02d}-01"
    consent = {"kind": "self", "given_at": f"{day}T10:00:00+09:00"}
    return chance.choice(
        [
            ban(f"B-{who}-{chance.randrange(3)}", who, last_day=day),
            ban(f"B-{who}-0", who, revoked_at=f"{day}T10:00:00+09:00"),
            enrolment(who, status=chance.choice(["active", "cancelled"])),
            Record("consent", consent, who),
            Record("purpose_conflict", {"value": chance.random() < 0.5}, who),
            Record("policy", {"max_age_min": chance.randrange(5, 60)}),
            Record("country_policy", {"nationality": "UTO", "visa_exempt": chance.random() < 0.5}),
            person(who, sex=chance.choice("FMX")),
        ]
    )


def _erase(store: Store, who: str) -> None:
    for number in range(3):
        over = Record("departure_ban", None, who, record_id=f"B-{who}-{number}")
        store.append_records([over])
    store.erase_person(who, "OFF-1", "request")


def test_bans_and_enrolments_survive_a_rebuild(world: World) -> None:
    """Several kinds, versions and a withdrawn record, rebuilt to the same view."""
    with world.open() as store:
        store.append_records([*traveller(), ban("B-1"), ban("B-2")])
        store.append_records([enrolment(status="cancelled"), ban("B-2", last_day="2026-12-01")])
        store.append_records([Record("departure_ban", None, "P-1", record_id="B-1")])
        grown = store.projections_plain()
        store.rebuild_projections()
        assert store.projections_plain() == grown


def test_holidays_reach_the_facts(world: World) -> None:
    """Days that an objection's term skips; a day that does not exist is refused."""
    with world.open() as store:
        store.append_records([*traveller(), Record("holidays", {"value": ["2026-01-01"]})])
        days = store.load_facts(PASSPORT, NOON).facts.holidays
        assert [day.isoformat() for day in days] == ["2026-01-01"]
        bad = Record("holidays", {"value": ["2026-02-30"]})
        assert refusal(store, bad).problem is StoreErrorKind.REJECTED
