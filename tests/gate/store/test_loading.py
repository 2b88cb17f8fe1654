"""What the law gets to see, and what it gets when something cannot be seen."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from gate.store import Record, SiteKeys, StoreError, StoreErrorKind
from gate.vocabulary.documents import Document
from tests.gate.store.world import (
    NOON,
    PASSPORT,
    World,
    ban,
    passport,
    person,
    traveller,
)


def test_the_facts_of_a_traveller(world: World) -> None:
    """Person, the passport presented, enrolment, bans and the state's policy in one view."""
    with world.open() as store:
        store.append_records([*traveller(), passport(document=("KOR", "M00000009")), ban()])
        store.append_records(
            [Record("country_policy", {"nationality": "KOR", "visa_exempt": True})]
        )
        store.append_records([Record("policy", {"max_age_min": 7})])
        store.append_records([Record("biometric_source", {"value": "ses"}, "P-1")])
        seq = store.record_sync(NOON, "hub")
        loaded = store.load_facts(PASSPORT, NOON)
    facts = loaded.facts
    assert facts.person is not None
    assert facts.person.person_id == "P-1"
    assert facts.passport is not None
    assert facts.passport.number == PASSPORT[1]
    assert facts.enrolment is not None
    assert [held.ban_id for held in facts.departure_bans] == ["B-1"]
    assert facts.departure_bans[0].received_at == NOON
    assert facts.country_policy is not None
    assert facts.country_policy.visa_exempt
    assert [source.value for source in facts.biometric_sources] == ["ses"]
    assert facts.store is not None
    assert (facts.store.synced_at, facts.store.max_age_min) == (NOON, 7)
    assert loaded.store_seq == seq


def test_every_passport_leads_to_the_person_and_the_persons_bans(world: World) -> None:
    """Bans attach to the person, not to the booklet."""
    with world.open() as store:
        other = ("UTO", "L898902C3")
        store.append_records([*traveller(), passport(document=other), ban()])
        facts = store.load_facts(other, NOON).facts
        assert facts.passport is not None
        assert facts.passport.issuing_state == "UTO"
        assert len(facts.departure_bans) == 1


def test_document_pair_and_pseudonym_find_the_same(world: World) -> None:
    """Three ways to name a document, fillers and case aside."""
    shown = Document(
        "P",
        "KOR",
        "m12345678<",
        "KOR",
        "CANARYSON",
        "HALCYON",
        "1990-02-03",
        "F",
        "2031-01-01",
        True,
    )
    with world.open() as store:
        store.append_records(traveller())
        reference = store.document_ref(*PASSPORT)
        found = [store.load_facts(name, NOON) for name in (shown, PASSPORT, reference)]
        assert {loaded.digest for loaded in found} == {found[0].digest}
        assert all(loaded.facts.person for loaded in found)


def test_an_unknown_document_names_nobody(world: World) -> None:
    """The law then refers."""
    with world.open() as store:
        store.append_records(traveller())
        assert store.load_facts(("KOR", "M00000000"), NOON).facts.person is None


def test_a_store_that_never_synced_is_stale(world: World) -> None:
    """Freshness is a sync event, nothing else."""
    with world.open() as store:
        store.append_records(traveller())
        facts = store.load_facts(PASSPORT, NOON).facts
        assert facts.store is not None
        assert facts.store.synced_at is None


def test_a_small_step_of_the_clock_hides_no_record(world: World) -> None:
    """A record that is visible has been received, also where the clock says a moment later."""
    with world.open() as store:
        store.append_records([*traveller(), ban()])
        earlier = NOON - timedelta(milliseconds=300)
        received = store.load_facts(PASSPORT, earlier).facts.departure_bans[0].received_at
        assert received == earlier


def test_a_lost_key_names_nobody_and_stays_so(world: World) -> None:
    """Refer, not crash; and a new record does not make the lost ones look absent."""
    with world.open() as store:
        store.append_records([*traveller(), ban()])
    with sqlite3.connect(world.path) as raw:
        raw.execute("UPDATE keys SET wrapped = randomblob(60) WHERE length(scope) = 16")
    with world.open() as store:
        loaded = store.load_facts(PASSPORT, NOON)
        assert loaded.facts.person is None
        assert not loaded.readable
        store.append_records([person(sex="M")])
        again = store.load_facts(PASSPORT, NOON)
        assert again.facts.person is None
        assert not again.readable
        grown = store.projections_plain()
        store.rebuild_projections()
        assert store.projections_plain() == grown
        assert store.verify().holds


def test_lost_reference_data_make_the_store_stale(world: World) -> None:
    """Policies that cannot be read any more are not taken for absent ones."""
    with world.open() as store:
        store.append_records([*traveller(), Record("policy", {"max_age_min": 5})])
        store.record_sync(NOON, "hub")
    with sqlite3.connect(world.path) as raw:
        raw.execute(
            "UPDATE keys SET wrapped = randomblob(60) WHERE scope = CAST('reference' AS BLOB)"
        )
    with world.open() as store:
        facts = store.load_facts(PASSPORT, NOON).facts
        assert facts.store is not None
        assert facts.store.synced_at is None


def test_another_master_key_does_not_open_the_store(world: World) -> None:
    """The message asks for the right key; nothing is overwritten."""
    world.open().close()
    with pytest.raises(StoreError, match="right key") as caught:
        world.open(keys=SiteKeys(bytes(32)))
    assert caught.value.problem is StoreErrorKind.KEY


def test_another_process_is_seen_at_the_next_load(world: World) -> None:
    """Policies are remembered only as long as they stand."""
    with world.open() as store, world.open() as other:
        store.append_records(traveller())
        assert store.load_facts(PASSPORT, NOON).facts.policy is None
        other.append_records([Record("policy", {"max_age_min": 5})])
        policy = store.load_facts(PASSPORT, NOON).facts.policy
        assert policy is not None
        assert policy.max_age_min == 5
