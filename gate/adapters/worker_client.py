"""The controller's end of a socket of the recognition worker: questions, answers, and what comes unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gate.messages import receive, send
from gate.ports import DeviceError
from gate.vocabulary.passages import Device, FailureKind

Heard = Callable[[dict[str, Any]], None]


class WorkerClient:
    """A lost worker fails what is under way; the next question connects anew."""

    def __init__(
        self,
        path: Path,
        device: Device,
        on_heard: Heard,
        on_lost: Callable[[DeviceError], None] = lambda _error: None,
    ) -> None:
        """`device`: whose failure a lost worker is. `on_heard` is handed every message."""
        self._path = path
        self._device = device
        self._on_heard = on_heard
        self._on_lost = on_lost
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._asked = 0
        self._connecting = asyncio.Lock()

    @property
    def connected(self) -> bool:
        """Whether there is a worker that could hold anything."""
        return self._writer is not None

    async def close(self) -> None:
        """Let the worker go."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def ask(self, message: dict[str, Any], within_s: float) -> dict[str, Any]:
        """What the worker has `done`. Raises DeviceError."""
        async with self._connecting:
            writer = self._writer or await self._connect()
        self._asked += 1
        number = self._asked
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            await send(writer, {"id": number, **message})
            answer: dict[str, Any] = await asyncio.wait_for(waiting, within_s)
        except TimeoutError:
            what = "does not answer; it is started anew"
            raise self.failure(FailureKind.SILENT, what) from None
        except ConnectionError:
            raise self._gone() from None
        finally:
            self._waiting.pop(number, None)
        if "failed" in answer:
            raise self.failed(answer["failed"])
        return dict(answer.get("done") or {})

    def failed(self, told: dict[str, Any]) -> DeviceError:
        """A failure that the worker tells."""
        return self.failure(_kind(told), str(told.get("message")))

    def failure(self, kind: FailureKind, message: str) -> DeviceError:
        """A failure of this client's device."""
        return DeviceError(self._device, kind, f"recognition worker: {message}")

    async def _connect(self) -> asyncio.StreamWriter:
        try:
            reader, writer = await asyncio.open_unix_connection(self._path)
        except OSError:
            raise self._gone() from None
        self._writer = writer
        self._listening = asyncio.create_task(self._listen(reader, writer))
        return writer

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (message := await receive(reader)) is not None:
                self._heard(message)
        except ValueError:
            pass  # whoever answers so is no worker
        finally:
            self._writer = None
            writer.close()
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(self._gone())
            self._on_lost(self._gone())

    def _heard(self, message: dict[str, Any]) -> None:
        self._on_heard(message)
        waiting = self._waiting.get(message.get("id", 0))
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def _gone(self) -> DeviceError:
        what = "not there; it is started anew by its supervisor"
        return self.failure(FailureKind.UNPLUGGED, what)


def _kind(failed: dict[str, Any]) -> FailureKind:
    try:
        return FailureKind(failed.get("kind"))
    except ValueError:
        return FailureKind.FAULTY
