"""`egate store`: make, back up, restore and keep the store of a gate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="The store; default: the state directory's.")
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
    from gate.cli.state import store_path
    from gate.store.backup import back_up

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
