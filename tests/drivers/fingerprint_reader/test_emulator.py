"""The emulated sensor against the manual's frames and against bytes of any kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.fingerprint_reader.emulator import FingerSensorEmulator
from tests.drivers.transcripts import turns


@pytest.mark.parametrize(
    "turn", turns("fingerprint_reader/zfm_manual.txt"), ids=lambda turn: turn.what
)
def test_answers_as_the_manual_has_them(turn: object) -> None:
    """Each request of the manual gets the answer of the manual, byte for byte."""
    assert hasattr(turn, "request")
    assert hasattr(turn, "reply")
    unit = FingerSensorEmulator()
    unit.receive(turn.request, 1.0)
    due_s = unit.next_change(1.0)
    assert due_s is not None
    assert unit.transmit(due_s) == turn.reply


@given(chunks=st.lists(st.binary(max_size=80), max_size=10), codes=st.lists(st.integers(0, 255)))
def test_no_bytes_break_it(chunks: list[bytes], codes: list[int]) -> None:
    """Arbitrary bytes, and well-formed packets with any command, are answered or ignored."""
    unit, now_s = FingerSensorEmulator(), 0.0
    for chunk in chunks:
        now_s += 0.01
        unit.receive(chunk, now_s)
    for code in codes:
        now_s += 1.0
        body = b"\x01\x00\x04" + bytes([code, 1])
        unit.receive(b"\xef\x01\xff\xff\xff\xff" + body + sum(body).to_bytes(2, "big"), now_s)
        unit.transmit(now_s + 1.0)
        assert unit.next_change(now_s + 1.0) is None


def test_a_restarted_sensor_sends_its_sign() -> None:
    """One lone 0x55 after power-on, and the buffers are gone."""
    unit = FingerSensorEmulator()
    unit.power_cycle(5.0)
    due_s = unit.next_change(5.0)
    assert due_s is not None
    assert unit.transmit(due_s) == b"\x55"
