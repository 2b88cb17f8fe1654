"""Storms of wire faults over every door board, in virtual time.

In a storm any frame may be lost, late, doubled, stale, cut, flipped, split, behind noise, or the
plug pulled, while the board is read, released and locked at random. Only the entry is ever
released. Behind each storm the board must be known again within 3 s and lock. A checker that sees
the plant's truth counts every release of the exit.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated

import typer

from drivers.door_relay.board import DoorBoard
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.door_relay.emulator_simple import KmtronicEmulator, LcusEmulator, NumatoEmulator
from drivers.door_relay.kinds import BOARD_KINDS, Fitting
from drivers.errors import DriverError, LinkLost
from drivers.faults import Fault, FaultKind, SeededFaults, Way
from drivers.line import Emulator, NullLine
from drivers.link import open_link, register_null, unregister_null
from drivers.plant import DoorChange, Plant
from gate.bench.fuzz_bytes import fuzz_all, tell
from gate.bench.virtual_time import VirtualTimeLoop

BAUD = 115_200
ENTRY, EXIT = 0, 1
RECOVERY_LIMIT_S = 3.0
STORM_ACTS = 30
RATES = {
    FaultKind.DROP_REQUEST: 0.04,
    FaultKind.DROP_REPLY: 0.04,
    FaultKind.FLIP_BIT: 0.04,
    FaultKind.TRUNCATE: 0.03,
    FaultKind.SPLIT: 0.03,
    FaultKind.DELAY: 0.03,
    FaultKind.DUPLICATE: 0.03,
    FaultKind.STALE: 0.03,
    FaultKind.NOISE: 0.04,
    FaultKind.STUCK_BUSY: 0.01,
    FaultKind.UNPLUG: 0.01,
}
UNCHECKED = frozenset({"kmtronic", "numato"})
"""Without a check sum a flipped bit can name another relay: the wire cannot tell, so it counts."""
EMULATORS: dict[str, Callable[[Plant], Emulator]] = {
    "modbus": lambda plant: ModbusBoardEmulator(plant, baud=BAUD),
    "modbus-plain": lambda plant: ModbusBoardEmulator(plant, baud=BAUD),
    "lcus": lambda plant: LcusEmulator(plant),
    "lcus-query": lambda plant: LcusEmulator(plant, answers_query=True),
    "lcus-feedback": lambda plant: LcusEmulator(plant, feedback=True),
    "kmtronic": lambda plant: KmtronicEmulator(plant),
    "numato": lambda plant: NumatoEmulator(plant),
}


@dataclass
class Storm:
    """A fault source that blows only while `on`, and counts what it did."""

    faults: SeededFaults
    on: bool = False
    done: Counter[str] = field(default_factory=Counter)

    def draw(self, way: Way, now_s: float) -> Fault | None:
        """As `drivers.faults.Faults`."""
        fault = self.faults.draw(way, now_s) if self.on else None
        if fault is not None:
            self.done[fault.kind.value] += 1
        return fault


@dataclass
class Result:
    """What one kind of board went through."""

    kind: str
    acts: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    wrong_releases: int = 0
    worst_recovery_s: float = 0.0
    not_locked: int = 0
    grown_bytes: int = 0
    leaked_descriptors: int = 0

    @property
    def sound(self) -> bool:
        """Nothing wrong that the protocol could have prevented."""
        wrong = self.wrong_releases if self.kind not in UNCHECKED else 0
        late = self.worst_recovery_s > RECOVERY_LIMIT_S
        return not (wrong or late or self.not_locked or self.leaked_descriptors)


def weather(kind: str, storms: int, seed: int) -> Result:
    """Run one kind of board through storms; anything but a DriverError is a crash."""
    result = Result(kind)
    descriptors = len(os.listdir("/proc/self/fd"))
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(_storms(kind, storms, seed, result))
    result.leaked_descriptors = max(0, len(os.listdir("/proc/self/fd")) - descriptors)
    return result


async def _storms(kind: str, storms: int, seed: int, result: Result) -> None:
    plant = Plant(start_s=asyncio.get_running_loop().time())
    storm = Storm(SeededFaults(RATES, seed), done=result.faults)
    line = register_null("fuzz", EMULATORS[kind](plant), BAUD, storm)
    try:
        session = _Session(kind, line, plant, storm, random.Random(seed), result)
        for number in range(storms):
            await session.storm()
            await session.calm()
            if number == storms // 3:
                gc.collect()
                tracemalloc.start()
                before = tracemalloc.get_traced_memory()[0]
        await session.close()
        if tracemalloc.is_tracing():
            gc.collect()
            result.grown_bytes = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.stop()
    finally:
        unregister_null("fuzz")


@dataclass
class _Session:
    kind: str
    line: NullLine
    plant: Plant
    faults: Storm
    dice: random.Random
    result: Result
    board: DoorBoard | None = None

    async def storm(self) -> None:
        """Acts at random while the line is bad."""
        self.faults.on = True
        for _ in range(STORM_ACTS):
            await self._try(self._random_act())
            await asyncio.sleep(self.dice.choice((0.0, 0.0, 0.02, 0.3)))
        self.faults.on = False

    async def calm(self) -> None:
        """Back within the limit, locked, and the truth agrees."""
        loop = asyncio.get_running_loop()
        ended_s = loop.time()
        while not await self._try(_read_and_lock):
            if loop.time() - ended_s > 10 * RECOVERY_LIMIT_S:
                break
            await asyncio.sleep(0.05)
        recovery_s = loop.time() - ended_s
        self.result.worst_recovery_s = max(self.result.worst_recovery_s, recovery_s)
        await asyncio.sleep(0.5)
        if self.board is not None and not self.board.capabilities.reads_back:
            # It cannot be asked, only told again: readings do that.
            while loop.time() - ended_s < RECOVERY_LIMIT_S:
                await self._try(_read)
        self.line.poke()
        self.plant.advance(loop.time())
        coils = [door.coil for door in self.plant.truth().doors.values()]
        self.result.not_locked += any(coils)
        changes = [e for e in self.plant.drain_log() if isinstance(e, DoorChange)]
        released = {e.at_s for e in changes if e.door == "exit" and e.released}
        self.result.wrong_releases += len(released)

    async def close(self) -> None:
        """Let the line go."""
        if self.board is not None:
            await self.board.close()

    def _random_act(self) -> Callable[[DoorBoard], Awaitable[object]]:
        return self.dice.choice((_read, _read, _read_and_release, _lock_entry))

    async def _try(self, act: Callable[[DoorBoard], Awaitable[object]]) -> bool:
        self.result.acts += 1
        try:
            if self.board is None:
                link = await open_link("null:fuzz", baud=BAUD)
                self.board = BOARD_KINDS[self.kind].make(link, Fitting(BAUD))
            await act(self.board)
        except DriverError as error:
            self.result.errors[type(error).__name__] += 1
            if self.board is not None and self.board.state is not None:
                raise AssertionError(f"{self.kind}: state known after {error!r}") from error
            if isinstance(error, LinkLost):
                await self.close()
                self.board = None
            return False
        return True


async def _read(board: DoorBoard) -> None:
    await board.read()


async def _read_and_release(board: DoorBoard) -> None:
    if board.state is None:
        await board.read()
    await board.release(ENTRY, 0.5)


async def _lock_entry(board: DoorBoard) -> None:
    await board.lock(ENTRY)


async def _read_and_lock(board: DoorBoard) -> None:
    await board.read()
    for channel in (ENTRY, EXIT):
        await board.lock(channel)


def command(
    storms: Annotated[int, typer.Option(help="Storms of 30 acts for each board.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed, the same storms.")] = 1,
    rounds: Annotated[int, typer.Option(help="Rounds of arbitrary bytes for each wire.")] = 2000,
) -> None:
    """Arbitrary bytes on every wire, then storms of wire faults over every door board."""
    sound = True
    for fuzzed in fuzz_all(rounds, seed):
        sound &= fuzzed.sound
        print(tell(fuzzed))
    for kind in EMULATORS:
        result = weather(kind, storms, seed)
        sound &= result.sound
        print(
            f"{kind:14} acts {result.acts:6}  faults {result.faults.total():5}"
            f"  errors {dict(sorted(result.errors.items()))}  wrong releases"
            f" {result.wrong_releases}{' (no check sum)' if kind in UNCHECKED else ''}"
            f"  recovery {result.worst_recovery_s:.2f} s  not locked {result.not_locked}"
            f"  memory {result.grown_bytes / 1024:+.0f} KiB"
            f"  descriptors {result.leaked_descriptors:+d}"
        )
    print(f"seed {seed}: {'sound' if sound else 'NOT SOUND'}")
    if not sound:
        raise typer.Exit(1)
