"""A long stream of emulated traffic through one controller: memory, descriptors, outcomes.

The real runner, drivers, adapters, store and the emulators on their lines, in virtual time.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date

    from gate.bench.people import Cast
    from gate.bench.world import EmulatedGate
    from gate.runner import Observer, Turn

MOST_MB_AN_HOUR = 1.0
SAMPLES = 200
WARM = 0.2
"""The first part of a run fills caches and is left out of the slope."""
POOL = 40
POLL_S = 0.25
"""Polling is most of the work of an idle gate and keeps nothing."""
COMMON = ("admitted",) * 14
ACT_S = 900.0


@dataclass
class Soaked:
    """What was seen: (virtual hours, resident MB) after equal numbers of passages."""

    samples: list[tuple[float, float]] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    descriptors: list[int] = field(default_factory=list)
    not_ready: int = 0

    @property
    def most_descriptors(self) -> tuple[int, int]:
        """While warming up, and after it. SQLite may keep one of a closed connection for later."""
        warm = max(1, int(len(self.descriptors) * WARM))
        return max(self.descriptors[:warm]), max(self.descriptors[warm:])

    @property
    def slope_mb_an_hour(self) -> float:
        """Least squares over what comes after the warm-up."""
        points = self.samples[int(len(self.samples) * WARM) :]
        mean_h = sum(h for h, _ in points) / len(points)
        mean_mb = sum(mb for _, mb in points) / len(points)
        spread = sum((h - mean_h) ** 2 for h, _ in points)
        return sum((h - mean_h) * (mb - mean_mb) for h, mb in points) / spread if spread else 0.0


def command(
    passages: Annotated[int, typer.Option(min=20, help="How many passages.")] = 50_000,
    seed: Annotated[int, typer.Option(help="Everything is drawn from it.")] = 1,
) -> None:
    """Run traffic; exits 1 past 1 MB an hour of virtual time, a leaked descriptor or a stuck gate."""
    from gate.bench.virtual_time import VirtualTimeLoop, run_virtually

    began_s = time.process_time()
    loop = VirtualTimeLoop()
    asyncio.set_event_loop(loop)
    with tempfile.TemporaryDirectory(prefix="egate-soak-") as folder:
        soaked = run_virtually(_soak(Path(folder), passages, seed), loop)
    hours, mb = soaked.samples[-1]
    ended = ", ".join(f"{outcome} {n}" for outcome, n in soaked.outcomes.items())
    print(f"{soaked.outcomes.total()} passages in {hours:.1f} h of virtual time: {ended}")
    print(f"resident {soaked.samples[0][1]:.1f} to {mb:.1f} MB, {soaked.slope_mb_an_hour:.3f} MB/h")
    before, after = soaked.most_descriptors
    print(f"at most {before} descriptors while warming up, {after} after it")
    print(f"{(time.process_time() - began_s) / passages * 1000:.0f} ms of processor time a passage")
    bad = soaked.slope_mb_an_hour > MOST_MB_AN_HOUR or after > before or soaked.not_ready
    if soaked.not_ready:
        print(f"{soaked.not_ready} times not ready again")
    raise typer.Exit(1 if bad else 0)


async def _soak(folder: Path, passages: int, seed: int) -> Soaked:
    from gate.bench.actors import officer
    from gate.bench.stories import start_of
    from gate.bench.world import EmulatedGate
    from gate.config import Config
    from gate.store import Durability

    rng, soaked = Random(seed), Soaked()
    config = Config()
    config = replace(config, state=str(folder), doors=replace(config.doors, poll_s=POLL_S))
    world = EmulatedGate(
        config,
        start=start_of(seed),
        rng=Random(rng.getrandbits(64)),
        observers=(_count_in(soaked.outcomes),),
        durability=Durability.SIMULATION_OFF,
    )
    world.switch_on()
    helpers = [
        asyncio.create_task(officer(world, Random(rng.getrandbits(64)))),
        asyncio.create_task(world.keep_in_sync()),
    ]
    people = await _people(world, start_of(seed).date(), rng)
    every = max(1, passages // SAMPLES)
    for number in range(passages):
        await _visit(world, rng.choice(people), soaked)
        if number % every == 0:
            hours = asyncio.get_running_loop().time() / 3600
            soaked.samples.append((hours, _resident_mb()))
            soaked.descriptors.append(_descriptors())
    for helper in helpers:
        helper.cancel()
    await world.shut_down()
    return soaked


async def _people(world: EmulatedGate, today: date, rng: Random) -> list[Cast]:
    """Mostly people whom nothing stops; one of every other kind that leaves the controller on."""
    from gate.bench.actors import KINDS
    from gate.bench.people import cast_of

    lasting = {"ban_while_inside", "power_lost"}  # a ban stays; a start leaves a new controller
    rare = [kind for kind in KINDS if kind not in lasting]
    kinds = [*rare, *COMMON * 3]
    people = [cast_of(kind, n, today, rng) for n, kind in enumerate(kinds[: len(rare) + POOL], 1)]
    for cast in people:
        await world.take_in(cast)
    return people


async def _visit(world: EmulatedGate, cast: Cast, soaked: Soaked) -> None:
    from gate.bench.actors import KINDS
    from gate.passage.phases import Phase

    await world.acted(KINDS[cast.kind](world, cast.traveller), within_s=ACT_S)
    if not await world.until(lambda: world.phase() is Phase.READY, within_s=300.0):
        soaked.not_ready += 1


def _count_in(outcomes: Counter[str]) -> Observer:
    from gate.passage.commands import ClosePassage

    def see(turn: Turn) -> None:
        for command in turn.commands:
            if isinstance(command, ClosePassage):
                outcomes[command.outcome.value] += 1

    return see


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))
