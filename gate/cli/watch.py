"""`egate watch`: look after a gate whose controller is down; commands nothing.

Without a controller both doors are locked (the board has ended its pulses), and whoever is inside
has the call button and the fire loop, which need no software. This reads the door board and raises
the alarm when somebody has been inside for too long.
"""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gate.config import Config

LOOK_S = 1.0
AGAIN_S = 2.0


def command(
    config: Annotated[
        Path | None, typer.Option("--config", help="gate.toml; without it the defaults.")
    ] = None,
    alarm: Annotated[
        str, typer.Option(help="A program to run at each alarm: a horn, a pager; its path.")
    ] = "",
    occupied_s: Annotated[
        float, typer.Option(min=1.0, help="Occupied longer than this is an alarm.")
    ] = 60.0,
) -> None:
    """Read a gate without a controller, and alarm while somebody is shut in."""
    import signal

    from gate import logs
    from gate.config import load

    logs.configure()

    async def watch() -> None:
        watching = asyncio.create_task(_watch(load(config), alarm, occupied_s))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, watching.cancel)
        await asyncio.wait({watching})
        if not watching.cancelled():
            watching.result()

    asyncio.run(watch())


async def _watch(config: Config, alarm: str, occupied_s: float) -> None:
    import structlog

    from gate.compose_devices import door_board
    from gate.ports import DeviceError

    log, loop = structlog.get_logger(), asyncio.get_running_loop()
    board, since_s = door_board(config), None
    log.warning("watching_without_controller")
    while True:
        try:
            sensors = await board.read()
        except DeviceError as error:
            # Nothing is known any more: whoever was inside counts as inside still.
            log.error("door_board_not_read", why=str(error))
            await board.close()
            await asyncio.sleep(AGAIN_S)
            continue
        if sensors.presence == 0:
            since_s = None
        elif since_s is None:
            since_s = loop.time()
            log.warning("occupied")
        elif loop.time() - since_s >= occupied_s:
            since_s = loop.time()
            log.critical("alarm_occupied", longer_than_s=occupied_s)
            if alarm:
                await asyncio.to_thread(subprocess.run, [alarm], check=False)
        await asyncio.sleep(LOOK_S)
