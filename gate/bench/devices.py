"""Round trips of a door board over a paced line, beside third-party masters in the same run.

The limit is the line's: request and reply at ten bits a byte, and the slave's one t3.5. Each
master sends the same command to the same emulator (a process of its own) in alternating blocks.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from drivers.door_relay.driver import ModbusDoorBoard, open_modbus_board
from gate.compose_devices import door_board
from gate.config import load

BAUDS = (9600, 115_200)
TARGET_RATIO = 1.15
EVENT_TARGET_S = 0.1
PAUSE_S = 0.006
"""Between two commands, longer than any master's own silence, so that none waits for it."""
BLOCK = 20
EMULATE = (sys.executable, "-m", "gate.cli", "emulate", "door-board")
COILS, INPUTS = 8, 16
RELEASE_BYTES = 8 + 8
POLL_BYTES = (8 + 6) + (8 + 7)


def t3_5_s(baud: int) -> float:
    """MODBUS over Serial Line V1.02, 2.5.1.1, with ten bits to a character."""
    return 0.00175 if baud > 19200 else 35 / baud


def release_limit_s(baud: int) -> float:
    """The least time from the command to its acknowledgement."""
    return RELEASE_BYTES * 10 / baud + t3_5_s(baud)


def poll_limit_s(baud: int) -> float:
    """The least time of a full reading: two exchanges, each with the slave's and the master's
    silence.
    """
    return POLL_BYTES * 10 / baud + 4 * t3_5_s(baud)


@dataclass(frozen=True)
class Round:
    """Latencies of one master at one speed, s."""

    baud: int
    master: str
    median_s: float
    p99_s: float

    @property
    def ratio(self) -> float:
        """Median to the limit of the line."""
        return self.median_s / release_limit_s(self.baud)


@contextmanager
def emulated_board(folder: Path, baud: int) -> Iterator[Path]:
    """A door board in a process of its own; its control socket is `control` beside it."""
    link = folder / f"doors-{baud}"
    control = folder / "control"
    process = subprocess.Popen(
        [*EMULATE, "--link", str(link), "--baud", str(baud), "--control", str(control)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and not line.startswith("ready"):
            pass
        yield link
    finally:
        process.terminate()
        process.wait(10)


def measure(link: Path, baud: int, count: int) -> list[Round]:
    """Each master's latencies over one line, in alternating blocks of releases."""
    samples: dict[str, list[float]] = {"egate": [], "minimalmodbus": [], "pymodbus": []}
    for _ in range(max(1, count // BLOCK)):
        samples["egate"] += asyncio.run(_ours(link, baud))
        samples["minimalmodbus"] += _minimalmodbus(link, baud)
        samples["pymodbus"] += _pymodbus(link, baud)
    return [
        Round(baud, name, statistics.median(taken), _p99(taken)) for name, taken in samples.items()
    ]


async def poll_s(link: Path, baud: int, count: int) -> float:
    """The median time of a full reading, one after the other."""
    board = await open_modbus_board(f"pty:{link}", baud=baud, coils=COILS, inputs=INPUTS)
    try:
        await board.read()
        taken = []
        for _ in range(count):
            start_s = time.perf_counter()
            await board.read()
            taken.append(time.perf_counter() - start_s)
        return statistics.median(taken)
    finally:
        await board.close()


async def event_s(link: Path, control: Path, baud: int, count: int) -> list[float]:
    """From the change of a contact to the gate's event, through the adapter that the gate uses."""
    wiring = {"EGATE_DOORS__ADDRESS": f"pty:{link}", "EGATE_DOORS__BAUD": str(baud)}
    doors = door_board(load(None, wiring))
    rng, taken = random.Random(baud), []
    reader, writer = await asyncio.open_unix_connection(control)
    try:
        await doors.recover()
        await doors.read()
        for number in range(count):
            seen = asyncio.create_task(doors.next_sensors())
            await asyncio.sleep(rng.uniform(0.1, 0.25))  # at any instant of a poll
            start_s = time.perf_counter()
            writer.write(f"STICK approach {'OFF' if number % 2 else 'ON'}\n".encode())
            await seen
            taken.append(time.perf_counter() - start_s)
            await reader.readline()
        return taken
    finally:
        writer.close()
        await doors.close()


async def _ours(link: Path, baud: int) -> list[float]:
    board = await open_modbus_board(f"pty:{link}", baud=baud, coils=COILS, inputs=INPUTS)
    try:
        await board.read()
        return [await _one(board) for _ in range(BLOCK)]
    finally:
        await board.close()


async def _one(board: ModbusDoorBoard) -> float:
    await asyncio.sleep(PAUSE_S)
    start_s = time.perf_counter()
    await board.release(2, 0.1)
    return time.perf_counter() - start_s


def _minimalmodbus(link: Path, baud: int) -> list[float]:
    import minimalmodbus

    master = minimalmodbus.Instrument(str(link), 1)
    master.serial.baudrate = baud
    master.serial.timeout = 0.5
    try:
        return [_timed(lambda: master.write_bit(2, 1, functioncode=5)) for _ in range(BLOCK)]
    finally:
        master.serial.close()


def _pymodbus(link: Path, baud: int) -> list[float]:
    from pymodbus.client import ModbusSerialClient

    client: Any = ModbusSerialClient(str(link), baudrate=baud, timeout=1, retries=0)
    client.connect()
    try:
        return [_timed(lambda: client.write_coil(2, True, device_id=1)) for _ in range(BLOCK)]
    finally:
        client.close()


def _timed(act: Callable[[], Any]) -> float:
    time.sleep(PAUSE_S)
    start_s = time.perf_counter()
    act()
    return time.perf_counter() - start_s


def _p99(taken: list[float]) -> float:
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * 0.99))]


def command(
    count: Annotated[int, typer.Option(help="Releases per master and speed.")] = 200,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
    bench: Annotated[
        Path | None, typer.Option(help="Try the real devices of this bench file instead.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="With --bench: write a report to send in, as JSON.")
    ] = None,
) -> None:
    """Release-to-acknowledge and poll rate of the door board, beside minimalmodbus and pymodbus."""
    if bench is not None:
        _try_real(bench, report)
        return
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        for baud in BAUDS:
            with emulated_board(Path(folder), baud) as link:
                rounds = measure(link, baud, count)
                polled_s = asyncio.run(poll_s(link, baud, max(20, count // 4)))
                control = Path(folder) / "control"
                events_s = asyncio.run(event_s(link, control, baud, max(20, count // 4)))
            _tell(rounds, polled_s, json)
            _tell_events(events_s, baud, json)
            missed |= rounds[0].ratio > 2 * TARGET_RATIO
            missed |= statistics.median(events_s) > 2 * EVENT_TARGET_S
    if missed:
        raise typer.Exit(1)


def _try_real(bench: Path, report_file: Path | None) -> None:
    from gate.bench.device_table import report, summary, tried

    try:
        rows = tried(bench)
    except ValueError as error:
        print(f"egate bench devices: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    for row in rows:
        print(row)
    print(summary(rows))
    if report_file is not None:
        report_file.write_text(report(rows), encoding="utf-8")
    if any(row.problem and not row.absent for row in rows):
        raise typer.Exit(1)


def _tell(rounds: list[Round], polled_s: float, as_json: bool) -> None:
    import json as codec

    baud = rounds[0].baud
    limit_s = poll_limit_s(baud)
    for row in rounds:
        values = {
            "baud": baud,
            "master": row.master,
            "median_ms": round(row.median_s * 1e3, 2),
            "p99_ms": round(row.p99_s * 1e3, 2),
            "limit_ms": round(release_limit_s(baud) * 1e3, 2),
            "ratio": round(row.ratio, 3),
        }
        text = "{baud:>6} Bd  {master:14} median {median_ms:6} ms  p99 {p99_ms:6} ms"
        tail = "  limit {limit_ms} ms  ratio {ratio}"
        print(codec.dumps(values) if as_json else (text + tail).format(**values))
    poll = {"baud": baud, "poll_hz": round(1 / polled_s, 1), "limit_hz": round(1 / limit_s, 1)}
    text = "{baud:>6} Bd  full reading   {poll_hz} a second, the line allows {limit_hz}"
    print(codec.dumps(poll) if as_json else text.format(**poll))


def _tell_events(taken_s: list[float], baud: int, as_json: bool) -> None:
    import json as codec

    values = {
        "baud": baud,
        "event_median_ms": round(statistics.median(taken_s) * 1e3, 1),
        "event_max_ms": round(max(taken_s) * 1e3, 1),
        "target_ms": round(EVENT_TARGET_S * 1e3),
    }
    text = "{baud:>6} Bd  contact to event  median {event_median_ms} ms, longest {event_max_ms} ms"
    print(codec.dumps(values) if as_json else (text + ", target {target_ms} ms").format(**values))
