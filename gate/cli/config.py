"""`egate config check|show`: is this gate.toml fit to start a gate with?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Check a gate.toml, or print every key with its default."""


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The file to check.")] = Path("gate.toml"),
    json: Annotated[bool, typer.Option("--json", help="One JSON object on one line.")] = False,
) -> None:
    """Name every wrong line with its mend (exit 2), and every absent device (exit 1)."""
    from gate.config import ConfigError, load
    from gate.config_devices import absent_devices, device_notes

    problems: list[str] = []
    notes: list[str] = []
    absent: dict[str, str] = {}
    try:
        config = load(file)
        absent, notes = absent_devices(config), device_notes(config)
    except ConfigError as error:
        problems = list(error.problems)
    if json:
        import json as codec

        found = {"problems": problems, "absent_devices": absent, "notes": notes}
        print(codec.dumps({"file": str(file), **found}))
    else:
        _tell(file, problems, absent, notes)
    raise typer.Exit(2 if problems else 1 if absent else 0)


@app.command()
def show(
    file: Annotated[Path | None, typer.Argument(help="Print this file completed.")] = None,
) -> None:
    """Print every key with its value, its help and its bounds, as a gate.toml."""
    from gate.config import load
    from gate.config_text import as_toml

    print(as_toml(load(file)), end="")


def _tell(file: Path, problems: list[str], absent: dict[str, str], notes: list[str]) -> None:
    for problem in problems:
        print(problem, file=sys.stderr)
    for device, problem in absent.items():
        print(f"{file}: {device}: {problem}", file=sys.stderr)
    for note in notes:
        print(f"{file}: note: {note}")
    if not problems and not absent:
        print(f"{file}: fine")
