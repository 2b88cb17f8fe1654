"""An emulator on a pseudo-terminal in a thread of its own, for third-party clients that block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from drivers.line import Emulator, PtyLine


@contextmanager
def served(
    make: Callable[[float], Emulator], path: Path, baud: int, *, any_baud: bool = False
) -> Iterator[Emulator]:
    """Serve `make(start_s)` under `path` until the end of the block."""
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    made: list[Emulator] = []
    lines: list[PtyLine] = []

    async def start() -> None:
        emulator = make(loop.time())
        line = PtyLine(emulator, path, baud, any_baud=any_baud)
        line.start()
        made.append(emulator)
        lines.append(line)
        ready.set()

    def work() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()
        lines[0].close()
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(10), "the emulator did not come up"
    try:
        yield made[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
