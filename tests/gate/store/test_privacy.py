"""What the files show to somebody without the key, and what is left after an erasure."""

from __future__ import annotations

import os
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from gate.store import (
    Closing,
    JournalEntry,
    Record,
    SiteKeys,
    StoreError,
    StoreErrorKind,
)
from gate.vocabulary.passages import Outcome, PassageId
from tests.gate.store.world import (
    KEYS,
    NAME,
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

PERSON_ID = "P-CANARY-77"
CANARIES = (PASSPORT[1], NAME, "CANARYSON", "HALCYON", "1990-02-03", PERSON_ID)
ONE = PassageId(1, 1)


def files_hold(world: World, canary: str | bytes) -> list[str]:
    """Return the files beside the store, itself and its WAL included, that show a canary."""
    needle = canary.encode() if isinstance(canary, str) else canary
    return [path.name for path in world.path.parent.iterdir() if needle in path.read_bytes()]


def test_no_name_and_no_number_stands_in_any_file(world: World) -> None:
    """Neither in the store nor in its WAL, while open and afterwards."""
    with world.open() as store:
        store.append_records([*traveller(PERSON_ID), ban(person_id=PERSON_ID)])
        store.record_sync(NOON, "hub")
        loaded = store.load_facts(PASSPORT, NOON)
        store.open_passage(ONE, NOON)
        store.authorise_exit(ONE, admitting(), loaded.store_seq, document_ref=loaded.document_ref)
        assert all(not files_hold(world, canary) for canary in CANARIES)
        assert files_hold(world, "departure_ban")  # the search does find what is in clear
    assert all(not files_hold(world, canary) for canary in CANARIES)


@pytest.mark.parametrize(
    "record",
    [
        person(PERSON_ID, sex=7),
        person(PERSON_ID, dob="1990-02-31"),
        passport(PERSON_ID, expiry="1990-02-03x"),
        passport("P-9"),
        enrolment(PERSON_ID, enrolled_at=NAME),
        ban(person_id=PERSON_ID, ground=NAME),
        Record("kis_record", {"passport_number": PASSPORT[1], "dob": NAME}, PERSON_ID),
        Record("person", {"person_id": "other", "category": "alien", "name": NAME}, PERSON_ID),
    ],
)
def test_no_exception_tells_what_it_refused(world: World, record: Record) -> None:
    """Texts and representations that end in logs hold no content."""
    with world.open() as store:
        store.append_records(traveller(PERSON_ID, ("KOR", "M00000001")))
        with pytest.raises(StoreError) as caught:
            store.append_records([record])
        shown = f"{caught.value} {caught.value!r} {record!r}"
        assert not [canary for canary in CANARIES if canary in shown and canary != PERSON_ID]


def test_the_representation_of_loaded_facts_shows_nobody(world: World) -> None:
    """A debug print of what was loaded holds no name and no number."""
    with world.open() as store:
        store.append_records(traveller(PERSON_ID))
        shown = repr(store.load_facts(PASSPORT, NOON))
    assert not [canary for canary in CANARIES if canary in shown]


def test_erasure_destroys_the_key_and_keeps_the_chain(world: World) -> None:
    """Afterwards nothing about the person can be read, nobody is found, the chain holds."""
    with world.open() as store:
        store.append_records([*traveller(), *traveller("P-2", ("KOR", "M22222222"))])
    with sqlite3.connect(world.path) as raw:
        keys = [bytes(row[0]) for row in raw.execute("SELECT wrapped FROM keys ORDER BY key_id")]
    with world.open() as store:
        events = store.verify().events
        store.erase_person("P-1", "OFF-1", "the person asked for it")
        assert store.load_facts(PASSPORT, NOON).facts.person is None
        assert store.load_facts(("KOR", "M22222222"), NOON).facts.person is not None
        report = store.verify()
        assert report.holds
        assert report.events == events + 1
        held = store.export_person("P-1")
        assert all(record["content"] is None for record in held["records"][:3])
        assert held["document_refs"] == []
        assert files_hold(world, keys[0]) == []
        assert files_hold(world, keys[1]) != []


def test_an_erased_person_can_enrol_again(world: World) -> None:
    """A new life with a new key; what was before stays unread."""
    with world.open() as store:
        store.append_records(traveller())
        store.erase_person("P-1", "OFF-1", "request")
        store.append_records(traveller())
        loaded = store.load_facts(PASSPORT, NOON)
        assert loaded.facts.person is not None
        assert [version for _, _, version in loaded.versions] == [2, 2, 2]
        grown = store.projections_plain()
        store.rebuild_projections()
        assert store.projections_plain() == grown


@pytest.mark.parametrize(
    ("last_day", "refused"), [("2026-03-01", False), ("2026-03-02", True), ("2026-03-03", True)]
)
def test_nobody_is_forgotten_while_a_ban_stands(world: World, last_day: str, refused: bool) -> None:
    """The last day is included (noon UTC is the evening of 2 March in Seoul)."""
    with world.open() as store:
        store.append_records([*traveller(), ban(last_day=last_day)])
        if refused:
            with pytest.raises(StoreError, match="B-1"):
                store.erase_person("P-1", "OFF-1", "request")
        else:
            store.erase_person("P-1", "OFF-1", "request")
        assert (store.load_facts(PASSPORT, NOON).facts.person is not None) == refused


def test_everything_about_one_person_is_told_and_nothing_of_others(world: World) -> None:
    """Every version of every record, and the person's passages with their entries."""
    with world.open() as store:
        store.append_records([*traveller(), *traveller("P-2", ("KOR", "M22222222"))])
        store.append_records([enrolment(status="cancelled")])
        for number, document in enumerate((PASSPORT, ("KOR", "M22222222")), start=1):
            passage = PassageId(1, number)
            store.open_passage(passage, NOON, document_ref=store.document_ref(*document))
            store.append_journal(
                [
                    JournalEntry("door_closed", NOON, {}, passage),
                    Closing(passage, Outcome.REFER, NOON),
                ]
            )
        held = store.export_person("P-1")
    assert [(record["kind"], record["version"]) for record in held["records"]] == [
        ("person", 1),
        ("passport", 1),
        ("enrolment", 1),
        ("enrolment", 2),
    ]
    assert [(entry["passage"], entry["kind"]) for entry in held["passages"]] == [
        ("1.1", "passage_opened"),
        ("1.1", "door_closed"),
        ("1.1", "passage_closed"),
    ]


def test_old_months_of_the_journal_are_forgotten(world: World) -> None:
    """Entries of earlier months lose their content and their pseudonyms' table; the chain holds."""
    with world.open() as store:
        store.open_passage(ONE, NOON)
        store.close_passage(ONE, Outcome.REFER, NOON)
        world.clock.now += timedelta(days=40)
        store.open_passage(PassageId(1, 2), world.clock.now)
        assert store.forget_journal_before(world.clock.now) == ["2026-03"]
        assert [entry["data"] is None for entry in store.journal_plain()] == [True, True, False]
        assert store.passage_state(ONE) is None
        assert store.verify().holds
        grown = store.projections_plain()
        store.rebuild_projections()
        assert store.projections_plain() == grown


def test_another_master_key_opens_the_store_after_the_change(world: World) -> None:
    """Same pseudonyms, same content, same chain; the old key opens nothing any more."""
    new = SiteKeys(b"n" * 32)
    with world.open() as store:
        store.append_records(traveller())
        reference = store.document_ref(*PASSPORT)
        assert store.change_master_key(new) == 2
        assert store.load_facts(PASSPORT, NOON).facts.person is not None
    with world.open(keys=new) as store:
        assert store.document_ref(*PASSPORT) == reference
        assert store.load_facts(PASSPORT, NOON).facts.person is not None
        assert store.verify().holds
    with pytest.raises(StoreError) as caught:
        world.open(keys=KEYS)
    assert caught.value.problem is StoreErrorKind.KEY


def test_a_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    """Mode 0600; a second start reads the same key; an open or short file is refused."""
    path = tmp_path / "state" / "master.key"
    first = SiteKeys.from_file(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SiteKeys.from_file(path, create=True).key_id == first.key_id
    os.chmod(path, 0o640)
    with pytest.raises(StoreError, match="chmod 600"):
        SiteKeys.from_file(path)
    os.chmod(path, 0o600)
    path.write_bytes(b"short")
    with pytest.raises(StoreError, match="safe copy"):
        SiteKeys.from_file(path)
    path.unlink()
    with pytest.raises(StoreError, match="safe copy"):
        SiteKeys.from_file(path)


def test_a_ciphertext_is_bound_to_its_record(world: World) -> None:
    """One record's content put in the place of another's is not read as that one's."""
    with world.open() as store:
        store.append_records([*traveller(), ban("B-1"), ban("B-2", last_day="2027-01-01")])
    with sqlite3.connect(world.path) as raw:
        raw.execute("DROP TRIGGER events_are_never_changed")
        raw.execute(
            "UPDATE events SET (nonce, ciphertext) = "
            "(SELECT nonce, ciphertext FROM events WHERE record_id = 'B-1') "
            "WHERE record_id = 'B-2'"
        )
    with sqlite3.connect(world.path) as raw:
        raw.execute("UPDATE head SET hash = (SELECT hash FROM events ORDER BY sequence DESC)")
    with pytest.raises(StoreError):
        world.open()
