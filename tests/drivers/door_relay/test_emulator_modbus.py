"""The emulated Modbus board against the manuals' frames and silences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.door_relay.emulated_modbus import checksum
from drivers.door_relay.emulated_wiring import Wiring
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.paced import Wire
from drivers.plant import Mode, Plant
from tests.drivers.transcripts import turns

BAUD = 9600
BYTE_S = 10 / BAUD


def board(wiring: Wiring | None = None) -> tuple[ModbusBoardEmulator, Plant]:
    """A board and its plant."""
    plant = Plant()
    return ModbusBoardEmulator(plant, baud=BAUD, wiring=wiring), plant


def framed(text: str) -> bytes:
    """Hex with a right check sum behind it."""
    body = bytes.fromhex(text)
    return body + checksum(body)


def ask(emulator: ModbusBoardEmulator, frame: bytes, at_s: float) -> bytes:
    """Send a frame at line speed; what comes back within 50 ms."""
    wire = Wire(emulator, BAUD)
    wire.host_write(frame, at_s)
    return wire.advance(at_s + 0.05)


def test_the_makers_session_is_answered_byte_for_byte() -> None:
    """The golden session, in order, on a board whose inputs 1 and 3 are active."""
    wiring = Wiring(inputs=("entry_closed", "", "exit_closed", "", "", "", "", ""))
    plant = Plant()
    emulator = ModbusBoardEmulator(plant, baud=BAUD, wiring=Wiring(("",) * 8, wiring.inputs))
    for i, turn in enumerate(turns("door_relay/modbus_waveshare.txt")):
        assert ask(emulator, turn.request, 1.0 + i) == turn.reply, turn.what


def test_the_specifications_examples_are_answered() -> None:
    """The specification's coil writes and reads on a board that is large enough."""
    emulator, _ = board(Wiring(("",) * 200, ("",) * 240))
    by_function = {t.request[0]: t for t in turns("door_relay/modbus_specification.txt")}
    write, read = by_function[0x0F], by_function[0x05]
    for turn in (write, read):
        assert ask(emulator, framed("01" + turn.request.hex()), 1.0) == framed(
            "01" + turn.reply.hex()
        )
    assert emulator.terminals.relays[19:29] == [bool(0x1CD >> i & 1) for i in range(10)]
    assert emulator.terminals.relays[172]


def test_the_reply_starts_after_three_and_a_half_characters() -> None:
    """The first byte of the reply ends 3.5 + 1 byte times after the request."""
    emulator, _ = board()
    wire = Wire(emulator, BAUD)
    wire.host_write(framed("01 01 00 00 00 08"), 0.0)
    starts_s = (8 + 3.5) * BYTE_S
    assert wire.advance(starts_s + 0.9 * BYTE_S) == b""
    assert wire.advance(starts_s + 1.1 * BYTE_S) == b"\x01"


@pytest.mark.parametrize(("gap", "answered"), [(1.4, True), (1.6, False), (3.0, False)])
def test_a_gap_of_more_than_one_and_a_half_characters_spoils_a_frame(
    gap: float, answered: bool
) -> None:
    """1.4 characters are fine; 1.6 and 3 are met with silence."""
    emulator, _ = board()
    wire, frame = Wire(emulator, BAUD), framed("01 01 00 00 00 08")
    wire.host_write(frame[:4], 0.0)
    wire.host_write(frame[4:], (4 + gap) * BYTE_S)
    assert bool(wire.advance(0.1)) is answered


def test_behind_a_spoilt_frame_the_next_one_is_answered() -> None:
    """A board is back in step after 3.5 characters of silence."""
    emulator, _ = board()
    wire, frame = Wire(emulator, BAUD), framed("01 01 00 00 00 08")
    wire.host_write(b"\x01\x02\x03", 0.0)
    wire.host_write(frame, 3 * BYTE_S + 3.6 * BYTE_S)
    assert wire.advance(0.1)


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        ("01 03 40 00 00 01", "01 83 01"),
        ("01 01 00 00 00 00", "01 81 03"),
        ("01 01 00 00 00 09", "01 81 02"),
        ("01 02 00 10 00 01", "01 82 02"),
        ("01 05 00 00 12 34", "01 85 03"),
        ("01 05 00 08 FF 00", "01 85 02"),
        ("01 05 02 00 00 00", "01 85 03"),
        ("01 0F 00 00 00 08 02 FF", "01 8F 03"),
        ("01 0F 00 01 00 08 01 FF", "01 8F 02"),
        ("01 01 00", "01 81 03"),
    ],
)
def test_impossible_requests_are_refused(request_: str, reply: str) -> None:
    """Function, address and value errors give exceptions 1, 2 and 3."""
    emulator, _ = board()
    assert ask(emulator, framed(request_), 1.0) == framed(reply)


def test_a_broadcast_is_obeyed_and_not_answered() -> None:
    """Unit 0 is every board; nobody answers."""
    emulator, _ = board()
    assert ask(emulator, framed("00 05 00 00 FF 00"), 1.0) == b""
    assert emulator.terminals.relays[0]


def test_a_firmware_pulse_ends_without_the_host() -> None:
    """The relay falls by itself after n x 100 ms, and the door shuts and locks."""
    emulator, plant = board()
    wire = Wire(emulator, BAUD)
    wire.host_write(framed("01 05 02 00 00 0A"), 0.0)
    wire.advance(0.9)
    plant.advance(0.9)
    assert plant.truth().doors["entry"].mode is Mode.OPEN
    wire.advance(1.1)
    assert not emulator.terminals.relays[0]
    plant.advance(3.0)
    assert plant.truth().doors["entry"].mode is Mode.CLOSED


def test_a_steady_command_cancels_a_pulse() -> None:
    """On during a pulse stays on; off during a pulse is off at once."""
    for value, stays in (("FF 00", True), ("00 00", False)):
        emulator, _ = board()
        ask(emulator, framed("01 05 02 00 00 0A"), 0.0)
        ask(emulator, framed("01 05 00 00 " + value), 0.5)
        emulator.transmit(5.0)
        assert emulator.terminals.relays[0] is stays


def test_without_power_the_board_is_silent_and_its_relays_fall() -> None:
    """Mains gone and battery empty: no answer; relays are off when power returns."""
    emulator, plant = board()
    ask(emulator, framed("01 05 00 00 FF 00"), 0.0)
    plant.set_mains(False, 1.0)
    assert ask(emulator, framed("01 01 00 00 00 08"), 2000.0) == b""
    plant.set_mains(True, 2001.0)
    assert ask(emulator, framed("01 01 00 00 00 08"), 2002.0) == framed("01 01 01 00")


def test_fire_opens_the_doors_with_the_board_dead() -> None:
    """The loop is no matter of the board: relays stay off, the doors are open."""
    emulator, plant = board()
    plant.set_loop("fire", False, 1.0)
    plant.advance(1.7)
    assert not any(emulator.terminals.relays)
    assert {door.mode for door in plant.truth().doors.values()} == {Mode.OPEN}


@settings(max_examples=150)
@given(st.lists(st.tuples(st.binary(max_size=300), st.floats(0, 0.1)), max_size=8))
def test_arbitrary_bytes_never_upset_it(chunks: list[tuple[bytes, float]]) -> None:
    """Whatever came, a sound request after a silence is answered."""
    emulator, _ = board()
    wire, now_s = Wire(emulator, BAUD), 0.0
    for data, pause_s in chunks:
        wire.host_write(data, now_s)
        now_s += pause_s
        wire.advance(now_s)
    wire.advance(now_s + 5.0)
    wire.host_write(framed("01 01 00 00 00 08"), now_s + 5.0)
    assert len(wire.advance(now_s + 6.0)) == 6
