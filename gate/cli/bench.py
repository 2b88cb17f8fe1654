"""`egate bench NAME ...`: one measurement per file of `gate/bench`, loaded when named.

A file takes part by having a function `command` with typer-style parameters; its first
docstring line, read without importing it, is the help shown in the list.
"""

from __future__ import annotations

import ast
from pathlib import Path

import typer

from gate.cli.lazy import Family, attach


def build(words: list[str]) -> typer.Typer:
    """Return the bench family for the words after `egate bench`."""
    app = typer.Typer(no_args_is_help=True)
    app.callback()(_bench)
    attach(app, _benches(Path(__file__).parent.parent / "bench"), words)
    return app


def _bench() -> None:
    """Measure; each bench states its target and exits 1 past twice of it."""


def _benches(folder: Path) -> list[Family]:
    found = []
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        command = next(
            (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "command"), None
        )
        if command is not None:
            first_line = (ast.get_docstring(command) or path.stem).splitlines()[0]
            name = path.stem.replace("_", "-")
            found.append(Family(name, f"gate.bench.{path.stem}", first_line))
    return found
