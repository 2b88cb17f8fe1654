"""The chain tells what was changed, taken out or cut off."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.store import StoreError, StoreErrorKind
from gate.store.backup import verify_file
from gate.store.chain import hash_of
from tests.gate.store.world import NOON, World, ban, traveller

ROW: tuple[Any, ...] = (
    1,
    2,
    0,
    "records",
    "person",
    "P",
    1,
    "agency",
    b"r" * 16,
    None,
    1,
    b"s",
    b"n" * 12,
    b"c",
)


def tampered(world: World, statement: str) -> None:
    """Do to the file what its triggers forbid."""
    with sqlite3.connect(world.path) as raw:
        raw.execute("DROP TRIGGER events_are_never_changed")
        raw.execute("DROP TRIGGER events_are_never_removed")
        raw.execute(statement)


@pytest.fixture
def filled(world: World) -> World:
    """A store of 93 events."""
    with world.open() as store:
        for number in range(30):
            store.append_records(traveller(f"P-{number}", ("KOR", f"N{number:08d}")))
        store.append_records([ban(f"B-{number}", f"P-{number}") for number in range(3)])
    return world


@pytest.mark.parametrize(
    "change",
    [
        "received_at = received_at + 1",
        "flags = 1",
        "segment = 'keeping'",
        "kind = 'permit'",
        "record_id = 'other'",
        "version = 7",
        "source = 'someone else'",
        "person_ref = zeroblob(16)",
        "document_ref = zeroblob(16)",
        "key_id = 2",
        "signature = x'00'",
        "nonce = zeroblob(12)",
        "ciphertext = zeroblob(40)",
        "hash = zeroblob(32)",
    ],
)
def test_any_changed_column_is_found_at_its_event(filled: World, change: str) -> None:
    """Whatever of an event is changed, the verification names that event."""
    tampered(filled, f"UPDATE events SET {change} WHERE sequence = 17")
    with filled.open() as store:
        report = store.verify()
    assert report.broken_at == 17


@pytest.mark.parametrize("sequence", [1, 40, 92])
def test_an_event_taken_out_is_found(filled: World, sequence: int) -> None:
    """A gap in the numbering is a break."""
    tampered(filled, f"DELETE FROM events WHERE sequence = {sequence}")
    assert verify_file(filled.path).broken_at == sequence


def test_a_cut_end_keeps_the_store_shut(filled: World) -> None:
    """Where the log ends before its head says, the gate does not start on it."""
    tampered(filled, "DELETE FROM events WHERE sequence > 90")
    with pytest.raises(StoreError, match="event 93") as caught:
        filled.open()
    assert caught.value.problem is StoreErrorKind.BROKEN_CHAIN


def test_rows_are_protected_from_the_programs_own_mistakes(filled: World) -> None:
    """An UPDATE or DELETE on the log fails in the database itself."""
    with sqlite3.connect(filled.path) as raw:
        for statement in ("UPDATE events SET version = 2", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                raw.execute(statement)


@settings(max_examples=150, deadline=None)
@given(
    column=st.integers(0, 13),
    text=st.text(max_size=6),
    number=st.integers(0, 2**40),
    data=st.binary(max_size=20),
)
def test_two_different_rows_have_two_hashes(
    column: int, text: str, number: int, data: bytes
) -> None:
    """The hash covers each column by itself: nothing can be moved from one into the next."""
    values = {3: text, 4: text, 5: text, 7: text, 8: data, 9: data, 11: data, 12: data, 13: data}
    changed = list(ROW)
    changed[column] = values.get(column, number)
    same = hash_of(bytes(32), tuple(changed)) == hash_of(bytes(32), ROW)
    assert same == (tuple(changed) == ROW)


def test_bytes_do_not_wander_between_signature_nonce_and_ciphertext() -> None:
    """Lengths are hashed too."""
    one = (*ROW[:11], b"ab", b"cd", b"ef")
    other = (*ROW[:11], b"a", b"bcd", b"ef")
    assert hash_of(bytes(32), one) != hash_of(bytes(32), other)


def test_an_unchanged_store_verifies(filled: World) -> None:
    """93 events, the last one in the head."""
    with filled.open() as store:
        report = store.verify()
        assert report.holds
        assert report.events == 93
        store.record_sync(NOON, "hub")
        assert store.verify().head != report.head
