"""The torture runs clean, is the same for the same seed, and finds bugs that were planted."""

import subprocess
import sys
from pathlib import Path

import pytest

from gate.bench.torture_faults import KINDS, Tally, draw_fault
from gate.bench.torture_report import fault_table, thin
from gate.bench.torture_run import Scope, law, play
from gate.bench.torture_visits import draw_visit
from gate.passage.phases import Phase
from gate.vocabulary.passages import Topology

ROOT = Path(__file__).parents[3]
PATCHES = sorted((ROOT / "fixtures" / "planted_bugs").glob("*.patch"))
QUICK = ("captures_not_compared", "exit_before_commit", "officer_not_called")


def test_no_rule_breaks_in_three_hundred_passages(tmp_path: Path) -> None:
    """Crashes, faults, jumping clocks and bans at any moment break no rule."""
    parameters = law()
    passages = 0
    for episode in range(20):
        verdict = play(Scope(2, episode), parameters, tmp_path)
        assert verdict.violations == []
        passages += verdict.passages
        if passages >= 300:
            break
    assert passages >= 300


def test_the_same_scope_plays_the_same(tmp_path: Path) -> None:
    """An episode depends on its seed and number and on nothing else."""
    scope = Scope(3, 4, only=frozenset(range(8)))
    first, second = (play(scope, law(), tmp_path) for _ in range(2))
    assert (first.passages, first.tally) == (second.passages, second.tally)


def test_a_visit_is_drawn_alone() -> None:
    """Leaving out what came before changes nothing in a visit."""
    whole = Scope(5, 1).visits()
    alone = Scope(5, 1, only=frozenset({17})).visits()
    assert alone == [whole[17]]
    assert draw_visit("5:1", 17, Scope(5, 1).topology) == whole[17]


def test_every_topology_is_played() -> None:
    """All three arrangements of check points come up among the first episodes."""
    assert {Scope(1, episode).topology for episode in range(20)} == set(Topology)


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_bug_is_found(name: str) -> None:
    """The same words with `--patch` run on a copy, and say what was broken."""
    patch = ROOT / "fixtures" / "planted_bugs" / f"{name}.patch"
    words = ["--passages", "60", "--seed", "11", "--no-shortest", "--patch", str(patch)]
    done = subprocess.run(
        [sys.executable, "-m", "gate.cli", "bench", "torture", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout
    assert "--seed 11 --episode" in done.stdout


@pytest.mark.parametrize("patch", PATCHES, ids=lambda path: path.stem)
def test_every_planted_bug_still_applies(patch: Path) -> None:
    """A patch says in its first line what it breaks, and fits the code as it is."""
    assert patch.read_text(encoding="utf-8").splitlines()[0].endswith(".")
    checked = subprocess.run(
        ["git", "apply", "--check", str(patch)], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


def test_there_are_a_dozen_planted_bugs() -> None:
    """At least twelve."""
    assert len(PATCHES) >= 12


def test_thin_cells_fail_a_long_run_only() -> None:
    """From 100,000 passages on every kind has come in every phase fifty times."""
    tally = Tally()
    assert thin(tally, 99_999) is None
    assert "stayed under 50" in (thin(tally, 100_000) or "")
    for kind in KINDS:
        for phase in Phase:
            tally.faults[kind, phase.value] = 50
    assert thin(tally, 100_000) is None


def test_the_table_has_a_row_for_each_kind() -> None:
    """Kinds down, phases across."""
    lines = fault_table(Tally()).splitlines()
    assert len(lines) == 1 + len(KINDS)


def test_a_fault_tells_itself() -> None:
    """Kind, phase and times stand in the short story."""
    from random import Random

    fault = draw_fault("fire loop", Phase.CAPTURING, Random(1))
    assert "fire loop" in fault.told()
    assert "capturing" in fault.told()
