"""Clock jobs: each deadline is put to staff once, and no timer lifts anything."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gate.cli import store as commands
from gate.cli.state import open_store
from gate.store import Record, Store
from gate.store.due import TASK_RAISED, PersonTask
from gate.vocabulary.parameters import parameters_from
from tests.gate.store.world import NOON, PASSPORT, World, ban, traveller

NUMBERS = parameters_from(files("gate.law").joinpath("parameters.toml").read_text("utf-8"))
HOUR, DAY = 3600.0, 86400.0


def emergency(**changes: str) -> Record:
    """An emergency request of the clock's noon."""
    content = {"request_id": "E-1", "requested_at": NOON.isoformat(), **changes}
    return Record("emergency_ban", content, "P-1", source="police")


def permit(valid_until: str) -> Record:
    """A visa that ends."""
    content = {"kind": "visa", "valid_from": "2026-01-01", "valid_until": valid_until}
    return Record("permit", content, "P-1", source="moj")


def ran(store: Store) -> list[tuple[str, str]]:
    """Run the job once; returns what it raised."""
    found = store.tasks(NUMBERS)
    before = raised(store)
    count = store.raise_tasks(found)
    after = raised(store)
    assert len(after) == len(before) + count
    names = {one.name: (one.task.kind.value, one.task.rule_id) for one in found}
    return [names[name] for name in after[len(before) :]]


def raised(store: Store) -> list[str]:
    """The tasks that the log names, in order."""
    rows = store.engine.rows(
        "SELECT record_id FROM events WHERE kind = ? ORDER BY sequence", (TASK_RAISED,)
    )
    return [row[0] for row in rows]


def test_an_emergency_request_left_alone_is_raised_after_six_hours_and_stays(world: World) -> None:
    """Not at the sixth hour, but after it; once; and the ban still blocks."""
    with world.open() as store:
        store.append_records([*traveller(), emergency()])
        world.clock.turn(6 * HOUR)
        assert ran(store) == []
        world.clock.turn(1)
        assert ran(store) == [("revocation_due", "DEP-EMB-04")]
        assert ran(store) == []
        world.clock.turn(DAY)
        assert ran(store) == []
        (held,) = store.load_facts(PASSPORT, world.clock.now).facts.emergency_bans
        assert held.revoked_at is None
        assert store.verify().holds


def test_an_approval_left_undecided_is_raised_after_twelve_hours(world: World) -> None:
    """Counted from the lodging."""
    with world.open() as store:
        store.append_records([*traveller(), emergency(approval_lodged_at=NOON.isoformat())])
        world.clock.turn(12 * HOUR)
        assert ran(store) == []
        world.clock.turn(1)
        assert ran(store) == [("revocation_due", "DEP-EMB-05")]


def test_a_withheld_notice_comes_up_when_its_three_months_are_over(world: World) -> None:
    """Listed as coming from the start, raised on its day."""
    hidden = {"excluded_ground": "4-4(3)2"}
    with world.open() as store:
        store.append_records([*traveller(), ban(notice=hidden, last_day="2026-12-31")])
        (coming,) = store.tasks(NUMBERS)
        assert str(coming.task.due) == "2026-05-31"
        assert ran(store) == []
        world.clock.turn(90 * DAY)  # 2026-05-31
        assert ran(store) == [("notice_required", "DEP-NOT-04")]
        assert ran(store) == []


def test_the_end_of_a_ban_is_raised_three_days_before(world: World) -> None:
    """In time to ask for an extension; the ban runs to its own end."""
    told = {"given_at": NOON.isoformat()}
    with world.open() as store:
        store.append_records([*traveller(), ban(notice=told, last_day="2026-03-10")])
        world.clock.turn(4 * DAY)
        assert ran(store) == []
        world.clock.turn(DAY)
        assert ran(store) == [("extension_filing_ends", "DEP-EXT-02")]


def test_an_objection_left_undecided_is_raised(world: World) -> None:
    """On the sixteenth day."""
    record = ban(
        last_day="2026-12-31",
        notice={"given_at": NOON.isoformat()},
        objection={"filed_at": NOON.isoformat(), "status": "pending"},
    )
    with world.open() as store:
        store.append_records([*traveller(), record])
        world.clock.turn(15 * DAY)
        assert ran(store) == []
        world.clock.turn(DAY)
        assert ran(store) == [("objection_overdue", "DEP-OBJ-02")]


def test_a_permit_that_ended_while_the_job_was_down_is_not_forgotten(world: World) -> None:
    """A night without power costs no task."""
    with world.open() as store:
        store.append_records([*traveller(), permit("2026-03-04")])
        assert ran(store) == []
        world.clock.turn(5 * DAY)
        assert ran(store) == [("permit_ends", "PERM-REV-01")]
        assert ran(store) == []


def test_what_was_seen_to_leaves_the_list(world: World) -> None:
    """The act of an officer, not the raising, ends a task."""
    with world.open() as store:
        store.append_records([*traveller(), emergency()])
        world.clock.turn(6 * HOUR + 1)
        ran(store)
        assert [one.raised for one in store.tasks(NUMBERS)] == [True]
        revoked = {"revoked_at": world.clock.now.isoformat(), "revoked_basis": "4-6(4)"}
        store.append_records([emergency(**revoked)])
        assert store.tasks(NUMBERS) == []


def test_an_erased_person_is_not_brought_back_by_a_task(world: World) -> None:
    """A task found before the erasure writes nothing after it."""
    with world.open() as store:
        store.append_records([*traveller(), permit("2026-03-02")])
        found: list[PersonTask] = store.tasks(NUMBERS)
        assert found
        store.erase_person("P-1", "OFF-1", "request")
        assert store.raise_tasks(found) == 0
        assert store.tasks(NUMBERS) == []


def test_the_command_lists_and_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--look` changes nothing; the first real run raises, the second finds it raised."""
    monkeypatch.setenv("EGATE_STATE", str(tmp_path))
    with open_store(create=True) as store:
        store.append_records([*traveller(), emergency(requested_at="2026-01-01T00:00:00+09:00")])

    def run(*words: str) -> str:
        result = CliRunner().invoke(commands.app, ["tasks", *words])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "1 tasks, 0 raised now" in run("--look")
    assert "due     2026-01-01T06:00:00+09:00  revocation_due: E-1 of person P-1" in run()
    (line,) = run("--json").splitlines()
    assert json.loads(line)["state"] == "raised"
