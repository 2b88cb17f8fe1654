"""`egate test`: what must be green before anything is merged.

Lint and types come first, the tests last, so that pytest's closing line is the last line. Words
that this command does not know are handed to pytest.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parent.parent.parent

app = typer.Typer()


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def command(
    call: typer.Context,
    unit: Annotated[
        bool, typer.Option("--unit", help="Only the quick tests; neither lint nor types.")
    ] = False,
    lint: Annotated[bool, typer.Option("--lint", help="Only lint and types.")] = False,
) -> None:
    """Run ruff, mypy --strict and pytest; exit 1 unless all are clean."""
    failed = [] if unit else [name for name, words in _checks() if not _passes(name, words)]
    if not lint:
        words = _pytest_words(list(call.args), unit)
        status = subprocess.run(words, cwd=ROOT).returncode
        if status:
            failed.append("pytest")
    if failed:
        print(f"egate test: not clean: {', '.join(failed)}", file=sys.stderr)
        raise typer.Exit(1)


def _checks() -> list[tuple[str, list[str]]]:
    python = [sys.executable, "-m"]
    return [
        ("ruff check", [*python, "ruff", "check", "--quiet", "."]),
        ("mypy --strict", [*python, "mypy", "--strict", "--no-error-summary"]),
    ]


def _passes(name: str, words: list[str]) -> bool:
    began_s = time.monotonic()
    clean = subprocess.run(words, cwd=ROOT).returncode == 0
    took_s = time.monotonic() - began_s
    print(f"{name}: {'clean' if clean else 'NOT CLEAN'} ({took_s:.0f} s)", flush=True)
    return clean


def _pytest_words(extra: list[str], unit: bool) -> list[str]:
    words = [sys.executable, "-m", "pytest", "-q"]
    if unit:
        words += ["-m", "not slow"]
    # One named test is quicker without starting workers.
    if not any(word.startswith(("tests", "-n", "-k", "--pdb")) for word in extra):
        words += ["-n", "auto", "--maxprocesses", "8", "--dist", "worksteal"]
    return words + extra
