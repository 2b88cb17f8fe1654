"""`egate bench kill`: `kill -9` of controller, reader and door board in every phase of a passage.

After each kill the process comes back by itself (as a service manager would do it), an officer
answers, and the gate must stand ready again: exactly one outcome of every passage, nobody past
the exit without a committed decision, the chain whole.
"""

import asyncio
import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gate.bench.live import Live
from gate.bench.people import Cast

PHASES = (
    "ready",
    "reading",
    "checking",
    "returning",
    "entering",
    "capturing",
    "authorising",
    "leaving",
    "referred",
    "letting_back",
    "occupied_unknown",
)
VICTIMS = ("gate", "reader", "doors")
HEALED_WITHIN_S = 90.0


@dataclass(frozen=True, slots=True)
class Killed:
    """One kill and what came of it; `wrong` is empty where all is well."""

    victim: str
    phase: str
    reached: str
    wrong: tuple[str, ...]


async def kill_in(live: Live, victim: str, phase: str, cast: Cast) -> Killed:
    """Bring the gate into a phase, kill, let everything come back, look."""
    await live.word("doors", "LOG")
    await bring_into(live, phase, cast)
    reached = str(live.view.get("phase"))
    live.kill(victim)
    await asyncio.sleep(0.3)
    await live.restart(victim)
    await until_ready(live, cast)
    return Killed(victim, phase, reached, tuple(await wrong_with(live)))


async def bring_into(live: Live, phase: str, cast: Cast) -> None:
    """Bring the gate into a phase by what travellers and officers do."""
    if phase == "ready":
        await live.until("ready")
    elif phase == "occupied_unknown":
        await live.word("doors", f"BODY {cast.traveller.name} ADD inside")
        await live.until(phase)
    elif phase in ("referred", "letting_back"):
        await live.walk(cast, up_to="capturing")
        await live.tell({"act": "help"})
        await live.until("referred")
        if phase == "letting_back":
            await live.tell({"act": "let_back", "officer_id": "o1"})
            await live.until(phase)
    else:
        await live.walk(cast, up_to=phase)


async def until_ready(live: Live, cast: Cast) -> None:
    """An officer does what is wanted; whoever stands in the gate goes back when the door opens."""
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + HEALED_WITHIN_S
    with contextlib.suppress(OSError, ValueError):
        await live.word("reader", "WITHDRAW")
    while loop.time() < ends_s:
        phase = await live.until("ready", "referred", "occupied_unknown", within_s=2.0)
        bodies = (await live.word("doors", "STATE"))["bodies"]
        if phase == "ready" and not bodies:
            return
        if phase in ("referred", "occupied_unknown"):
            inside = any(body["inside"] for body in bodies.values())
            act = "let_back" if inside else "reset"
            await live.tell({"act": act, "officer_id": "o1"})
            await asyncio.sleep(0.3)
        for name, body in bodies.items():
            away = body["x_m"] <= -2.0 or body["x_m"] >= 4.0
            await _step(live, f"BODY {name} " + ("REMOVE" if away else "WALK outside"))
        await asyncio.sleep(0.4)


async def _step(live: Live, line: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        await live.word("doors", line)


async def wrong_with(live: Live) -> list[str]:
    """What is not as it must be at a gate that has healed: plant, journal and chain."""
    wrong = []
    if live.view.get("phase") != "ready":
        wrong.append(f"the gate is {live.view.get('phase')}, not ready again")
    truth = await live.word("doors", "STATE")
    wrong += [f"{n} door released" for n, door in truth["doors"].items() if door["released"]]
    crossed = sum(
        event.get("door") == "exit" and event.get("direction") == 1
        for event in await live.word("doors", "LOG")
    )
    await asyncio.sleep(0.5)  # the journal is group-committed within 250 ms
    with live.store() as store:
        wrong += [f"passage {p.passage} has no outcome" for p in store.open_passages()]
        report = store.verify()
        if not report.holds:
            wrong.append(f"the chain is broken at event {report.broken_at}")
        journal = store.journal_plain()
    allowed = sum(entry["kind"] in ("exit_decision", "officer_admit") for entry in journal)
    return wrong + (["somebody left without a decision"] if crossed > allowed else [])


def command(seed: int = 1, phases: str = ",".join(PHASES), baud: int = 115_200) -> None:
    """Kill each process in each phase; exits 1 if anything was left wrong."""
    with tempfile.TemporaryDirectory(prefix="egate-kill-") as folder:
        results = asyncio.run(_all(Path(folder), seed, phases.split(","), baud))
    for result in results:
        verdict = "; ".join(result.wrong) or "healed"
        print(f"{result.victim:7} killed in {result.reached:17} {verdict}")
    failed = [result for result in results if result.wrong]
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    if failed:
        raise SystemExit(1)


async def _all(folder: Path, seed: int, phases: list[str], baud: int) -> list[Killed]:
    live = Live(folder, baud=baud)
    people = iter(live.enrol(len(VICTIMS) * len(phases), seed))
    try:
        await live.start_all()
        return [
            await kill_in(live, victim, phase, next(people))
            for phase in phases
            for victim in VICTIMS
        ]
    finally:
        live.stop_all()
