"""Online back-up and restore, each proved by the chain.

A back-up holds the wrapped keys, never the master key: that one is kept apart.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gate.store import chain
from gate.store.engine import Durability, Engine, open_engine, open_for_reading, translated
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.keyring import Keyring
from gate.store.keys import SiteKeys
from gate.store.log import Appender
from gate.store.persons import ERASURE
from gate.store.privacy import reapply_erasure


@dataclass(frozen=True, slots=True)
class BackupProof:
    """What a file holds: so many events, ending in this hash (hex)."""

    path: Path
    events: int
    head: str


def back_up(source: Path, target: Path, *, lock_wait_s: float = 30.0) -> BackupProof:
    """Copy a store that may be in use, verify the copy's chain, and only then give it its name.

    Raises StoreError: CONFLICT where `target` exists, BROKEN_CHAIN, MISSING, IO, FULL ...
    """
    if target.exists():
        raise StoreError(StoreErrorKind.CONFLICT, f"{target} exists; name another file")
    if not source.exists():
        raise StoreError(StoreErrorKind.MISSING, f"store {source} is missing")
    beside = target.with_name(target.name + ".part")
    beside.unlink(missing_ok=True)
    try:
        _copy(source, beside, lock_wait_s)
        proof = prove(beside)
        _put_in_place(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    return BackupProof(target, proof.events, proof.head)


def prove(path: Path) -> BackupProof:
    """Verify the chain of a file without its key, without changing it.

    Raises StoreError(BROKEN_CHAIN) naming the first broken event.
    """
    if not path.exists():
        raise StoreError(StoreErrorKind.MISSING, f"store {path} is missing")
    report = verify_file(path)
    if not report.holds:
        raise StoreError(
            StoreErrorKind.BROKEN_CHAIN,
            f"{path}: {report.reason} (event {report.broken_at}); use another back-up",
        )
    return BackupProof(path, report.events, report.head.hex())


def verify_file(path: Path, progress: Callable[[int], None] | None = None) -> chain.ChainReport:
    """Verify the chain of a file that may be in use; needs no key. Raises StoreError."""
    engine = open_for_reading(path)
    try:
        return chain.verify(engine, progress)
    finally:
        engine.connection.close()


def restore(backup: Path, target: Path, *, keys: SiteKeys, now: datetime) -> BackupProof:
    """Put a back-up in the place of a store that nobody uses; the old file is kept beside it.

    Whoever was erased since the back-up is erased again, and the boot counter never goes back.
    Raises StoreError: BROKEN_CHAIN or CORRUPT for a bad back-up (the old store stays),
    LOCKED while a gate uses the store, KEY where the back-up was made with another master key.
    """
    prove(backup)
    beside = target.with_name(target.name + ".part")
    beside.unlink(missing_ok=True)
    try:
        _copy(backup, beside, 1.0)
        _check_key(beside, keys)
        erased, boot = _since(target)
        _bring_forward(beside, keys, now, erased, boot)
        proof = prove(beside)
        _set_aside(target, now)
        _put_in_place(beside, target)
    finally:
        for suffix in ("", "-wal", "-shm"):
            beside.with_name(beside.name + suffix).unlink(missing_ok=True)
    return BackupProof(target, proof.events, proof.head)


def _copy(source: Path, target: Path, lock_wait_s: float) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    reading = sqlite3.connect(source, timeout=lock_wait_s)
    writing = sqlite3.connect(target)
    try:
        reading.backup(writing, pages=4096)
        # One plain file: a WAL beside it would be forgotten when it is carried away.
        writing.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise translated(error, source) from None
    finally:
        reading.close()
        writing.close()


def _check_key(path: Path, keys: SiteKeys) -> None:
    engine = _opened(path)
    try:
        Keyring(engine, keys).references()
    finally:
        engine.connection.close()


def _opened(path: Path) -> Engine:
    return open_engine(path, create=False, lock_wait_s=1.0, durability=Durability.POWER_LOSS)


def _since(target: Path) -> tuple[list[bytes], int]:
    """Return whom the present store erased, and its boot counter; nothing where it is unusable."""
    if not target.exists():
        return [], 0
    _refuse_in_use(target)
    try:
        engine = _opened(target)
    except StoreError:
        return [], 0
    try:
        erased = engine.rows("SELECT DISTINCT person_ref FROM events WHERE kind = ?", (ERASURE,))
        return [bytes(row[0]) for row in erased], engine.row("SELECT boot FROM head")[0]
    except StoreError:
        return [], 0
    finally:
        engine.connection.close()


def _refuse_in_use(target: Path) -> None:
    """Only an exclusive lock shows whether another process has the file open in WAL mode."""
    connection = sqlite3.connect(target, timeout=0.5, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        failure = translated(error, target)
        if isinstance(failure, StoreError) and failure.problem is StoreErrorKind.LOCKED:
            raise StoreError(
                StoreErrorKind.LOCKED, f"store {target} is in use; stop the gate, then restore"
            ) from None
    except sqlite3.DatabaseError:
        return  # damaged: that is why somebody restores
    finally:
        connection.close()


def _bring_forward(
    path: Path, keys: SiteKeys, now: datetime, erased: list[bytes], boot: int
) -> None:
    engine = _opened(path)
    try:
        keyring = Keyring(engine, keys)
        with engine.writing():
            appender = Appender(engine, keyring, now)
            for person in erased:
                reapply_erasure(engine, keyring, appender, person)
            appender.boot = max(appender.boot, boot)
            appender.finish()
        engine.empty_wal()
        engine.row("PRAGMA journal_mode = DELETE")
    finally:
        engine.connection.close()


def _set_aside(target: Path, now: datetime) -> None:
    for suffix in ("", "-wal", "-shm"):
        present = target.with_name(target.name + suffix)
        if present.exists():
            present.rename(target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%S}{suffix}"))


def _put_in_place(beside: Path, target: Path) -> None:
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.rename(target)
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
