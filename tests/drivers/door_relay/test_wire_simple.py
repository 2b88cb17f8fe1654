"""The codecs of LCUS, KMtronic and Numato: the sellers' frames, and arbitrary bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.door_relay import wire_kmtronic, wire_lcus, wire_numato
from drivers.errors import DeviceFault, ProtocolViolation
from tests.drivers.transcripts import turns

LCUS = {turn.what: turn for turn in turns("door_relay/lcus.txt")}
KMTRONIC = {turn.what: turn for turn in turns("door_relay/kmtronic.txt")}
SECOND_ON = (False, True, False, False)
noise = st.lists(st.binary(max_size=120), max_size=12)


def test_lcus_frames_equal_the_sellers() -> None:
    """Commands, and the lines that answer FFh."""
    assert wire_lcus.switch(0, on=True) == LCUS["relay 1 on"].request
    assert wire_lcus.switch(0, on=False) == LCUS["relay 1 off"].request
    assert wire_lcus.switch(1, on=True) == LCUS["relay 2 on"].request
    turn = LCUS["state of four relays, the second is on"]
    assert turn.request == wire_lcus.ASK_ALL
    assert wire_lcus.StateDecoder(4).feed(turn.reply) == SECOND_ON


@given(st.lists(st.integers(0, 37), max_size=5))
def test_lcus_lines_may_come_in_any_pieces(cuts: list[int]) -> None:
    """However the lines are cut, the state is there with the end of the last and not before."""
    reply = LCUS["state of four relays, the second is on"].reply
    decoder, start = wire_lcus.StateDecoder(4), 0
    for cut in sorted(cuts):
        assert decoder.feed(reply[start:cut]) is None
        start = max(start, cut)
    assert decoder.feed(reply[start:]) == SECOND_ON


def test_lcus_noise_and_a_broken_answer_are_stepped_over() -> None:
    """A list that broke off after two lines is not continued by the next one."""
    reply = LCUS["state of four relays, the second is on"].reply
    assert wire_lcus.StateDecoder(4).feed(b"\x00CH9" + reply[:19] + reply) == SECOND_ON


def test_kmtronic_frames_equal_the_makers() -> None:
    """Commands, and the raw bytes that answer."""
    assert wire_kmtronic.switch(0, on=True) == KMTRONIC["relay 1 on"].request
    assert wire_kmtronic.switch(0, on=False) == KMTRONIC["relay 1 off"].request
    assert wire_kmtronic.switch(1, on=True) == KMTRONIC["relay 2 on"].request
    turn = KMTRONIC["state of four relays, the second is on"]
    assert turn.request == wire_kmtronic.ASK_ALL
    assert wire_kmtronic.all_states(4, turn.reply) == SECOND_ON
    for turn, on in zip(turns("door_relay/kmtronic_two.txt")[1:], (True, False), strict=True):
        channel = turn.request[1] - 1
        assert wire_kmtronic.ask(channel) == turn.request
        assert wire_kmtronic.one_state(channel, turn.reply) is on


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"\x00\x01\x00\x01\x00", b"\xff\x01\x00\x00"])
def test_kmtronic_bytes_that_are_no_states_are_violations(data: bytes) -> None:
    """A byte above 1, or more bytes than relays."""
    with pytest.raises(ProtocolViolation):
        wire_kmtronic.all_states(4, data)


@pytest.mark.parametrize("line_end", [b"\r", b"\n\r", b"\r\n", b"\n"])
def test_numato_answers_with_any_line_ends(line_end: bytes) -> None:
    """Echo, value and prompt, with whichever line ends the firmware uses."""
    command = wire_numato.read_all()
    decoder = wire_numato.AnswerDecoder(command)
    assert decoder.feed(b">relay on") is None
    assert decoder.feed(b"\r>" + command.rstrip(b"\r") + line_end) is None
    value = decoder.feed(b"8a" + line_end + b">")
    assert value == "8a"
    on = wire_numato.relays(value or "", 8)
    assert [i for i, relay in enumerate(on) if relay] == [1, 3, 7]


def test_numato_channels_beyond_nine_are_letters() -> None:
    """Relay 10 is A, as the user guide has it."""
    assert wire_numato.switch(10, on=True) == b"relay on A\r"
    assert wire_numato.switch(3, on=False) == b"relay off 3\r"


def test_numato_complaints_and_nonsense_are_told_apart() -> None:
    """A complaint to a command is a DeviceFault, a nonsense value a ProtocolViolation."""
    with pytest.raises(DeviceFault):
        wire_numato.nothing("Error")
    for read in (lambda v: wire_numato.relays(v, 8), wire_numato.active):
        for value in ("", "xyz", "fffff", "-1"):
            with pytest.raises(ProtocolViolation):
                read(value)


DECODERS: dict[str, Callable[[], Callable[[bytes], object]]] = {
    "lcus state": lambda: wire_lcus.StateDecoder(4).feed,
    "lcus answer": lambda: wire_lcus.AnswerDecoder(0).feed,
    "numato": lambda: wire_numato.AnswerDecoder(b"relay readall\r").feed,
    "kmtronic all": lambda: lambda data: wire_kmtronic.all_states(4, data),
    "kmtronic one": lambda: lambda data: wire_kmtronic.one_state(0, data),
}


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=200)
@given(chunks=noise)
def test_arbitrary_bytes_raise_nothing_but_a_violation(name: str, chunks: list[bytes]) -> None:
    """Noise ends in ProtocolViolation or in silence; no decoder gathers more than its bound."""
    feed, gathered = DECODERS[name](), 0
    for chunk in chunks:
        try:
            if feed(chunk) is not None:
                return
        except ProtocolViolation:
            return
        gathered += len(chunk)
        assert gathered <= wire_lcus.BUFFER_BYTES_MAX


@given(st.binary(max_size=60))
def test_behind_any_noise_the_next_answer_is_in_step(before: bytes) -> None:
    """An answer right behind noise is read, whatever the noise was (unless it imitates one)."""
    answer = bytes([0xA0, 1, 1, 0xA2])
    if answer[:2] not in before + answer[:1]:
        assert wire_lcus.AnswerDecoder(0).feed(before + answer) is True
    lines = b"".join(b"CH%d: ON\r\n" % n for n in range(1, 5))
    if b"CH" not in before:
        assert wire_lcus.StateDecoder(4).feed(before + lines) == (True,) * 4
