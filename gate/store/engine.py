"""One SQLite connection: opened safely, migrated, its errors told in the store's words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

from gate.store.errors import StoreError, StoreErrorKind

APPLICATION_ID = 0x45474154  # "EGAT"
PAGE_BYTES = 4096


class Durability(Enum):
    """What a commit survives. A gate runs POWER_LOSS; the others exist for simulations."""

    POWER_LOSS = "FULL"
    SIMULATION_NORMAL = "NORMAL"
    SIMULATION_OFF = "OFF"


class Cursor(Protocol):
    """What the store needs of a cursor."""

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """What the store needs of a connection: `sqlite3` and `apsw` both have it."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run one statement for each row of parameters."""
        ...

    def close(self) -> None:
        """Let the file go."""
        ...


@dataclass(frozen=True, slots=True)
class Driver:
    """How to open a connection (path, seconds to wait for a lock), and what it raises."""

    connect: Callable[[Path, float], Connection]
    errors: type[Exception]


def _connect(path: Path, lock_wait_s: float) -> Connection:
    connection: Connection = sqlite3.connect(
        path,
        timeout=lock_wait_s,
        isolation_level=None,  # transactions are begun by hand
        check_same_thread=False,  # one worker thread at a time is the caller's promise
        cached_statements=256,
    )
    return connection


STANDARD_LIBRARY = Driver(_connect, sqlite3.Error)


class Engine:
    """A connection with transactions; every SQLite error leaves it as a StoreError."""

    def __init__(self, path: Path, connection: Connection, errors: type[Exception]) -> None:
        self.path = path
        self.connection = connection
        self.errors = errors
        self._inode = os.stat(path).st_ino if path.exists() else None

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Cursor:
        """Run one statement."""
        try:
            return self.connection.execute(sql, parameters)
        except self.errors as error:
            raise translated(error, self.path) from None

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows."""
        try:
            self.connection.executemany(sql, rows)
        except self.errors as error:
            raise translated(error, self.path) from None

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Return the first row, or None."""
        try:
            return self.connection.execute(sql, parameters).fetchone()
        except self.errors as error:
            raise translated(error, self.path) from None

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Return all rows."""
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except self.errors as error:
            raise translated(error, self.path) from None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that holds the write lock from its begin; synced when left."""
        self._check_same_file()
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One consistent snapshot."""
        self.execute("BEGIN")
        try:
            yield
        finally:
            self._roll_back()

    def empty_wal(self) -> None:
        """Move everything into the file and cut the WAL, so that no old page lingers there.

        Another reader may hold it back; then the next one who calls succeeds.
        """
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _roll_back(self) -> None:
        """SQLite may have rolled back by itself (disk full), then there is nothing to do."""
        with suppress(self.errors):
            self.connection.execute("ROLLBACK")

    def _check_same_file(self) -> None:
        """A file removed or replaced while open would swallow every later commit."""
        try:
            inode = os.stat(self.path).st_ino
        except FileNotFoundError:
            inode = -1
        if self._inode is not None and inode != self._inode:
            raise StoreError(
                StoreErrorKind.MISSING,
                f"store {self.path} was removed or replaced while in use; "
                "restart the gate, or restore a back-up with `egate store restore`",
            )


def open_engine(
    path: Path,
    *,
    create: bool,
    lock_wait_s: float,
    durability: Durability,
    driver: Driver = STANDARD_LIBRARY,
    up_to: int | None = None,
) -> Engine:
    """Open, check and migrate the file (to schema `up_to`, or the newest).

    Raises StoreError for whatever is wrong with it.
    """
    # Nothing here may open the file itself: closing it would drop the locks of every connection
    # of this process, and another process would then take the WAL away (SQLite, "How to corrupt").
    if not path.exists():
        if not create:
            raise StoreError(
                StoreErrorKind.MISSING,
                f"store {path} is missing; restore a back-up with `egate store restore`, "
                "or make a new one with `egate store create`",
            )
        _create_file(path)
    try:
        connection = driver.connect(path, lock_wait_s)
    except driver.errors as error:
        raise translated(error, path) from None
    engine = Engine(path, connection, driver.errors)
    try:
        made = _prepare(engine, durability, create=create)
        migrate(engine, up_to)
        if made:
            engine.empty_wal()  # so that a lost WAL never leaves an empty file behind
    except BaseException:
        connection.close()
        raise
    return engine


def open_for_reading(path: Path) -> Engine:
    """Open a store or a back-up of any schema without changing it. Raises StoreError."""
    if not path.exists():
        raise StoreError(StoreErrorKind.MISSING, f"store {path} is missing")
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30.0)
    connection.isolation_level = None
    engine = Engine(path, connection, sqlite3.Error)
    try:
        _refuse_foreign(engine)
        _refuse_cut_off(engine)
    except BaseException:
        connection.close()
        raise
    return engine


def _refuse_foreign(engine: Engine) -> bool:
    """Raise for another program's database; True where there is no table yet."""
    empty: bool = engine.row("SELECT count(*) FROM sqlite_schema")[0] == 0
    if engine.row("PRAGMA application_id")[0] != APPLICATION_ID and not empty:
        raise StoreError(StoreErrorKind.CORRUPT, f"{engine.path} is no store of a gate")
    return empty


def _create_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _refuse_cut_off(engine: Engine) -> None:
    """A file that ends inside a page, or before the last one, was cut off; a WAL may lengthen it."""
    wal = engine.path.with_name(engine.path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        return
    page_bytes, pages = engine.row("PRAGMA page_size")[0], engine.row("PRAGMA page_count")[0]
    size = engine.path.stat().st_size
    if size % page_bytes or size < page_bytes * pages:
        raise _corrupt(engine.path, "is cut off")


def _prepare(engine: Engine, durability: Durability, *, create: bool) -> bool:
    """Set the connection up; True where the file had no schema yet."""
    empty = _refuse_foreign(engine)
    _refuse_cut_off(engine)
    if empty and not create:
        raise _corrupt(engine.path, "is empty")
    if empty:
        engine.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    mode = engine.row("PRAGMA journal_mode = WAL")[0]
    if mode != "wal":
        raise StoreError(
            StoreErrorKind.IO, f"store {engine.path}: its file system does not carry a WAL"
        )
    engine.execute(f"PRAGMA synchronous = {durability.value}")
    engine.execute("PRAGMA secure_delete = ON")  # a destroyed key leaves no trace in free pages
    engine.execute("PRAGMA cache_size = -16384")
    engine.execute("PRAGMA temp_store = MEMORY")
    return empty


def migrations() -> list[tuple[int, str]]:
    """Return (number, SQL) of every migration, in order."""
    folder = resources.files("gate.store") / "migrations"
    scripts = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return sorted((int(entry.name[:4]), entry.read_text("utf-8")) for entry in scripts)


def migrate(engine: Engine, up_to: int | None = None) -> None:
    """Bring the schema to the newest (or the given) version, each step in one transaction.

    `up_to` 0 leaves it as it is.
    """
    steps = migrations()
    newest = steps[-1][0]
    present = engine.row("PRAGMA user_version")[0]
    if present > newest:
        raise StoreError(
            StoreErrorKind.NEWER_SCHEMA,
            f"store {engine.path} has schema {present}, this version knows {newest}; "
            "update this installation",
        )
    for number, script in steps:
        if present < number <= (newest if up_to is None else up_to):
            _apply(engine, number, script)


def _apply(engine: Engine, number: int, script: str) -> None:
    with engine.writing():
        if engine.row("PRAGMA user_version")[0] >= number:
            return  # another process was faster
        for statement in _statements(script):
            engine.execute(statement)
        engine.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


_KINDS = {
    5: StoreErrorKind.LOCKED,  # SQLITE_BUSY
    6: StoreErrorKind.LOCKED,
    8: StoreErrorKind.READ_ONLY,
    10: StoreErrorKind.IO,
    11: StoreErrorKind.CORRUPT,
    13: StoreErrorKind.FULL,
    14: StoreErrorKind.MISSING,  # SQLITE_CANTOPEN
    19: StoreErrorKind.CONFLICT,  # SQLITE_CONSTRAINT
    26: StoreErrorKind.CORRUPT,  # SQLITE_NOTADB
}

_ADVICE = {
    StoreErrorKind.LOCKED: "is locked by another process; end it, then try again",
    StoreErrorKind.READ_ONLY: "cannot be written; check its owner and mode",
    StoreErrorKind.IO: "cannot be read or written; check the disk",
    StoreErrorKind.FULL: "is closed for space: the disk is full; free some space",
    StoreErrorKind.MISSING: "cannot be opened; check its folder and mode",
    StoreErrorKind.CONFLICT: "refused an entry that contradicts one it holds",
}


def translated(error: Exception, path: Path) -> BaseException:
    """Return the StoreError for an SQLite error; anything else is a programmer's error."""
    code = _code_of(error)
    if code is None:
        return error
    kind = _KINDS.get(code & 0xFF)
    if kind is None:
        return error
    if kind is StoreErrorKind.CORRUPT:
        return _corrupt(path, "is damaged")
    return StoreError(kind, f"store {path} {_ADVICE[kind]}")


def _corrupt(path: Path, what: str) -> StoreError:
    return StoreError(
        StoreErrorKind.CORRUPT,
        f"store {path} {what}; keep it for inspection and restore a back-up "
        "with `egate store restore`",
    )


def _code_of(error: Exception) -> int | None:
    """SQLite's result code, as `sqlite3` or `apsw` carry it."""
    code = getattr(error, "sqlite_errorcode", getattr(error, "extendedresult", None))
    return code if isinstance(code, int) else None
