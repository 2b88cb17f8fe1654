"""The fire loop opened with the controller killed: real processes, the plant's own times.

In each phase the controller is killed with `kill -9`, then the loop is opened by a control word of
the emulated gate. The doors must open within the leaves' travel time, without any software.
"""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from drivers.plant import LeafParameters
from gate.bench.kill import bring_into
from gate.bench.live import Live
from gate.bench.people import Cast

PHASES = ("ready", "entering", "capturing", "leaving", "out_of_service")
TRAVEL_S = LeafParameters().open_s
DONE_S = 10.0


@dataclass(frozen=True, slots=True)
class Opened:
    """One killed controller; `took_s`: from the loop's opening to the last leaf fully open."""

    phase: str
    took_s: float


def command(phases: str = ",".join(PHASES), seed: int = 1) -> None:
    """Kill the controller, open the fire loop: exits 1 unless all doors open in their travel time."""
    with tempfile.TemporaryDirectory(prefix="egate-fire-") as folder:
        results = asyncio.run(_all(Path(folder), phases.split(","), seed))
    for result in results:
        print(
            f"controller killed in {result.phase:15} doors open {result.took_s:.3f} s after the loop"
        )
    late = [result for result in results if result.took_s > TRAVEL_S + 1e-6]
    print(f"{len(results) - len(late)} of {len(results)} within the travel time of {TRAVEL_S:g} s")
    raise typer.Exit(1 if late else 0)


async def _all(folder: Path, phases: list[str], seed: int) -> list[Opened]:
    results = []
    for number, phase in enumerate(phases):
        below = folder / str(number)
        below.mkdir()
        live = Live(below)
        (cast,) = live.enrol(1, seed + number)
        try:
            results.append(await _one(live, phase, cast))
        finally:
            live.stop_all()
    return results


async def _one(live: Live, phase: str, cast: Cast) -> Opened:
    await live.start_all()
    await live.until("ready")
    if phase == "out_of_service":
        await live.word("doors", "TAMPER OPEN")
        await live.until(phase)
    else:
        await bring_into(live, phase, cast)
    reached = str(live.view.get("phase"))
    live.kill("gate")
    await live.word("doors", "LOG")
    open_before = await _open_doors(live)
    await live.word("doors", "FIRE OPEN")
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + DONE_S
    still_shut = {"entry", "exit"}
    while still_shut and loop.time() < ends_s:
        await asyncio.sleep(0.05)
        still_shut -= await _open_doors(live)
    return Opened(reached, _took_s(await live.word("doors", "LOG"), open_before))


async def _open_doors(live: Live) -> set[str]:
    doors = (await live.word("doors", "STATE"))["doors"]
    return {name for name, door in doors.items() if door["mode"] == "open"}


def _took_s(log: list[dict[str, Any]], open_before: set[str]) -> float:
    """By the plant's own times; infinite if a door did not open."""
    began_s = next(e["at_s"] for e in log if e["what"] == "LoopChange")
    opened = dict.fromkeys(open_before, began_s)
    for event in log:
        if event["what"] == "DoorChange" and event["mode"] == "open":
            opened.setdefault(event["door"], event["at_s"])
    return max(opened.values()) - began_s if len(opened) == 2 else float("inf")
