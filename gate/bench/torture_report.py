"""What a torture run prints: faults by kind and phase, outcomes, the verdict."""

from gate.bench.torture_faults import KINDS, Tally
from gate.passage.phases import Phase

LEAST_FROM = 100_000
LEAST = 50
SHORT = {
    Phase.STARTING: "start",
    Phase.OUT_OF_SERVICE: "out",
    Phase.MAINTENANCE: "maint",
    Phase.READY: "ready",
    Phase.READING: "read",
    Phase.CHECKING: "check",
    Phase.RETURNING: "return",
    Phase.ENTERING: "enter",
    Phase.CAPTURING: "captur",
    Phase.AUTHORISING: "author",
    Phase.LEAVING: "leave",
    Phase.CLEARING: "clear",
    Phase.REFERRED: "referr",
    Phase.LETTING_BACK: "letbck",
    Phase.OCCUPIED_UNKNOWN: "occup",
    Phase.EVACUATING: "evac",
}


def fault_table(tally: Tally) -> str:
    """One row per kind, one column per phase."""
    wide = max(len(kind) for kind in KINDS)
    rows = [" ".join([" " * wide, *(f"{name:>6}" for name in SHORT.values())])]
    for kind in KINDS:
        counts = (f"{tally.faults[kind, phase.value]:6d}" for phase in Phase)
        rows.append(" ".join([f"{kind:<{wide}}", *counts]))
    return "\n".join(rows)


def thin(tally: Tally, passages: int) -> str | None:
    """Why the run does not count, from `LEAST_FROM` passages on."""
    cells = tally.thin_cells(LEAST)
    if passages < LEAST_FROM or not cells:
        return None
    named = ", ".join(f"{kind} in {phase} {count}" for kind, phase, count in cells[:8])
    return f"{len(cells)} cells of the table stayed under {LEAST}: {named}"


def summary(tally: Tally, passages: int, took_s: float) -> str:
    """The last lines."""
    outcomes = " ".join(f"{name} {count}" for name, count in sorted(tally.outcomes.items()))
    least = min(count for _, _, count in tally.cells())
    faults = tally.faults.total()
    return (
        f"passages {passages} {outcomes}\n"
        f"faults {faults}, smallest cell {least}; "
        f"{took_s:.0f} s, {1000 * took_s / max(passages, 1):.1f} ms a passage"
    )
