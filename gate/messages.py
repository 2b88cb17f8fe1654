"""Messages between processes of one gate: a length (4 bytes, big-endian) and that much UTF-8 JSON."""

import asyncio
import json
import os
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

LONGEST_MESSAGE = 1 << 20


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def listen(path: Path, serve: Serve) -> asyncio.Server:
    """Serve a socket of the gate's user alone (0600); one that a dead process left is replaced."""
    _make_room(path)
    server = await asyncio.start_unix_server(serve, path=path)
    os.chmod(path, 0o600)
    return server


def _make_room(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)


async def send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    """Write one message. Raises ConnectionError."""
    put(writer, message)
    await writer.drain()


def put(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    """Write one message and wait for nobody."""
    data = json.dumps(message, ensure_ascii=False).encode()
    writer.write(struct.pack(">I", len(data)) + data)


async def receive(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """Read one message; None at the end. Raises ValueError for what is none."""
    try:
        (length,) = struct.unpack(">I", await reader.readexactly(4))
        if length > LONGEST_MESSAGE:
            raise ValueError("message too long")
        message = json.loads(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    if not isinstance(message, dict):
        raise ValueError("a message is a JSON object")
    return message
