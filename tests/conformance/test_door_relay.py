"""One suite for every door board: over a line in this process (virtual time), over a
pseudo-terminal (real time), and on the hardware that ``--bench bench.toml`` names.

The judges below are third parties: masters against the emulator, a server against the driver.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import minimalmodbus
import pytest
from pymodbus.client import ModbusSerialClient
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.door_relay.board import BoardState, DoorBoard
from drivers.door_relay.driver import ModbusDoorBoard
from drivers.door_relay.emulated_wiring import INPUT_NAMES
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.errors import (
    DeviceFault,
    DriverError,
    LinkLost,
    ProtocolViolation,
    ReplyTimeout,
)
from drivers.faults import Fault, FaultKind, Faults, NoFaults, Planned, ScriptedFaults, Way
from drivers.line import Emulator, NullLine, PtyLine
from drivers.link import Link, open_link, register_null, unregister_null
from drivers.plant import Mode, Plant
from tests.drivers.document_reader.bench import BenchDevice, bench_devices
from tests.drivers.document_reader.virtual_time import run_virtual
from tests.drivers.pipes import joined
from tests.drivers.served import served

BAUD = 115_200
ENTRY, EXIT = 0, 1


@dataclass(frozen=True)
class Model:
    """A kind of board: its driver and its emulator."""

    driver: Callable[[Link], DoorBoard]
    emulator: Callable[[Plant], Emulator]


MODELS = {
    "modbus": Model(
        lambda link: ModbusDoorBoard(link, baud=BAUD),
        lambda plant: ModbusBoardEmulator(plant, baud=BAUD),
    ),
    "modbus without pulse": Model(
        lambda link: ModbusDoorBoard(link, baud=BAUD, firmware_pulse=False),
        lambda plant: ModbusBoardEmulator(plant, baud=BAUD),
    ),
}


@dataclass
class Bench:
    """A board behind its link, and the gate behind the board."""

    model: Model
    board: DoorBoard
    plant: Plant
    line: NullLine | PtyLine
    address: str

    def gate(self) -> Plant:
        """The plant, brought up to now."""
        self.line.poke()
        self.plant.advance(asyncio.get_running_loop().time())
        return self.plant

    def mode(self, door: str = "entry") -> Mode:
        """What a door's leaf is doing now."""
        return self.gate().truth().doors[door].mode

    def coil(self, door: str = "entry") -> bool:
        """Whether a door's coil is on now."""
        return self.gate().truth().doors[door].coil

    async def reopen(self) -> None:
        """What a caller does after LinkLost."""
        await self.board.close()
        self.board = self.model.driver(await open_link(self.address, baud=BAUD))


Story = Callable[[Bench], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture(params=list(MODELS))
def model(request: pytest.FixtureRequest) -> str:
    """Which board."""
    return str(request.param)


@pytest.fixture(params=["null", "pty"])
def play(request: pytest.FixtureRequest, model: str, tmp_path: Path) -> Play:
    """Run a story with an open board over either link."""
    return lambda story, faults=None: run(request.param, model, tmp_path, story, faults)


def run(where: str, model: str, folder: Path, story: Story, faults: Faults | None = None) -> None:
    """Run a story in virtual time (null) or in real time (pty)."""
    work = _at(where, MODELS[model], folder, story, faults or NoFaults())
    run_virtual(work) if where == "null" else asyncio.run(work)


async def _at(where: str, model: Model, folder: Path, story: Story, faults: Faults) -> None:
    plant = Plant(start_s=asyncio.get_running_loop().time())
    emulator = model.emulator(plant)
    line: NullLine | PtyLine
    if where == "null":
        line, address = register_null("doors", emulator, BAUD, faults), "null:doors"
    else:
        line, address = PtyLine(emulator, folder / "doors", BAUD, faults), f"pty:{folder}/doors"
        line.start()
    bench = Bench(model, model.driver(await open_link(address, baud=BAUD)), plant, line, address)
    try:
        await story(bench)
    finally:
        await bench.board.close()
        unregister_null("doors")
        if isinstance(line, PtyLine):
            line.close()


def test_nothing_is_released_before_the_state_was_read(play: Play) -> None:
    """A board that was just opened is unknown; a release is refused, a read makes it known."""

    async def story(bench: Bench) -> None:
        assert bench.board.state is None
        with pytest.raises(DeviceFault, match="unknown"):
            await bench.board.release(ENTRY, 0.5)
        assert not bench.coil()
        state = await bench.board.read()
        assert bench.board.state == state
        assert not any(state.coils)
        await bench.board.release(ENTRY, 0.5)
        assert bench.coil()

    play(story)


def test_every_input_is_read_as_the_gate_has_it(play: Play) -> None:
    """Each named input follows the plant, one after the other."""

    async def story(bench: Bench) -> None:
        state = await bench.board.read()
        if not bench.board.capabilities.inputs:
            assert state.inputs == ()
            return
        for name in INPUT_NAMES:
            for value in (True, False):
                now_s = asyncio.get_running_loop().time()
                bench.plant.stick(name, value, now_s)
                assert (await bench.board.read()).inputs[INPUT_NAMES.index(name)] is value
            bench.plant.stick(name, None, now_s)
        assert (await bench.board.read()).inputs == state.inputs

    play(story)


def test_a_release_ends_by_itself(play: Play) -> None:
    """After the pulse the coil is off and the door shuts; the other door never moved."""

    async def story(bench: Bench) -> None:
        await bench.board.read()
        await bench.board.release(EXIT, 0.3)
        assert bench.board.state is not None
        assert bench.board.state.coils[EXIT]
        await asyncio.sleep(0.2)
        assert bench.coil("exit")
        await asyncio.sleep(0.2)
        assert not bench.coil("exit")
        assert bench.mode() is Mode.CLOSED
        assert not (await bench.board.read()).coils[EXIT]

    play(story)


def test_a_closed_driver_leaves_no_door_released(play: Play) -> None:
    """The pulse ends with the host gone: by firmware, or because closing locks."""

    async def story(bench: Bench) -> None:
        await bench.board.read()
        await bench.board.release(ENTRY, 0.3)
        await bench.board.close()
        await asyncio.sleep(0.4)
        assert not bench.coil()
        await bench.reopen()

    play(story)


def test_lock_ends_a_release_early(play: Play) -> None:
    """Lock switches the coil off long before the pulse would."""

    async def story(bench: Bench) -> None:
        await bench.board.read()
        await bench.board.release(ENTRY, 30.0)
        assert bench.coil()
        await bench.board.lock(ENTRY)
        assert not bench.coil()
        assert bench.board.state is not None
        assert not bench.board.state.coils[ENTRY]

    play(story)


def test_hold_keeps_a_door_released(play: Play) -> None:
    """Hold has no end of its own, and works without knowing the state."""

    async def story(bench: Bench) -> None:
        await bench.board.hold(ENTRY)
        await asyncio.sleep(0.3)
        assert bench.coil()
        await bench.board.lock(ENTRY)
        assert not bench.coil()

    play(story)


def test_impossible_commands_are_refused_before_the_wire(play: Play) -> None:
    """A channel that is not there, and a pulse that is too short or too long."""

    async def story(bench: Bench) -> None:
        await bench.board.read()
        for channel, pulse_s in ((-1, 1.0), (99, 1.0), (0, 0.05), (0, 61.0)):
            with pytest.raises(ValueError, match=r"channel|pulse"):
                await bench.board.release(channel, pulse_s)
        assert bench.board.state is not None

    play(story)


FAULTS = [
    Planned(Fault(FaultKind.DROP_REQUEST)),
    Planned(Fault(FaultKind.DROP_REPLY)),
    Planned(Fault(FaultKind.FLIP_BIT, 17), way=Way.REQUEST),
    Planned(Fault(FaultKind.FLIP_BIT, 17), way=Way.REPLY),
    Planned(Fault(FaultKind.TRUNCATE, 2), way=Way.REQUEST),
    Planned(Fault(FaultKind.TRUNCATE, 2), way=Way.REPLY),
    Planned(Fault(FaultKind.SPLIT), way=Way.REQUEST),
    Planned(Fault(FaultKind.SPLIT), way=Way.REPLY),
    Planned(Fault(FaultKind.DELAY, 0.15), way=Way.REPLY),
    Planned(Fault(FaultKind.DUPLICATE), way=Way.REQUEST),
    Planned(Fault(FaultKind.DUPLICATE), way=Way.REPLY),
    Planned(Fault(FaultKind.STALE)),
    Planned(Fault(FaultKind.NOISE), way=Way.REQUEST),
    Planned(Fault(FaultKind.NOISE), way=Way.REPLY),
    Planned(Fault(FaultKind.STUCK_BUSY, 0.5)),
]


async def recovered(board: DoorBoard, within_s: float = 3.0) -> BoardState:
    """Read back until it works, as the gate does."""
    loop = asyncio.get_running_loop()
    end_s = loop.time() + within_s
    while loop.time() < end_s:
        try:
            return await board.read()
        except DriverError:
            assert board.state is None
    raise AssertionError("not back within 3 s")


@pytest.mark.parametrize("planned", FAULTS, ids=lambda p: f"{p.fault.kind.value}-{p.way}")
@pytest.mark.parametrize(
    ("where", "name", "act"),
    [("pty", "modbus", "release")]
    + [("null", name, act) for name in MODELS for act in ("release", "lock", "read")],
)
def test_after_any_fault_the_state_is_unknown_until_read_back(
    tmp_path: Path, planned: Planned, where: str, name: str, act: str
) -> None:
    """An exchange that a fault hit either worked, and the board did it, or leaves the state
    unknown; then a read back within 3 s agrees with the relays.
    """
    script = ScriptedFaults([])

    async def story(bench: Bench) -> None:
        await bench.board.read()
        script.plan(planned)
        acts: dict[str, Callable[[], Awaitable[Any]]] = {
            "release": lambda: bench.board.release(ENTRY, 20.0),
            "lock": lambda: bench.board.lock(ENTRY),
            "read": bench.board.read,
        }
        try:
            await acts[act]()
        except DriverError:
            assert bench.board.state is None
            with pytest.raises(DeviceFault):
                await bench.board.release(EXIT, 1.0)
        else:
            assert bench.coil() is (act == "release") or not bench.board.capabilities.acknowledges
        state = await recovered(bench.board)
        assert state.coils[ENTRY] is bench.coil() or not state.confirmed
        assert not bench.coil("exit")
        for _ in range(3):
            await recovered(bench.board)
            await bench.board.release(EXIT, 5.0)
            assert bench.coil("exit")
            await bench.board.lock(EXIT)
            assert not bench.coil("exit")

    run(where, name, tmp_path, story, script)


def test_unplugged_in_mid_frame_and_back(play: Play) -> None:
    """LinkLost, unknown; reopened under the same name, read back, released again."""
    script = ScriptedFaults([])

    async def story(bench: Bench) -> None:
        await bench.board.read()
        script.plan(Planned(Fault(FaultKind.UNPLUG, 0.2), way=Way.REQUEST))
        with pytest.raises((LinkLost, ReplyTimeout, ProtocolViolation)):
            await bench.board.read()
        assert bench.board.state is None
        with pytest.raises(LinkLost):
            await bench.board.lock(ENTRY)
        await asyncio.sleep(0.3)
        await bench.reopen()
        await bench.board.read()
        await bench.board.release(ENTRY, 1.0)
        assert bench.coil()

    play(story, script)


def test_a_cancelled_exchange_leaves_the_state_unknown(play: Play) -> None:
    """A caller that gave up does not know what the relay did; the next exchange is in step."""

    async def story(bench: Bench) -> None:
        await bench.board.read()
        release = asyncio.get_running_loop().create_task(bench.board.release(ENTRY, 20.0))
        await asyncio.sleep(0.0005)
        release.cancel()
        with pytest.raises(asyncio.CancelledError):
            await release
        assert bench.board.state is None
        assert (await recovered(bench.board)).coils[ENTRY] is bench.coil()

    play(story)


def test_fire_opens_the_doors_and_is_seen(play: Play) -> None:
    """The doors open within their travel time with no command, and the loop's input says why."""

    async def story(bench: Bench) -> None:
        await bench.board.read()
        loop = asyncio.get_running_loop()
        bench.plant.set_loop("fire", False, loop.time())
        await asyncio.sleep(0.7)
        assert bench.mode() is Mode.OPEN
        assert bench.mode("exit") is Mode.OPEN
        state = await bench.board.read()
        assert not any(state.coils)
        if state.inputs:
            assert not state.inputs[INPUT_NAMES.index("fire_loop_ok")]

    play(story)


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


# -- judges ---------------------------------------------------------------------------------------


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


def test_on_the_bench_hardware(pytestconfig: pytest.Config) -> None:
    """Each door board of the bench reads back, pulses its last relay, and locks it again.
    Nothing but a lamp may hang on that relay; none on the bench is a counted skip.
    """

    async def check(device: BenchDevice) -> None:
        link = await open_link(device.address, baud=device.baud)
        board = HARDWARE[device.model](link, device.baud)
        last = board.capabilities.coils - 1
        try:
            await board.read()
            await board.release(last, 0.5)
            await asyncio.sleep(0.8)
            assert not (await board.read()).coils[last]
            await board.lock(last)
        finally:
            await board.close()

    for device in bench_devices(pytestconfig, "door_relay"):
        asyncio.run(check(device))


HARDWARE: dict[str, Callable[[Link, int], DoorBoard]] = {
    "modbus": lambda link, baud: ModbusDoorBoard(link, baud=baud),
}
