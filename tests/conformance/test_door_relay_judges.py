"""Judges not of our hand: third-party Modbus masters against the emulator, a third-party server
against the driver.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import minimalmodbus
import pytest
from pymodbus.client import ModbusSerialClient
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.door_relay.board import BoardState
from drivers.door_relay.driver import ModbusDoorBoard
from drivers.door_relay.emulated_wiring import INPUT_NAMES
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.errors import DeviceFault
from drivers.link import open_link
from drivers.plant import Plant
from tests.drivers.pipes import joined
from tests.drivers.served import served

BAUD = 115_200


def _emulator(start_s: float) -> ModbusBoardEmulator:
    return ModbusBoardEmulator(Plant(start_s=start_s), baud=BAUD)


def test_minimalmodbus_drives_the_emulator(tmp_path: Path) -> None:
    """minimalmodbus, unmodified: switch, read back, read inputs, be refused."""
    with served(_emulator, tmp_path / "doors", BAUD):
        master = minimalmodbus.Instrument(str(tmp_path / "doors"), 1)
        master.serial.baudrate = BAUD
        master.serial.timeout = 0.5
        master.write_bit(3, 1, functioncode=5)
        assert master.read_bits(0, 8, functioncode=1) == [0, 0, 0, 1, 0, 0, 0, 0]
        master.write_bits(0, [0, 0, 1, 0])
        assert master.read_bits(0, 8, functioncode=1) == [0, 0, 1, 0, 0, 0, 0, 0]
        inputs = dict(zip(INPUT_NAMES, master.read_bits(0, 16, functioncode=2), strict=False))
        assert inputs["entry_closed"] == 1
        assert inputs["fire_loop_ok"] == 1
        assert inputs["approach"] == 0
        with pytest.raises(minimalmodbus.ModbusException):
            master.write_bit(99, 1, functioncode=5)
        master.serial.close()


def test_pymodbus_drives_the_emulator(tmp_path: Path) -> None:
    """Pymodbus' serial client, unmodified: the same."""
    with served(_emulator, tmp_path / "doors", BAUD):
        client = ModbusSerialClient(str(tmp_path / "doors"), baudrate=BAUD, timeout=1, retries=0)
        assert client.connect()
        assert not client.write_coil(1, True, device_id=1).isError()
        assert client.read_coils(0, count=8, device_id=1).bits[:3] == [False, True, False]
        assert not client.write_coils(0, [True, False], device_id=1).isError()
        assert client.read_coils(0, count=8, device_id=1).bits[:3] == [True, False, False]
        assert client.read_discrete_inputs(9, count=4, device_id=1).bits[:4] == [True] * 4
        assert client.write_coil(99, True, device_id=1).exception_code == 2
        assert client.read_holding_registers(0, count=1, device_id=1).exception_code == 1
        client.close()  # type: ignore[no-untyped-call]


def test_the_driver_drives_pymodbus_server() -> None:
    """Our driver against pymodbus' serial server: switch, read back, inputs, refusal."""

    async def story() -> None:
        coils = SimData(0, values=[False] * 8, datatype=DataType.BITS)
        inputs = SimData(0, values=[True, False] * 8, datatype=DataType.BITS)
        registers = SimData(0, values=0, datatype=DataType.REGISTERS)
        device = SimDevice(id=1, simdata=([coils], [inputs], [registers], [registers]))
        with joined() as (theirs, ours):
            server = ModbusSerialServer(device, port=theirs, baudrate=BAUD)
            await server.serve_forever(background=True)
            link = await open_link(f"pty:{ours}", baud=BAUD)
            board = ModbusDoorBoard(link, baud=BAUD, firmware_pulse=False, reply_timeout_s=0.5)
            state = await board.read()
            assert state == BoardState((False,) * 8, (True, False) * 8)
            await board.release(2, 10.0)
            assert (await board.read()).coils == (False, False, True, *[False] * 5)
            await board.lock(2)
            assert not any((await board.read()).coils)
            larger = ModbusDoorBoard(link, baud=BAUD, coils=200, reply_timeout_s=0.5)
            with pytest.raises(DeviceFault, match="fewer channels"):
                await larger.lock(150)
            await board.close()
            await server.shutdown()  # type: ignore[no-untyped-call]

    asyncio.run(story())
