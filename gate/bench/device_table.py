"""Tries the door boards that a bench file names and tells what each can, as a table to send in.

It reads each board, pulses its last relay for half a second and locks it again: nothing but a
lamp may hang on that relay.
"""

from __future__ import annotations

import asyncio
import statistics
import tomllib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.door_relay.board import DoorBoard
from drivers.door_relay.kinds import BOARD_KINDS, Fitting, open_board
from drivers.errors import DriverError

READS = 20
PULSE_S = 0.5


@dataclass(frozen=True)
class Row:
    """One board: what it can, how fast, or what went wrong."""

    model: str
    address: str
    can: str = ""
    release_ms: float | None = None
    read_ms: float | None = None
    problem: str = ""

    def __str__(self) -> str:
        if self.problem:
            return f"{self.model:14} {self.address}  FAILED {self.problem}"
        times = f"release {self.release_ms:.1f} ms, full reading {self.read_ms:.1f} ms"
        return f"{self.model:14} {self.address}  {self.can}  {times}"


def tried(file: Path) -> list[Row]:
    """Try every `[[device]]` of kind door_relay. Raises ValueError for a wrong file."""
    try:
        devices = tomllib.loads(file.read_text(encoding="utf-8")).get("device", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{file}: {error}") from None
    boards = [device for device in devices if device.get("kind") == "door_relay"]
    if not boards:
        raise ValueError(f'{file}: no [[device]] with kind = "door_relay"')
    return [asyncio.run(_try(board)) for board in boards]


async def _try(device: dict[str, Any]) -> Row:
    model, address = str(device.get("model")), str(device.get("address"))
    if model not in BOARD_KINDS:
        return Row(model, address, problem=f"no such model; there are {', '.join(BOARD_KINDS)}")
    baud = int(device.get("baud", 9600))
    coils, inputs = int(device.get("coils", 0)), int(device.get("inputs", 0))
    try:
        board = await open_board(model, address, Fitting(baud, coils, inputs))
        try:
            return await _measure(board, model)
        finally:
            await board.close()
    except (DriverError, ValueError) as error:
        return Row(model, address, problem=str(error))


async def _measure(board: DoorBoard, model: str) -> Row:
    await board.read()
    last = board.capabilities.coils - 1
    release_s = await _timed(lambda: board.release(last, PULSE_S))
    await asyncio.sleep(PULSE_S + 0.3)
    if (await board.read()).coils[last]:
        await board.lock(last)
        return Row(model, board.address, problem="the pulse did not end: use a model without pulse")
    reads_s = [await _timed(board.read) for _ in range(READS)]
    return Row(model, board.address, _can(board), release_s * 1e3, statistics.median(reads_s) * 1e3)


async def _timed(act: Callable[[], Awaitable[object]]) -> float:
    loop = asyncio.get_running_loop()
    start_s = loop.time()
    await act()
    return loop.time() - start_s


def _can(board: DoorBoard) -> str:
    can = board.capabilities
    abilities = {
        "reads back": can.reads_back,
        "acknowledges": can.acknowledges,
        "pulse in firmware": can.pulses,
    }
    told = ", ".join(f"{'' if able else 'no '}{name}" for name, able in abilities.items())
    return f"{can.coils} relays, {can.inputs} inputs, {told};"
