"""The torture: the real runner, effects and store in virtual time, and everything that can go wrong.

Whatever fails is printed with the command that plays it again. See docs/torture.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gate.bench.torture_run import Scope, Verdict

MEMORY = Path("/dev/shm")
EVERY = 1000


def command(
    passages: Annotated[int, typer.Option(min=1, help="How many passages at least.")] = 5000,
    seed: Annotated[int, typer.Option(help="Everything is drawn from it.")] = 1,
    patch: Annotated[Path | None, typer.Option(help="Run on a copy with this patch.")] = None,
    episode: Annotated[int | None, typer.Option(help="Play this episode alone.")] = None,
    only: Annotated[str, typer.Option(help="Of the episode only these visits: 3,7.")] = "",
    without: Annotated[str, typer.Option(help="Without these faults: 3.0,7.1.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Processes side by side.")] = 1,
    table: Annotated[bool, typer.Option(help="Print faults by kind and phase.")] = True,
    shortest: Annotated[bool, typer.Option(help="Shrink a failure to a short story.")] = True,
) -> None:
    """Torture the controller: crashes, faults, jumping clocks, bans; exits 1 on any violation."""
    if patch is not None:
        raise typer.Exit(_on_patched_copy(patch))
    if episode is not None:
        raise typer.Exit(_replay(_scope(seed, episode, only, without)))
    raise typer.Exit(_run(passages, seed, jobs, table=table, shortest=shortest))


def _run(passages: int, seed: int, jobs: int, *, table: bool, shortest: bool) -> int:
    from gate.bench.torture_faults import Tally
    from gate.bench.torture_report import fault_table, summary, thin

    tally, done, told, began_s = Tally(), 0, 0, time.perf_counter()
    for verdict in _episodes(seed, jobs):
        tally.add(verdict.tally)
        done += verdict.passages
        if verdict.violations:
            _tell_failure(verdict, done, shortest=shortest)
            return 1
        if done >= passages:
            break
        if done // EVERY > told:
            told = done // EVERY
            print(f"{done} passages, {time.perf_counter() - began_s:.0f} s", flush=True)
    if table:
        print(fault_table(tally))
    print(summary(tally, done, time.perf_counter() - began_s))
    too_thin = thin(tally, done)
    print(too_thin or "no rule was broken")
    return 1 if too_thin else 0


def _episodes(seed: int, jobs: int) -> Iterator[Verdict]:
    """Every episode's verdict in order, on one process or several."""
    from itertools import count, islice

    from gate.bench.torture_run import Scope

    scopes = (Scope(seed, number) for number in count())
    if jobs == 1:
        yield from map(_play, scopes)
        return
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        while True:  # a batch at a time: a pool would draw the endless row to its end
            yield from pool.imap(_play, islice(scopes, 8 * jobs))


def _play(scope: Scope) -> Verdict:
    from gate.bench.torture_run import law, play

    with _quiet():
        return play(scope, law(), MEMORY if os.access(MEMORY, os.W_OK) else None)


@contextmanager
def _quiet() -> Iterator[None]:
    """The gate's own log would drown the report; it is the checker's to look at."""
    import structlog

    with structlog.testing.capture_logs():
        yield


def _tell_failure(verdict: Verdict, done: int, *, shortest: bool) -> None:
    from gate.bench.torture_shrink import replay_words, shrink, told

    scope = verdict.scope
    print(f"BROKEN after {done} passages: {verdict.rule}")
    print(f"seed {scope.seed}, episode {scope.episode}, commit {_commit()}")
    print(f"the whole episode:  {replay_words(scope)}", flush=True)
    if shortest:
        verdict = shrink(verdict, _play)
        print(f"the short story:    {replay_words(verdict.scope)}")
    print(told(verdict))


def _replay(scope: Scope) -> int:
    from gate.bench.torture_shrink import told

    verdict = _play(scope)
    print(told(verdict))
    print(f"passages {verdict.passages}, violations {len(verdict.violations)}")
    return 1 if verdict.violations else 0


def _scope(seed: int, episode: int, only: str, without: str) -> Scope:
    from gate.bench.torture_run import Scope

    scope = Scope(seed, episode)
    try:
        if only:
            scope = replace(scope, only=frozenset(int(number) for number in only.split(",")))
        pairs = (pair.split(".") for pair in without.split(",") if pair)
        return replace(scope, without=frozenset((int(v), int(f)) for v, f in pairs))
    except ValueError:
        raise typer.BadParameter("numbers like --only 3,7 and --without 3.0,7.1") from None


def _commit() -> str:
    here = Path(__file__).parent
    asked = subprocess.run(
        ["git", "-C", str(here), "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    )
    return asked.stdout.strip() or "unknown"


def _on_patched_copy(patch: Path) -> int:
    """The same words without `--patch`, on a copy of the packages with the patch applied."""
    root = Path(__file__).parents[2]
    with tempfile.TemporaryDirectory(prefix="egate-patched-") as folder:
        copy = Path(folder)
        for package in ("gate", "drivers", "models"):
            ignored = shutil.ignore_patterns("__pycache__", "*.npz")
            shutil.copytree(root / package, copy / package, ignore=ignored)
        _apply(patch.absolute(), copy)
        environment = {**os.environ, "PYTHONPATH": str(copy)}
        words = [sys.executable, "-m", "gate.cli", *_words_without_patch()]
        return subprocess.run(words, cwd=copy, env=environment).returncode


def _apply(patch: Path, copy: Path) -> None:
    if not patch.exists():
        raise typer.BadParameter(f"no patch {patch}")
    done = subprocess.run(
        ["git", "apply", "--unsafe-paths", f"--directory={copy}", str(patch)],
        cwd=copy,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise typer.BadParameter(f"{patch} does not apply: {done.stderr.strip()}")


def _words_without_patch() -> list[str]:
    words, kept = iter(sys.argv[1:]), []
    for word in words:
        if word == "--patch":
            next(words, None)
        elif not word.startswith("--patch="):
            kept.append(word)
    return kept
