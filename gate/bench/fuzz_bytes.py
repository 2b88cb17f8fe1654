"""Arbitrary bytes on every wire: into each driver's codec, and into each emulator.

Nothing leaves a codec but a frame or a ProtocolViolation (an answer that is sound and says no is
a DeviceFault), none holds more than one longest frame, and after the noise and a silence the next
frame is understood. An emulator takes any bytes a host may send.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivers.document_reader import wire_elyctis, wire_lines, wire_rte
from drivers.door_relay import wire_kmtronic, wire_lcus, wire_modbus, wire_numato
from drivers.errors import DeviceFault, ProtocolViolation
from drivers.fingerprint_reader import wire as wire_zfm
from drivers.plant import Plant
from gate.bench.emulated_devices import KINDS, DeviceSettings

HELD_BYTES_MAX = 4096
"""No codec's longest frame is longer (Modbus 256, ZFM 267, document readers about 1,000)."""
CHUNK_BYTES_MAX = 40
NOT_IN_A_TIGHT_LOOP = frozenset({"osdp"})
"""libosdp keeps the machine's time; its frames are cut by `osdp_session.Frames`."""
ZONE = ("P<" + "A" * 42, "B" * 44)

COMMANDS = {
    "door-board": bytes.fromhex("0101000000083DCC"),
    "lcus": bytes.fromhex("A00101A2"),
    "lcus-query": b"\xff",
    "lcus-feedback": bytes.fromhex("A00105A6"),
    "kmtronic": bytes.fromhex("FF0900"),
    "numato": b"relay readall\r",
    "elyctis": b"V\x00\x00",
    "fingerprint": bytes.fromhex("EF01FFFFFFFF010003530057"),
    "r503": bytes.fromhex("EF01FFFFFFFF010003530057"),
}
"""A command that each emulator answers; the noise for it is bent from this."""

Ear = Callable[[bytes], tuple[int, int]]
"""Takes bytes; how many frames and how many violations came out."""


@dataclass(frozen=True)
class Codec:
    """One codec as a driver uses it: `new` gives what hears, and what it holds; `silence` what a
    driver does when the line has fallen silent. `good`: a frame that it must understand.
    """

    new: Callable[[], tuple[Ear, object]]
    good: bytes
    silence: Callable[[Any], None] = lambda held: None


def _frames(make: Callable[[], Any], take: str) -> Callable[[], tuple[Ear, object]]:
    """A codec that yields frame after frame."""

    def new() -> tuple[Ear, object]:
        decoder = make()

        def hear(data: bytes) -> tuple[int, int]:
            decoder.feed(data)
            came = violations = 0
            while True:
                try:
                    frame = getattr(decoder, take)()
                except ProtocolViolation:
                    violations += 1
                    continue
                if frame is None:
                    return came, violations
                came += 1

        return hear, decoder

    return new


def _answer(make: Callable[[], Any]) -> Callable[[], tuple[Ear, object]]:
    """A codec for the answer to one question: a driver makes a new one for each."""

    def new() -> tuple[Ear, object]:
        held = [make()]

        def hear(data: bytes) -> tuple[int, int]:
            try:
                came = held[0].feed(data) is not None
            except (ProtocolViolation, DeviceFault):
                held[0] = make()
                return 0, 1
            if came:
                held[0] = make()
            return int(came), 0

        def again() -> None:
            held[0] = make()

        return hear, _Held(held, again)

    return new


@dataclass
class _Held:
    things: list[Any]
    again: Callable[[], None]


def _next_question(held: _Held) -> None:
    held.again()


def _abandon(decoder: Any) -> None:
    decoder.abandon()


class _Raw:
    """KMtronic's answers have no frame: a driver gathers what came since its question."""

    def __init__(self) -> None:
        self.heard = b""

    def feed(self, data: bytes) -> object:
        self.heard += data
        return wire_kmtronic.all_states(4, self.heard)


def _rte_block() -> bytes:
    from drivers.document_reader.emulated_wire import rte_block

    return rte_block(ZONE, 0x20)


_ELYCTIS = "\r".join(ZONE).encode() + b"\r\r"
_COILS = wire_modbus.read_coils(1, 8)
CODECS: Mapping[str, Codec] = {
    "elyctis": Codec(
        _frames(wire_elyctis.Decoder, "next_frame"),
        b"I" + len(_ELYCTIS).to_bytes(2, "big") + _ELYCTIS,
        _abandon,
    ),
    "rte": Codec(_frames(wire_rte.Decoder, "next_frame"), _rte_block(), _abandon),
    "lines": Codec(
        _frames(wire_lines.Decoder, "next_frame"), "\r".join((*ZONE, "")).encode(), _abandon
    ),
    "fingerprint": Codec(
        _frames(wire_zfm.Decoder, "next_packet"),
        bytes.fromhex("EF01FFFFFFFF07000300000A"),
        lambda decoder: decoder.clear(),
    ),
    "modbus": Codec(
        _answer(lambda: wire_modbus.ReplyDecoder(_COILS)),
        bytes.fromhex("010101019048"),
        _next_question,
    ),
    "lcus query": Codec(
        _answer(lambda: wire_lcus.StateDecoder(2)), b"CH1: ON\r\nCH2: OFF\r\n", _next_question
    ),
    "lcus feedback": Codec(
        _answer(lambda: wire_lcus.AnswerDecoder(0)), bytes.fromhex("A00101A2"), _next_question
    ),
    "kmtronic": Codec(_answer(_Raw), b"\x01\x00\x00\x01", _next_question),
    "numato": Codec(
        _answer(lambda: wire_numato.AnswerDecoder(b"relay readall\r")),
        b"relay readall\n\r0f\n\r>",
        _next_question,
    ),
}


@dataclass
class Fuzzed:
    """What one wire went through."""

    wire: str
    given_bytes: int = 0
    frames: int = 0
    violations: int = 0
    most_held: int = 0
    out_of_step: int = 0
    crashes: Counter[str] = field(default_factory=Counter)

    @property
    def sound(self) -> bool:
        """Nothing else came out, nothing grew, always back in step."""
        return not (self.crashes or self.out_of_step) and self.most_held <= HELD_BYTES_MAX


def fuzz_codec(name: str, codec: Codec, rounds: int, seed: int) -> Fuzzed:
    """`rounds` times noise, silence, one good frame."""
    dice, result = random.Random(f"{name} {seed}"), Fuzzed(name)
    hear, held = codec.new()
    for _ in range(rounds):
        for _ in range(dice.randint(1, 12)):
            _hear(hear, _noise(dice, codec.good), result)
            result.most_held = max(result.most_held, held_bytes(held))
        codec.silence(held)
        _hear(hear, b"", result)
        result.out_of_step += not _hear(hear, codec.good, result)
    return result


def fuzz_emulator(name: str, rounds: int, seed: int) -> Fuzzed:
    """A host that sends anything to this kind of device."""
    dice, result = random.Random(f"{name} {seed}"), Fuzzed(f"{name} emulator")
    kind = KINDS[name]
    emulator = kind.make(DeviceSettings(name, name, Path(name), kind.baud), Plant())
    now_s = 0.0
    for _ in range(rounds):
        noise = _noise(dice, COMMANDS.get(name, b"\r"))
        result.given_bytes += len(noise)
        try:
            for byte in noise:
                now_s += 10 / kind.baud
                emulator.receive(bytes([byte]), now_s)
                result.frames += bool(emulator.transmit(now_s))
            now_s += dice.choice((0.0, 0.005, 1.0))
            result.frames += bool(emulator.transmit(now_s))
            emulator.next_change(now_s)
        except Exception as error:  # noqa: BLE001 - whatever comes out is the finding
            result.crashes[f"{type(error).__name__}: {error}"] += 1
    return result


def _hear(hear: Ear, data: bytes, result: Fuzzed) -> bool:
    result.given_bytes += len(data)
    try:
        came, violations = hear(data)
    except Exception as error:  # noqa: BLE001 - whatever else comes out is the finding
        result.crashes[f"{type(error).__name__}: {error}"] += 1
        return False
    result.frames += came
    result.violations += violations
    return came > 0


def _noise(dice: random.Random, good: bytes) -> bytes:
    """Bytes of no meaning, or a frame that was cut, flipped or doubled on its way."""
    if dice.random() < 0.5:
        return dice.randbytes(dice.randint(1, CHUNK_BYTES_MAX))
    bent = bytearray(good)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(bent)) if bent else 0
        match dice.randint(0, 3):
            case 0:
                bent = bent[:at]
            case 1 if bent:
                bent[at] ^= 1 << dice.randint(0, 7)
            case 2:
                bent[at:at] = dice.randbytes(dice.randint(1, 8))
            case _:
                bent += good[: dice.randint(1, len(good))]
    return bytes(bent)


def held_bytes(thing: object, depth: int = 4) -> int:
    """How many bytes of the line an object keeps, its parts included."""
    if isinstance(thing, bytes | bytearray | str):
        return len(thing)
    if depth == 0:
        return 0
    if isinstance(thing, list | tuple | deque):
        return sum(held_bytes(part, depth - 1) for part in thing)
    parts = getattr(thing, "__dict__", {})
    return sum(held_bytes(part, depth - 1) for part in parts.values() if not callable(part))


def fuzz_all(rounds: int, seed: int) -> list[Fuzzed]:
    """Every codec and every emulator."""
    codecs = [fuzz_codec(name, codec, rounds, seed) for name, codec in CODECS.items()]
    kinds = [name for name in KINDS if name not in NOT_IN_A_TIGHT_LOOP]
    return codecs + [fuzz_emulator(name, rounds, seed) for name in kinds]


def tell(result: Fuzzed) -> str:
    """One line."""
    return (
        f"{result.wire:24} bytes {result.given_bytes:9,}  frames {result.frames:7,}"
        f"  violations {result.violations:7,}  most held {result.most_held:5}"
        f"  out of step {result.out_of_step}  crashes {dict(result.crashes)}"
    )
