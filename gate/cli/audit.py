"""`egate audit verify`: whether the log of a store is the one that was written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Verify the hash chain of a store."""


@app.command()
def verify(
    store: Annotated[
        Path | None, typer.Option("--store", help="The store; default: the state directory's.")
    ] = None,
) -> None:
    """Check every event of the chain; exit 1 naming the first one that is not as written."""
    from gate.cli.state import store_path
    from gate.store.backup import verify_file

    path = store or store_path()
    report = verify_file(path, progress=_say_progress)
    if report.holds:
        print(f"{path}: {report.events} events, the chain holds, head {report.head.hex()[:16]}")
        return
    print(f"{path}: broken at event {report.broken_at}: {report.reason}")
    raise typer.Exit(1)


def _say_progress(events: int) -> None:
    import sys

    if sys.stderr.isatty():
        print(f"\r{events:,} events", end="", file=sys.stderr, flush=True)
