"""`egate demo --headless`: emulated travellers, one after the other, each told as a story."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from gate.bench.actors import KINDS, officer
from gate.bench.fault_desk import Planned
from gate.bench.people import Cast, casts
from gate.bench.storyteller import Storyteller
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.bench.world import SEOUL, EmulatedGate, MakeRecognition
from gate.config import Config
from gate.passage.phases import Phase
from gate.runner import Turn
from gate.store import Durability

CALM_S = 300.0
"""A story that has not come to rest so long after its last act is an error."""


ACT_S = 900.0
"""The longest that anybody acts."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a run came to. `journal`: decrypted, without nonces, keys and hashes."""

    summary: str
    errors: int
    journal: list[dict[str, Any]]


def start_of(seed: int) -> datetime:
    """When the run begins: some morning in Seoul, drawn from the seed."""
    rng = Random(seed)
    day = datetime(2026, 1, 1, tzinfo=SEOUL) + timedelta(days=rng.randrange(365))
    return day + timedelta(seconds=rng.randrange(6 * 3600, 20 * 3600))


def tell(
    kinds: list[str],
    *,
    seed: int,
    speed: float | None = None,
    say: Callable[[str], None] = print,
    config: Config | None = None,
    observer: Callable[[Turn], None] | None = None,
    recognition: MakeRecognition | None = None,
    plan: Sequence[Planned] = (),
) -> Told:
    """Run one traveller of each kind. The state lives in a folder that is gone afterwards.

    `recognition`: who compares faces and fingers; None: identities are compared instead.
    `plan`: what breaks meanwhile. Raises FaultError if this bench has no such device.
    """
    loop = VirtualTimeLoop(speed)
    asyncio.set_event_loop(loop)
    try:
        with tempfile.TemporaryDirectory(prefix="egate-demo-") as folder:
            settings = replace(config or Config(), state=folder)
            run = _Run(settings, seed, say, observer, recognition, plan)
            return run_virtually(run.through(kinds), loop)
    finally:
        asyncio.set_event_loop(None)


class _Run:
    def __init__(
        self,
        config: Config,
        seed: int,
        say: Callable[[str], None],
        observer: Callable[[Turn], None] | None,
        recognition: MakeRecognition | None,
        plan: Sequence[Planned],
    ) -> None:
        self._plan = plan
        self._config = config
        self._seed = seed
        self._say = say
        self._recognition = recognition
        self._storyteller = Storyteller(say)
        self._observers = (self._storyteller, *((observer,) if observer else ()))
        self._errors = 0

    async def through(self, kinds: list[str]) -> Told:
        rng = Random(self._seed)
        start = start_of(self._seed)
        world = EmulatedGate(
            self._config,
            start=start,
            rng=Random(rng.getrandbits(64)),
            observers=self._observers,
            durability=Durability.SIMULATION_OFF,
            recognition=self._recognition,
        )
        helpers = [
            asyncio.create_task(officer(world, Random(rng.getrandbits(64)))),
            asyncio.create_task(world.keep_in_sync()),
        ]
        today = start.date()
        world.switch_on()
        try:
            world.faults.follow(self._plan)
            for cast in casts(kinds, today, Random(rng.getrandbits(64))):
                await self._story(world, cast)
        finally:
            for helper in helpers:
                helper.cancel()
            await world.shut_down()
        with world.open_store() as store:
            journal = store.journal_plain()
        return Told(self._storyteller.summary(self._errors), self._errors, journal)

    async def _story(self, world: EmulatedGate, cast: Cast) -> None:
        self._say(f"\n== {cast.kind.replace('_', ' ')}")
        await world.take_in(cast)
        before = self._storyteller.passages()
        await world.acted(KINDS[cast.kind](world, cast.traveller), within_s=ACT_S)
        at_rest = await world.until(lambda: world.phase() is Phase.READY, within_s=CALM_S)
        ended = self._storyteller.passages() - before
        if not at_rest or ended != 1:
            self._errors += 1
            self._say(f"ERROR: {ended} passages ended, the gate is {world.phase().value}")
