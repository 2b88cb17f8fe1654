"""Files that are missing, damaged, busy, too new or too old."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from gate.store import ChainReport, SpaceLimits, Store, StoreError, StoreErrorKind
from gate.store import engine as engine_module
from gate.store.engine import STANDARD_LIBRARY, Durability, migrate, migrations, open_engine
from gate.store.journal import JournalEntry
from gate.vocabulary.passages import FailureKind, Outcome, PassageId
from tests.gate.store.world import KEYS, NOON, PASSPORT, World, traveller


def problem_of(world: World, **options: object) -> StoreErrorKind:
    """Open and return why that failed."""
    with pytest.raises(StoreError) as caught:
        world.open(create=False, **options).close()
    assert str(world.path) in str(caught.value)
    return caught.value.problem


def test_a_missing_file_is_said_and_not_made(world: World) -> None:
    """A gate never starts on an empty store because the real one is missing."""
    assert problem_of(world) is StoreErrorKind.MISSING
    assert not world.path.exists()


def test_a_file_that_is_no_store_is_refused(world: World) -> None:
    """Neither text nor another program's database is taken for a store."""
    world.path.write_text("not a database " * 500)
    assert problem_of(world) is StoreErrorKind.CORRUPT
    world.path.unlink()
    with sqlite3.connect(world.path) as other:
        other.execute("CREATE TABLE t (a)")
    assert problem_of(world) is StoreErrorKind.CORRUPT


def test_a_newer_schema_is_refused(world: World) -> None:
    """An older version of the gate does not touch what it does not understand."""
    world.open().close()
    with sqlite3.connect(world.path) as raw:
        raw.execute("PRAGMA user_version = 99")
    assert problem_of(world) is StoreErrorKind.NEWER_SCHEMA


@pytest.mark.parametrize("schema", [number for number, _ in migrations()][:-1])
def test_an_older_schema_is_brought_up_to_date(world: World, schema: int) -> None:
    """What a previous version wrote is there after the migration."""
    old = open_engine(
        world.path, create=True, lock_wait_s=1.0, durability=Durability.POWER_LOSS, up_to=schema
    )
    assert old.row("PRAGMA user_version")[0] == schema
    old.connection.close()
    opened = _previous_version_writes(world, schema)
    with world.open(create=False) as store:
        assert store.load_facts(PASSPORT, NOON).facts.person is not None
        assert store.verify().events == opened
    with sqlite3.connect(world.path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone()[0] == migrations()[-1][0]


def _previous_version_writes(world: World, schema: int) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_module, "migrations", lambda: migrations()[:schema])
        with world.open() as store:
            store.append_records(traveller())
            return store.verify().events


def test_a_step_of_migration_is_whole_or_not_there(world: World) -> None:
    """A migration that fails half way leaves the schema that was there."""
    world.open().close()
    bad = [*migrations(), (99, "CREATE TABLE half (a);\nCREATE TABLE half (a);\n")]
    engine = open_engine(
        world.path, create=False, lock_wait_s=1.0, durability=Durability.POWER_LOSS
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_module, "migrations", lambda: bad)
        with pytest.raises(sqlite3.OperationalError):
            migrate(engine)
    assert engine.row("SELECT count(*) FROM sqlite_schema WHERE name = 'half'")[0] == 0
    engine.connection.close()


def test_another_writer_makes_the_call_fail_after_its_wait(world: World) -> None:
    """A locked store answers LOCKED within the wait that was asked for, and then serves again."""
    with world.open(lock_wait_s=0.05) as store:
        other = sqlite3.connect(world.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            store.append_records(traveller())
        assert caught.value.problem is StoreErrorKind.LOCKED
        assert caught.value.kind is FailureKind.LOCKED
        other.execute("ROLLBACK")
        assert len(store.append_records(traveller())) == 3
        other.close()


def test_a_removed_file_is_noticed_before_anything_is_lost_in_it(world: World) -> None:
    """Nothing is acknowledged into a file that nobody will find again."""
    with world.open() as store:
        world.path.rename(world.path.with_suffix(".gone"))
        with pytest.raises(StoreError) as caught:
            store.append_records(traveller())
        assert caught.value.problem is StoreErrorKind.MISSING


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_cut_off_file_is_never_taken_for_a_whole_one(world: World, share: float) -> None:
    """A file that lost its end is refused at the start."""
    with world.open() as store:
        for number in range(40):
            document = ("KOR", f"N{number:08d}")
            store.append_records(traveller(f"P-{number}", document))
    size = world.path.stat().st_size
    with world.path.open("r+b") as file:
        file.truncate(int(size * share))
    assert problem_of(world) is StoreErrorKind.CORRUPT


def test_damage_inside_the_file_never_passes_the_verification(world: World) -> None:
    """Whichever page is overwritten, opening or verifying says so, or nothing of the log changed."""
    with world.open() as store:
        for number in range(30):
            store.append_records(traveller(f"P-{number}", ("KOR", f"N{number:08d}")))
        whole = store.verify()
    sound = world.path.read_bytes()
    for page in range(1, len(sound) // 4096, 3):
        world.path.write_bytes(sound[: page * 4096] + b"\xa5" * 4096 + sound[(page + 1) * 4096 :])
        assert _verified(world) in (whole, None)


def _verified(world: World) -> ChainReport | None:
    """Return the report of a chain that holds; None where opening or verifying objected."""
    with suppress(StoreError), world.open(create=False) as store:
        report = store.verify()
        return report if report.holds else None
    return None


def test_below_the_floor_nothing_new_begins_and_what_runs_ends(world: World) -> None:
    """Closed for space: no passage, no record; the passage under way is still closed."""
    first, second = PassageId(1, 1), PassageId(1, 2)
    with world.open() as store:
        store.open_passage(first, NOON)
        world.disk.free = 0.04
        assert not store.open_for_passages
        for attempt in (
            lambda: store.open_passage(second, NOON),
            lambda: store.append_records(traveller()),
        ):
            with pytest.raises(StoreError, match="closed for space") as caught:
                attempt()
            assert caught.value.kind is FailureKind.FULL
        store.close_passage(first, Outcome.REFER, NOON)
        world.disk.free = 0.06
        store.open_passage(second, NOON)


def test_a_full_disk_leaves_the_reserve_to_the_passage_under_way(world: World) -> None:
    """With max_page_count reached, records are refused whole and the passage is still closed."""
    limits = SpaceLimits(reserve_bytes=128 * 1024, max_bytes=512 * 1024)
    passage = PassageId(1, 1)
    with world.open(limits=limits) as store:
        store.open_passage(passage, NOON)
        before = _fill(store)
        store.append_journal([JournalEntry("door_closed", NOON, {"pad": "x" * 9000}, passage)])
        store.close_passage(passage, Outcome.REFER, NOON)
        report = store.verify()
        assert report.holds
        assert report.events == before + 2
    with world.open(limits=limits) as store:
        assert store.open_passages() == []


def _fill(store: Store) -> int:
    for number in range(1000):
        before = store.verify()
        with suppress(StoreError):
            store.append_records(traveller(f"P-{number}", ("KOR", f"N{number:08d}")))
        if store.verify() == before:
            return before.events
    raise AssertionError("the cap was never reached")


def test_a_read_only_file_is_said(world: World) -> None:
    """A store that cannot be written does not look like one that can."""
    world.open().close()

    def read_only(path: Path, lock_wait_s: float) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    driver = engine_module.Driver(read_only, STANDARD_LIBRARY.errors)
    with (
        pytest.raises(StoreError) as caught,
        Store.open(world.path, keys=KEYS, driver=driver) as store,
    ):
        store.next_boot()
    assert caught.value.problem is StoreErrorKind.READ_ONLY
