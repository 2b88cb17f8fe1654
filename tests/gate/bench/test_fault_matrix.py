"""The fault matrix: a sample of it, and that its judge sees what it must."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gate.bench.fault_matrix import _work, summary
from gate.bench.fault_words import Breakage
from gate.bench.matrix_rows import LASTS_S, Row, rows
from gate.bench.matrix_run import play_row
from gate.passage.phases import Phase

ASKED = (
    "drop_request drop_reply delay duplicate stale truncate flip_bit split noise stuck_busy unplug "
    "unplugged wrong_device weld stuck_on broken_wire bounce jam slow frozen dry wet"
)


def test_the_matrix_holds_every_fault_of_every_device() -> None:
    """Lost, late, duplicated, stale ... dry and wet: each in every phase, for each device that has it."""
    found = rows()
    names = {str(row.breakage) for row in found}
    assert len(names) == len(found)
    assert set(ASKED.split()) <= {row.breakage.kind for row in found}
    for device in ("doors", "reader", "finger"):
        assert sum(row.breakage.device == device for row in found) >= 13
    work = _work("", 1, 1, cameras=True)
    assert all(phases == list(Phase) for _, phases, _ in work)


def test_a_sample_of_the_matrix_is_good() -> None:
    """No door wrongly open, an outcome always, no crash, recovered in time."""
    cells = []
    for row, phases, seed in _work("", 61, 7, cameras=False):
        cells += play_row(row, phases, seed, None)
    assert [(str(c.row.breakage), c.phase, c.problems) for c in cells if c.problems] == []
    assert len(cells) >= 10
    assert summary(cells)["good"] == len(cells)


@pytest.mark.parametrize(
    ("row", "phase", "told"),
    [
        (Row(Breakage("gate", "weld", "exit"), LASTS_S, 3.0), Phase.READY, "exit released"),
        (Row(Breakage("gate", "weld", "entry"), LASTS_S, 3.0), Phase.LEAVING, "both doors"),
        (Row(Breakage("doors", "unplugged"), LASTS_S, 0.01), Phase.READY, "recovered after"),
    ],
)
def test_the_judge_sees_a_door_open_and_a_late_recovery(row: Row, phase: Phase, told: str) -> None:
    """Without its excuse a welded relay is a door wrongly open; a bound too short is missed."""
    (cell,) = play_row(row, [phase], 1, None)
    assert any(told in problem for problem in cell.problems)
    assert (
        play_row(
            replace(row, excuses=("both", "exit", "crossing"), within_s=3.0), [phase], 1, None
        )[0].problems
        == ()
    )
