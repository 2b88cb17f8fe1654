"""A worker's end of a private socket: one controller at a time asks, and is answered.

A message `{"id": N, "do": WORD, ...}` is answered by `{"id": N, "done": {...}}` or
`{"id": N, "failed": {"kind", "message"}}`; what the worker says unasked has no id. The socket
belongs to the gate's user (0600).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from gate.messages import listen, put, receive
from gate.ports import DeviceError

Message = dict[str, Any]
Do = Callable[[Message], Awaitable[Message]]
"""What is done; raises DeviceError, and KeyError, TypeError, ValueError for nonsense."""


class ControllerSocket:
    """Serves one controller after the other; `let_go` is awaited when it goes, before the next.

    With `in_turn` nothing is begun before the last message was answered.
    """

    def __init__(
        self, path: Path, do: Do, let_go: Callable[[], Awaitable[None]], *, in_turn: bool
    ) -> None:
        self._path = path
        self._do = do
        self._let_go = let_go
        self._in_turn = in_turn
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._turn = asyncio.Lock()
        self._serving: set[asyncio.Task[Any]] = set()
        self._answering: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; a socket that a dead worker left behind is replaced."""
        self._server = await listen(self._path, self._serve)

    async def close(self) -> None:
        """Hang up, stop listening and let go."""
        if self._server is not None:
            self._server.close()
        for serving in self._serving:
            serving.cancel()
        if self._serving:
            await asyncio.wait(set(self._serving))
        self._path.unlink(missing_ok=True)
        await self._let_go()

    def say(self, message: Message) -> None:
        """Tell the present controller, if any, something unasked."""
        if self._writer is not None:
            _put(self._writer, message)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        try:
            async with self._turn:
                await self._serve_one(reader, writer)
        except asyncio.CancelledError:
            pass  # the worker's end
        finally:
            self._serving.discard(serving)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        try:
            while (message := await receive(reader)) is not None:
                await self._begin(self._answer(writer, message))
        except (ConnectionError, ValueError):
            pass  # whoever speaks no protocol is hung up on
        finally:
            self._writer = None
            await self._let_go()

    async def _begin(self, answering: Coroutine[Any, Any, None]) -> None:
        if self._in_turn:
            await answering
            return
        task = asyncio.create_task(answering)
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, writer: asyncio.StreamWriter, message: Message) -> None:
        """To whoever asked, though another controller may have come meanwhile."""
        answer: Message = {"id": message.get("id")}
        try:
            answer["done"] = await self._do(message)
        except DeviceError as error:
            answer["failed"] = failure_told(error)
        except (KeyError, TypeError, ValueError):
            answer["failed"] = {"kind": "garbled", "message": "the worker was asked nonsense"}
        _put(writer, answer)


def failure_told(error: DeviceError) -> Message:
    """A failure in a message."""
    return {"kind": error.kind.value, "message": str(error)}


def _put(writer: asyncio.StreamWriter, message: Message) -> None:
    """In the order of what happened: messages are short, so nothing waits for the other end."""
    if not writer.is_closing():
        put(writer, message)
