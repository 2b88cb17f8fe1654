"""The first load of a country: the same store as by import, or none at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import pytest

from gate.store import Record, Store, StoreError, StoreErrorKind
from gate.store import bulk as bulk_module
from gate.store import opened as opened_module
from gate.store.bulk import load_store
from gate.store.exchange import BadLine, ImportReport, Line, Refusal
from gate.store.log import canonical
from gate.vocabulary.parameters import parameters_from
from tests.gate.store.world import KEYS, NOON, PASSPORT, World, ban, person, traveller

PARAMETERS = parameters_from(files("gate.law").joinpath("parameters.toml").read_text("utf-8"))
ROOT = Path(__file__).parents[3]


def load(world: World, records: Sequence[Record | BadLine]) -> tuple[ImportReport, list[Refusal]]:
    """Load numbered records into the world's store; return the report and the refusals."""
    refusals: list[Refusal] = []
    report = load_store(
        world.path,
        KEYS,
        enumerate(records, start=1),
        PARAMETERS,
        on_refusal=refusals.append,
        utc_now=world.clock,
    )
    return report, refusals


def country(people: int) -> list[Record]:
    """Travellers, every second one under a ban."""
    records: list[Record] = []
    for number in range(people):
        person_id = f"P-{number}"
        records += traveller(person_id, ("KOR", f"M{number:08d}"))
        records += [ban(f"B-{number}", person_id)] if number % 2 else []
    return records


def plain(store: Store) -> list[tuple[object, ...]]:
    """Every record of the log, readable, in order."""
    return [(row["kind"], canonical(row["content"])) for row in store.latest_records()]


def test_a_load_gives_the_store_that_an_import_gives(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Views, log and indexes are the same; only keys and nonces differ."""
    monkeypatch.setattr(bulk_module, "BATCH_LINES", 7)  # so that persons stand across batches
    records = [Record("holidays", {"value": ["2026-03-01"]}), *country(20)]
    report, refusals = load(world, records)
    other = World(tmp_path / "other.db")
    with other.open() as imported, world.open() as loaded:
        imported.take_in(records, PARAMETERS)
        assert (report.accepted, refusals) == (len(records), [])
        assert loaded.verify().holds
        assert plain(loaded) == plain(imported)
        assert loaded.projections_plain() == imported.projections_plain()
        assert _schema(loaded) == _schema(imported)
        assert loaded.engine.row("PRAGMA journal_mode") == ("wal",)


def _schema(store: Store) -> set[str]:
    return {row[0] for row in store.engine.rows("SELECT sql FROM sqlite_schema WHERE sql <> ''")}


def test_a_loaded_store_goes_on_as_any_other(world: World) -> None:
    """Later records, erasure and the rebuilding of the views work on it."""
    load(world, country(4))
    with world.open() as store:
        store.append_records([ban("B-9", "P-0")])
        facts = store.load_facts(("KOR", "M00000000"), NOON).facts
        assert [held.ban_id for held in facts.departure_bans] == ["B-9"]
        store.erase_person("P-2", "OFF-1", "asked for")
        before = store.projections_plain()
        store.rebuild_projections()
        assert store.projections_plain() == before
        assert store.verify().holds


def test_records_of_one_person_may_come_in_several_places(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person who comes again in a later batch is found again."""
    monkeypatch.setattr(bulk_module, "BATCH_LINES", 2)
    _, refusals = load(world, [*traveller(), *country(3), ban("B-8"), ban("B-8")])
    with world.open() as store:
        facts = store.load_facts(PASSPORT, NOON).facts
        assert [held.ban_id for held in facts.departure_bans] == ["B-1", "B-8"]
        assert (refusals, store.verify().holds) == ([], True)


def test_what_an_import_refuses_a_load_refuses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad lines, strangers, others' ids and passports are told with their lines, and left out."""
    monkeypatch.setattr(bulk_module, "BATCH_LINES", 3)
    wrong: list[Record | BadLine] = [
        BadLine("is no JSON"),
        ban("B-1", "P-77"),
        ban("B-2", last_day="2026-02-30"),
        ban("B-3", record_type="request", grounds_stated=False),
    ]
    other = [person("P-2"), ban("B-1", "P-2"), traveller("P-2")[1]]
    report, refusals = load(world, [*traveller(), ban("B-1"), *wrong, *other])
    assert [refusal.line for refusal in refusals] == [5, 6, 7, 8, 10, 11]
    assert (report.accepted, report.rejected) == (5, 6)
    assert "another person" in refusals[-2].reason


def test_a_load_never_touches_a_store_that_is_there(world: World) -> None:
    """It says what to do instead."""
    with world.open() as store:
        store.append_records(traveller())
    with pytest.raises(StoreError, match="import") as caught:
        load(world, country(1))
    assert caught.value.problem is StoreErrorKind.CONFLICT
    with world.open() as store:
        assert store.load_facts(PASSPORT, NOON).facts.person is not None


def test_a_load_that_fails_leaves_nothing(world: World) -> None:
    """No half store, and no file beside it."""

    def lines() -> Iterator[Line]:
        yield from enumerate(country(2), start=1)
        raise StoreError(StoreErrorKind.FULL, "the disk is full")

    with pytest.raises(StoreError):
        load_store(world.path, KEYS, lines(), PARAMETERS, on_refusal=print, utc_now=world.clock)
    assert list(world.path.parent.iterdir()) == []


def test_a_load_stops_before_the_disk_is_full(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate on the same disk goes on; nothing of the load is left."""
    monkeypatch.setattr(bulk_module, "BATCH_LINES", 3)
    monkeypatch.setattr(opened_module, "free_share_of", lambda folder: lambda: 0.04)
    with pytest.raises(StoreError, match="closed for space") as caught:
        load(world, country(4))
    assert caught.value.problem is StoreErrorKind.FULL
    assert list(world.path.parent.iterdir()) == []


def test_two_loads_at_once_do_not_meet(world: World) -> None:
    """The second one is told so, and takes nothing from the first."""

    def lines() -> Iterator[Line]:
        yield from enumerate(country(1), start=1)
        with pytest.raises(StoreError, match="another process") as caught:
            load(world, country(2))
        assert caught.value.problem is StoreErrorKind.LOCKED

    load_store(world.path, KEYS, lines(), PARAMETERS, on_refusal=print, utc_now=world.clock)
    with world.open() as store:
        assert store.load_facts(("KOR", "M00000000"), NOON).facts.person is not None


def test_a_killed_load_leaves_no_store_and_is_begun_again(world: World, tmp_path: Path) -> None:
    """SIGKILL in the middle: no store to open, and the next load removes the rest."""
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from gate.store.bulk import load_store\n"
        "from tests.gate.store import test_bulk as t\n"
        "def lines():\n"
        "    yield from enumerate(t.country(3000), start=1)\n"
        "    print('ready', flush=True); time.sleep(60)\n"
        "load_store(Path(sys.argv[1]), t.KEYS, lines(), t.PARAMETERS, on_refusal=print)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(world.path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert not world.path.exists()
    assert list(world.path.parent.iterdir()) != []
    load(world, country(2))
    with world.open() as store:
        assert store.verify().holds
    left = {path.name for path in world.path.parent.iterdir()}
    assert not [name for name in left if "loading" in name]


def test_a_file_is_synced_before_it_gets_its_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finds a store at the path finds one that survives a loss of power."""
    happened: list[str] = []
    real_sync, real_link = os.fsync, os.link

    def sync(descriptor: int) -> None:
        happened.append("sync")
        real_sync(descriptor)

    def link(source: Path, target: Path) -> None:
        happened.append("link")
        real_link(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "link", link)
    load(world, country(1))
    assert happened[-3:] == ["sync", "link", "sync"]
