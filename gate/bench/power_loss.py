"""Power loss, killed writers and cut WALs: is every acknowledged record there afterwards?

Three judges, each on the store's own code. A file system in memory (an SQLite VFS) that at the
loss of power drops any subset of the 512-byte sectors that were not synced; a writer process
that is killed; a WAL cut at any byte. The first must be able to fail: with syncing switched
off it has to find lost records, or it would prove nothing.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gate.store import (
    Closing,
    Durability,
    JournalEntry,
    Record,
    SiteKeys,
    SpaceLimits,
    Store,
    StoreError,
)
from gate.store.engine import Connection, Driver
from gate.vocabulary.passages import Outcome, PassageId

SECTOR_BYTES = 512
KEYS = SiteKeys(bytes(32))
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Sheet:
    """One file: what the program sees, and what the medium holds."""

    seen: bytearray = field(default_factory=bytearray)
    held: bytearray = field(default_factory=bytearray)
    unsynced: set[int] = field(default_factory=set)

    def write(self, data: bytes, offset: int) -> None:
        """Change what is seen; the medium follows at the next sync, or not."""
        end = offset + len(data)
        if end > len(self.seen):
            self.seen.extend(bytes(end - len(self.seen)))
        self.seen[offset:end] = data
        self.unsynced.update(range(offset // SECTOR_BYTES, -(-end // SECTOR_BYTES)))

    def truncate(self, size: int) -> None:
        """Cut what is seen; a cut that was not synced may not have happened."""
        del self.seen[size:]
        self.unsynced.add(size // SECTOR_BYTES)

    def sync(self) -> None:
        """Make the medium hold what is seen."""
        self.held[:] = self.seen
        self.unsynced.clear()

    def after_loss(self, chance: random.Random) -> bytes:
        """Return what the medium holds once power is gone: any of the unsynced sectors came."""
        left = bytearray(self.held)
        for sector in sorted(self.unsynced):
            if chance.random() < 0.5:
                continue
            start = sector * SECTOR_BYTES
            data = self.seen[start : start + SECTOR_BYTES]
            if start + len(data) > len(left):
                left.extend(bytes(start + len(data) - len(left)))
            left[start : start + len(data)] = data
        return bytes(left)


class ForgetfulDisk:
    """A file system whose files are sheets; registered with SQLite under `name`."""

    def __init__(self, name: str) -> None:
        import apsw

        self.name = name
        self.sheets: dict[str, Sheet] = {}
        self.operations_left: int | None = None
        sheets, power = self.sheets, self._power

        class File:
            def __init__(self, path: str) -> None:
                self._sheet = sheets.setdefault(path, Sheet())
                self._level = 0

            def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
                return bytes(self._sheet.seen[offset : offset + amount])

            def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
                if power():
                    self._sheet.write(data, offset)

            def xTruncate(self, size: int) -> None:  # noqa: N802
                if power():
                    self._sheet.truncate(size)

            def xSync(self, flags: int) -> None:  # noqa: N802
                if power():
                    self._sheet.sync()

            def xFileSize(self) -> int:  # noqa: N802
                return len(self._sheet.seen)

            def xLock(self, level: int) -> None:  # noqa: N802
                self._level = level

            def xUnlock(self, level: int) -> None:  # noqa: N802
                self._level = level

            def xCheckReservedLock(self) -> bool:  # noqa: N802
                return False

            def xFileControl(self, operation: int, pointer: int) -> bool:  # noqa: N802
                return False

            def xSectorSize(self) -> int:  # noqa: N802
                return SECTOR_BYTES

            def xDeviceCharacteristics(self) -> int:  # noqa: N802
                return 0

            def xClose(self) -> None:  # noqa: N802
                return

        class Vfs(apsw.VFS):  # type: ignore[misc,unused-ignore]
            def __init__(self) -> None:
                super().__init__(name, "")

            def xOpen(self, path: Any, flags: list[int]) -> Any:  # noqa: N802
                flags[1] = flags[0]
                file_name = path.filename() if hasattr(path, "filename") else str(path)
                return File(file_name)

            def xDelete(self, path: str, sync_directory: bool) -> None:  # noqa: N802
                sheets.pop(path, None)

            def xAccess(self, path: str, flags: int) -> bool:  # noqa: N802
                return path in sheets

            def xFullPathname(self, path: str) -> str:  # noqa: N802
                return path

        self._vfs = Vfs()

    def _power(self) -> bool:
        """Whether the medium still takes anything; raises at the very operation that it ends in.

        That may be in the middle of a commit. Afterwards nothing reaches the medium any more.
        """
        import apsw

        if self.operations_left is None:
            return True
        self.operations_left -= 1
        if self.operations_left == 0:
            raise apsw.exception_for(apsw.SQLITE_IOERR_WRITE)
        return self.operations_left > 0

    @property
    def driver(self) -> Driver:
        """How the store opens its file on this disk."""
        import apsw

        def connect(path: Path, lock_wait_s: float) -> Connection:
            connection: Connection = apsw.Connection(str(path), vfs=self.name)
            # No shared memory here: the WAL's index then lives in this one process.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            return connection

        return Driver(connect, apsw.Error)

    def lose_power(self, chance: random.Random, folder: Path) -> None:
        """Write what the medium holds to real files."""
        for path, sheet in self.sheets.items():
            (folder / Path(path).name).write_bytes(sheet.after_loss(chance))


@dataclass
class Acknowledged:
    """What the store said it had: versions of one record, and outcomes of passages."""

    version: int = 0
    outcomes: dict[PassageId, Outcome] = field(default_factory=dict)

    def lost_in(self, store: Store) -> int:
        """Return how many acknowledged writes are not there."""
        held = store.export_person("P-1")["records"]
        newest = max((r["version"] for r in held if r["kind"] == "person"), default=0)
        lost = max(self.version - newest, 0)
        for passage, outcome in self.outcomes.items():
            state = store.passage_state(passage)
            lost += state is None or state.outcome is not outcome
        return lost


def write_some(
    store: Store, chance: random.Random, told: Acknowledged, commits: int = 40
) -> Iterator[None]:
    """Write records and passages; `told` follows after every commit."""
    for number in range(commits):
        if chance.random() < 0.5:
            store.append_records([a_person(told.version + 1)])
            told.version += 1
        else:
            passage = PassageId(1, number)
            store.open_passage(passage, NOON)
            entries = [JournalEntry("door_closed", NOON, {"n": n}, passage) for n in range(5)]
            outcome = chance.choice(list(Outcome))
            store.append_journal([*entries, Closing(passage, outcome, NOON)])
            told.outcomes[passage] = outcome
        yield


def a_person(version: int) -> Record:
    """Return a version of the one person."""
    content = {"person_id": "P-1", "category": "national", "name": f"VERSION<<{version}"}
    return Record("person", content, "P-1", version=version, source="bench")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one loss did: acknowledged writes that are gone; a chain that does not hold."""

    lost: int
    broken: bool


def lose_power_once(seed: int, durability: Durability) -> Finding:
    """One run that ends with the power, at a moment that the seed draws."""
    chance = random.Random(seed)
    disk = ForgetfulDisk(f"forgetful-{os.getpid()}-{seed}-{durability.value}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "store.db"
        path.touch()  # the store looks for the file itself; its content is the disk's
        store = _open(path, durability=durability, driver=disk.driver, create=True)
        disk.operations_left = chance.randrange(1, 400)
        told = Acknowledged()
        with suppress(StoreError):
            for _ in write_some(store, chance, told):
                pass
        disk.lose_power(chance, folder)
        finding = examine(path, told)
        store.close()
    return finding


def examine(path: Path, told: Acknowledged) -> Finding:
    """Open what is left as the next start would, and look for what was acknowledged."""
    written = told.version + len(told.outcomes)
    try:
        with _open(path) as store:
            if not store.verify().holds:
                return Finding(written, True)
            return Finding(told.lost_in(store), False)
    except StoreError:
        return Finding(written, True)


def kill_once(seed: int) -> Finding:
    """Kill a writing process after some acknowledged commits; look what is there."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "store.db"
        told = Acknowledged()
        with _writer(path) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randrange(1, 60)):
                told.version = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            for line in writer.stdout:  # what it had said before it died
                if line.endswith(b"\n"):
                    told.version = int(line)
        return examine(path, told)


@contextmanager
def _writer(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "gate.bench.power_loss", str(path)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        yield writer
    finally:
        writer.kill()
        writer.wait()


def write_until_killed(path: Path) -> None:
    """Write versions for ever, saying each one only after its commit."""
    with _open(path, create=True) as store:
        version = 0
        while True:
            version += 1
            store.append_records([a_person(version)])
            print(version, flush=True)


def cut_wal_once(seed: int, folder: Path) -> str:
    """Cut the WAL of a copied store anywhere; return "kept", "refused", or what went wrong.

    What a cut WAL still holds is an earlier moment of the same chain, never another chain.
    """
    chance = random.Random(seed)
    path = folder / f"store{seed}.db"
    with _open(path, create=True) as store:
        heads = {0: bytes(32)}
        for _ in write_some(store, chance, Acknowledged(), 12):
            report = store.verify()
            heads[report.events] = report.head
        wal = path.with_name(path.name + "-wal").read_bytes()
        sound = path.read_bytes()
    path.write_bytes(sound)
    path.with_name(path.name + "-wal").write_bytes(wal[: chance.randrange(len(wal))])
    try:
        with _open(path) as left:
            report = left.verify()
    except StoreError:
        return "refused"
    if not report.holds:
        return "broken chain taken for a store"
    return "kept" if _is_earlier(report.events, report.head, heads) else "another chain"


def _is_earlier(events: int, head: bytes, heads: dict[int, bytes]) -> bool:
    """A cut between the two commits of one step ends at an event that has no noted head."""
    return events not in heads or heads[events] == head


def _open(path: Path, **options: Any) -> Store:
    return Store.open(
        path,
        keys=KEYS,
        free_share=lambda: 0.5,
        limits=SpaceLimits(reserve_bytes=0),
        **options,
    )


def command(repeats: int = 200, seed: int = 1) -> None:
    """Lose power, kill writers, cut WALs; exits 1 if an acknowledged record is gone."""
    failed = False
    for durability in Durability:
        found = [lose_power_once(seed * 100_003 + n, durability) for n in range(repeats)]
        lossy = sum(finding.lost > 0 or finding.broken for finding in found)
        print(f"power loss, synchronous={durability.value}: {lossy} of {repeats} runs lost records")
        if durability is Durability.POWER_LOSS:
            failed |= lossy > 0
        if durability is Durability.SIMULATION_OFF and lossy == 0:
            print("the disk that forgets found nothing with syncing off: it proves nothing")
            failed = True
    kills = [kill_once(seed * 100_003 + n) for n in range(max(repeats // 4, 1))]
    lossy = sum(finding.lost > 0 or finding.broken for finding in kills)
    print(f"kill -9: {lossy} of {len(kills)} runs lost records")
    failed |= lossy > 0
    with tempfile.TemporaryDirectory() as name:
        cuts = [cut_wal_once(seed * 100_003 + n, Path(name)) for n in range(repeats)]
    counts = {word: cuts.count(word) for word in sorted(set(cuts))}
    print(f"cut WAL: {counts}")
    failed |= bool(set(counts) - {"kept", "refused"})
    if failed:
        raise SystemExit(1)


if __name__ == "__main__":
    write_until_killed(Path(sys.argv[1]))
