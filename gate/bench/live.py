"""A gate of real processes: controller, reader and door board each in its own, over pty lines.

`egate bench live` walks travellers through it in real time. It measures what only real processes
show: the time from decision to relay, the idle cost, and what is left after a `kill -9` of any of
them in any phase.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from gate.bench.people import Cast, casts
from gate.config_doors import BOARD_ABILITIES, DoorsKind
from gate.control import connect
from gate.store import SiteKeys, Store

CONFIG = """\
state = "{folder}/state"
[reader]
address = "pty:{folder}/reader"
baud = 9600
[doors]
kind = "{kind}"
address = "pty:{folder}/doors"
key_file = "{folder}/osdp.key"
baud = {baud}
poll_s = {poll_s}
{sensors}[timings]
entry_answer_s = 0.5
capture_s = 6.0
"""
SENSORS = """\
[doors.sensors]
kind = "modbus"
address = "pty:{folder}/sensors"
"""
BENCH = """\
folder = "{folder}"
[[device]]
name = "doors"
kind = "{kind}"
baud = {baud}
key = "{key}"
"""
SENSOR_BENCH = """\
[[device]]
name = "sensors"
kind = "door-board"
baud = 115200
"""


class Live:
    """Three processes and their sockets below one folder.

    `doors`: the kind of door board; one without inputs has another beside it, on the same plant.
    """

    def __init__(
        self,
        folder: Path,
        *,
        baud: int = 115_200,
        poll_s: float = 0.05,
        doors: DoorsKind = DoorsKind.MODBUS,
    ) -> None:
        self.folder = folder
        self.view: dict[str, Any] = {}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._send: Callable[[dict[str, Any]], Awaitable[None]] | None = None
        self._changed = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        beside = "" if BOARD_ABILITIES[doors].inputs else SENSORS.format(folder=folder)
        settings = {"folder": folder, "baud": baud, "poll_s": poll_s, "sensors": beside}
        (folder / "gate.toml").write_text(CONFIG.format(kind=doors.value, **settings))
        emulated = "door-board" if doors.value.startswith("modbus") else doors.value
        key = secrets.token_hex(16)
        _private(folder / "osdp.key", key)
        bench = BENCH.format(folder=folder, kind=emulated, baud=baud, key=key)
        (folder / "bench.toml").write_text(bench + (SENSOR_BENCH if beside else ""))
        (folder / "state").mkdir(mode=0o700)
        self._keys = SiteKeys.from_file(folder / "state" / "master.key", create=True)
        with self.store(create=True) as store:
            store.record_sync(datetime.now(UTC), "bench")

    def store(self, *, create: bool = False) -> Store:
        """A second writer's connection."""
        path = self.folder / "state" / "store.db"
        return Store.open(path, keys=self._keys, create=create, lock_wait_s=5.0)

    # -- processes ----------------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start `gate`, `reader` or `doors`."""
        log = (self.folder / f"{name}.log").open("ab")
        command = [sys.executable, "-m", "gate.cli", *self.words(name)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def words(self, name: str) -> list[str]:
        """The command line of a process."""
        words = {
            "gate": ["run", "--config", f"{self.folder}/gate.toml"],
            "reader": ["emulate", "elyctis", "--link", f"{self.folder}/reader", "--baud", "9600"],
            "doors": ["emulate", "bench", f"{self.folder}/bench.toml"],
        }[name]
        if name != "gate":
            words += ["--control", f"{self.folder}/{name}.sock"]
        return words

    async def start_all(self) -> None:
        """Emulators first, then the gate."""
        for name in ("reader", "doors"):
            await self.restart(name)
        await self.restart("gate")

    async def restart(self, name: str) -> None:
        """Start a process and wait until its socket answers."""
        self.start(name)
        path = self.folder / ("state/control.sock" if name == "gate" else f"{name}.sock")
        for _ in range(200):
            with contextlib.suppress(OSError):
                if name == "gate":
                    return await self._attach(path)
                await self.word(name, "STATE")
                return None
            await asyncio.sleep(0.05)
        raise RuntimeError(f"{name} did not come up: see {self.folder}/{name}.log")

    def kill(self, name: str) -> None:
        """`kill -9`."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop_all(self) -> None:
        """End everything."""
        for name in list(self.processes):
            self.kill(name)

    # -- sockets ------------------------------------------------------------------------------

    async def word(self, name: str, line: str) -> Any:
        """One control word to an emulator."""
        reader, writer = await asyncio.open_unix_connection(self.folder / f"{name}.sock")
        writer.write(line.encode() + b"\n")
        answer = (await reader.readline()).decode().strip()
        writer.close()
        if answer.startswith("ERROR"):
            raise ValueError(f"{line.split()[0]}: {answer}")
        return None if answer == "OK" else json.loads(answer)

    async def _attach(self, path: Path) -> None:
        self._send, receive = await connect(path)
        if self._watching is not None:
            self._watching.cancel()
        self._watching = asyncio.create_task(self._watch(receive))

    async def _watch(self, receive: Callable[[], Awaitable[dict[str, Any] | None]]) -> None:
        while (message := await receive()) is not None:
            if "view" in message:
                self.view = message["view"]
                self._changed.set()

    async def tell(self, message: dict[str, Any]) -> None:
        """Press a button, or hold a face or finger before the sensors."""
        assert self._send is not None
        with contextlib.suppress(ConnectionError):
            await self._send(message)

    async def until(self, *phases: str, within_s: float = 40.0) -> str:
        """Wait until the gate stands in one of these phases; the phase it stands in."""
        ends_s = asyncio.get_running_loop().time() + within_s
        while self.view.get("phase") not in phases:
            self._changed.clear()
            left_s = ends_s - asyncio.get_running_loop().time()
            if left_s <= 0:
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left_s)
        return str(self.view.get("phase"))

    # -- a traveller ---------------------------------------------------------------------------

    async def walk(
        self, cast: Cast, *, up_to: str = "", present: bool = True, as_identity: str = ""
    ) -> None:
        """Walk a traveller until the gate stands in phase `up_to`, or all the way.

        `as_identity`: whose face and finger are shown instead of the own ones.
        """
        who, gone = cast.traveller, ("referred", "occupied_unknown", "out_of_service")
        steps: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
            ("ready", lambda: self.word("reader", "LAY " + "|".join(who.lines))),
            ("returning", lambda: self.word("reader", "WITHDRAW")),
            ("entering", lambda: self._step(f"BODY {who.name} WALK inside")),
            (
                "capturing",
                lambda: self._present((as_identity or who.person_id) if present else None),
            ),
            ("leaving", lambda: self._step(f"BODY {who.name} WALK beyond")),
        ]
        await self.word("doors", f"BODY {who.name} ADD outside")
        for phase, act in steps:
            reached = await self.until(phase, up_to or phase, *gone)
            if reached != phase or phase == up_to:
                return
            await act()
        if up_to:
            await self.until(up_to, *gone)
        else:
            await self.until("ready", *gone)
            await self._present(None)
            await self._step(f"BODY {who.name} REMOVE")

    async def _step(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            await self.word("doors", line)

    async def _present(self, identity: str | None) -> None:
        await self.tell({"present": {"face": identity, "finger": identity}})

    def enrol(self, count: int, seed: int) -> list[Cast]:
        """Travellers whom the law lets through."""
        today = datetime.now(UTC).date()
        people = list(casts(["admitted"] * count, today, Random(seed)))
        with self.store() as store:
            store.append_records(record for cast in people for record in cast.records)
        return people


def _private(file: Path, text: str) -> None:
    file.touch(0o600)
    file.write_text(text)


@dataclass(frozen=True, slots=True)
class Idle:
    """What a waiting controller costs."""

    cpu_percent: float
    rss_mb: float


async def idle(live: Live, seconds: float = 20.0) -> Idle:
    """CPU share of one core and resident memory of the controller while nobody comes."""
    await live.until("ready")
    pid = live.processes["gate"].pid
    before_s = _cpu_s(pid)
    await asyncio.sleep(seconds)
    percent = 100 * (_cpu_s(pid) - before_s) / seconds
    return Idle(round(percent, 2), round(_rss_kb(pid) / 1024, 1))


def _rss_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def release_ms(live: Live, passages: int) -> list[float]:
    """Exit decision to the relay switched by its frame, commit included, one figure a passage.

    Both processes read the same monotonic clock; the relay switches t3.5 after the frame's end.
    """
    measured = []
    for cast in live.enrol(passages, seed=1):
        await live.word("doors", "LOG")
        await live.walk(cast)
        decided_s = _last_decision_s(live.folder / "gate.log")
        switched_s = next(
            event["at_s"]
            for event in await live.word("doors", "LOG")
            if event.get("door") == "exit" and event.get("released")
        )
        measured.append(1000 * (switched_s - decided_s))
    return measured


def _last_decision_s(log: Path) -> float:
    lines = [line for line in log.read_text().splitlines() if '"exit_decided"' in line]
    return float(json.loads(lines[-1])["mono_s"])


def quantile(values: list[float], share: float) -> float:
    """The smallest value that at least this share does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def command(
    passages: int = 30,
    idle_s: float = 20.0,
    baud: int = 115_200,
    doors: DoorsKind = DoorsKind.MODBUS,
) -> None:
    """Measure release time, idle cost; `egate bench kill` kills the processes."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="egate-live-") as folder:
        asyncio.run(_measure(Path(folder), passages, idle_s, baud, doors))


async def _measure(folder: Path, passages: int, idle_s: float, baud: int, doors: DoorsKind) -> None:
    live = Live(folder, baud=baud, doors=doors)
    try:
        await live.start_all()
        cost = await idle(live, idle_s)
        print(f"controller idle: {cost.cpu_percent} % of a core, {cost.rss_mb} MB")
        times = await release_ms(live, passages)
    finally:
        live.stop_all()
    print(
        f"decision to relay, commit included, {len(times)} passages at {baud} Bd, {doors.value}: "
        f"median {statistics.median(times):.1f} ms, p95 {quantile(times, 0.95):.1f} ms, "
        f"max {max(times):.1f} ms"
    )
