"""Whole frames for libosdp: what is cut out of a stream, and that nothing grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drivers.door_relay.osdp_session import FRAME_BYTES_MAX, Frames
from gate.bench.fuzz_bytes import held_bytes
from tests.drivers.transcripts import turns

GOLDEN = turns("osdp/libosdp.txt")[0].request


def taken(frames: Frames) -> bytes:
    """Everything that is whole."""
    return frames.read(1 << 20)


def test_a_frame_in_single_bytes_comes_out_whole() -> None:
    """Nothing before its last byte; then the frame as libosdp itself wrote it, mark included."""
    frames = Frames()
    for byte in GOLDEN[:-1]:
        frames.hear(bytes([byte]))
        assert taken(frames) == b""
    frames.hear(GOLDEN[-1:])
    assert taken(frames) == GOLDEN


def test_a_frame_behind_noise_is_found() -> None:
    """Bytes before it are stepped over, an impossible length included."""
    frames = Frames()
    frames.hear(b"\x00\x53\x01\x00\x00\xff\xff" + GOLDEN + b"\x11\x22" + GOLDEN)
    assert taken(frames) == GOLDEN * 2


@given(noise=st.lists(st.binary(max_size=200), max_size=30))
def test_no_noise_is_kept_for_ever(noise: list[bytes]) -> None:
    """At most one longest frame waits for its rest; after a flush the next frame is read."""
    frames = Frames()
    for piece in noise:
        frames.hear(piece)
        taken(frames)
        assert held_bytes(frames) <= FRAME_BYTES_MAX
    frames.flush()
    frames.hear(GOLDEN)
    assert taken(frames) == GOLDEN
