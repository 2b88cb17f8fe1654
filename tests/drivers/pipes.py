"""Two pseudo-terminals joined end to end, for a third-party server and our driver."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def joined() -> Iterator[tuple[str, str]]:
    """The names of two serial ports; what is written to one is read from the other.
    Needs a running loop.
    """
    loop = asyncio.get_running_loop()
    (master_a, slave_a), (master_b, slave_b) = os.openpty(), os.openpty()
    for slave in (slave_a, slave_b):
        tty.setraw(slave)

    def forward(source: int, target: int) -> None:
        with contextlib.suppress(OSError):
            os.write(target, os.read(source, 4096))

    loop.add_reader(master_a, forward, master_a, master_b)
    loop.add_reader(master_b, forward, master_b, master_a)
    try:
        yield os.ttyname(slave_a), os.ttyname(slave_b)
    finally:
        for master in (master_a, master_b):
            loop.remove_reader(master)
        for fd in (master_a, master_b, slave_a, slave_b):
            os.close(fd)
