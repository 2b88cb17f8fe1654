"""Records from and to files: JSON lines and CSV, resumed where a killed import stopped.

One JSON line: {"kind", "person_id", "record_id", "version", "source", "content": {...}}. In CSV
the first five are columns, and every field of the content is a column of its own, named
`content.FIELD`; an empty cell is an absent field, lists and objects are JSON.
"""

from __future__ import annotations

import csv
import hashlib
import json
import time
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import Enum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, Any

from gate.store.engine import Engine
from gate.store.errors import StoreError, StoreErrorKind
from gate.store.intake import EMERGENCY_REQUEST, Taken
from gate.store.records import KINDS, Record
from gate.store.store import Store
from gate.vocabulary.decisions import RecordOutcome
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records_base import JSON_KEY, BirthDate
from gate.vocabulary.records_operations import EmergencyRequest

COLUMNS = ("kind", "person_id", "record_id", "version", "source")
CONTENT = "content."
MOST_LINES, FEWEST_LINES = 500, 20
LONGEST_HOLD_S = 0.1
"""So long a commit of an import keeps a gate at the same store waiting, about."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken in, or taken in for review: number from 1, record, reason."""

    line: int
    record_id: str
    outcome: str
    reason: str


@dataclass(slots=True)
class ImportReport:
    """How an import went. `resumed_at`: lines that an earlier, interrupted run had done."""

    lines: int = 0
    accepted: int = 0
    for_review: int = 0
    rejected: int = 0
    resumed_at: int = 0


class BadLine(ValueError):
    """A line that states no record; the text says why, and nothing of its content."""


Rows = Callable[[], Iterator[dict[str, Any]]]
"""Reads the records anew each time."""
Line = tuple[int, Record | BadLine]
"""A line's number from 1, and what it states."""


def import_file(
    store: Store,
    path: Path,
    parameters: Parameters,
    *,
    on_refusal: Callable[[Refusal], None],
    progress: Callable[[int], None] = lambda lines: None,
) -> ImportReport:
    """Take every line of a file in, so many lines a commit; each refused line is told.

    A commit holds the records and how far the file was read, so whoever is killed resumes with
    the same file, loses nothing and takes nothing twice. Raises StoreError.
    """
    digest = digest_of_file(path)
    report = ImportReport(resumed_at=_lines_done(store, digest))
    report.lines = report.resumed_at
    left = (line for line in lines_of(path) if line[0] > report.resumed_at)
    size = FEWEST_LINES
    while batch := list(islice(left, size)):
        outcome = BatchOutcome(report, batch, on_refusal)

        def note(engine: Engine, taken: list[Taken], outcome: BatchOutcome = outcome) -> None:
            outcome.count(taken)
            note_progress(engine, digest, outcome.totals)

        began_s = time.monotonic()
        store.take_in(outcome.records, parameters, note)
        size = _next_size(size, time.monotonic() - began_s)
        store.give_way()
        outcome.tell()
        progress(report.lines)
    return report


def _next_size(size: int, held_s: float) -> int:
    """How many lines the next commit takes, so that it lasts about as long as it may."""
    if held_s > LONGEST_HOLD_S:
        return max(size // 2, FEWEST_LINES)
    return min(size * 2, MOST_LINES) if held_s < LONGEST_HOLD_S / 3 else size


def _as_first(record: Record) -> Record:
    """A line without a version states the first one of its id: other content under an id that
    is held is an error there, not an update.
    """
    known = KINDS.get(record.kind)
    natural = record.kind == EMERGENCY_REQUEST or (known is not None and known.natural_id)
    return replace(record, version=1) if natural and record.version is None else record


class BatchOutcome:
    """Counts one batch; what it counted becomes part of the report once it is committed.

    `records`: of the batch, without the lines that state none.
    """

    def __init__(
        self,
        report: ImportReport,
        batch: list[Line],
        on_refusal: Callable[[Refusal], None],
    ) -> None:
        self.records = [_as_first(record) for _, record in batch if isinstance(record, Record)]
        self._report = report
        self._batch = batch
        self._on_refusal = on_refusal
        self._refusals: list[Refusal] = []
        self._accepted = self._rejected = self._for_review = 0

    def count(self, taken: list[Taken]) -> None:
        """Set every line of the batch beside what became of it."""
        answers = iter(taken)
        for line, record in self._batch:
            if isinstance(record, BadLine):
                self._rejected += 1
                self._refusals.append(Refusal(line, "", "record_rejected", str(record)))
                continue
            answer = next(answers)
            self._rejected += answer.sequence is None
            self._accepted += answer.sequence is not None
            if answer.outcome is not RecordOutcome.ACCEPTED:
                self._for_review += answer.sequence is not None
                reason = answer.reason or (
                    f"record {answer.record_id}: under {', '.join(answer.rule_ids)}"
                )
                refusal = Refusal(line, answer.record_id, answer.outcome.value, reason)
                self._refusals.append(refusal)

    @property
    def totals(self) -> tuple[int, int, int]:
        """Lines done, accepted and rejected with this batch."""
        report = self._report
        return (
            self._batch[-1][0],
            report.accepted + self._accepted,
            report.rejected + self._rejected,
        )

    def tell(self) -> None:
        """The batch is committed: count it, and tell what was refused."""
        self._report.lines, self._report.accepted, self._report.rejected = self.totals
        self._report.for_review += self._for_review
        for refusal in self._refusals:
            self._on_refusal(refusal)


def digest_of_file(path: Path) -> bytes:
    """Return the SHA-256 by which an import knows its file again. Raises StoreError MISSING."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise StoreError(StoreErrorKind.MISSING, f"{path}: {error.strerror}") from None


def _lines_done(store: Store, digest: bytes) -> int:
    row = store.engine.row("SELECT lines_done FROM imports WHERE digest = ?", (digest,))
    return 0 if row is None else int(row[0])


def note_progress(engine: Engine, digest: bytes, totals: tuple[int, int, int]) -> None:
    """Write how many lines of a file are done, accepted and rejected."""
    engine.execute("INSERT OR REPLACE INTO imports VALUES (?, ?, ?, ?)", (digest, *totals))


def batches(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    """Yield the lines so many at a time."""
    rest = iter(lines)
    while batch := list(islice(rest, size)):
        yield batch


def lines_of(path: Path) -> Iterator[Line]:
    """Yield the lines of a file of JSON lines, or of CSV by its suffix. Raises StoreError MISSING."""
    reader = _csv_lines if path.suffix.lower() == ".csv" else _json_lines
    try:
        with path.open("r", encoding="utf-8", errors="surrogateescape", newline="") as file:
            yield from reader(file)
    except OSError as error:
        raise StoreError(StoreErrorKind.MISSING, f"{path}: {error.strerror}") from None


def _json_lines(file: IO[str]) -> Iterator[Line]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield number, _from_json_line(line)


def _from_json_line(line: str) -> Record | BadLine:
    try:
        return record_from(json.loads(line))
    except BadLine as error:
        return error
    except ValueError:
        torn = "" if line.endswith("\n") else "; the file ends in the middle of this line"
        return BadLine(f"is no JSON{torn}")


def record_from(mapping: Any) -> Record:
    """Return the record that a JSON object states; raises BadLine."""
    if not isinstance(mapping, Mapping):
        raise BadLine("must be a JSON object")
    unknown = set(mapping) - {*COLUMNS, "signature", "content"}
    if unknown:
        raise BadLine("has a field that no record has; its content belongs under content")
    content, version = mapping.get("content"), mapping.get("version")
    if content is not None and not isinstance(content, Mapping):
        raise BadLine("content must be an object, or null for a record entered in error")
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        raise BadLine("version must be a whole number")
    for key in ("kind", "person_id", "record_id", "source", "signature"):
        if mapping.get(key) is not None and not isinstance(mapping[key], str):
            raise BadLine(f"{key} must be text")
    return Record(
        kind=mapping.get("kind") or "",
        content=content,
        person_id=mapping.get("person_id"),
        record_id=mapping.get("record_id"),
        version=version,
        source=mapping.get("source") or "",
        signature=_signature(mapping.get("signature")),
    )


def _signature(text: str | None) -> bytes:
    try:
        return bytes.fromhex(text or "")
    except ValueError:
        raise BadLine("signature must be hexadecimal") from None


def _csv_lines(file: IO[str]) -> Iterator[Line]:
    reader = csv.reader(file, strict=True)
    header = next(reader, [])
    try:
        for cells in reader:
            yield reader.line_num, _from_cells(header, cells)
    except csv.Error:
        yield reader.line_num, BadLine("is no CSV; the file ends in the middle of this line")


def _from_cells(header: list[str], cells: list[str]) -> Record | BadLine:
    if len(cells) != len(header):
        return BadLine(f"has {len(cells)} cells, the first line has {len(header)}")
    row = {name: cell for name, cell in zip(header, cells, strict=True) if cell != ""}
    head: dict[str, Any] = {name: row.pop(name) for name in COLUMNS if name in row}
    try:
        if "version" in head:
            head["version"] = int(head["version"])
        content = _content(head.get("kind", ""), row)
        return record_from({**head, "content": content or None})
    except BadLine as error:
        return error
    except ValueError:
        return BadLine("a number, list or object in it cannot be read")


def _content(kind: str, row: Mapping[str, str]) -> dict[str, Any]:
    if not all(name.startswith(CONTENT) for name in row):
        raise BadLine(f"columns are {', '.join(COLUMNS)} and {CONTENT}FIELD")
    named = ((name.removeprefix(CONTENT), cell) for name, cell in row.items())
    return {name: _cell(kind, name, cell) for name, cell in named}


def _cell(kind: str, name: str, cell: str) -> Any:
    return cell if name in _text_fields(kind) else json.loads(cell)


@cache
def _text_fields(kind: str) -> frozenset[str]:
    """Fields whose cell is the text itself; the others hold JSON."""
    known = KINDS.get(kind)
    cls = EmergencyRequest if kind == EMERGENCY_REQUEST else (known.cls if known else None)
    if cls is None:
        return frozenset({"value"} if kind == "biometric_source" else ())
    hints = typing.get_type_hints(cls)
    return frozenset(
        item.metadata.get(JSON_KEY, item.name)
        for item in fields(cls)
        if any(_is_text(part) for part in (hints[item.name], *typing.get_args(hints[item.name])))
        and typing.get_origin(hints[item.name]) is not tuple
    )


def _is_text(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, (str, date, datetime, BirthDate, Enum))


def export_file(
    store: Store, path: Path, progress: Callable[[int], None] = lambda records: None
) -> int:
    """Write the latest version of every readable record; returns how many. By suffix CSV or
    JSON lines. The file is readable by its owner alone. Raises StoreError, OSError.

    All of one moment: what comes meanwhile is not in it.
    """
    path.touch(mode=0o600)
    with store.engine.reading(), path.open("w", encoding="utf-8", newline="") as file:
        write = _write_csv if path.suffix.lower() == ".csv" else _write_json_lines
        count = 0
        for count in write(file, store.latest_records):
            progress(count)
    return count


def _write_json_lines(file: IO[str], records: Rows) -> Iterator[int]:
    for count, row in enumerate(records(), start=1):
        file.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")
        yield count


def _write_csv(file: IO[str], records: Rows) -> Iterator[int]:
    """Read twice, so that a whole country need not stand in memory: first for the columns."""
    names = sorted({name for row in records() for name in row["content"] or {}})
    writer = csv.writer(file)
    writer.writerow([*COLUMNS, *(CONTENT + name for name in names)])
    for count, row in enumerate(records(), start=1):
        content, text = row["content"] or {}, _text_fields(row["kind"])
        head = ("" if row[name] is None else row[name] for name in COLUMNS)
        writer.writerow([*head, *(_cell_of(content.get(name), name in text) for name in names)])
        yield count


def _cell_of(value: Any, is_text: bool) -> Any:
    if value is None:
        return ""
    return value if is_text else json.dumps(value)
