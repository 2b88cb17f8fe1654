"""The emulated USB relay boards against the sellers' frames."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.door_relay.emulated_wiring import Wiring
from drivers.door_relay.emulator_simple import KmtronicEmulator, LcusEmulator, NumatoEmulator
from drivers.paced import Wire
from drivers.plant import Mode, Plant
from tests.drivers.transcripts import turns

BAUD = 9600
Emulated = LcusEmulator | KmtronicEmulator | NumatoEmulator


def ask(emulator: Emulated, data: bytes, at_s: float) -> bytes:
    """Send bytes at line speed; what comes back within 300 ms."""
    wire = Wire(emulator, BAUD)
    wire.host_write(data, at_s)
    return wire.advance(at_s + 0.3)


@pytest.mark.parametrize(
    ("transcript", "emulator"),
    [
        ("lcus", LcusEmulator(Plant(), answers_query=True)),
        ("kmtronic", KmtronicEmulator(Plant())),
        ("kmtronic_two", KmtronicEmulator(Plant(), Wiring(("entry", "exit"), ()))),
    ],
    ids=["lcus", "kmtronic", "kmtronic_two"],
)
def test_the_sellers_session_is_answered_byte_for_byte(transcript: str, emulator: Emulated) -> None:
    """The golden session in order, each frame after the last one was answered."""
    for i, turn in enumerate(turns(f"door_relay/{transcript}.txt")):
        assert ask(emulator, turn.request, 1.0 + i) == turn.reply, turn.what


def test_an_old_lcus_board_answers_nothing() -> None:
    """Without the query even FFh is met with silence, and feedback commands are ignored."""
    emulator = LcusEmulator(Plant())
    assert ask(emulator, bytes.fromhex("A0 01 01 A2 FF"), 1.0) == b""
    assert ask(emulator, bytes.fromhex("A0 01 02 A3"), 2.0) == b""
    assert emulator.terminals.relays[0]


def test_a_feedback_clone_answers_inverts_and_tells() -> None:
    """Status 3 switches on with an answer, 4 inverts, 5 asks."""
    emulator = LcusEmulator(Plant(), feedback=True)
    assert ask(emulator, bytes.fromhex("A0 02 03 A5"), 1.0) == bytes.fromhex("A0 02 01 A3")
    assert ask(emulator, bytes.fromhex("A0 02 05 A7"), 2.0) == bytes.fromhex("A0 02 01 A3")
    assert ask(emulator, bytes.fromhex("A0 02 04 A6"), 3.0) == bytes.fromhex("A0 02 00 A2")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("relay on 0", "relay on 0\n\r>"),
        ("relay read 1", "relay read 1\n\roff\n\r>"),
        ("relay readall", "relay readall\n\r00\n\r>"),
        ("relay writeall a5", "relay writeall a5\n\r>"),
        ("gpio read 0", "gpio read 0\n\r1\n\r>"),
        ("", "\n\r>"),
    ],
)
def test_numato_commands_are_echoed_and_answered(command: str, answer: str) -> None:
    """Echo, value where there is one, prompt."""
    emulator = NumatoEmulator(Plant())
    assert ask(emulator, command.encode() + b"\r", 1.0).decode() == answer


def test_a_pulled_plug_drops_the_relays() -> None:
    """USB power is the board's power: the door shuts."""
    plant = Plant()
    emulator = LcusEmulator(plant)
    wire = Wire(emulator, BAUD)
    wire.host_write(bytes.fromhex("A0 01 01 A2"), 0.0)
    wire.advance(1.0)
    plant.advance(1.0)
    assert plant.truth().doors["entry"].mode is Mode.OPEN
    wire.unplug(2.0, 1.0)
    plant.advance(4.0)
    assert plant.truth().doors["entry"].mode is Mode.CLOSED


@pytest.mark.parametrize("kind", ["lcus", "kmtronic", "numato"])
@settings(max_examples=100)
@given(chunks=st.lists(st.tuples(st.binary(max_size=200), st.floats(0, 0.2)), max_size=6))
def test_arbitrary_bytes_never_upset_it(kind: str, chunks: list[tuple[bytes, float]]) -> None:
    """Whatever came, after a pause a question is answered."""
    plant = Plant()
    emulator, question, answer = {
        "lcus": (LcusEmulator(plant, answers_query=True), b"\xff", b"CH4: "),
        "kmtronic": (KmtronicEmulator(plant), b"\xff\x09\x00", b""),
        "numato": (NumatoEmulator(plant), b"\rrelay readall\r", b">"),
    }[kind]
    wire, now_s = Wire(emulator, BAUD), 0.0
    for data, pause_s in chunks:
        wire.host_write(data, now_s)
        now_s += pause_s
        wire.advance(now_s)
    wire.advance(now_s + 5.0)
    wire.host_write(question, now_s + 5.0)
    heard = wire.advance(now_s + 6.0)
    assert heard
    assert answer in heard
