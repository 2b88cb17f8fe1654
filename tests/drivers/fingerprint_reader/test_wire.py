"""The packet codec: the manual's frames, broken packets, arbitrary bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import ProtocolViolation
from drivers.fingerprint_reader.wire import (
    HEADER_BYTES,
    MAX_PAYLOAD_BYTES,
    Decoder,
    Kind,
    Packet,
    encode,
    image_from_nibbles,
    nibbles_from_image,
)
from tests.drivers.transcripts import turns

MANUAL = turns("fingerprint_reader/zfm_manual.txt")
payloads = st.binary(min_size=1, max_size=MAX_PAYLOAD_BYTES)


def drain(decoder: Decoder) -> tuple[list[Packet], int]:
    """Packets, and how many violations stood between them."""
    packets: list[Packet] = []
    violations = 0
    while True:
        try:
            packet = decoder.next_packet()
        except ProtocolViolation:
            violations += 1
            continue
        if packet is None:
            return packets, violations
        packets.append(packet)


@pytest.mark.parametrize("turn", MANUAL, ids=lambda turn: turn.what)
def test_the_manuals_frames(turn: object) -> None:
    """Our bytes are the manual's, and the manual's answers are taken."""
    assert hasattr(turn, "request")
    assert hasattr(turn, "reply")
    content = turn.request[HEADER_BYTES:-2]
    assert encode(Packet(Kind.COMMAND, content)) == turn.request
    decoder = Decoder()
    decoder.feed(turn.reply)
    assert [p.kind for p in drain(decoder)[0]] == [Kind.ACK]


@given(kind=st.sampled_from(Kind), payload=payloads, address=st.integers(0, 0xFFFFFFFF))
def test_what_is_encoded_is_decoded(kind: Kind, payload: bytes, address: int) -> None:
    """Any packet survives the wire byte by byte."""
    decoder = Decoder()
    for byte in encode(Packet(kind, payload, address)):
        decoder.feed(bytes([byte]))
    assert drain(decoder) == ([Packet(kind, payload, address)], 0)


@given(
    chunks=st.lists(st.binary(max_size=300) | st.just(b"\xef\x01\xff\xff\xff\xff\x02"), max_size=20)
)
def test_nothing_but_violations_and_a_bounded_buffer(chunks: list[bytes]) -> None:
    """Arbitrary bytes raise nothing else and hold at most one packet."""
    decoder = Decoder()
    for chunk in chunks:
        decoder.feed(chunk)
        drain(decoder)
        assert len(decoder._held) <= HEADER_BYTES + 2 + MAX_PAYLOAD_BYTES


@given(noise=st.binary(max_size=400), payload=payloads)
def test_noise_costs_no_true_packet_for_long(noise: bytes, payload: bytes) -> None:
    """A false start swallows at most what one packet can hold; what follows is read."""
    wanted = Packet(Kind.DATA, payload)
    decoder = Decoder()
    decoder.feed(noise + encode(wanted) * 2 + bytes(HEADER_BYTES + 2 + MAX_PAYLOAD_BYTES))
    assert drain(decoder)[0][-1:] == [wanted]


@given(payload=payloads, place=st.integers(6, 300), bit=st.integers(0, 7))
def test_a_flipped_bit_is_never_believed(payload: bytes, place: int, bit: int) -> None:
    """One flipped bit behind the address gives no packet (the sum sees every single flip)."""
    block = bytearray(encode(Packet(Kind.ACK, payload)))
    place = 6 + place % (len(block) - 6)
    block[place] ^= 1 << bit
    decoder = Decoder()
    decoder.feed(bytes(block) + bytes(300))
    assert all(packet.payload != payload or packet.kind != Kind.ACK for packet in drain(decoder)[0])


def test_the_lone_power_on_byte_is_counted() -> None:
    """0x55 between packets means that the sensor has restarted; inside a packet it is data."""
    decoder = Decoder()
    decoder.feed(b"\x55" + encode(Packet(Kind.ACK, b"\x55")))
    packets, violations = drain(decoder)
    assert (decoder.power_ons, violations, len(packets)) == (1, 0, 1)


@pytest.mark.parametrize("shape", [(288, 256), (192, 192)])
def test_images_keep_four_bits(shape: tuple[int, int]) -> None:
    """Two pixels a byte, high nibble first, spread over the full range."""
    image = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    back = image_from_nibbles(nibbles_from_image(image))
    assert np.array_equal(back, (image >> 4) * 17)
    assert nibbles_from_image(image)[0] == (image[0, 0] & 0xF0) | image[0, 1] >> 4


def test_an_image_of_no_known_size_is_refused() -> None:
    """A transfer that lost packets is not stretched into a picture."""
    with pytest.raises(ProtocolViolation, match="no known sensor"):
        image_from_nibbles(bytes(36864 - 128))


def test_biometrics_are_in_no_repr() -> None:
    """Payloads stay out of logs and tracebacks."""
    assert "secret" not in repr(Packet(Kind.DATA, b"secret"))
