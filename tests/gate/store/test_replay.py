"""A past decision stands on the facts of its own instant, whatever came later."""

from __future__ import annotations

import pytest

from gate.store import Record, Store, StoreError
from gate.vocabulary.passages import PassageId
from tests.gate.store.world import NOON, PASSPORT, World, admitting, ban, enrolment, traveller

ONE = PassageId(1, 1)


def decided(world: World) -> Store:
    """A store with one exit decision."""
    store = world.open()
    store.append_records([*traveller(), Record("policy", {"max_age_min": 9})])
    store.record_sync(NOON, "hub")
    store.open_passage(ONE, NOON)
    loaded = store.load_facts(PASSPORT, NOON)
    reference = store.document_ref(*PASSPORT)
    store.authorise_exit(ONE, admitting(), loaded.store_seq, document_ref=reference)
    return store


def test_the_facts_are_those_of_then(world: World) -> None:
    """Later bans, a cancelled enrolment, a new policy and a later sync are not in them."""
    with decided(world) as store:
        then = store.load_facts(PASSPORT, NOON).facts
        world.clock.turn(3600)
        store.append_records([ban(), enrolment(status="cancelled")])
        store.append_records([Record("policy", {"max_age_min": 1})])
        store.record_sync(world.clock.now, "hub")
        replayed = store.replay_passage(ONE)
        assert replayed.facts == then
        assert replayed.same_facts
        assert replayed.at == NOON
        assert replayed.data["decision"]["rule_base"]["rule_set_version"] == "1"


def test_after_an_erasure_only_the_decision_is_left(world: World) -> None:
    """What was forgotten is not told by a replay."""
    with decided(world) as store:
        store.erase_person("P-1", "OFF-1", "request")
        replayed = store.replay_passage(ONE)
        assert replayed.facts is None
        assert not replayed.same_facts
        assert replayed.data["decision"]["verdict"] == "admit"


def test_a_passage_without_an_exit_decision_is_said(world: World) -> None:
    """No traceback for a passage that was referred, or never was."""
    with decided(world) as store:
        store.open_passage(PassageId(1, 2), NOON)
        for passage in (PassageId(1, 2), PassageId(7, 7)):
            with pytest.raises(StoreError, match="no exit decision"):
                store.replay_passage(passage)
