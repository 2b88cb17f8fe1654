"""Where the state of this installation lies: store, keys, caches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gate.store import SiteKeys, Store


def state_directory() -> Path:
    """Return `EGATE_STATE`, or ~/.local/state/egate."""
    named = os.environ.get("EGATE_STATE")
    return Path(named).expanduser() if named else Path.home() / ".local" / "state" / "egate"


def store_path() -> Path:
    """Return the store of this installation."""
    return state_directory() / "store.db"


def site_keys(*, create: bool = False) -> SiteKeys:
    """Return the master key; with `create`, made where there is none yet."""
    from gate.store import SiteKeys

    return SiteKeys.from_file(state_directory() / "master.key", create=create)


def open_store(path: Path | None = None, *, create: bool = False) -> Store:
    """Open a store with this installation's key. Raises StoreError.

    A key is made only together with a new store: beside an old one it would open nothing.
    """
    from gate.store import Store

    chosen = path or store_path()
    new = create and not chosen.exists()
    return Store.open(chosen, keys=site_keys(create=new), create=create, lock_wait_s=10.0)


@contextmanager
def writable(file: Path) -> Iterator[None]:
    """Tell in one line why a file that the caller named cannot be written."""
    import typer

    try:
        yield
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror or error}") from None
