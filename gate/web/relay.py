"""One gate's control socket on one side, any number of browsers on the other.

Holds the newest view, reconnects by itself, and says so to the browsers meanwhile.
"""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

AGAIN_S = 0.5
LONGEST_MESSAGE = 1 << 20


class Relay:
    """`connected` False: the gate's process does not answer; the last view is then old."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._view: dict[str, Any] = {}
        self._version = 0
        self._changed = asyncio.Condition()
        self._writer: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        """Stay connected, for ever."""
        while True:
            with suppress(OSError, ValueError, asyncio.IncompleteReadError):
                reader, self._writer = await asyncio.open_unix_connection(self._path)
                await self._read(reader)
            self._writer = None
            await self._set(self._view)
            await asyncio.sleep(AGAIN_S)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            (length,) = struct.unpack(">I", await reader.readexactly(4))
            if length > LONGEST_MESSAGE:
                raise ValueError("message too long")
            message = json.loads(await reader.readexactly(length))
            if "view" in message:
                await self._set(message["view"])

    async def _set(self, view: dict[str, Any]) -> None:
        async with self._changed:
            self._view = view
            self._version += 1
            self._changed.notify_all()

    async def views(self) -> AsyncIterator[dict[str, Any]]:
        """The present view, then the newest one whenever it changed."""
        seen = -1
        while True:
            async with self._changed:
                while self._version == seen:
                    await self._changed.wait()
                seen = self._version
                view = {"connected": self._writer is not None, **self._view}
            yield view

    async def tell(self, message: dict[str, Any]) -> bool:
        """Hand a message to the gate; False if nobody listens."""
        if self._writer is None:
            return False
        data = json.dumps(message).encode()
        with suppress(ConnectionError):
            self._writer.write(struct.pack(">I", len(data)) + data)
            await self._writer.drain()
            return True
        return False
