"""`egate bench demo-idle`: what the demo costs while nobody comes, and how fast its page is."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

from gate.bench.live import quantile
from gate.bench.running_demo import RunningDemo, View

TARGETS = {"memory_mb": 350.0, "cpu_percent": 10.0, "change_ms": 100.0}
SETTLE_S = 180.0
"""At most, until a traveller of each kind is enrolled; then nothing is left to do."""


def memory_mb(pids: list[int]) -> float:
    """Proportional set size of all of them: pages that several share are counted once."""
    return sum(_kb(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") for pid in pids) / 1024


def cpu_s(pids: list[int]) -> float:
    """Processor time of all of them so far."""
    total = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def change_ms(demo: RunningDemo) -> list[float]:
    """From the gate's telling to the page's socket, one figure for each change of phase."""
    delays, phases = [], [demo.view["phase"]]

    def look(view: View) -> bool:
        if view["phase"] != phases[-1]:
            phases.append(view["phase"])
            delays.append(1000 * (time.time() - view["told_at_s"]))
        return len(phases) > 4 and view["phase"] == "ready"

    demo.send(send="admitted")
    demo.until(look, 120.0)
    return delays


def _kb(path: Path, name: str) -> int:
    return next(int(s.split()[1]) for s in path.read_text().splitlines() if s.startswith(name))


def command(seconds: float = 20.0, cold: bool = False) -> None:
    """Memory and processor time of all processes with the page open; first picture; changes."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="egate-cold-") as empty:
        began_s = time.monotonic()
        demo = RunningDemo(environment={"EGATE_STATE": empty} if cold else None)
        try:
            demo.until(lambda view: bool(view.get("phase")), 120.0)
            first_s = time.monotonic() - began_s
            demo.until_calm(180.0)
            print(f"first picture {first_s:.1f} s, gate ready {time.monotonic() - began_s:.1f} s")
            measured = _measure(demo, seconds)
        finally:
            demo.stop()
    if any(measured[name] > 2 * target for name, target in TARGETS.items()):
        raise SystemExit(1)


def _measure(demo: RunningDemo, seconds: float) -> dict[str, float]:
    delays = change_ms(demo)
    median = statistics.median(delays)
    print(f"change to page: median {median:.1f} ms, max {max(delays):.1f} ms ({len(delays)})")
    demo.until(lambda view: view["demo"]["prepared"] == len(view["demo"]["kinds"]), SETTLE_S)
    pids = demo.pids()
    before_s = cpu_s(list(pids.values()))
    demo.until(lambda _view: False, seconds)
    percent = 100 * (cpu_s(list(pids.values())) - before_s) / seconds
    held = memory_mb(list(pids.values()))
    each = ", ".join(f"{name} {memory_mb([pid]):.0f}" for name, pid in pids.items())
    print(f"idle, page open: {held:.0f} MB ({each}), {percent:.1f} % of a core")
    worst = quantile(delays, 0.95)
    return {"memory_mb": held, "cpu_percent": percent, "change_ms": worst}
