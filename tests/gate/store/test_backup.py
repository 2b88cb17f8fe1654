"""Back-up and restore, each with its proof."""

from __future__ import annotations

import sqlite3

import pytest

from gate.store import SiteKeys, Store, StoreError, StoreErrorKind
from gate.store.backup import prove, restore, verify_file
from gate.vocabulary.passages import PassageId
from tests.gate.store.world import KEYS, NOON, PASSPORT, World, ban, traveller


def filled(world: World) -> Store:
    """A store in use."""
    store = world.open()
    store.append_records([*traveller(), ban()])
    store.next_boot()
    store.open_passage(PassageId(1, 1), NOON)
    return store


def test_a_back_up_of_a_store_in_use_equals_it(world: World) -> None:
    """Same events, same head, same views; one plain file without a WAL beside it."""
    target = world.path.with_name("copy.db")
    with filled(world) as store:
        proof = store.back_up(target)
        report = store.verify()
        assert (proof.events, proof.head) == (report.events, report.head.hex())
        with Store.open(target, keys=KEYS, utc_now=world.clock, free_share=world.disk) as copy:
            assert copy.projections_plain() == store.projections_plain()
            assert copy.journal_plain() == store.journal_plain()


def test_proving_a_back_up_does_not_change_it(world: World) -> None:
    """Not one byte, and nothing is left beside it."""
    target = world.path.with_name("copy.db")
    with filled(world) as store:
        store.back_up(target)
    before = target.read_bytes()
    prove(target)
    assert target.read_bytes() == before
    assert not list(world.path.parent.glob("copy.db-*"))


def test_a_restored_store_equals_the_back_up(world: World) -> None:
    """What came after the back-up is gone, and the file it replaced is kept aside."""
    target = world.path.with_name("copy.db")
    with filled(world) as store:
        store.back_up(target)
        before = store.projections_plain()
        store.append_records([ban("B-2")])
    proof = restore(target, world.path, keys=KEYS, now=NOON)
    with world.open(create=False) as again:
        assert again.projections_plain() == before
        assert again.verify().events == proof.events
    assert list(world.path.parent.glob("store.db.before-*"))


def test_a_back_up_with_a_broken_chain_is_refused(world: World) -> None:
    """The present store stays where it is."""
    target = world.path.with_name("copy.db")
    with filled(world) as store:
        store.back_up(target)
    present = verify_file(world.path)
    with sqlite3.connect(target) as raw:
        raw.execute("DROP TRIGGER events_are_never_changed")
        raw.execute("UPDATE events SET received_at = 1 WHERE sequence = 2")
    with pytest.raises(StoreError, match="event 2") as caught:
        restore(target, world.path, keys=KEYS, now=NOON)
    assert caught.value.problem is StoreErrorKind.BROKEN_CHAIN
    assert verify_file(world.path) == present


def test_a_store_in_use_is_not_replaced(world: World) -> None:
    """The gate is stopped first."""
    target = world.path.with_name("copy.db")
    with filled(world) as store:
        store.back_up(target)
        with pytest.raises(StoreError, match="stop the gate") as caught:
            restore(target, world.path, keys=KEYS, now=NOON)
        assert caught.value.problem is StoreErrorKind.LOCKED
        store.append_records([ban("B-2")])


def test_a_back_up_of_another_site_is_refused(world: World) -> None:
    """Without its key nobody could be decided on."""
    target = world.path.with_name("copy.db")
    with filled(world) as store:
        store.back_up(target)
    with pytest.raises(StoreError) as caught:
        restore(target, world.path, keys=SiteKeys(b"x" * 32), now=NOON)
    assert caught.value.problem is StoreErrorKind.KEY
    assert list(world.path.parent.glob("*.part*")) == []


def test_a_damaged_store_is_replaced(world: World) -> None:
    """That is what back-ups are for."""
    target = world.path.with_name("copy.db")
    with filled(world) as store:
        store.back_up(target)
    world.path.write_bytes(b"rubbish" * 1000)
    restore(target, world.path, keys=KEYS, now=NOON)
    with world.open(create=False) as again:
        assert again.load_facts(PASSPORT, NOON).facts.person is not None


def test_a_restore_brings_nobody_back_who_was_erased(world: World) -> None:
    """An older back-up still has the key; it is destroyed again. Boots are not counted twice."""
    target = world.path.with_name("copy.db")
    with world.open() as store:
        store.append_records(traveller())
        store.back_up(target)
        store.erase_person("P-1", "OFF-1", "request")
        store.next_boot()
        store.next_boot()
    restore(target, world.path, keys=KEYS, now=NOON)
    with world.open(create=False) as again:
        assert again.load_facts(PASSPORT, NOON).facts.person is None
        assert again.export_person("P-1")["records"][0]["content"] is None
        assert again.next_boot() == 3
        assert again.verify().holds


def test_an_existing_file_is_not_overwritten_by_a_back_up(world: World) -> None:
    """Yesterday's back-up stays."""
    target = world.path.with_name("copy.db")
    target.write_text("precious")
    with filled(world) as store, pytest.raises(StoreError, match="exists"):
        store.back_up(target)
    assert target.read_text() == "precious"
