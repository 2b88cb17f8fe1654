"""The door board behind its port: states in words, holds renewed, a dry run that moves nothing."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from drivers.door_relay.driver import open_modbus_board
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.line import NullLine
from drivers.link import register_null, unregister_null
from drivers.plant import Plant
from gate.adapters.door_board import DoorBoardAdapter, DoorWiring, door_state
from gate.adapters.dry_doors import DryDoors
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.config import Config
from gate.ports import DeviceError
from gate.vocabulary.passages import Door, DoorState, FailureKind

INPUTS = {
    name: number for number, name in enumerate(type(Config().doors.inputs).__dataclass_fields__)
}
WIRING = DoorWiring({Door.ENTRY: 0, Door.EXIT: 1}, INPUTS, pulse_s=5.0, poll_s=0.05)


class Bench:
    """A plant, its board and the adapter on a null line."""

    def __init__(self) -> None:
        self.plant = Plant()
        self.line: NullLine = register_null("test-doors", ModbusBoardEmulator(self.plant), 9600)
        self.doors = DoorBoardAdapter(
            lambda: open_modbus_board("null:test-doors", coils=2, inputs=13), WIRING
        )

    def released(self, door: str) -> bool:
        """What the plant says."""
        return self.plant.truth().doors[door].coil


@pytest.fixture
def loop() -> Iterator[VirtualTimeLoop]:
    """Virtual time."""
    made = VirtualTimeLoop()
    asyncio.set_event_loop(made)
    yield made
    asyncio.set_event_loop(None)
    unregister_null("test-doors")


def run(loop: VirtualTimeLoop, story: Coroutine[Any, Any, None]) -> None:
    """Play it to the end."""
    run_virtually(story, loop)


@pytest.mark.parametrize(
    ("closed", "open_", "coil", "state"),
    [
        (True, False, False, DoorState.LOCKED),
        (True, False, True, DoorState.RELEASED),
        (False, False, False, DoorState.MOVING),
        (False, True, False, DoorState.OPEN),
        (True, True, False, DoorState.FAULT),
        (True, True, True, DoorState.FAULT),
    ],
)
def test_contacts_and_coil_make_one_word(
    closed: bool, open_: bool, coil: bool, state: DoorState
) -> None:
    """Only a closed contact alone, with the coil read back off, is locked."""
    assert door_state(closed, open_, coil) is state


def test_a_release_ends_by_itself(loop: VirtualTimeLoop) -> None:
    """The board's own pulse ends, whatever becomes of the host."""

    async def story() -> None:
        bench = Bench()
        await bench.doors.recover()
        await bench.doors.release(Door.ENTRY)
        assert bench.released("entry")
        await asyncio.sleep(6.0)
        bench.line.poke()
        assert not bench.released("entry")

    run(loop, story())


def test_a_hold_lasts_until_a_door_is_locked(loop: VirtualTimeLoop) -> None:
    """In an evacuation both coils stay on, longer than any single pulse."""

    async def story() -> None:
        bench = Bench()
        await bench.doors.hold_open()
        watching = asyncio.ensure_future(_watch(bench.doors))
        await asyncio.sleep(200.0)
        assert bench.released("entry")
        assert bench.released("exit")
        await bench.doors.lock(Door.ENTRY)
        await bench.doors.lock(Door.EXIT)
        await asyncio.sleep(100.0)
        assert not bench.released("entry")
        watching.cancel()

    run(loop, story())


async def _watch(doors: DoorBoardAdapter) -> None:
    while True:
        await doors.next_sensors()


def test_a_dry_run_reads_and_moves_nothing(loop: VirtualTimeLoop) -> None:
    """Sensors come through; a release, a lock and a hold do not."""

    async def story() -> None:
        bench = Bench()
        dry = DryDoors(bench.doors)
        await dry.recover()
        await dry.release(Door.ENTRY)
        await dry.hold_open()
        assert not bench.released("entry")
        assert (await dry.read()).both_locked

    run(loop, story())


def test_an_unplugged_board_is_told_and_comes_back(loop: VirtualTimeLoop) -> None:
    """A lost link is UNPLUGGED; `recover` opens the port anew and reads everything back."""

    async def story() -> None:
        bench = Bench()
        await bench.doors.recover()
        bench.line.unplug()
        with pytest.raises(DeviceError) as lost:
            await bench.doors.read()
        assert lost.value.kind is FailureKind.UNPLUGGED
        with pytest.raises(DeviceError):
            await bench.doors.recover()
        bench.line.replug()
        await bench.doors.recover()
        assert (await bench.doors.read()).both_locked

    run(loop, story())


def test_a_change_that_only_a_read_saw_is_told_when_it_is_over(loop: VirtualTimeLoop) -> None:
    """Between two polls a door moved and shut again, and a read-back saw it moving."""

    async def story() -> None:
        bench = Bench()
        assert (await bench.doors.next_sensors()).both_locked
        bench.plant.set_coil("exit", True, asyncio.get_running_loop().time())
        await asyncio.sleep(0.1)
        bench.plant.set_coil("exit", False, asyncio.get_running_loop().time())
        assert (await bench.doors.read()).exit is DoorState.MOVING
        await asyncio.sleep(2.0)
        assert (await asyncio.wait_for(bench.doors.next_sensors(), 5.0)).both_locked

    run(loop, story())
