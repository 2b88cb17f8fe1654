"""The clock jobs of a running gate: in a process of their own, each task once, nothing lifted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gate.cli import clock_jobs as jobs_module
from gate.cli.clock_jobs import clock_jobs, raise_due
from gate.config import Config, load
from gate.store import Record, SiteKeys, Store
from gate.store.due import TASK_RAISED
from tests.gate.store.world import PASSPORT, traveller


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A gate whose store holds an emergency request that was left alone for seven hours."""
    found = replace(load(None, {}), state=str(tmp_path))
    with opened(found, create=True) as store:
        asked = (datetime.now(UTC) - timedelta(hours=7)).isoformat()
        request = {"request_id": "E-1", "requested_at": asked}
        store.append_records([*traveller(), Record("emergency_ban", request, "P-1")])
    return found


def opened(config: Config, *, create: bool = False) -> Store:
    """The gate's store."""
    keys = SiteKeys.from_file(config.store_key_path, create=create)
    return Store.open(config.store_path, keys=keys, create=create, lock_wait_s=10.0)


def raised(config: Config) -> int:
    """How many tasks the store's log names."""
    with opened(config) as store:
        return int(
            store.engine.row("SELECT count(*) FROM events WHERE kind = ?", (TASK_RAISED,))[0]
        )


def test_a_due_task_is_raised_once_and_the_ban_stays(config: Config) -> None:
    """After six hours staff are told; told again they are not, and nothing is lifted."""
    assert asyncio.run(raise_due(config))
    assert raised(config) == 1
    assert asyncio.run(raise_due(config))
    assert raised(config) == 1
    with opened(config) as store:
        (ban,) = store.load_facts(PASSPORT, datetime.now(UTC)).facts.emergency_bans
    assert ban.revoked_at is None


def test_it_runs_again_and_again_until_the_gate_stops(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start and then as often as the configuration says; a failure does not end it."""
    enough = asyncio.Event()
    waited: list[float] = []
    ran: list[Config] = []
    sleep = asyncio.sleep

    async def instead(given: Config) -> bool:
        ran.append(given)
        if len(ran) == 3:
            enough.set()
        return False

    async def at_once(delay_s: float) -> None:
        waited.append(delay_s)
        await sleep(0)

    async def for_a_while() -> None:
        task = asyncio.create_task(clock_jobs(config))
        await enough.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    monkeypatch.setattr(jobs_module, "raise_due", instead)
    monkeypatch.setattr(asyncio, "sleep", at_once)
    asyncio.run(for_a_while())
    assert ran == [config] * 3
    assert waited[:2] == [config.store.tasks_every_min * 60.0] * 2


def test_a_store_that_cannot_be_opened_is_told_and_ends_nothing(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gate goes on; what was wrong stands in the log."""
    config.store_path.write_bytes(b"no store at all")
    assert not asyncio.run(raise_due(config))
    assert "clock_jobs_failed" in capsys.readouterr().out
    assert jobs_module.main(str(config.store_path), str(config.store_key_path), "g", "") == 1


def test_a_stopped_gate_leaves_no_job_behind(config: Config) -> None:
    """Whoever stops the gate while the job runs ends the job too."""

    async def stopped_early() -> None:
        task = asyncio.create_task(raise_due(config))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(stopped_early())
    assert raised(config) == 0
