"""`egate store`: make, back up, restore and keep the store of a gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gate.store.due import PersonTask
    from gate.store.exchange import ImportReport, Refusal

app = typer.Typer(no_args_is_help=True)

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="The store; default: the state directory's.")
]


Records = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, readable=True, help="JSON lines, or CSV by its suffix."
    ),
]


@app.callback()
def _family() -> None:
    """Create, back up and restore the store of a gate."""


@app.command()
def create(store: StoreOption = None) -> None:
    """Make an empty store, and the site's master key where there is none."""
    from gate.cli.state import open_store, state_directory, store_path

    path = store or store_path()
    if path.exists():
        print(f"{path} exists already")
        raise typer.Exit(1)
    open_store(path, create=True).close()
    print(f"made {path}; keep a copy of {state_directory() / 'master.key'} apart from back-ups")


@app.command()
def backup(target: Annotated[Path, typer.Argument()], store: StoreOption = None) -> None:
    """Copy the store while it is in use, and prove the copy by its chain."""
    from gate.cli.state import store_path, writable
    from gate.store.backup import back_up

    with writable(target):
        proof = back_up(store or store_path(), target)
    print(f"{proof.path}: {proof.events} events, the chain holds, head {proof.head[:16]}")


@app.command()
def restore(source: Annotated[Path, typer.Argument()], store: StoreOption = None) -> None:
    """Put a back-up in the store's place; refused where its chain is broken."""
    from datetime import UTC, datetime

    from gate.cli.state import site_keys, store_path
    from gate.store import backup as backups

    path = store or store_path()
    proof = backups.restore(source, path, keys=site_keys(), now=datetime.now(UTC))
    print(f"{proof.path}: {proof.events} events, the chain holds, head {proof.head[:16]}")
    print("take in every record that came after the back-up before the gate opens")


@app.command("accept-clock")
def accept_clock(
    officer: Annotated[str, typer.Option("--officer", help="Who vouches for the clock.")],
    store: StoreOption = None,
) -> None:
    """Say that the wall clock is right and the latest entries were ahead of it."""
    from gate.cli.state import open_store

    with open_store(store) as opened:
        opened.accept_clock(officer)
    print("the clock is accepted")


@app.command("retain")
def retain(
    officer: Annotated[str, typer.Option("--officer", help="Who runs this.")],
    store: StoreOption = None,
) -> None:
    """Erase persons and forget journal months whose time of keeping is over."""
    from gate.cli.state import open_store

    with open_store(store) as opened:
        persons, months = opened.erase_what_is_due(officer)
    print(f"{persons} persons erased, journal months forgotten: {', '.join(months) or 'none'}")


@app.command("rotate-key")
def rotate_key(store: StoreOption = None) -> None:
    """Make a new master key, wrap every key with it, and only then replace the old one.

    Stop the gate first. The old key stays beside the new one as master.key.old.
    """
    from gate.cli.state import open_store, state_directory
    from gate.store import SiteKeys

    present, beside = state_directory() / "master.key", state_directory() / "master.key.new"
    new = SiteKeys.from_file(beside, create=True)
    with open_store(store) as opened:
        count = opened.change_master_key(new)
    present.replace(present.with_name("master.key.old"))
    beside.replace(present)
    print(f"{count} keys wrapped anew; keep a copy of {present}, then destroy the old ones")


@app.command()
def rebuild(store: StoreOption = None) -> None:
    """Make every projection again from the log."""
    from gate.cli.state import open_store

    with open_store(store) as opened:
        before = opened.projections_plain()
        opened.rebuild_projections()
        same = opened.projections_plain() == before
    print("the projections were right" if same else "the projections were wrong and are mended")
    if not same:
        raise typer.Exit(1)


@app.command("import")
def import_records(
    file: Records,
    refusals: Annotated[
        Path | None, typer.Option("--refusals", help="Write refused lines here, not to stderr.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Take records in, each judged by the law; exit 1 if any line was refused.

    A file whose import was cut short is resumed where the last commit ended.
    """
    from gate.cli.law import shipped_parameters
    from gate.cli.state import open_store
    from gate.store.exchange import import_file

    with _told(refusals) as tell, open_store(store) as opened, _progress(file) as progress:
        report = import_file(opened, file, shipped_parameters(), on_refusal=tell, progress=progress)
    _tell_report(file, report)


@app.command("load")
def load_records(
    file: Records,
    refusals: Annotated[
        Path | None, typer.Option("--refusals", help="Write refused lines here, not to stderr.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Make a new store from a whole country's records, each judged by the law.

    Several times as fast as `import`, which adds to a store in use. The store is there when all
    of it is there: a load that was cut short leaves none, and is begun again. Quickest where
    each person's records stand together, the person first. Exit 1 if any line was refused.
    """
    from gate.cli.law import shipped_parameters
    from gate.cli.state import site_keys, store_path
    from gate.store.bulk import load_store
    from gate.store.exchange import lines_of

    path = store or store_path()
    new = not path.exists()
    with _told(refusals) as tell, _progress(file) as progress:
        report = load_store(
            path,
            site_keys(create=new),
            lines_of(file),
            shipped_parameters(),
            on_refusal=tell,
            progress=progress,
        )
    _tell_report(file, report)


@app.command("export")
def export_records(
    file: Annotated[Path, typer.Argument(help="JSON lines, or CSV by its suffix.")],
    store: StoreOption = None,
) -> None:
    """Write the latest version of every record, readable by its owner alone."""
    from gate.cli.state import open_store, writable
    from gate.store.exchange import export_file

    with open_store(store) as opened, writable(file), _counting() as progress:
        count = export_file(opened, file, progress)
    print(f"{file}: {count} records")


@app.command("tasks")
def tasks(
    store: StoreOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a task and line.")
    ] = False,
    look: Annotated[bool, typer.Option("--look", help="List only; raise nothing.")] = False,
) -> None:
    """List what the deadlines of the law ask of staff, and raise once what is due.

    To be run every hour. Nothing is lifted or set by it: that needs somebody's act.
    """
    from datetime import UTC, datetime

    from gate.cli.law import shipped_parameters
    from gate.cli.state import open_store

    with open_store(store) as opened:
        found = opened.tasks(shipped_parameters())
        raised = 0 if look else opened.raise_tasks(found)
    now = datetime.now(UTC)
    for one in found:
        state = "raised" if one.raised else "due" if one.due_by(now) else "coming"
        _tell_task(one, state, as_json)
    if not as_json:
        print(f"{len(found)} tasks, {raised} raised now")


def _tell_task(one: PersonTask, state: str, as_json: bool) -> None:
    import json

    task = one.task
    told = {
        "state": state,
        "due": task.due.isoformat(),
        "task": task.kind.value,
        "rule_id": task.rule_id,
        "record": task.record,
        "person_id": one.person_id,
    }
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(
            f"{state:7} {told['due']}  {task.kind.value}: {task.record} of person "
            f"{one.person_id} ({task.rule_id})"
        )


@contextmanager
def _counting() -> Iterator[Callable[[int], None]]:
    """Count records on a terminal; silent elsewhere."""
    import sys

    if not sys.stderr.isatty():
        yield lambda records: None
        return
    from rich.console import Console
    from rich.status import Status

    with Status("0 records", console=Console(stderr=True)) as shown:
        yield lambda records: shown.update(f"{records:,} records") if records % 1000 == 0 else None


@contextmanager
def _told(refusals: Path | None) -> Iterator[Callable[[Refusal], None]]:
    """Write refused lines to a file, or to stderr."""
    import sys

    from gate.cli.state import writable

    with writable(refusals or Path()):
        told = refusals.open("w", encoding="utf-8") if refusals else sys.stderr

    def tell(refusal: Refusal) -> None:
        print(f"line {refusal.line}: {refusal.outcome}: {refusal.reason}", file=told)

    try:
        yield tell
    finally:
        if refusals:
            told.close()


def _tell_report(file: Path, report: ImportReport) -> None:
    since = f", resumed after line {report.resumed_at}" if report.resumed_at else ""
    print(
        f"{file}: {report.lines} lines{since}, {report.accepted} held, {report.for_review} of them "
        f"for review, {report.rejected} refused"
    )
    if report.rejected:
        raise typer.Exit(1)


@contextmanager
def _progress(file: Path) -> Iterator[Callable[[int], None]]:
    """Show lines done on a terminal; silent elsewhere."""
    import sys

    if not sys.stderr.isatty():
        yield lambda lines: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    with file.open("rb") as counted:
        total = sum(1 for _ in counted)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("records", total=total)
        yield lambda lines: shown.update(task, completed=lines)
