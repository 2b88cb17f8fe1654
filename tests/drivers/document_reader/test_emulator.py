"""The emulated Elyctis reader against the manual's frames and against bytes of any kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.document_reader.emulator import ElyctisEmulator
from tests.drivers.document_reader.specimen import TD3
from tests.drivers.transcripts import turns


@pytest.mark.parametrize(
    "turn", turns("document_reader/elyctis_manual.txt"), ids=lambda turn: turn.what
)
def test_answers_as_the_manual_has_them(turn: object) -> None:
    """Each request of the manual gets the answer of the manual, byte for byte."""
    assert hasattr(turn, "request")
    assert hasattr(turn, "reply")
    unit = ElyctisEmulator()
    unit.receive(turn.request, 1.0)
    due_s = unit.next_change(1.0)
    assert due_s is not None
    assert unit.transmit(due_s) == turn.reply


@given(chunks=st.lists(st.binary(max_size=50), max_size=10))
def test_no_bytes_break_it(chunks: list[bytes]) -> None:
    """Arbitrary bytes leave it ready for the next true command."""
    unit, now_s = ElyctisEmulator(), 0.0
    for chunk in chunks:
        now_s += 0.5
        unit.receive(chunk, now_s)
    unit.transmit(now_s + 5)
    unit.receive(b"V\x00\x00", now_s + 6)
    assert unit.transmit(now_s + 7).startswith(b"V\x00")


def test_continuous_reading_ends_with_one_document() -> None:
    """Page 3: after a reading the mode is off, and the same document is not read twice."""
    unit = ElyctisEmulator(read_s=0.1)
    unit.receive(b"C\x00\x01\x01", 1.0)
    unit.lay(TD3, 2.0)
    assert unit.transmit(3.0).count(b"I\x00") == 1
    unit.receive(b"C\x00\x01\x01", 4.0)
    assert b"I\x00" not in unit.transmit(9.0)
    unit.receive(b"C\x00\x01\x00", 10.0)
    unit.receive(b"C\x00\x01\x01", 11.0)
    assert unit.transmit(12.0).count(b"I\x00") == 1
