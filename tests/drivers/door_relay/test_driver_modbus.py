"""What only the Modbus board can show: a refusal, a wrong unit number."""

from __future__ import annotations

import asyncio

import pytest

from drivers.door_relay.driver import ModbusDoorBoard
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.errors import DeviceFault, ReplyTimeout
from drivers.faults import Fault, FaultKind, Planned, ScriptedFaults
from drivers.link import open_link, register_null, unregister_null
from drivers.plant import Plant
from tests.drivers.document_reader.virtual_time import run_virtual

BAUD = 115_200


def test_a_refusal_costs_no_waiting() -> None:
    """An exception reply is understood at its fifth byte, far before the time runs out."""

    async def story() -> None:
        register_null("doors", ModbusBoardEmulator(Plant(start_s=1000.0), baud=BAUD), BAUD)
        board = ModbusDoorBoard(await open_link("null:doors", baud=BAUD), baud=BAUD, coils=9)
        loop = asyncio.get_running_loop()
        await board.lock(0)
        start_s = loop.time()
        with pytest.raises(DeviceFault, match=r"null:doors: .*fewer channels"):
            await board.lock(8)
        assert loop.time() - start_s < 0.01
        unregister_null("doors")

    run_virtual(story())


def test_another_unit_does_not_answer() -> None:
    """A wrong unit number is silence, and the message names what to check."""

    async def story() -> None:
        register_null("doors", ModbusBoardEmulator(Plant(start_s=1000.0), baud=BAUD), BAUD)
        board = ModbusDoorBoard(await open_link("null:doors", baud=BAUD), baud=BAUD, unit=7)
        with pytest.raises(ReplyTimeout, match="unit number"):
            await board.read()
        unregister_null("doors")

    run_virtual(story())


def test_a_release_that_waited_behind_a_failed_reading_is_refused() -> None:
    """A release queued while a reading fails finds the state unknown, and moves nothing."""

    async def story() -> None:
        plant = Plant(start_s=1000.0)
        faults = ScriptedFaults([])
        register_null("doors", ModbusBoardEmulator(plant, baud=BAUD), BAUD, faults)
        board = ModbusDoorBoard(await open_link("null:doors", baud=BAUD), baud=BAUD)
        await board.read()
        faults.plan(Planned(Fault(FaultKind.DROP_REPLY)))
        results = await asyncio.gather(board.read(), board.release(0, 1.0), return_exceptions=True)
        assert isinstance(results[0], ReplyTimeout)
        assert isinstance(results[1], DeviceFault)
        assert not plant.truth().doors["entry"].coil
        unregister_null("doors")

    run_virtual(story())


class Overheard(ModbusBoardEmulator):
    """Notes when bytes of the host ended and when replies began."""

    def __init__(self, plant: Plant) -> None:
        super().__init__(plant, baud=BAUD)
        self.heard_s: list[float] = []
        self.said: list[tuple[float, int]] = []

    def receive(self, data: bytes, now_s: float) -> None:
        """As the board, noted."""
        self.heard_s.append(now_s)
        super().receive(data, now_s)

    def transmit(self, now_s: float) -> bytes:
        """As the board, noted."""
        reply = super().transmit(now_s)
        if reply:
            self.said.append((now_s, len(reply)))
        return reply


def test_the_driver_leaves_the_line_silent_before_it_speaks() -> None:
    """Between a reply's last byte and the next request lie 3.5 characters (1.75 ms here)."""

    async def story() -> None:
        board = Overheard(Plant(start_s=1000.0))
        register_null("doors", board, BAUD)
        driver = ModbusDoorBoard(await open_link("null:doors", baud=BAUD), baud=BAUD)
        for _ in range(3):
            await driver.read()
        byte_s = 10 / BAUD
        for began_s, size in board.said[:-1]:
            reply_ended_s = began_s + size * byte_s
            next_began_s = min(t for t in board.heard_s if t > reply_ended_s) - byte_s
            assert next_began_s - reply_ended_s >= 0.00175 - 1e-6
        unregister_null("doors")

    run_virtual(story())
