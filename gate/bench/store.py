"""The store at the size of a country: view, file, build, import.

Targets: a person's view under 1 ms at the 99th percentile from 10,000,000 persons and 1,000,000
bans. The run states the size that it measured.
"""

from __future__ import annotations

import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer

from gate.bench.store_beside import beside
from gate.store import Record, SiteKeys, Store
from gate.store.bulk import load_store
from gate.store.exchange import import_file
from gate.vocabulary.parameters import parameters_from

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TARGET_VIEW_P99_MS = 1.0
PARAMETERS = parameters_from(files("gate.law").joinpath("parameters.toml").read_text("utf-8"))


def command(
    persons: Annotated[int, typer.Option(help="Enrolled persons.")] = 200_000,
    bans: Annotated[int, typer.Option(help="Bans, taken in from a file.")] = 20_000,
    views: Annotated[int, typer.Option(help="Views loaded for the percentiles.")] = 5000,
    seed: int = 1,
    folder: Annotated[Path | None, typer.Option(help="Where the store is built.")] = None,
    keep: Annotated[bool, typer.Option(help="Leave the store there.")] = False,
) -> None:
    """Build a store, take bans in, load views; exits 1 past twice the target."""
    place = Path(tempfile.mkdtemp(prefix="store-bench-", dir=folder))
    try:
        failed = _measure(place, persons, bans, views, random.Random(seed))
    finally:
        if not keep:
            shutil.rmtree(place)
    if failed:
        raise typer.Exit(1)


def _measure(place: Path, persons: int, bans: int, views: int, chance: random.Random) -> bool:
    keys = SiteKeys(bytes(32))
    watch = Watch()
    _build(place / "store.db", keys, persons)
    print(
        f"build: {persons:,} persons in {watch.seconds:,.0f} s: {watch.rate(persons * 3)} (records)"
    )
    _tell_size(place, persons)
    with Store.open(place / "store.db", keys=keys, lock_wait_s=30.0) as store:
        path = _write_bans(place, bans, persons, chance)
        watch = Watch()
        with beside(place / "store.db"):
            _import_bans(store, path, bans)
        print(f"import: {bans:,} bans judged and stored: {watch.rate(bans)} (rows)")
        store.record_sync(NOON, "bench")
        _tell_size(place, persons)
        return _views(store, views, persons, chance)


def _tell_size(place: Path, persons: int) -> None:
    size = sum(path.stat().st_size for path in place.glob("store.db*"))
    print(f"file: {size / 1e9:.2f} GB, {size / max(persons, 1):,.0f} bytes a person", flush=True)


def _build(path: Path, keys: SiteKeys, persons: int) -> None:
    """Load the country as `egate store load` does, from records made here instead of a file."""
    records = (record for number in range(persons) for record in traveller(number))
    with _progress("records", persons * 3) as progress:
        load_store(
            path, keys, enumerate(records, start=1), PARAMETERS, on_refusal=print, progress=progress
        )


@contextmanager
def _progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """Show how many are done; the bar of a terminal, elsewhere a line now and then."""
    if sys.stdout.isatty():
        with typer.progressbar(length=length, label=label) as bar:
            yield lambda done: bar.update(done - bar.pos)
        return
    watch, told = Watch(), [0]

    def tell(done: int) -> None:
        if done - told[0] >= length // 10:
            told[0] = done
            print(f"{label}: {done:,} of {length:,} after {watch.seconds:,.0f} s", flush=True)

    yield tell


class Watch:
    """Wall and processor time; on a busy machine only the second says what the code costs."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    @property
    def seconds(self) -> float:
        """Seconds of wall time since the start."""
        return time.perf_counter() - self._wall

    def rate(self, count: int) -> str:
        """Return how many a second since the start, of both times."""
        wall = count / self.seconds
        processor = count / max(time.process_time() - self._processor, 1e-9)
        return f"{wall:,.0f}/s, {processor:,.0f} per second of processor"


def _write_bans(place: Path, bans: int, persons: int, chance: random.Random) -> Path:
    path = place / "bans.jsonl"
    with path.open("w") as file:
        for number in range(bans):
            row: dict[str, Any] = {
                "kind": "departure_ban",
                "person_id": f"P-{chance.randrange(persons)}",
                "source": "bench",
                "content": {
                    "ban_id": f"B-{number}",
                    "ground": "4(1)1",
                    "decided_at": "2026-03-01T10:00:00+09:00",
                    "start_date": "2026-03-01",
                    "last_day": "2026-08-01",
                },
            }
            file.write(json.dumps(row) + "\n")
    return path


def _import_bans(store: Store, path: Path, bans: int) -> None:
    with _progress("bans", bans) as progress:
        report = import_file(store, path, PARAMETERS, on_refusal=print, progress=progress)
    assert report.accepted == bans


def _views(store: Store, views: int, persons: int, chance: random.Random) -> bool:
    """Each person asked for twice; the second time counts, as the first one warms the pages."""
    times_ms, processor_ms = [], []
    for _ in range(views):
        document = ("KOR", f"N{chance.randrange(persons):08d}")
        store.load_facts(document, NOON)
        began, processor = time.perf_counter_ns(), time.thread_time_ns()
        loaded = store.load_facts(document, NOON)
        processor_ms.append((time.thread_time_ns() - processor) / 1e6)
        times_ms.append((time.perf_counter_ns() - began) / 1e6)
        assert loaded.facts.person is not None
    for name, times in (("wall", times_ms), ("processor", processor_ms)):
        percentiles = statistics.quantiles(times, n=100)
        p50, p99 = percentiles[49], percentiles[98]
        print(f"view, {name} time, warm: p50 {p50:.3f} ms, p99 {p99:.3f} ms", end="; ")
    print(f"target p99 {TARGET_VIEW_P99_MS} ms")
    # Judged by processor time: a busy machine's wait for the processor is not the store's.
    return p99 > 2 * TARGET_VIEW_P99_MS


def traveller(number: int) -> list[Record]:
    """Return the records of one invented national."""
    person_id, born = f"P-{number}", f"{1940 + number % 70}-{1 + number % 12:02d}-01"
    name = f"TRAVELLER<<NUMBER{number}"
    person = {
        "person_id": person_id,
        "category": "national",
        "nationality": "KOR",
        "dob": born,
        "sex": "FM"[number % 2],
        "name": name,
        "resident_registered": True,
        "military_status": "not_liable",
    }
    passport = {
        "issuing_state": "KOR",
        "number": f"N{number:08d}",
        "nationality": "KOR",
        "name": name,
        "dob": born,
        "sex": "FM"[number % 2],
        "expiry": "2031-01-01",
    }
    enrolment = {
        "status": "active",
        "enrolled_at": "2024-01-15T10:00:00+09:00",
        "has_face": True,
        "has_finger": True,
    }
    contents: dict[str, dict[str, Any]] = {
        "person": person,
        "passport": passport,
        "enrolment": enrolment,
    }
    return [Record(kind, content, person_id, source="bench") for kind, content in contents.items()]
