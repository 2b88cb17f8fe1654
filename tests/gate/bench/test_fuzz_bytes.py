"""Arbitrary bytes on every wire, a small sample of `egate bench fuzz`, and that it can fail."""

from __future__ import annotations

import pytest

from drivers.document_reader import wire_rte
from gate.bench import fuzz_bytes
from gate.bench.emulated_devices import KINDS


@pytest.mark.parametrize("name", list(fuzz_bytes.CODECS))
def test_no_codec_breaks_or_grows_or_stays_out_of_step(name: str) -> None:
    """Only frames and violations come out, and the frame behind noise and silence is read."""
    result = fuzz_bytes.fuzz_codec(name, fuzz_bytes.CODECS[name], rounds=120, seed=7)
    assert result.sound, fuzz_bytes.tell(result)
    assert result.frames >= 120


@pytest.mark.parametrize("name", [k for k in KINDS if k not in fuzz_bytes.NOT_IN_A_TIGHT_LOOP])
def test_no_emulator_breaks(name: str) -> None:
    """A device takes whatever a host sends."""
    result = fuzz_bytes.fuzz_emulator(name, rounds=150, seed=7)
    assert result.sound, fuzz_bytes.tell(result)


def test_a_codec_that_grows_breaks_or_loses_step_is_found() -> None:
    """Planted: one that keeps everything, one that raises something else, one that is deaf."""

    class Hoarder(wire_rte.Decoder):
        def feed(self, data: bytes) -> None:
            self.__dict__.setdefault("kept", bytearray()).extend(data)
            super().feed(data)

    class Raiser(wire_rte.Decoder):
        def feed(self, data: bytes) -> None:
            if data[:1] == b"\x07":
                raise KeyError(7)
            super().feed(data)

    class Deaf(wire_rte.Decoder):
        def feed(self, data: bytes) -> None:
            """Hear nothing."""

    good = fuzz_bytes.CODECS["rte"].good
    for planted in (Hoarder, Raiser, Deaf):
        codec = fuzz_bytes.Codec(
            fuzz_bytes._frames(planted, "next_frame"), good, lambda decoder: decoder.abandon()
        )
        assert not fuzz_bytes.fuzz_codec("planted", codec, rounds=200, seed=1).sound
