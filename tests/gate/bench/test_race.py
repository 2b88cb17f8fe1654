"""A second process enters a ban at every boundary of a passage: nobody leaves after its commit."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random

from gate.bench.actors import KINDS, officer
from gate.bench.people import Cast, casts
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.bench.world import SEOUL, EmulatedGate
from gate.config import Config
from gate.passage.phases import Phase
from gate.runner import Turn
from gate.store import Durability
from gate.vocabulary.passages import Outcome

ROOT = Path(__file__).parents[3]
START = datetime(2026, 3, 2, 9, 0, tzinfo=SEOUL)
MOST_PASSAGES = 60
CLEAN = "admitted"


Boundary = tuple[str, str]
"""Phase before, and event."""


@dataclass
class Race:
    """At which turn of a passage the other process writes, and what came of it."""

    child: subprocess.Popen[str]
    world: EmulatedGate | None = None
    person_id: str = ""
    at_turn: int = 0
    ban_sequence: int = 0
    boundaries: list[Boundary] = field(default_factory=list)

    def begin(self, person_id: str, at_turn: int) -> None:
        """A new traveller comes. `at_turn`: from 1; 0: never."""
        self.person_id, self.at_turn, self.ban_sequence = person_id, at_turn, 0
        self.boundaries = []

    def __call__(self, turn: Turn) -> None:
        """Observe a turn; its commands are carried out after this."""
        if turn.after.passage is None or not self.person_id:
            return
        self.boundaries.append((turn.before.phase.value, type(turn.event).__name__))
        if len(self.boundaries) == self.at_turn:
            self._write()

    def _write(self) -> None:
        assert self.world is not None
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        told = {"now": self.world.clock.utc().isoformat(), "person_id": self.person_id}
        print(json.dumps(told), file=self.child.stdin, flush=True)
        self.ban_sequence = int(self.child.stdout.readline())


@dataclass(frozen=True)
class Result:
    """What the log says of one passage: when the ban came, when the exit was decided if it was."""

    ban_sequence: int
    exit_sequence: int | None
    outcome: Outcome
    alerted: bool


@contextmanager
def other_process(store: Path, master: bytes) -> Iterator[subprocess.Popen[str]]:
    """Start the other writer, end it."""
    words = [sys.executable, "-m", "tests.gate.bench.second_writer", str(store), master.hex()]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as child:
        yield child
        assert child.stdin is not None
        child.stdin.close()


async def race_through(config: Config) -> dict[Boundary, Result]:
    """A passage without any ban, to see its boundaries; then one with a ban at each of them."""
    secrets = Random(7)
    secrets.getrandbits(64)  # as the world draws before it makes its site's key
    found: dict[Boundary, Result] = {}
    with other_process(config.store_path, secrets.randbytes(32)) as child:
        race = Race(child)
        world = EmulatedGate(
            config,
            start=START,
            rng=Random(7),
            observers=(race,),
            durability=Durability.SIMULATION_OFF,
        )
        race.world = world
        helpers = [
            asyncio.create_task(officer(world, Random(5))),
            asyncio.create_task(world.keep_in_sync()),
        ]
        world.switch_on()
        people = casts([CLEAN] * MOST_PASSAGES, START.date(), Random(3))
        await cross(world, race, next(people), 0)
        boundaries = race.boundaries
        for boundary in dict.fromkeys(boundaries):
            await cross(world, race, next(people), boundaries.index(boundary) + 1)
            found[boundary] = result_of(world, race)
        for helper in helpers:
            helper.cancel()
        await world.shut_down()
    return found


async def cross(world: EmulatedGate, race: Race, cast: Cast, at_turn: int) -> None:
    """One traveller comes and goes; the gate is ready again afterwards."""
    await world.take_in(cast)
    race.begin(str(cast.records[0].person_id), at_turn)
    await world.acted(KINDS[CLEAN](world, cast.traveller), within_s=900.0)
    assert await world.until(lambda: world.phase() is Phase.READY, within_s=300.0)


def result_of(world: EmulatedGate, race: Race) -> Result:
    """What the log says of the last passage."""
    with world.open_store() as store:
        passage = store.passages()[-1]
        state = store.passage_state(passage)
        rows = store.engine.rows(
            "SELECT sequence, kind FROM events WHERE segment = 'journal' AND record_id = ?",
            (str(passage),),
        )
    assert state is not None
    exits = [sequence for sequence, kind in rows if kind == "exit_decision"]
    assert state.outcome is not None
    return Result(
        race.ban_sequence,
        exits[0] if exits else None,
        state.outcome,
        any(kind == "alert" for _, kind in rows),
    )


def test_nobody_leaves_after_a_ban_that_another_process_entered(tmp_path: Path) -> None:
    """Wherever in a passage the ban is committed: before the exit decision the door stays shut,
    after it the passage goes on and staff are told.
    """
    loop = VirtualTimeLoop(None)
    asyncio.set_event_loop(loop)
    try:
        found = run_virtually(race_through(replace(Config(), state=str(tmp_path))), loop)
    finally:
        asyncio.set_event_loop(None)
    shut = [result for result in found.values() if result.exit_sequence is None]
    let_out = [result for result in found.values() if result.exit_sequence is not None]
    assert {result.outcome for result in shut} == {Outcome.REFER}
    assert {result.outcome for result in let_out} == {Outcome.ADMIT}
    assert all((result.exit_sequence or 0) < result.ban_sequence for result in let_out)
    assert any(result.alerted for result in let_out)
    assert {"DocumentRead", "FactsLoaded", "ExitAuthorised"} <= {event for _, event in found}
    assert all(result.ban_sequence for result in found.values())
