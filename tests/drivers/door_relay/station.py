"""A door board behind a link with a gate behind it, for the conformance suite."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from drivers.door_relay.board import BoardState, DoorBoard
from drivers.door_relay.driver import ModbusDoorBoard
from drivers.door_relay.driver_simple import KmtronicBoard, LcusBoard, NumatoBoard
from drivers.door_relay.emulated_wiring import INPUT_NAMES, Wiring
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.door_relay.emulator_simple import KmtronicEmulator, LcusEmulator, NumatoEmulator
from drivers.errors import DriverError
from drivers.faults import Fault, FaultKind, Faults, NoFaults, Planned, Way
from drivers.line import Emulator, NullLine, PtyLine
from drivers.link import Link, open_link, register_null, unregister_null
from drivers.plant import Mode, Plant
from tests.drivers.document_reader.virtual_time import run_virtual

BAUD = 115_200
ENTRY, EXIT = 0, 1
TWO = Wiring(coils=("entry", "exit"), inputs=())


@dataclass(frozen=True)
class Model:
    """A kind of board: its driver and its emulator."""

    driver: Callable[[Link], DoorBoard]
    emulator: Callable[[Plant], Emulator]


MODELS = {
    "lcus": Model(lambda link: LcusBoard(link, baud=BAUD), lambda plant: LcusEmulator(plant)),
    "lcus query": Model(
        lambda link: LcusBoard(link, baud=BAUD, dialect="query"),
        lambda plant: LcusEmulator(plant, answers_query=True),
    ),
    "lcus feedback": Model(
        lambda link: LcusBoard(link, baud=BAUD, dialect="feedback"),
        lambda plant: LcusEmulator(plant, feedback=True),
    ),
    "kmtronic": Model(
        lambda link: KmtronicBoard(link, baud=BAUD), lambda plant: KmtronicEmulator(plant)
    ),
    "kmtronic two": Model(
        lambda link: KmtronicBoard(link, baud=BAUD, coils=2),
        lambda plant: KmtronicEmulator(plant, TWO),
    ),
    "numato": Model(
        lambda link: NumatoBoard(link, baud=BAUD, inputs=len(INPUT_NAMES)),
        lambda plant: NumatoEmulator(plant),
    ),
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

    async def release(self, channel: int, pulse_s: float) -> None:
        """Release, and give a board that does not answer the time to hear it."""
        await self.board.release(channel, pulse_s)
        await self._heard()

    async def lock(self, channel: int) -> None:
        """Lock, likewise."""
        await self.board.lock(channel)
        await self._heard()

    async def hold(self, channel: int) -> None:
        """Hold, likewise."""
        await self.board.hold(channel)
        await self._heard()

    async def _heard(self) -> None:
        if not self.board.capabilities.acknowledges:
            await asyncio.sleep(0.01)

    async def reopen(self) -> None:
        """What a caller does after LinkLost."""
        await self.board.close()
        self.board = self.model.driver(await open_link(self.address, baud=BAUD))


Story = Callable[[Bench], Awaitable[None]]
Play = Callable[..., None]


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
    if where == "pty" and isinstance(faults, NoFaults):
        # A busy machine may keep the emulator waiting: without faults no answer is ever missing.
        bench.board._reply_timeout_s = 2.0
    try:
        await story(bench)
    finally:
        await bench.board.close()
        unregister_null("doors")
        if isinstance(line, PtyLine):
            line.close()


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
