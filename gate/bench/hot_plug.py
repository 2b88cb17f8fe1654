"""Plugs pulled and put back under another name, in every phase, over real processes and pty lines.

The device's stable name is a symbolic link, as udev makes it; at the replug it points to another
terminal. The gate must say which device is gone, refer or go out of service, and come back by
itself once the device is read back in full.
"""

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import typer

from gate.bench.kill import PHASES, bring_into, until_ready, wrong_with
from gate.bench.live import Live
from gate.bench.people import Cast

DEVICES = ("reader", "doors")
OUT_S = 1.0
NOTICED_S = 5.5
"""A reader is asked every few seconds while nothing lies on it; a door board twenty times a second."""
BACK_S = 3.0


@dataclass(frozen=True, slots=True)
class Plugged:
    """One plug pulled; `wrong` is empty where all is well."""

    device: str
    phase: str
    back_s: float
    renamed: bool
    wrong: tuple[str, ...]


def command(phases: str = ",".join(PHASES), seed: int = 1) -> None:
    """Unplug each device in each phase, replug it under another name; exits 1 if anything is wrong."""
    with tempfile.TemporaryDirectory(prefix="egate-plug-") as folder:
        results = asyncio.run(_all(Path(folder), phases.split(","), seed))
    for r in results:
        verdict = "; ".join(r.wrong) or f"back after {r.back_s:.2f} s"
        name = "another name" if r.renamed else "the same name"
        print(f"{r.device:7} unplugged in {r.phase:17} under {name}: {verdict}")
    failed = sum(bool(r.wrong) for r in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    raise typer.Exit(1 if failed else 0)


async def _all(folder: Path, phases: list[str], seed: int) -> list[Plugged]:
    live = Live(folder)
    people = iter(live.enrol(len(DEVICES) * len(phases), seed))
    try:
        await live.start_all()
        await live.until("ready")
        return [
            await _pull(live, device, phase, next(people)) for device in DEVICES for phase in phases
        ]
    finally:
        live.stop_all()


async def _pull(live: Live, device: str, phase: str, cast: Cast) -> Plugged:
    await live.word("doors", "LOG")
    await bring_into(live, phase, cast)
    reached, link = str(live.view.get("phase")), live.folder / device
    before = os.readlink(link)
    wrong: list[str] = []
    await live.word(device, f"UNPLUG {device}")
    if link.exists():
        wrong.append("the name is still there")
    if not await _failed(live, device, there=True, within_s=NOTICED_S):
        wrong.append(f"the gate does not say that {device} is gone")
    await asyncio.sleep(OUT_S)
    holders = _taken(before)  # not before the gate has let go of it, too
    await live.word(device, f"REPLUG {device}")
    began_s = asyncio.get_running_loop().time()
    if not await _failed(live, device, there=False, within_s=BACK_S):
        wrong.append(f"not back within {BACK_S:g} s")
    back_s = asyncio.get_running_loop().time() - began_s
    renamed = os.readlink(link) != before
    for end in holders:
        os.close(end)
    await until_ready(live, cast)
    return Plugged(device, reached, back_s, renamed, (*wrong, *await wrong_with(live)))


def _taken(name: str) -> list[int]:
    """Open terminals until the name that was let go is taken, so that the next one is another."""
    ends: list[int] = []
    for _ in range(64):
        ends += os.openpty()
        if os.ttyname(ends[-1]) == name:
            break
    return ends


async def _failed(live: Live, device: str, *, there: bool, within_s: float) -> bool:
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + within_s
    while (device in live.view.get("failed", [])) is not there:
        if loop.time() >= ends_s:
            return False
        await asyncio.sleep(0.02)
    return True
