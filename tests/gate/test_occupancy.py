"""The alarm over somebody who is inside for too long, on an emulated gate in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.bench.world import EmulatedGate
from gate.config import Config
from gate.occupancy import OccupancyAlarm
from gate.passage.phases import Phase

START = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)


def test_somebody_inside_for_over_a_minute_is_an_alarm(tmp_path: Path) -> None:
    """Not before 60 s, then every 60 s, and no more once the gate is empty."""
    alarms: list[float] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        alarm = OccupancyAlarm(lambda: alarms.append(loop.time()))
        config = replace(Config(), state=str(tmp_path))
        world = EmulatedGate(config, start=START, rng=Random(1), observers=(alarm,))
        world.switch_on()
        try:
            assert await world.until(lambda: world.phase() is Phase.READY, 30.0)
            world.plant.add_body("somebody", 1.0, loop.time())
            assert await world.until(lambda: world.phase() is Phase.OCCUPIED_UNKNOWN, 5.0)
            began_s = loop.time()
            await asyncio.sleep(59.0)
            assert alarms == []
            await asyncio.sleep(65.0)
            assert [round(at - began_s) for at in alarms] == [60, 120]
            world.plant.remove_body("somebody", loop.time())
            await asyncio.sleep(200.0)
            assert len(alarms) == 2
        finally:
            alarm.close()
            await world.shut_down()

    loop = VirtualTimeLoop()
    asyncio.set_event_loop(loop)
    try:
        run_virtually(run(), loop)
    finally:
        asyncio.set_event_loop(None)
