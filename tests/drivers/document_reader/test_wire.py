"""The three codecs: what they take, what they refuse, how they come back into step."""

from collections.abc import Callable
from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.document_reader import wire_elyctis, wire_lines, wire_rte
from drivers.document_reader.wire_common import FrameBroken
from drivers.errors import ProtocolViolation
from tests.drivers.document_reader.specimen import TD1, TD2, TD3

Decoder = wire_elyctis.Decoder | wire_rte.Decoder | wire_lines.Decoder
ZONE = ("\r".join(TD3) + "\r\r").encode()


def rte_frame(lines: tuple[str, ...]) -> bytes:
    """A block put together by hand from the manual, section 9.1."""
    rows = ("",) * (3 - len(lines)) + lines
    body = b"OU\x02 " + "".join(row + "\r" for row in rows).encode() + b"\x03"
    checked = bytes([len(body) + 1, 0]) + body
    return b"\x01" + checked + bytes([reduce(xor, checked)])


WIRES: list[tuple[Callable[[], Decoder], bytes, int]] = [
    (wire_elyctis.Decoder, b"I\x00\x5b" + ZONE, wire_elyctis.MAX_FRAME_BYTES),
    (wire_rte.Decoder, rte_frame(TD3), wire_rte.MAX_BLOCK_BYTES + 1),
    (wire_lines.Decoder, ZONE[:-1], wire_lines.MAX_ZONE_BYTES + 1),
    (
        lambda: wire_lines.Decoder(wire_lines.LineFormat(b"\x02", b"\r", b"\x03")),
        b"\x02" + ZONE[:-1] + b"\x03",
        wire_lines.MAX_ZONE_BYTES + 1,
    ),
]
wires = pytest.mark.parametrize(
    ("new", "frame", "bound"), WIRES, ids=["elyctis", "rte", "lines", "framed lines"]
)


def drain(decoder: Decoder) -> tuple[list[object], list[ProtocolViolation]]:
    """Everything the decoder has ready, frames and violations apart."""
    frames: list[object] = []
    violations: list[ProtocolViolation] = []
    while True:
        try:
            frame = decoder.next_frame()
        except ProtocolViolation as violation:
            violations.append(violation)
            continue
        if frame is None:
            return frames, violations
        frames.append(frame)


@wires
def test_a_frame_in_single_bytes_is_one_frame(
    new: Callable[[], Decoder], frame: bytes, bound: int
) -> None:
    """How the bytes are cut up on the way does not matter."""
    decoder = new()
    for byte in frame:
        decoder.feed(bytes([byte]))
    assert len(drain(decoder)[0]) == 1


@wires
@given(noise=st.binary(max_size=300))
def test_noise_costs_at_most_one_frame(
    new: Callable[[], Decoder], frame: bytes, bound: int, noise: bytes
) -> None:
    """Whatever came before, the second true frame is read, and nothing but ProtocolViolation comes out."""
    decoder = new()
    decoder.feed(noise)
    decoder.abandon()  # the line was silent between two documents
    drain(decoder)
    decoder.feed(frame)
    assert drain(decoder)[0], "the frame after the noise"


@given(noise=st.binary(max_size=300))
def test_elyctis_is_back_in_step_without_a_pause(noise: bytes) -> None:
    """Of two frames that follow noise at once, the second is always read whole."""
    decoder = wire_elyctis.Decoder()
    decoder.feed(noise + b"V\x00\x03abc" + b"I\x00\x5b" + ZONE)
    frames = drain(decoder)[0]
    assert isinstance(frames[-1], wire_elyctis.Frame)
    assert frames[-1].data == ZONE


@given(noise=st.binary(max_size=300))
def test_rte_is_back_in_step_without_a_pause(noise: bytes) -> None:
    """Of two blocks that follow noise at once, the second is always read whole."""
    decoder = wire_rte.Decoder()
    decoder.feed(noise + rte_frame(TD3) + rte_frame(TD1))
    frames = drain(decoder)[0]
    assert isinstance(frames[-1], wire_rte.Block)
    assert frames[-1].lines == TD1


@wires
@given(
    chunks=st.lists(st.binary(max_size=200) | st.just(b"I\x03\xe8") | st.just(b"\x01"), max_size=20)
)
def test_nothing_but_violations_and_a_bounded_buffer(
    new: Callable[[], Decoder], frame: bytes, bound: int, chunks: list[bytes]
) -> None:
    """Arbitrary bytes raise nothing else and never hold more than one frame."""
    decoder = new()
    for chunk in chunks:
        decoder.feed(chunk)
        drain(decoder)
        assert len(decoder._held) <= bound


@wires
def test_endless_noise_does_not_grow(new: Callable[[], Decoder], frame: bytes, bound: int) -> None:
    """A line stuck on one printable character is reported and forgotten."""
    decoder = new()
    decoder.feed(b"A" * 20_000)
    _, violations = drain(decoder)
    assert violations
    assert len(decoder._held) <= bound


@given(cut=st.integers(1, len(rte_frame(TD3)) - 1))
def test_a_cut_block_is_reported_as_lost(cut: int) -> None:
    """A block that stops half way gives no reading and says so, unless only its start mark came."""
    decoder = wire_rte.Decoder()
    decoder.feed(rte_frame(TD3)[:cut])
    decoder.abandon()
    frames, violations = drain(decoder)
    assert not frames
    assert any(isinstance(violation, FrameBroken) for violation in violations)


@given(place=st.integers(8, len(rte_frame(TD3)) - 3), bit=st.integers(0, 7))
def test_a_flipped_bit_never_passes_the_check_byte(place: int, bit: int) -> None:
    """No single flipped bit inside the text gives a block."""
    block = bytearray(rte_frame(TD3))
    block[place] ^= 1 << bit
    decoder = wire_rte.Decoder()
    decoder.feed(bytes(block))
    assert not drain(decoder)[0]


@pytest.mark.parametrize("extra", [-1, 0, 1, 2, 3])
def test_rte_lengths_that_a_reader_could_mean_are_taken(extra: int) -> None:
    """The manual does not say which bytes count, so each sensible count is accepted."""
    block = bytearray(rte_frame(TD3))
    block[1] = len(block) - 4 + extra
    block[-1] = reduce(xor, block[1:-1])
    decoder = wire_rte.Decoder()
    decoder.feed(bytes(block))
    assert len(drain(decoder)[0]) == 1


@pytest.mark.parametrize("terminator", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("zone", [TD1, TD2, TD3])
def test_lines_without_a_suffix_end_with_the_document(
    terminator: bytes, zone: tuple[str, ...]
) -> None:
    """Two lines of 44 or 36, three of 30: the zone is complete with its last terminator."""
    decoder = wire_lines.Decoder(wire_lines.LineFormat(terminator=terminator))
    decoder.feed(b"".join(line.encode() + terminator for line in zone))
    assert drain(decoder)[0] == [wire_lines.Zone(zone)]


def test_a_tag_that_is_no_frame_is_skipped() -> None:
    """A state frame with an impossible state is no frame, and the true one behind it is."""
    decoder = wire_elyctis.Decoder()
    decoder.feed(b"C\x00\x01C\x00\x01\x01")
    frames, violations = drain(decoder)
    assert frames == [wire_elyctis.Frame(wire_elyctis.CONTINUOUS, b"\x01")]
    assert len(violations) == 1


def test_what_was_read_is_in_no_repr() -> None:
    """Frames name people and stay out of tracebacks and logs."""
    for value in (
        wire_elyctis.Frame(0x49, ZONE),
        wire_rte.Block(0, ("", *TD3)),
        wire_lines.Zone(TD3),
    ):
        assert "ERIKSSON" not in repr(value)
