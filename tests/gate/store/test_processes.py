"""Several processes at one store; processes that are killed; WALs that are cut."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gate.bench import power_loss
from gate.store import Durability
from tests.gate.store.world import PASSPORT, World, ban, traveller

ROOT = Path(__file__).parents[3]


def test_many_processes_append_to_one_chain(world: World) -> None:
    """Four writers at once: every acknowledged event is there, the chain holds, in one order."""
    with world.open() as store:
        store.append_records(traveller())
    command = [sys.executable, "-m", "tests.gate.store.appender", str(world.path)]
    writers = [
        subprocess.Popen([*command, str(name), "30"], stdout=subprocess.PIPE, cwd=ROOT)
        for name in range(4)
    ]
    said = [writer.communicate()[0].split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 4
    assert [len(lines) for lines in said] == [30] * 4
    with world.open() as store:
        report = store.verify()
        assert report.holds
        assert report.events == 3 + 4 * 30
        bans = store.load_facts(PASSPORT, world.clock.now).facts.departure_bans
        assert {held.ban_id for held in bans} == {
            f"B-{name}-{number}" for name in range(4) for number in range(0, 30, 2)
        }
        assert len(store.journal_plain()) == 4 * 15
        grown = store.projections_plain()
        store.rebuild_projections()
        assert store.projections_plain() == grown


def test_a_second_connection_does_not_let_another_process_take_the_wal_away(world: World) -> None:
    """Opened and closed beside a standing one, it must not drop that one's locks: another process
    that closes last would then remove the WAL, and what is committed afterwards with it.
    """
    command = [sys.executable, "-m", "tests.gate.store.appender", str(world.path), "1", "1"]
    with world.open() as standing:
        standing.append_records(traveller())
        world.open().close()
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        standing.append_records([ban("B-after")])
        with world.open() as another:
            assert another.verify().events == 5


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_writer_loses_nothing_that_it_acknowledged(seed: int) -> None:
    """Kill -9 of the real process, then the next start."""
    assert power_loss.kill_once(seed) == power_loss.Finding(0, False)


@pytest.mark.parametrize("seed", range(25))
def test_power_loss_loses_nothing_that_was_acknowledged(seed: int) -> None:
    """On a disk that forgets what was not synced, in the middle of commits too."""
    found = power_loss.lose_power_once(seed, Durability.POWER_LOSS)
    assert found == power_loss.Finding(0, False)


def test_the_forgetful_disk_finds_a_store_that_does_not_sync() -> None:
    """With syncing switched off the same runs lose acknowledged records."""
    found = [power_loss.lose_power_once(seed, Durability.SIMULATION_OFF) for seed in range(8)]
    assert sum(finding.lost > 0 or finding.broken for finding in found) >= 6


def test_a_cut_wal_leaves_an_earlier_moment_of_the_same_chain(tmp_path: Path) -> None:
    """Cut at any byte: an intact shorter chain or a refusal, never another chain."""
    outcomes = [power_loss.cut_wal_once(seed, tmp_path) for seed in range(12)]
    assert set(outcomes) <= {"kept", "refused"}
    assert "kept" in outcomes


def test_opening_twice_in_one_process_lets_go_of_no_lock(world: World) -> None:
    """What this process acknowledges after another one closed the store is there for a third.

    A descriptor of the file that is closed beside SQLite drops this process's locks; whoever
    closes the store elsewhere then takes the WAL away, and later commits go into nothing.
    """
    with world.open() as store:
        store.append_records(traveller())
        world.open().close()
        appender = [sys.executable, "-m", "tests.gate.store.appender", str(world.path), "0", "1"]
        subprocess.run(appender, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        store.append_records(traveller("P-2", ("KOR", "M00000002")))
        script = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]))"
        count = [sys.executable, "-c", script, str(world.path), "SELECT count(*) FROM events"]
        seen = subprocess.run(count, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert seen.strip() == str((3 + 1 + 3,))
