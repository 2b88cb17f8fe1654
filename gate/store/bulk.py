"""The first load of a country: a new store made beside, and put in its place when it is whole.

Nothing of a load counts before its end, so nothing has to be synced before it: no write-ahead
log, no rollback, and the large indexes are made once from all rows. Sealing, chain, projections
and the law's judgement of each record are those of every other write.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from gate.store import chain
from gate.store.engine import Durability, Engine
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.exchange import BatchOutcome, ImportReport, Line, Refusal, batches
from gate.store.intake import Taken
from gate.store.keyring import INSERT_KEY, REFERENCE_SCOPE, DataKey
from gate.store.keys import SiteKeys
from gate.store.log import Appender
from gate.store.opened import now_utc
from gate.store.persons import RecordWriter, Shelf
from gate.store.records import Record
from gate.store.store import Store
from gate.store.taking import take_one
from gate.vocabulary.parameters import Parameters

BATCH_LINES = 5000
CACHE_KIB = 1_000_000
"""Holds what is looked up in no order: persons and passports of about ten million people."""
MADE_AT_THE_END = ("one_version", "events_of_person", "keys_of_scope", "passports_of_person")
_TEMPORARY = "SQLITE_TMPDIR"
_DERIVED_ID = re.compile(r"[0-9a-f]{32}")


def load_store(
    path: Path,
    keys: SiteKeys,
    lines: Iterable[Line],
    parameters: Parameters,
    *,
    on_refusal: Callable[[Refusal], None],
    progress: Callable[[int], None] = lambda lines: None,
    utc_now: Callable[[], datetime] = now_utc,
    gate_id: str = "gate",
) -> ImportReport:
    """Make the store at `path` from numbered records; refused ones are told and left out.

    Raises StoreError CONFLICT where there is a store already; FULL, IO. Then, or when killed,
    there is no store at `path`, and what lies beside it is removed by the next load.
    """
    if path.exists():
        raise StoreError(
            StoreErrorKind.CONFLICT,
            f"store {path} exists; a load makes a new one, `egate store import` adds to this one",
        )
    report = ImportReport()
    beside = path.with_name(f"{path.name}.loading")
    with _alone(beside):
        with Store.open(
            beside,
            keys=keys,
            create=True,
            utc_now=utc_now,
            gate_id=gate_id,
            durability=Durability.SIMULATION_OFF,
        ) as store:
            _Load(store, parameters).run(lines, report, on_refusal, progress)
        _put_in_place(beside, path)
    return report


class _Load:
    """One load: its store, and the ids given so far."""

    def __init__(self, store: Store, parameters: Parameters) -> None:
        self._store = store
        self._parameters = parameters
        self._ids: set[bytes] = set()

    def run(
        self,
        lines: Iterable[Line],
        report: ImportReport,
        on_refusal: Callable[[Refusal], None],
        progress: Callable[[int], None],
    ) -> None:
        """Take everything in as one transaction, then make the file what a gate opens."""
        engine = self._store.engine
        for pragma in ("journal_mode = OFF", f"cache_size = -{CACHE_KIB}", "temp_store = FILE"):
            engine.execute(f"PRAGMA {pragma}").fetchone()
        with _sorting_in(engine.path.parent), engine.writing():
            everybody = self._store.keyring.for_scope(REFERENCE_SCOPE)
            indexes = _drop(engine, MADE_AT_THE_END)
            for batch in batches(lines, BATCH_LINES):
                outcome = BatchOutcome(report, batch, on_refusal)
                outcome.count(self._take(outcome.records, everybody))
                outcome.tell()
                progress(report.lines)
            for statement in indexes:
                engine.execute(statement)
        engine.execute("PRAGMA journal_mode = WAL").fetchone()

    def _take(self, records: list[Record], everybody: DataKey) -> list[Taken]:
        self._store.require_space()
        with self._store.adding() as appender:
            appender.use(REFERENCE_SCOPE, everybody)
            writer = _FirstWriter(self._store, appender, self._ids)
            at = chain.instant_of(appender.at)
            taken = [take_one(writer, record, at, self._parameters) for record in records]
            writer.finish()
        return taken


class _FirstWriter(RecordWriter):
    """Adds records to a store in which nothing is older than this load.

    Whatever it would look up by an index that is not made yet, it knows: a person who is not
    held has no key, and the ids that were given are remembered.
    """

    def __init__(self, store: Store, appender: Appender, ids: set[bytes]) -> None:
        super().__init__(store.engine, store.keyring, store.references, appender)
        self._ids = ids
        self._next_key = store.keyring.next_id()
        self._new_keys: list[tuple[int, bytes, bytes]] = []

    def finish(self) -> None:
        """Remember the ids that agencies gave; the others are their person's own."""
        self._ids.update(
            _id_of(kind, record_id)
            for kind, record_id in self._added
            if not _DERIVED_ID.fullmatch(record_id)
        )
        self._engine.executemany(INSERT_KEY, self._new_keys)
        super().finish()

    def _read_shelf(self, person: bytes | None) -> Shelf:
        shelf = super()._read_shelf(person)
        if person is not None and not self._appender.has_key(person):
            key, row = self._keyring.draft(self._next_key + len(self._new_keys), person)
            self._new_keys.append(row)
            self._appender.use(person, key)
        return shelf

    def _versions_in_log(self, kind: str, record_id: str) -> tuple[int, bytes | None]:
        """Asked for ids that this person does not hold: whoever has one is somebody else."""
        added = self._added.get((kind, record_id))
        if added is None and _id_of(kind, record_id) in self._ids:
            return 1, b""
        return added or (0, None)


def _id_of(kind: str, record_id: str) -> bytes:
    return f"{kind}\0{record_id}".encode()


def _drop(engine: Engine, names: tuple[str, ...]) -> list[str]:
    """Drop indexes; returns the statements that make them."""
    marks = ", ".join("?" * len(names))
    made = engine.rows(f"SELECT sql FROM sqlite_schema WHERE name IN ({marks})", names)
    for name in names:
        engine.execute(f"DROP INDEX {name}")
    return [row[0] for row in made]


@contextmanager
def _sorting_in(folder: Path) -> Iterator[None]:
    """Rows of an index are sorted in files of this folder, not in memory (SQLite reads this)."""
    before = os.environ.get(_TEMPORARY)
    os.environ[_TEMPORARY] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(_TEMPORARY)
        if before is not None:
            os.environ[_TEMPORARY] = before


def _put_in_place(beside: Path, path: Path) -> None:
    """Sync the whole file, then give it its name; a store that came meanwhile is not replaced."""
    _sync(beside)
    try:
        os.link(beside, path)
    except FileExistsError:
        raise StoreError(StoreErrorKind.CONFLICT, f"store {path} was made meanwhile") from None
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(beside: Path) -> Iterator[None]:
    """One load at a time; what a killed one left is removed, and what this one leaves."""
    beside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = beside.with_name(f"{beside.name}.lock")
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(beside)
        try:
            yield
        finally:
            _remove(beside)
            lock.unlink()
    except BlockingIOError:
        raise StoreError(
            StoreErrorKind.LOCKED, f"{beside} is being loaded by another process; wait for its end"
        ) from None
    finally:
        os.close(descriptor)


def _remove(beside: Path) -> None:
    """SQLite's files of a load, and the space kept back."""
    for suffix in ("", "-wal", "-shm", "-journal", ".reserve", ".turn"):
        beside.with_name(f"{beside.name}{suffix}").unlink(missing_ok=True)
