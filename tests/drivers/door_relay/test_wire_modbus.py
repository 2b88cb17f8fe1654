"""The driver's Modbus codec against the manuals' frames, and against arbitrary bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.door_relay import wire_modbus as wire
from drivers.errors import DeviceFault, ProtocolViolation
from tests.drivers.transcripts import turns

WAVESHARE = {turn.what: turn for turn in turns("door_relay/modbus_waveshare.txt")}
SPECIFICATION = turns("door_relay/modbus_specification.txt")


@pytest.mark.parametrize(
    ("what", "request_"),
    [
        ("relay 1 on", wire.write_coil(1, 0, on=True)),
        ("relay 1 off", wire.write_coil(1, 0, on=False)),
        ("relay 1 on for 700 ms, off by the firmware", wire.pulse_coil(1, 0, 7)),
        ("read 8 coils: relay 1 is on", wire.read_coils(1, 8)),
        ("read 8 inputs: inputs 1 and 3 are active", wire.read_inputs(1, 8)),
    ],
)
def test_requests_and_replies_equal_the_makers(what: str, request_: wire.Request) -> None:
    """Each request is the manual's frame, and the manual's reply is its answer."""
    turn = WAVESHARE[what]
    assert request_.frame == turn.request
    assert request_.reply_bytes == len(turn.reply)
    assert wire.ReplyDecoder(request_).feed(turn.reply) == turn.reply[2:-2]


def test_values_equal_the_makers() -> None:
    """The manual's answers mean what the manual says."""
    coils = WAVESHARE["read 8 coils: relay 1 is on"].reply[2:-2]
    inputs = WAVESHARE["read 8 inputs: inputs 1 and 3 are active"].reply[2:-2]
    assert wire.bits(coils, 8) == (True, *[False] * 7)
    assert [i + 1 for i, on in enumerate(wire.bits(inputs, 8)) if on] == [1, 3]


def test_values_equal_the_specification() -> None:
    """The specification's reads: coils 27 to 20 are CDh, the last byte holds coils 38 to 36."""
    coils = wire.bits(SPECIFICATION[0].reply[1:], 19)
    assert coils[:8] == (True, False, True, True, False, False, True, True)
    assert coils[16:] == (True, False, True)
    inputs = wire.bits(SPECIFICATION[1].reply[1:], 22)
    assert inputs[16:] == (True, False, True, False, True, True)


def test_an_exception_ends_at_its_fifth_byte() -> None:
    """No further byte is waited for, and the message says what to look at."""
    decoder = wire.ReplyDecoder(wire.write_coil(1, 99, on=True))
    with pytest.raises(DeviceFault, match="fewer channels"):
        decoder.feed(bytes.fromhex("01 85 02 C3 51"))


def test_an_answer_is_found_behind_noise_and_an_older_answer() -> None:
    """Bytes before the answer are stepped over, also a whole answer to another question."""
    request = wire.read_inputs(1, 8)
    older = WAVESHARE["read 8 coils: relay 1 is on"].reply
    answer = WAVESHARE["read 8 inputs: inputs 1 and 3 are active"].reply
    decoder = wire.ReplyDecoder(request)
    assert decoder.feed(b"\x00\xff" + older) is None
    assert decoder.feed(answer[:3]) is None
    assert decoder.feed(answer[3:]) == answer[2:-2]


def test_a_flipped_bit_is_a_violation_at_once() -> None:
    """A whole answer with a wrong check sum is reported without waiting for the time to run out."""
    answer = bytearray(WAVESHARE["read 8 inputs: inputs 1 and 3 are active"].reply)
    answer[3] ^= 4
    with pytest.raises(ProtocolViolation, match="check sum"):
        wire.ReplyDecoder(wire.read_inputs(1, 8)).feed(bytes(answer))


def test_an_acknowledgement_of_another_command_is_a_violation() -> None:
    """Relay 1 off does not acknowledge relay 1 on."""
    off = WAVESHARE["relay 1 off"].reply
    with pytest.raises(ProtocolViolation, match="another command"):
        wire.check_echo(wire.write_coil(1, 0, on=True), off[2:-2])


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=80), max_size=12), st.integers(1, 247), st.booleans())
def test_arbitrary_bytes_raise_nothing_but_a_violation(
    chunks: list[bytes], unit: int, reads: bool
) -> None:
    """Noise ends in ProtocolViolation or an honest exception reply; the buffer stays bounded."""
    request = wire.read_coils(unit, 16) if reads else wire.write_coil(unit, 3, on=True)
    decoder = wire.ReplyDecoder(request)
    try:
        for chunk in chunks:
            payload = decoder.feed(chunk)
            if payload is not None:
                wire.bits(payload, 16) if reads else wire.check_echo(request, payload)
                return
    except (ProtocolViolation, DeviceFault):
        return
    assert sum(map(len, chunks)) <= wire.FRAME_BYTES_MAX


@given(st.binary(max_size=40), st.integers(0, 255))
def test_behind_any_noise_the_next_answer_is_in_step(noise: bytes, value: int) -> None:
    """Noise that does not imitate an answer delays nothing: the answer right behind it is read."""
    request = wire.read_inputs(1, 8)
    body = bytes([1, 2, 1, value])
    answer = body + wire.crc16(body).to_bytes(2, "little")
    decoder = wire.ReplyDecoder(request)
    imitates = any(noise[i : i + 1] == b"\x01" for i in range(len(noise)))
    if not imitates:
        assert decoder.feed(noise + answer) == answer[2:-2]


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_bits_come_back(values: list[bool]) -> None:
    """Packing and unpacking agree."""
    packed = sum(on << i for i, on in enumerate(values)).to_bytes((len(values) + 7) // 8, "little")
    assert wire.bits(bytes([len(packed)]) + packed, len(values)) == tuple(values)


@pytest.mark.parametrize("payload", [b"", b"\x02\x01", b"\x01\x01\x01", b"\x02\x01\x01"])
def test_a_read_with_another_number_of_values_is_a_violation(payload: bytes) -> None:
    """The count byte, the bytes and the question must agree."""
    with pytest.raises(ProtocolViolation):
        wire.bits(payload, 8)
