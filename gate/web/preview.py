"""What one's own camera sees while its holder is being enrolled, asked of the desk's socket."""

import asyncio
import base64
import json
import struct
from pathlib import Path
from typing import Any

LONGEST_MESSAGE = 1 << 20
WITHIN_S = 2.0


async def preview(desk: Path) -> bytes | None:
    """A JPEG, or None while nobody is being enrolled or nobody listens."""
    try:
        async with asyncio.timeout(WITHIN_S):
            answer = await _asked(desk, {"preview": True})
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
        return None
    jpeg = answer.get("jpeg")
    return base64.b64decode(jpeg) if isinstance(jpeg, str) else None


async def _asked(desk: Path, message: dict[str, Any]) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(desk)
    try:
        data = json.dumps(message).encode()
        writer.write(struct.pack(">I", len(data)) + data)
        await writer.drain()
        (length,) = struct.unpack(">I", await reader.readexactly(4))
        if length > LONGEST_MESSAGE:
            raise ValueError("message too long")
        answer = json.loads(await reader.readexactly(length))
        return answer if isinstance(answer, dict) else {}
    finally:
        writer.close()
