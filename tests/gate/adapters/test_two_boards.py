"""A relay board without inputs beside a board that reads the contacts: one port, no half knowledge."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest

from drivers.line import NullLine
from drivers.link import register_null, unregister_null
from drivers.plant import Plant
from gate.adapters.door_board import DoorBoardAdapter
from gate.bench.far_ends import DOOR_BOARDS, sensor_board
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.compose_devices import door_board
from gate.config import load
from gate.config_doors import DoorsKind
from gate.ports import DeviceError
from gate.vocabulary.passages import Door, DoorState, FailureKind

TOLD = {
    "EGATE_DOORS__ADDRESS": "null:two-relays",
    "EGATE_DOORS__SENSORS__KIND": "modbus",
    "EGATE_DOORS__SENSORS__ADDRESS": "null:two-sensors",
}


@dataclass
class Pair:
    """Both boards on one plant, and the port over them."""

    plant: Plant
    relays: NullLine
    sensors: NullLine
    doors: DoorBoardAdapter

    def released(self, door: Door) -> bool:
        """What the plant says of the coil."""
        self.relays.poke()
        return self.plant.truth().doors[door.value].coil


Story = Callable[[Pair], Awaitable[None]]
Play = Callable[[Story], None]


@pytest.fixture(params=[DoorsKind.LCUS_QUERY, DoorsKind.KMTRONIC], ids=lambda kind: kind.value)
def play(request: pytest.FixtureRequest) -> Iterator[Play]:
    """Run a story in virtual time with this relay board."""
    loop = VirtualTimeLoop()
    asyncio.set_event_loop(loop)

    async def run(story: Story) -> None:
        config = load(None, {**TOLD, "EGATE_DOORS__KIND": request.param.value}).doors
        plant = Plant(start_s=loop.time())
        made = DOOR_BOARDS[config.kind](config, plant)
        relays = register_null("two-relays", made, config.baud)
        reads = sensor_board(config, plant)
        sensors = register_null("two-sensors", reads, config.sensors.baud)
        settings = load(None, {**TOLD, "EGATE_DOORS__KIND": request.param.value})
        doors = door_board(settings)
        await doors.recover()
        await story(Pair(plant, relays, sensors, doors))
        await doors.close()

    yield lambda story: run_virtually(run(story), loop)
    asyncio.set_event_loop(None)
    unregister_null("two-relays")
    unregister_null("two-sensors")


def test_relays_of_one_and_contacts_of_the_other_make_one_reading(play: Play) -> None:
    """The state of a door is its contact of the second board and its relay of the first."""

    async def story(pair: Pair) -> None:
        assert (await pair.doors.read()).entry is DoorState.LOCKED
        await pair.doors.release(Door.ENTRY)
        assert pair.released(Door.ENTRY)
        await asyncio.sleep(1.0)
        assert (await pair.doors.read()).entry is DoorState.OPEN
        await pair.doors.lock(Door.ENTRY)
        await asyncio.sleep(2.0)
        assert (await pair.doors.read()).entry is DoorState.LOCKED

    play(story)


def test_without_the_contacts_nothing_is_released_and_everything_can_be_locked(play: Play) -> None:
    """The board that reads is gone: no release, whatever the other board says; lock still works."""

    async def story(pair: Pair) -> None:
        await pair.doors.release(Door.ENTRY)
        pair.sensors.unplug()
        with pytest.raises(DeviceError) as told:
            await pair.doors.read()
        assert told.value.kind is FailureKind.UNPLUGGED
        with pytest.raises(DeviceError):
            await pair.doors.release(Door.EXIT)
        assert not pair.released(Door.EXIT)
        await pair.doors.lock(Door.ENTRY)
        assert not pair.released(Door.ENTRY)

    play(story)


def test_an_evacuation_holds_the_doors_open_without_the_contacts(play: Play) -> None:
    """Nobody is kept in because a contact cannot be read; only `lock` ends it."""

    async def story(pair: Pair) -> None:
        pair.sensors.unplug()
        with pytest.raises(DeviceError):
            await pair.doors.read()
        await pair.doors.hold_open()
        await asyncio.sleep(90.0)
        assert pair.released(Door.ENTRY)
        assert pair.released(Door.EXIT)
        for door in Door:
            await pair.doors.lock(door)
            assert not pair.released(door)

    play(story)


def test_either_board_back_is_read_in_full_before_it_serves(play: Play) -> None:
    """Recovery fails while one is gone, and works once both are there, doors locked."""

    async def story(pair: Pair) -> None:
        for line in (pair.sensors, pair.relays):
            line.unplug(1.0)
            with pytest.raises(DeviceError):
                await pair.doors.recover()
            await asyncio.sleep(1.5)
            await pair.doors.recover()
            sensors = await pair.doors.read()
            assert (sensors.entry, sensors.exit) == (DoorState.LOCKED, DoorState.LOCKED)

    play(story)


def test_a_slow_relay_board_does_not_hold_a_contact_up(play: Play) -> None:
    """A change of a contact is told within 0.2 s, though LCUS needs 0.1 s between two frames."""

    async def story(pair: Pair) -> None:
        loop = asyncio.get_running_loop()
        await pair.doors.read()
        for number in range(20):
            waiting = asyncio.create_task(pair.doors.next_sensors())
            await asyncio.sleep(0.313)
            changed_s = loop.time()
            pair.plant.stick("approach", number % 2 == 0, changed_s)
            await waiting
            assert loop.time() - changed_s < 0.2

    play(story)


def test_a_welded_relay_is_seen_though_nothing_was_commanded(play: Play) -> None:
    """The relays are read back while the contacts are polled: a relay that moved is told."""

    async def story(pair: Pair) -> None:
        await pair.doors.read()
        waiting = asyncio.create_task(pair.doors.next_sensors())
        await asyncio.sleep(0.2)
        made: object = pair.relays.wire.emulator
        made.terminals.switch(0, True, asyncio.get_running_loop().time())  # type: ignore[attr-defined]
        sensors = await asyncio.wait_for(waiting, 2.0)
        assert sensors.entry is not DoorState.LOCKED

    play(story)
