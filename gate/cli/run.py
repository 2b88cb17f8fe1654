"""`egate run`: one gate, as its configuration says, until it is stopped."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gate.compose import Gate
    from gate.config import Config
    from gate.runner import Turn
    from gate.upkeep import Upkeep


_NULL = (
    "null: lives inside a simulation; start an emulator (`egate emulate bench FILE`) and name its "
    "pty:, or name the device's serial: port"
)


def command(
    config: Annotated[
        Path | None, typer.Option("--config", help="gate.toml; without it the defaults.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Decide as usual, move no door.")
    ] = False,
    story: Annotated[bool, typer.Option(help="Tell the passages on standard output.")] = True,
) -> None:
    """Run one gate. Ends with 0 on SIGTERM and SIGINT, outputs locked."""
    from gate import logs
    from gate.config import ConfigError, load
    from gate.config_devices import absent_devices, null_devices

    logs.configure()
    settings = load(config)
    absent = [f"{device}: {what}" for device, what in absent_devices(settings).items()]
    absent += [f"{device}: {_NULL}" for device in null_devices(settings)]
    if absent:
        raise ConfigError(absent)
    asyncio.run(_run(settings, dry_run=dry_run, story=story))


async def _run(config: Config, *, dry_run: bool, story: bool) -> None:
    from random import SystemRandom

    from gate.bench.emulated_recognition import EmulatedRecognition
    from gate.bench.storyteller import Storyteller
    from gate.cli.clock_jobs import clock_jobs
    from gate.compose import Panel, compose_live, recognition_worker
    from gate.config import RecognitionMode
    from gate.control import ControlServer, LocalControl
    from gate.upkeep import Upkeep

    panel = Panel()
    worker = config.recognition.mode is RecognitionMode.WORKER
    pretended = EmulatedRecognition(SystemRandom())
    recognition = recognition_worker(config) if worker else pretended
    gate = compose_live(config, recognition, panel, dry_run=dry_run)
    if story:
        gate.runner.subscribe(Storyteller(typer.echo))
    gate.runner.subscribe(_log)
    upkeep = Upkeep(gate, config)
    local = LocalControl(gate.runner, lambda: panel.shown)
    control = ControlServer(local, config.control_path, None if worker else pretended.take)
    await control.start()
    jobs = asyncio.create_task(clock_jobs(config))
    try:
        await _until_stopped(gate, upkeep)
    finally:
        jobs.cancel()
        await asyncio.wait([jobs])
        await control.close()
        await gate.close()


async def _until_stopped(gate: Gate, upkeep: Upkeep) -> None:
    async def both() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(gate.runner.run())
            tasks.create_task(upkeep.run())

    running = asyncio.create_task(both())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        await gate.lock_doors()


def _log(turn: Turn) -> None:
    import structlog

    from gate.passage.commands import AuthoriseExit

    if any(isinstance(command, AuthoriseExit) for command in turn.commands):
        structlog.get_logger().info("exit_decided", mono_s=turn.now.mono_s)
    if turn.before.phase is not turn.after.phase:
        passage = turn.after.passage or turn.before.passage
        said: dict[str, Any] = {"phase": turn.after.phase.value}
        structlog.get_logger().info("phase", passage=str(passage.id) if passage else None, **said)
