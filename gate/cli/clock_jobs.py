"""The law's clock jobs beside a running gate: a process of its own that raises what is due.

Reading every record with a deadline takes seconds of a processor in a full store, and a traveller
must not wait for it: so it runs apart, as low in priority as it may, and writes only short
transactions. It raises tasks for people; nothing is lifted or set by it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gate.config import Config

_LOWEST_PRIORITY = 19


async def clock_jobs(config: Config) -> None:
    """Raise what is due now and then every `store.tasks_every_min`, until cancelled."""
    while True:
        await raise_due(config)
        await asyncio.sleep(config.store.tasks_every_min * 60.0)


async def raise_due(config: Config) -> bool:
    """Run the job once in a process of its own; False where it failed. Either way it is logged."""
    import structlog

    words = [
        str(config.store_path),
        str(config.store_key_path),
        config.gate.id,
        config.law.parameters,
    ]
    job = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, wrong = await job.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            job.kill()
        await job.wait()
        raise
    log = structlog.get_logger()
    if job.returncode != 0:
        told = wrong.decode(errors="replace").strip().splitlines()
        log.warning("clock_jobs_failed", why=told[-1] if told else f"ended with {job.returncode}")
        return False
    raised = int(said)
    if raised:
        log.warning("tasks_raised", count=raised)
    return True


def main(store: str, key_file: str, gate_id: str, parameters: str) -> int:
    """Raise what is due; prints how many. Returns the exit status."""
    from gate.store import SiteKeys, Store, StoreError
    from gate.vocabulary.parameters import parameters_from

    os.nice(_LOWEST_PRIORITY)
    try:
        numbers = parameters_from(_text(parameters))
        keys = SiteKeys.from_file(Path(key_file))
        with Store.open(Path(store), keys=keys, gate_id=gate_id, lock_wait_s=10.0) as opened:
            print(opened.raise_tasks(opened.tasks(numbers)))
    except (StoreError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _text(parameters: str) -> str:
    if parameters:
        return Path(parameters).read_text(encoding="utf-8")
    from importlib.resources import files

    return files("gate.law").joinpath("parameters.toml").read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
