"""The fault matrix: every breakage of every device in every phase, each judged by plant truth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gate.bench.matrix_rows import Row
    from gate.bench.matrix_run import Cell
    from gate.passage.phases import Phase


def command(
    only: Annotated[str, typer.Option(help="Rows whose name holds this text.")] = "",
    sample: Annotated[int, typer.Option(min=1, help="Every so many-th cell of all.")] = 1,
    seed: Annotated[int, typer.Option(help="Everything is drawn from it.")] = 1,
    jobs: Annotated[int, typer.Option(min=1, help="Processes side by side.")] = 1,
    cameras: Annotated[bool, typer.Option(help="Also camera and finger, with recognition.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Every cell as JSON.")] = False,
) -> None:
    """Break every device in every phase: no door wrongly open, an outcome, no crash, recovered."""
    work = _work(only, sample, seed, cameras=cameras)
    if not work:
        raise typer.BadParameter(
            f"no row holds {only!r}: egate bench fault-matrix --json lists them"
        )
    cells: list[Cell] = []
    for row_cells in _played(work, jobs):
        cells += row_cells
        if not as_json:
            print(_line(row_cells), flush=True)
            for cell in row_cells:
                for problem in cell.problems:
                    print(f"    {cell.phase.value}: {problem}", flush=True)
    print(
        json.dumps(summary(cells) | {"cells": [plain(c) for c in cells]})
        if as_json
        else told(cells)
    )
    raise typer.Exit(1 if any(cell.problems for cell in cells) else 0)


def _work(
    only: str, sample: int, seed: int, *, cameras: bool
) -> list[tuple[Row, list[Phase], int]]:
    from gate.bench.matrix_rows import rows
    from gate.passage.phases import Phase

    found, number = [], 0
    for row in rows():
        if only not in str(row.breakage) or (row.needs_recognition and not cameras):
            continue
        phases = [phase for i, phase in enumerate(Phase, number) if i % sample == 0]
        number += len(Phase)
        if phases:
            found.append((row, phases, seed))
    return found


def _played(work: list[tuple[Row, list[Phase], int]], jobs: int) -> Iterator[list[Cell]]:
    if jobs == 1:
        yield from map(_play, work)
        return
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(_play, work)


def _play(work: tuple[Row, list[Phase], int]) -> list[Cell]:
    import structlog

    from gate.bench.matrix_run import play_row

    row, phases, seed = work
    make = None
    if row.needs_recognition:
        from gate.bench.real_recognition import real_recognition
        from gate.bench.rendered import rendered_folder

        make = real_recognition(seed, rendered_folder())
    with structlog.testing.capture_logs():
        return play_row(row, phases, seed, make)


def _line(cells: list[Cell]) -> str:
    marks = "".join("x" if cell.problems else "." for cell in cells)
    worst_s = max(cell.recovered_s for cell in cells)
    return f"{cells[0].row.breakage!s:32} {marks:16}  recovered within {worst_s:.2f} s"


def summary(cells: list[Cell]) -> dict[str, Any]:
    """Size and result. `wrongly_open`: cells in which a door opened that should not have."""
    problems = [problem for cell in cells for problem in cell.problems]
    by_device: dict[str, float] = {}
    for cell in cells:
        device = cell.row.breakage.device
        by_device[device] = max(by_device.get(device, 0.0), round(cell.recovered_s, 2))
    return {
        "size": len(cells),
        "breakages": len({str(cell.row.breakage) for cell in cells}),
        "phases": len({cell.phase for cell in cells}),
        "good": sum(not cell.problems for cell in cells),
        "wrongly_open": sum("released" in p or "crossed" in p for p in problems),
        "without_outcome": sum("outcome" in p for p in problems),
        "crashed": sum("crashed" in p for p in problems),
        "too_slow": sum("recovered after" in p for p in problems),
        "excused": sum(bool(cell.row.excuses) for cell in cells),
        "worst_recovery_s": by_device,
        "outcomes": dict(Counter(o for cell in cells for o in cell.outcomes)),
    }


def told(cells: list[Cell]) -> str:
    """The summary in words."""
    s = summary(cells)
    worst = ", ".join(f"{device} {worst_s} s" for device, worst_s in s["worst_recovery_s"].items())
    ended = ", ".join(f"{outcome} {n}" for outcome, n in s["outcomes"].items())
    return (
        f"{s['size']} cells: {s['breakages']} breakages x {s['phases']} phases; {s['good']} good, "
        f"{s['wrongly_open']} a door wrongly open, {s['without_outcome']} without outcome, "
        f"{s['crashed']} crashed, {s['too_slow']} recovered too late\n"
        f"longest recovery: {worst}\npassages: {ended}\n"
        f"in {s['excused']} cells the fault itself opens a door or lies about one "
        "(welded relay, contact stuck on): what it does by itself is excused, nothing else"
    )


def plain(cell: Cell) -> dict[str, Any]:
    """One cell for JSON."""
    return {
        "device": cell.row.breakage.device,
        "fault": cell.row.breakage.kind,
        "part": cell.row.breakage.part,
        "phase": cell.phase.value,
        "problems": list(cell.problems),
        "recovered_s": round(cell.recovered_s, 2),
        "outcomes": list(cell.outcomes),
    }
