"""`egate export`: the journal as JSON lines, for inspection."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

MASKED = "document"
"""The reading's masked number; outside the gate the pseudonym alone names a document."""


def command(
    file: Annotated[
        Path | None, typer.Argument(help="Where to write; must not exist. None: standard output.")
    ] = None,
    passage: Annotated[str | None, typer.Option(help="Only this passage, BOOT.N.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="From this instant on, with offset.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Before this instant, with offset.")
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only entries of this kind.")] = None,
    store: Annotated[
        Path | None, typer.Option("--store", help="The store; default: the state directory's.")
    ] = None,
) -> None:
    """Write the journal out, one JSON object a line; documents appear by pseudonym only.

    Entries of a month that was forgotten have `at` and `data` null; a filter by time leaves
    them out. Nothing is left at FILE unless all of it was written.
    """
    from gate.cli.state import open_store

    first, last = _instant(since, "--from"), _instant(until, "--until")
    if passage is not None:
        _check_passage(passage)
    with open_store(store) as opened:
        journal = opened.journal_plain()
    chosen = (
        entry
        for entry in journal
        if (passage is None or entry["passage"] == passage)
        and (not kind or entry["kind"] in kind)
        and _within(entry["at"], first, last)
    )
    if file is None:
        _write(chosen, sys.stdout)
        return
    print(f"{file}: {_write_file(chosen, file)} entries")


def _instant(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            "must be a timestamp such as 2026-03-02T09:00:00+09:00", param_hint=option
        ) from None
    if at.tzinfo is None:
        raise typer.BadParameter(
            "a timestamp needs its offset (for Seoul +09:00)", param_hint=option
        )
    return at


def _check_passage(text: str) -> None:
    from gate.store.journal import passage_id_of

    try:
        passage_id_of(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no passage: BOOT.N as in 3.17", param_hint="--passage"
        ) from None


def _within(at: str | None, first: datetime | None, last: datetime | None) -> bool:
    if first is None and last is None:
        return True
    if at is None:
        return False
    then = datetime.fromisoformat(at)
    return (first is None or then >= first) and (last is None or then < last)


def _write(entries: Iterable[dict[str, Any]], out: TextIO) -> int:
    count = 0
    for line in _lines(entries):
        out.write(line)
        count += 1
    return count


def _lines(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        data = entry["data"]
        if data is not None:
            data = {name: value for name, value in data.items() if name != MASKED}
        yield json.dumps({**entry, "data": data}, ensure_ascii=False, sort_keys=True) + "\n"


def _write_file(entries: Iterable[dict[str, Any]], file: Path) -> int:
    """A half written file never stands under the name that was asked for."""
    if file.exists():
        raise typer.BadParameter(f"{file} exists already; name another", param_hint="FILE")
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("w", encoding="utf-8") as out:
            count = _write(entries, out)
        part.rename(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from None
    return count
