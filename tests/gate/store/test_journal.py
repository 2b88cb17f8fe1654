"""The journal: one outcome each, and no exit on facts that have changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from gate.store import (
    Authorised,
    Closing,
    JournalEntry,
    Record,
    Stale,
    Store,
    StoreError,
    StoreErrorKind,
)
from gate.vocabulary.decisions import Verdict
from gate.vocabulary.passages import Outcome, PassageId
from tests.gate.store.world import (
    NOON,
    PASSPORT,
    World,
    admitting,
    ban,
    enrolment,
    passport,
    person,
    traveller,
)

ONE = PassageId(1, 1)


def authorised(store: Store, store_seq: int, passage: PassageId = ONE) -> Authorised | Stale:
    """Ask to let the holder of the passport out."""
    return store.authorise_exit(
        passage, admitting(), store_seq, document_ref=store.document_ref(*PASSPORT)
    )


def open_with_traveller(world: World) -> tuple[Store, int]:
    """A store with an enrolled traveller inside the gate, and the sequence of the facts."""
    store = world.open()
    store.append_records(traveller())
    store.record_sync(NOON, "hub")
    store.open_passage(ONE, NOON)
    return store, store.load_facts(PASSPORT, NOON).store_seq


def test_the_exit_is_authorised_on_unchanged_facts(world: World) -> None:
    """The decision is in the log with what it rests on."""
    store, seq = open_with_traveller(world)
    with store:
        loaded = store.load_facts(PASSPORT, NOON)
        answer = authorised(store, seq)
        assert isinstance(answer, Authorised)
        assert answer.seq == store.verify().events
        data = store.journal_plain()[-1]["data"]
        assert data["facts_digest"] == loaded.digest
        assert [tuple(version) for version in data["versions"]] == list(loaded.versions)
        assert data["decision"]["verdict"] == "admit"
        assert data["decision"]["rule_base"]["parameters_hash"] == "ab" * 32


CHANGES: dict[str, Callable[[], Record]] = {
    "ban": ban,
    "enrolment": lambda: enrolment(status="revoked"),
    "passport": lambda: passport(status="stolen"),
    "person": lambda: person(military_status="unknown"),
    "policy": lambda: Record("policy", {"mma_e_notice_accepted": False}),
    "country": lambda: Record("country_policy", {"nationality": "KOR"}),
    "second passport": lambda: passport(document=("KOR", "M99999999")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_record_between_facts_and_commit_keeps_the_door_shut(world: World, change: str) -> None:
    """Whatever another process writes in between, the decision is not committed."""
    store, seq = open_with_traveller(world)
    with store, world.open() as other:
        other.append_records([CHANGES[change]()])
        before = store.verify()
        assert isinstance(authorised(store, seq), Stale)
        assert store.changed_since(PASSPORT, seq)
        assert store.verify() == before
        fresh = store.load_facts(PASSPORT, NOON)
        assert isinstance(authorised(store, fresh.store_seq), Authorised)


def test_an_erasure_between_facts_and_commit_keeps_the_door_shut(world: World) -> None:
    """Whoever is forgotten meanwhile does not leave on what was known."""
    store, seq = open_with_traveller(world)
    with store, world.open() as other:
        other.erase_person("P-1", "OFF-1", "request")
        assert isinstance(authorised(store, seq), Stale)
        assert store.load_facts(PASSPORT, NOON).facts.person is None


def test_what_concerns_others_changes_nothing(world: World) -> None:
    """Another person's ban, a sync and the journal itself leave the facts fresh."""
    store, seq = open_with_traveller(world)
    with store, world.open() as other:
        other.append_records([*traveller("P-2", ("KOR", "M22222222")), ban("B-2", "P-2")])
        other.record_sync(NOON, "hub")
        other.append_journal([JournalEntry("door_closed", NOON, {}, ONE)])
        assert not store.changed_since(PASSPORT, seq)
        assert isinstance(authorised(store, seq), Authorised)


def test_only_an_admitting_decision_lets_out(world: World) -> None:
    """A referral cannot be committed as an exit."""
    store, seq = open_with_traveller(world)
    refused = replace(admitting(), verdict=Verdict.REFER)
    with store, pytest.raises(ValueError, match="admits"):
        store.authorise_exit(ONE, refused, seq, document_ref=store.document_ref(*PASSPORT))


def test_one_exit_decision_of_one_open_passage(world: World) -> None:
    """None for a passage that is closed or was never opened, and no second one."""
    store, seq = open_with_traveller(world)
    with store:
        assert isinstance(authorised(store, seq), Authorised)
        store.close_passage(ONE, Outcome.ADMIT, NOON)
        for passage in (ONE, PassageId(1, 2)):
            with pytest.raises(StoreError) as caught:
                authorised(store, seq, passage)
            assert caught.value.problem is StoreErrorKind.CONFLICT


def test_exactly_one_outcome(world: World) -> None:
    """The same again changes nothing; another is refused, by the schema as well."""
    with world.open() as store:
        store.open_passage(ONE, NOON)
        store.close_passage(ONE, Outcome.REFER, NOON)
        before = store.verify()
        store.close_passage(ONE, Outcome.REFER, NOON)
        with pytest.raises(StoreError) as caught:
            store.close_passage(ONE, Outcome.ADMIT, NOON)
        assert caught.value.problem is StoreErrorKind.CONFLICT
        assert store.verify() == before
    with sqlite3.connect(world.path) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(
            "INSERT INTO events SELECT sequence + 100, received_at, flags, segment, kind, "
            "record_id, version, source, person_ref, document_ref, key_id, signature, nonce, "
            "ciphertext, hash FROM events WHERE kind = 'passage_closed'"
        )


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_written(world: World, outcome: Outcome) -> None:
    """All five."""
    with world.open() as store:
        store.open_passage(ONE, NOON)
        store.close_passage(ONE, outcome, NOON)
        state = store.passage_state(ONE)
        assert state is not None
        assert state.outcome is outcome


def test_a_passage_opens_once_and_only_an_open_one_is_closed(world: World) -> None:
    """Ids are never used twice."""
    with world.open() as store:
        store.open_passage(ONE, NOON)
        with pytest.raises(StoreError, match="opened already"):
            store.open_passage(ONE, NOON)
        with pytest.raises(StoreError, match="never opened"):
            store.close_passage(PassageId(9, 9), Outcome.REFER, NOON)


def test_the_start_finds_what_was_left_open(world: World) -> None:
    """After a restart: the next boot number, open passages, exits that nobody confirmed."""
    store, seq = open_with_traveller(world)
    second, third = PassageId(1, 2), PassageId(1, 3)
    with store:
        assert store.next_boot() == 1
        authorised(store, seq)
        store.open_passage(second, NOON)
        store.open_passage(third, NOON)
        store.authorise_officer_admit(third, "OFF-1", NOON)
        store.append_journal([JournalEntry("exit_confirmed", NOON, {}, third)])
    with world.open() as again:
        assert again.next_boot() == 2
        assert [state.passage for state in again.open_passages()] == [ONE, second, third]
        assert [s.passage for s in again.exit_decisions_without_confirmation()] == [ONE]
        again.append_journal([Closing(ONE, Outcome.INTERRUPTED, NOON)])
        assert [s.passage for s in again.exit_decisions_without_confirmation()] == [ONE]
        again.append_journal([JournalEntry("crossing_settled", NOON, {}, ONE)])
        assert again.exit_decisions_without_confirmation() == []


def test_a_wall_clock_before_the_last_entry(world: World) -> None:
    """Journal goes on with an unbroken chain, facts are stale, no exit is authorised; it heals."""
    store, _ = open_with_traveller(world)
    with store:
        world.clock.turn(-3600)
        store.append_journal([JournalEntry("door_closed", NOON, {}, ONE)])
        early = store.load_facts(PASSPORT, world.clock.now)
        assert early.facts.store is not None
        assert early.facts.store.synced_at is None
        with pytest.raises(StoreError) as caught:
            authorised(store, early.store_seq)
        assert caught.value.problem is StoreErrorKind.CLOCK
        assert store.verify().holds
        world.clock.turn(3601)
        assert isinstance(authorised(store, early.store_seq), Authorised)


def test_an_officer_accepts_a_clock_that_was_ahead(world: World) -> None:
    """Entries from a clock that ran ahead do not shut the gate for years."""
    store, seq = open_with_traveller(world)
    with store:
        world.clock.now += timedelta(days=3650)
        store.append_journal([JournalEntry("door_closed", NOON, {}, ONE)])
        world.clock.now = NOON + timedelta(seconds=5)
        store.accept_clock("OFF-1")
        assert isinstance(authorised(store, seq), Authorised)
        assert store.verify().holds


def test_the_journal_reads_back_plain_and_in_order(world: World) -> None:
    """Two runs that did the same read the same, whatever their keys and nonces."""
    texts = []
    for number in range(2):
        run = World(world.path.with_name(f"run{number}.db"))
        store, seq = open_with_traveller(run)
        with store:
            authorised(store, seq)
            store.append_journal(
                [
                    JournalEntry("door_closed", NOON, {"n": 1}, ONE),
                    Closing(ONE, Outcome.ADMIT, NOON),
                ]
            )
            texts.append(store.journal_plain())
    assert texts[0] == texts[1]
    assert [entry["kind"] for entry in texts[0]] == [
        "passage_opened",
        "exit_decision",
        "door_closed",
        "passage_closed",
    ]


def test_the_rebuilt_passages_are_the_same(world: World) -> None:
    """The table of passages is a projection too."""
    store, seq = open_with_traveller(world)
    with store:
        authorised(store, seq)
        store.close_passage(ONE, Outcome.ADMIT, NOON)
        store.open_passage(PassageId(1, 2), NOON)
        grown = store.projections_plain()
        store.rebuild_projections()
        assert store.projections_plain() == grown


def test_own_kinds_have_their_own_calls(world: World) -> None:
    """An entry cannot pass for an exit decision."""
    with world.open() as store, pytest.raises(ValueError, match="its own call"):
        store.append_journal([JournalEntry("exit_decision", NOON, {}, ONE)])
