"""One suite for every door board: over a line in this process (virtual time), over a
pseudo-terminal (real time), and on the hardware that ``--bench bench.toml`` names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.door_relay.emulated_wiring import INPUT_NAMES
from drivers.door_relay.kinds import BOARD_KINDS, Fitting
from drivers.errors import DeviceFault, DriverError, LinkLost, ProtocolViolation, ReplyTimeout
from drivers.faults import Fault, FaultKind, Planned, ScriptedFaults, Way
from drivers.link import open_link, register_null, unregister_null
from drivers.plant import Mode, Plant
from tests.drivers.document_reader.bench import BenchDevice, bench_devices
from tests.drivers.document_reader.virtual_time import run_virtual
from tests.drivers.door_relay.station import (
    BAUD,
    ENTRY,
    EXIT,
    FAULTS,
    MODELS,
    Bench,
    Play,
    recovered,
    run,
)

SPEAKS = {name: name.split()[0] if name.startswith("modbus") else name for name in MODELS}
"""The language that a model understands; the two Modbus models share theirs."""
OVER_PTY = ("modbus", "lcus query")
"""The serial code is the same for all; these two show it."""


@pytest.fixture(params=[("null", name) for name in MODELS] + [("pty", name) for name in OVER_PTY])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """Run a story with an open board over either link."""
    where, model = request.param
    return lambda story, faults=None: run(where, model, tmp_path, story, faults)


def test_nothing_is_released_before_the_state_was_read(play: Play) -> None:
    """A board that was just opened is unknown; a release is refused, a read makes it known."""

    async def story(bench: Bench) -> None:
        assert bench.board.state is None
        with pytest.raises(DeviceFault, match="unknown"):
            await bench.release(ENTRY, 0.5)
        assert not bench.coil()
        state = await bench.board.read()
        assert bench.board.state == state
        assert not any(state.coils)
        await bench.release(ENTRY, 0.5)
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
        await bench.release(EXIT, 0.8)
        assert bench.board.state is not None
        assert bench.board.state.coils[EXIT]
        await asyncio.sleep(0.3)
        assert bench.coil("exit")
        await asyncio.sleep(0.9)
        assert not bench.coil("exit")
        assert bench.mode() is Mode.CLOSED
        assert not (await bench.board.read()).coils[EXIT]

    play(story)


def test_a_closed_driver_leaves_no_door_released(play: Play) -> None:
    """The pulse ends with the host gone: by firmware, or because closing locks."""

    async def story(bench: Bench) -> None:
        await bench.board.read()
        await bench.release(ENTRY, 0.5)
        await bench.board.close()
        await asyncio.sleep(0.6)
        assert not bench.coil()
        await bench.reopen()

    play(story)


def test_lock_ends_a_release_early(play: Play) -> None:
    """Lock switches the coil off long before the pulse would."""

    async def story(bench: Bench) -> None:
        await bench.board.read()
        await bench.release(ENTRY, 30.0)
        assert bench.coil()
        await bench.lock(ENTRY)
        assert not bench.coil()
        assert bench.board.state is not None
        assert not bench.board.state.coils[ENTRY]

    play(story)


def test_hold_keeps_a_door_released(play: Play) -> None:
    """Hold has no end of its own, and works without knowing the state."""

    async def story(bench: Bench) -> None:
        await bench.hold(ENTRY)
        await asyncio.sleep(0.3)
        assert bench.coil()
        await bench.lock(ENTRY)
        assert not bench.coil()

    play(story)


def test_impossible_commands_are_refused_before_the_wire(play: Play) -> None:
    """A channel that is not there, and a pulse that is too short or too long."""

    async def story(bench: Bench) -> None:
        await bench.board.read()
        for channel, pulse_s in ((-1, 1.0), (99, 1.0), (0, 0.05), (0, 61.0)):
            with pytest.raises(ValueError, match=r"channel|pulse"):
                await bench.release(channel, pulse_s)
        assert bench.board.state is not None

    play(story)


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
            "release": lambda: bench.release(ENTRY, 20.0),
            "lock": lambda: bench.lock(ENTRY),
            "read": bench.board.read,
        }
        try:
            await acts[act]()
        except DriverError:
            assert bench.board.state is None
            with pytest.raises(DeviceFault):
                await bench.release(EXIT, 1.0)
        else:
            assert bench.coil() is (act == "release") or not bench.board.capabilities.acknowledges
        state = await recovered(bench.board)
        assert state.coils[ENTRY] is bench.coil() or not state.confirmed
        assert not bench.coil("exit")
        for _ in range(3):
            await recovered(bench.board)
            await bench.release(EXIT, 5.0)
            assert bench.coil("exit") or not bench.board.capabilities.acknowledges
            await bench.lock(EXIT)
            assert not bench.coil("exit")

    run(where, name, tmp_path, story, script)


async def use_until_lost(bench: Bench) -> None:
    """A board that answers nothing shows the loss only at the next use."""
    for _ in range(5):
        await bench.lock(ENTRY)
        await bench.board.read()


def test_unplugged_in_mid_frame_and_back(play: Play) -> None:
    """LinkLost, unknown; reopened under the same name, read back, released again."""
    script = ScriptedFaults([])

    async def story(bench: Bench) -> None:
        await bench.board.read()
        script.plan(Planned(Fault(FaultKind.UNPLUG, 0.2), way=Way.REQUEST))
        with pytest.raises((LinkLost, ReplyTimeout, ProtocolViolation)):
            await use_until_lost(bench)
        assert bench.board.state is None
        with pytest.raises(LinkLost):
            await bench.lock(ENTRY)
        await asyncio.sleep(0.3)
        await bench.reopen()
        await bench.board.read()
        await bench.release(ENTRY, 1.0)
        assert bench.coil()

    play(story, script)


def test_a_cancelled_exchange_leaves_the_state_unknown(play: Play) -> None:
    """A caller that gave up does not know what the relay did; the next exchange is in step."""

    async def story(bench: Bench) -> None:
        await bench.board.read()
        release = asyncio.get_running_loop().create_task(bench.release(ENTRY, 20.0))
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


@pytest.mark.parametrize("driver", [name for name in MODELS if name != "lcus"])
@pytest.mark.parametrize("device", list(MODELS))
def test_a_wrong_board_on_the_path_is_never_taken_for_the_right_one(
    driver: str, device: str
) -> None:
    """Each driver at each other family's board: an error, and the state stays unknown. (A plain
    LCUS board says nothing, so its driver cannot tell.)
    """
    if SPEAKS[driver] == SPEAKS[device]:
        return

    async def story() -> None:
        plant = Plant(start_s=asyncio.get_running_loop().time())
        register_null("doors", MODELS[device].emulator(plant), BAUD)
        try:
            board = MODELS[driver].driver(await open_link("null:doors", baud=BAUD))
            for _ in range(3):
                with pytest.raises(DriverError):
                    await board.read()
                assert board.state is None
            assert not any(door.released for door in plant.truth().doors.values())
        finally:
            unregister_null("doors")

    run_virtual(story())


def test_on_the_bench_hardware(pytestconfig: pytest.Config) -> None:
    """Each door board of the bench reads back, pulses its last relay, and locks it again.
    Nothing but a lamp may hang on that relay; none on the bench is a counted skip.
    """

    async def check(device: BenchDevice) -> None:
        link = await open_link(device.address, baud=device.baud)
        board = BOARD_KINDS[device.model].make(link, Fitting(device.baud))
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
