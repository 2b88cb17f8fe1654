"""What only the Modbus board can show: a refusal, a wrong unit number."""

from __future__ import annotations

import asyncio

import pytest

from drivers.door_relay.driver import ModbusDoorBoard
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.errors import DeviceFault, ReplyTimeout
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
        with pytest.raises(DeviceFault, match="fewer channels"):
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
