"""`egate bench demo-kill`: `kill -9` of the demo's worker, page server and gate in every phase.

The traveller must see nothing but neutral screens, exactly one passage may end, and everything must
heal without anybody's help but the officer's, who is called.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from gate.bench.running_demo import RunningDemo, View
from gate.vocabulary.screens import Screen

PHASES = (
    "ready",
    "reading",
    "checking",
    "returning",
    "entering",
    "capturing",
    "leaving",
    "referred",
    "letting_back",
)
VICTIMS = ("worker", "web", "gate")
SENT = {"referred": "face_mismatch", "letting_back": "face_mismatch"}
"""Who comes into a phase; everybody else is to be admitted."""
SCREENS = frozenset(screen.value for screen in Screen)


@dataclass(frozen=True, slots=True)
class Killed:
    """One kill and what came of it; `wrong` is empty where all is well."""

    victim: str
    phase: str
    outcome: str
    wrong: tuple[str, ...]


def kill_in(demo: RunningDemo, victim: str, phase: str) -> Killed:
    """Bring a traveller into a phase, kill, let everything come back, look."""
    wrong: list[str] = []
    before = dict(demo.view["demo"]["outcomes"])
    if phase != "ready":
        demo.send(send=SENT.get(phase, "admitted"))
        if not demo.until(lambda view: view["phase"] == phase, 120.0):
            wrong.append(f"never {phase}")
    demo.kill(victim)
    if victim == "gate":
        before = {}  # counted by that process

    def healed(view: View) -> bool:
        if view.get("traveller", {}).get("screen", Screen.WAIT.value) not in SCREENS:
            wrong.append("a screen that is none")
        return victim in demo.pids()

    demo.until(healed, 30.0)
    if not demo.until_worker_serves():
        wrong.append("no recognition worker")
    if not demo.until_calm():
        wrong.append(f"not calm again: {demo.view.get('phase')}, {demo.view.get('failed')}")
    demo.send(send="admitted")
    demo.until(lambda view: view["demo"]["now"] is not None, 30.0)
    if not demo.until_calm():
        wrong.append("the next traveller does not come through")
    after = demo.view["demo"]["outcomes"]
    ended = {name: n - before.get(name, 0) for name, n in after.items() if n > before.get(name, 0)}
    if ended.get("admit", 0) < 1:
        why = (demo.view["demo"]["last"] or {}).get("reasons")
        wrong.append(f"the next traveller was not admitted: {ended}, {why}")
    must = 1 if phase == "ready" else 2
    if sum(ended.values()) != must and victim != "gate":
        wrong.append(f"{sum(ended.values())} passages ended instead of {must}")
    told = " ".join(f"{name} {n}" for name, n in ended.items())
    return Killed(victim, phase, told, tuple(wrong))


def run(phases: Sequence[str], victims: Sequence[str], speed: float, reader: str) -> list[Killed]:
    """All kills in one demo, each told on standard output."""
    demo = RunningDemo("--speed", str(speed), "--reader", reader)
    results = []
    try:
        if not demo.until_calm():
            raise RuntimeError("the demo does not come up")
        for phase in phases:
            for victim in victims:
                result = kill_in(demo, victim, phase)
                verdict = "; ".join(result.wrong) or f"healed ({result.outcome})"
                print(f"{victim:7} killed in {phase:13} {verdict}")
                sys.stdout.flush()
                results.append(result)
    finally:
        demo.stop()
    return results


def command(
    phases: str = ",".join(PHASES),
    victims: str = ",".join(VICTIMS),
    speed: float = 4.0,
    reader: str = "elyctis",
) -> None:
    """Kill each of the demo's processes in each phase; exits 1 if anything was left wrong."""
    results = run(phases.split(","), victims.split(","), speed, reader)
    failed = [result for result in results if result.wrong]
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    if failed:
        raise SystemExit(1)
