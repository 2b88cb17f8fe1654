"""The self-test over the real wire, on an emulated gate in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drivers.plant import DoorChange, Mode
from gate.bench.fault_words import Breakage
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.bench.world import EmulatedGate
from gate.config import Config
from gate.daily import daily
from gate.passage.events import MaintenanceLeft, SelfTestWanted
from gate.passage.phases import Phase

START = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
Story = Callable[[EmulatedGate], Awaitable[None]]


def play(folder: Path, story: Story) -> None:
    """Run a story at a gate that is ready."""

    async def run() -> None:
        config = replace(Config(), state=str(folder))
        world = EmulatedGate(config, start=START, rng=Random(1))
        world.switch_on()
        try:
            assert await world.until(lambda: world.phase() is Phase.READY, 30.0)
            await story(world)
        finally:
            await world.shut_down()

    loop = VirtualTimeLoop()
    asyncio.set_event_loop(loop)
    try:
        run_virtually(run(), loop)
    finally:
        asyncio.set_event_loop(None)


async def findings(world: EmulatedGate, *, attended: bool = True) -> tuple[str, ...]:
    """Ask for a self-test and wait for its end; what it found."""
    world.post(SelfTestWanted("officer-1", attended))
    assert await world.until(lambda: under_way(world), 1.0)
    assert await world.until(lambda: not under_way(world), 130.0)
    state = world.state()
    assert state is not None
    return state.test_failures


def under_way(world: EmulatedGate) -> bool:
    """Whether the core waits for a self-test."""
    state = world.state()
    return state is not None and state.testing


def journal(world: EmulatedGate, kind: str) -> list[dict[str, Any]]:
    """What the journal keeps of a kind."""
    with world.open_store() as store:
        return [entry["data"] for entry in store.journal_plain() if entry["kind"] == kind]


def test_a_sound_gate_passes_and_goes_back_to_work(tmp_path: Path) -> None:
    """Both leaves are opened, one after the other, everything is journalled, the gate is ready."""

    async def story(world: EmulatedGate) -> None:
        world.plant.drain_log()
        assert await findings(world) == ()
        assert await world.until(lambda: world.phase() is Phase.READY, 10.0)
        await asyncio.sleep(0.5)
        changes = [e for e in world.plant.drain_log() if isinstance(e, DoorChange)]
        assert [e.door for e in changes if e.mode is Mode.OPEN and e.released][:1] == ["entry"]
        assert {e.door for e in changes if e.mode is Mode.OPEN} == {"entry", "exit"}
        free = dict.fromkeys(("entry", "exit"), False)
        for change in changes:
            free[change.door] = change.released
            assert not all(free.values())
        assert journal(world, "self_test") == [{"failures": []}]

    play(tmp_path, story)


def test_unattended_the_exit_is_only_let_go_ajar(tmp_path: Path) -> None:
    """By the schedule nobody stands by: the exit moves, and never so far that anybody passes."""

    async def story(world: EmulatedGate) -> None:
        furthest = 0.0
        world.post(SelfTestWanted("schedule", attended=False))
        await asyncio.sleep(0.1)
        while under_way(world):
            await asyncio.sleep(0.01)
            world.plant.advance(asyncio.get_running_loop().time())
            furthest = max(furthest, world.plant.truth().doors["exit"].position)
        assert 0.0 < furthest < world.plant.parameters.leaf.passable_at
        state = world.state()
        assert state is not None
        assert state.test_failures == ()

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("breakage", "told"),
    [
        (Breakage("gate", "jam", "entry"), "entry_closed: still made"),
        (Breakage("gate", "jam", "exit"), "exit_closed: still made"),
        (Breakage("gate", "stuck_on", "exit_closed"), "exit_closed: still made|exit_contacts"),
        (Breakage("gate", "stuck_off", "entry_open"), "entry_open: not made"),
        (Breakage("gate", "slow", "exit", 20.0), "exit_open: not made|exit_lock"),
        (Breakage("recognition", "unplugged"), "camera and finger: "),
    ],
)
def test_what_fails_is_named_and_takes_the_gate_out_of_service(
    tmp_path: Path, breakage: Breakage, told: str
) -> None:
    """The gate says which test failed, alerts staff, stays shut, and a passed test heals it."""
    import re

    async def story(world: EmulatedGate) -> None:
        world.faults.begin(breakage)
        failures = await findings(world)
        assert any(re.match(told, failure) for failure in failures), failures
        await asyncio.sleep(15.0)
        assert world.phase() is Phase.OUT_OF_SERVICE
        assert journal(world, "self_test")[-1] == {"failures": list(failures)}
        assert {"reason": "self_test_failed"} in journal(world, "alert")
        world.faults.clear()
        await asyncio.sleep(30.0)
        assert world.phase() is Phase.OUT_OF_SERVICE, "only a passed test brings it back"
        assert await findings(world) == ()
        assert await world.until(lambda: world.phase() is Phase.READY, 15.0)

    play(tmp_path, story)


def test_fire_ends_a_self_test_at_once(tmp_path: Path) -> None:
    """In an evacuation the test stops and locks nothing behind it."""

    async def story(world: EmulatedGate) -> None:
        world.post(SelfTestWanted("officer-1"))
        await asyncio.sleep(0.5)
        world.interrupt_fire_loop()
        assert await world.until(lambda: world.phase() is Phase.EVACUATING, 1.0)
        await asyncio.sleep(30.0)
        assert world.phase() is Phase.EVACUATING
        doors = world.plant.truth().doors.values()
        assert {door.mode for door in doors} == {Mode.OPEN}
        assert all(door.coil for door in doors)
        assert journal(world, "self_test") == []

    play(tmp_path, story)


def test_a_self_test_cannot_be_cut_short_or_begun_in_a_passage(tmp_path: Path) -> None:
    """With somebody before or inside the gate, or while one runs, the button is kept and refused."""

    async def story(world: EmulatedGate) -> None:
        world.post(SelfTestWanted("officer-1"))
        await asyncio.sleep(0.5)
        world.post(MaintenanceLeft("officer-1"))
        world.post(SelfTestWanted("officer-1"))
        await asyncio.sleep(0.1)
        assert under_way(world)
        assert await world.until(lambda: world.phase() is Phase.READY, 60.0)
        world.plant.add_body("somebody", 1.0, asyncio.get_running_loop().time())
        assert await world.until(lambda: world.phase() is Phase.OCCUPIED_UNKNOWN, 5.0)
        world.post(SelfTestWanted("officer-1"))
        await asyncio.sleep(1.0)
        assert not under_way(world)
        refused = [d for d in journal(world, "officer") if not d["done"]]
        assert [d["deed"] for d in refused] == ["MaintenanceLeft"] + ["SelfTestWanted"] * 2

    play(tmp_path, story)


def test_the_day_s_test_is_done_once_a_day_though_the_clock_jumps() -> None:
    """At its time, later if the gate was busy, never twice, not at once after a late start."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        begin = datetime(2026, 5, 3, 18, 0, tzinfo=UTC)  # 03:00 in Korea
        offset, busy, done = timedelta(0), True, []

        def utc() -> datetime:
            return begin + timedelta(seconds=loop.time()) + offset

        def act() -> bool:
            if not busy:
                done.append(utc())
            return not busy

        task = asyncio.create_task(daily(time(4, 30), utc, act))
        await asyncio.sleep(2 * 3600)
        assert done == []
        busy = False
        await asyncio.sleep(60)
        assert len(done) == 1
        offset = timedelta(hours=-2)
        await asyncio.sleep(3 * 3600)
        assert len(done) == 1
        offset = timedelta(0)
        await asyncio.sleep(24 * 3600)
        assert len(done) == 2
        task.cancel()

    loop = VirtualTimeLoop()
    asyncio.set_event_loop(loop)
    try:
        run_virtually(run(), loop)
    finally:
        asyncio.set_event_loop(None)
