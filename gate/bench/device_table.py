"""Tries every real device that a bench file names, and tells what each can and cannot.

The file lists `[[device]]` tables with `kind`, `model`, `address`, and where they matter `baud`,
`unit`, `coils`, `inputs` and `key_file`. A door board is read, its last relay pulsed for half a
second and locked again: nothing but a lamp may hang on that relay. A device that is not there is
skipped and counted.
"""

from __future__ import annotations

import asyncio
import json
import platform
import statistics
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drivers.document_reader.driver import ElyctisReader
from drivers.document_reader.driver_swipe import LineReader, RteReader
from drivers.document_reader.reader import DocumentReader
from drivers.door_relay.board import DoorBoard
from drivers.door_relay.kinds import BOARD_KINDS, Fitting, open_board
from drivers.errors import DriverError, LinkLost
from drivers.link import open_link
from gate.config_doors import osdp_key

READS = 20
SHOTS = 10
PULSE_S = 0.5
SHOT_S = 5.0


@dataclass(frozen=True)
class Row:
    """One device: what it can, how long its round trips take in ms, or what went wrong."""

    kind: str
    model: str
    address: str
    can: str = ""
    times_ms: Mapping[str, float] = field(default_factory=dict)
    problem: str = ""
    absent: bool = False

    def __str__(self) -> str:
        head = f"{self.kind:18} {self.model:18} {self.address}"
        if self.problem:
            return f"{head}  {'ABSENT' if self.absent else 'FAILED'} {self.problem}"
        times = ", ".join(f"{what} {time:.1f} ms" for what, time in self.times_ms.items())
        return f"{head}  {self.can}; {times}"


def tried(file: Path) -> list[Row]:
    """Try every `[[device]]`. Raises ValueError for a wrong file."""
    try:
        devices = tomllib.loads(file.read_text(encoding="utf-8")).get("device", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{file}: {error}") from None
    if not devices:
        raise ValueError(f"{file}: no [[device]] to try; kinds are {', '.join(_TRIALS)}")
    return [asyncio.run(_try(device)) for device in devices]


def report(rows: list[Row]) -> str:
    """What to send in: the rows and the machine, as JSON. Holds nothing that was read."""
    machine = {"python": platform.python_version(), "system": platform.platform()}
    tried_at = datetime.now(UTC).isoformat(timespec="seconds")
    told = {"tried_at": tried_at, **machine, "devices": [asdict(row) for row in rows]}
    return json.dumps(told, indent=2) + "\n"


def summary(rows: list[Row]) -> str:
    """One line that counts."""
    absent = sum(row.absent for row in rows)
    failed = sum(bool(row.problem) and not row.absent for row in rows)
    return f"{len(rows) - absent - failed} tried and fine, {failed} failed, {absent} absent"


async def _try(device: dict[str, Any]) -> Row:
    kind, model = str(device.get("kind")), str(device.get("model"))
    row = Row(kind, model, str(device.get("address")))
    trial = _TRIALS.get(kind)
    if trial is None:
        return _failed(row, f"no such kind; there are {', '.join(_TRIALS)}")
    try:
        return await trial(row, device)
    except LinkLost as error:
        return _failed(row, str(error), absent=not _is_there(row.address))
    except (DriverError, ValueError, KeyError) as error:
        return _failed(row, str(error))


def _is_there(address: str) -> bool:
    return Path(address.partition(":")[2]).exists()


def _failed(row: Row, problem: str, *, absent: bool = False) -> Row:
    return Row(row.kind, row.model, row.address, problem=problem, absent=absent)


def _fine(row: Row, can: str, times_s: Mapping[str, float]) -> Row:
    times_ms = {what: round(time_s * 1e3, 2) for what, time_s in times_s.items()}
    return Row(row.kind, row.model, row.address, can, times_ms)


async def _door_relay(row: Row, device: dict[str, Any]) -> Row:
    if row.model not in BOARD_KINDS:
        return _failed(row, f"no such model; there are {', '.join(BOARD_KINDS)}")
    fitting = Fitting(
        int(device.get("baud", 9600)),
        int(device.get("coils", 0)),
        int(device.get("inputs", 0)),
        int(device.get("unit", 1)),
        osdp_key(str(device.get("key_file", ""))) if row.model == "osdp" else b"",
    )
    board = await open_board(row.model, row.address, fitting)
    try:
        return await _pulsed(row, board)
    finally:
        await board.close()


async def _pulsed(row: Row, board: DoorBoard) -> Row:
    await board.read()
    last = board.capabilities.coils - 1
    release_s = await _timed(lambda: board.release(last, PULSE_S))
    await asyncio.sleep(PULSE_S + 0.3)
    if (await board.read()).coils[last]:
        await board.lock(last)
        return _failed(row, "the pulse did not end: use a model without pulse")
    reads_s = [await _timed(board.read) for _ in range(READS)]
    times_s = {"release": release_s, "full reading": statistics.median(reads_s)}
    return _fine(row, _abilities(board), times_s)


def _abilities(board: DoorBoard) -> str:
    can = board.capabilities
    abilities = {
        "reads back": can.reads_back,
        "acknowledges": can.acknowledges,
        "pulse in firmware": can.pulses,
    }
    told = ", ".join(f"{'' if able else 'no '}{name}" for name, able in abilities.items())
    return f"{can.coils} relays, {can.inputs} inputs, {told}"


_READERS: Mapping[str, Callable[[int], DocumentReader]] = {
    "elyctis presence": ElyctisReader,
    "elyctis continuous": lambda baud: ElyctisReader(baud, presence=False),
    "rte": RteReader,
    "lines": LineReader,
}


async def _document_reader(row: Row, device: dict[str, Any]) -> Row:
    if row.model not in _READERS:
        return _failed(row, f"no such model; there are {', '.join(_READERS)}")
    baud = int(device.get("baud", 9600))
    reader = _READERS[row.model](baud)
    await reader.open(await open_link(row.address, baud=baud))
    try:
        asked_s = await _timed(reader.self_test)
        names = await reader.self_test()
    finally:
        await reader.close()
    presence = "" if reader.has_presence_sensor else "no "
    can = f"{presence}presence sensor, " + ("" if names.answers else "takes no commands, ")
    said = (names.product, names.version, names.ocr_version, names.serial_number)
    return _fine(row, can + " ".join(word for word in said if word), {"self-test": asked_s})


async def _fingerprint_reader(row: Row, device: dict[str, Any]) -> Row:
    from drivers.fingerprint_reader.driver import ZfmSensor

    sensor = ZfmSensor(password=int(device.get("password", 0)))
    baud = int(device.get("baud", 57_600))
    told = await sensor.open(await open_link(row.address, baud=baud))
    try:
        asked_s = [await _timed(sensor.read_parameters) for _ in range(READS)]
        look_s = await _timed(sensor.take_image)
        held = await sensor.template_count()
    finally:
        await sensor.close()
    can = f"{told.capacity} places, {held} used, security {told.security}, "
    can += f"packets of {told.packet_bytes} bytes, {told.baud} Bd"
    return _fine(row, can, {"parameters": statistics.median(asked_s), "look for a finger": look_s})


async def _face_camera(row: Row, device: dict[str, Any]) -> Row:
    from drivers.face_camera.driver import open_camera
    from drivers.face_camera.shots import BadFrame
    from drivers.face_camera.sources import CameraSettings

    camera = await open_camera(CameraSettings(row.address, controls=device.get("controls", {})))
    try:
        first_s = await _timed(lambda: camera.next_shot(SHOT_S))
        shots: list[Any] = []
        every_s = await _timed(lambda: _shots(camera.next_shot, shots))
    finally:
        await camera.close()
    faults = [shot.fault.value for shot in shots if isinstance(shot, BadFrame)]
    refused = ", ".join(camera.refused_controls) or "none"
    can = f"{len(shots) - len(faults)} of {len(shots)} frames good, controls refused: {refused}"
    return _fine(row, can, {"first frame": first_s, "every frame": every_s / SHOTS})


async def _shots(next_shot: Callable[[float], Awaitable[Any]], into: list[Any]) -> None:
    for _ in range(SHOTS):
        into.append(await next_shot(SHOT_S))


async def _timed(act: Callable[[], Awaitable[object]]) -> float:
    loop = asyncio.get_running_loop()
    start_s = loop.time()
    await act()
    return loop.time() - start_s


_TRIALS: Mapping[str, Callable[[Row, dict[str, Any]], Awaitable[Row]]] = {
    "door_relay": _door_relay,
    "document_reader": _document_reader,
    "fingerprint_reader": _fingerprint_reader,
    "face_camera": _face_camera,
}
