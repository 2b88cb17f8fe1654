"""`ports.Recognition` over the socket of a recognition worker in another process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gate.messages import receive, send
from gate.ports import DeviceError
from gate.vocabulary.passages import (
    CaptureKind,
    CaptureResult,
    CaptureVerdict,
    Device,
    FailureKind,
    PassageId,
)

GRACE_S = 2.0
"""A worker that is so much later than asked is silent."""
RECOVER_S = 15.0
Feedback = Callable[[CaptureKind, str], None]


class WorkerRecognition:
    """A worker's client. A lost worker fails what is under way; the next call connects anew."""

    def __init__(self, path: Path, on_feedback: Feedback | None = None) -> None:
        self._path = path
        self._on_feedback = on_feedback
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._asked = 0
        self._connecting = asyncio.Lock()

    async def recover(self) -> None:
        """Connect anew; the worker opens its devices and looks. Raises DeviceError."""
        await self.close()
        await self._ask({"do": "recover"}, RECOVER_S)

    async def capture(
        self, kind: CaptureKind, passage: PassageId, person_id: str, within_s: float
    ) -> CaptureResult:
        """See `ports.Recognition`."""
        asked: dict[str, Any] = {"do": "capture", "kind": kind.value, "person_id": person_id}
        asked |= {"passage": [passage.boot, passage.n], "within_s": within_s}
        done = await self._ask(asked, within_s + GRACE_S)
        try:
            return _result(done)
        except (KeyError, TypeError, ValueError):
            raise _failed(FailureKind.GARBLED, "the worker's answer is none") from None

    async def forget(self, passage: PassageId) -> None:
        """See `ports.Recognition`. A worker that is gone holds nothing any more."""
        if self._writer is None:
            return
        try:
            await self._ask({"do": "forget", "passage": [passage.boot, passage.n]}, GRACE_S)
        except DeviceError as error:
            if error.kind is not FailureKind.UNPLUGGED:
                raise

    async def close(self) -> None:
        """Let the worker go; it forgets everything."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _ask(self, message: dict[str, Any], within_s: float) -> dict[str, Any]:
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
            raise _failed(FailureKind.SILENT, "does not answer; it is started anew") from None
        except ConnectionError:
            raise _gone() from None
        finally:
            self._waiting.pop(number, None)
        if "failed" in answer:
            raise _failed(_kind(answer["failed"]), str(answer["failed"].get("message")))
        return dict(answer.get("done") or {})

    async def _connect(self) -> asyncio.StreamWriter:
        try:
            reader, writer = await asyncio.open_unix_connection(self._path)
        except OSError:
            raise _gone() from None
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
                    waiting.set_exception(_gone())

    def _heard(self, message: dict[str, Any]) -> None:
        if "feedback" in message and self._on_feedback is not None:
            said = message["feedback"]
            self._on_feedback(CaptureKind(said["kind"]), str(said["finding"]))
        waiting = self._waiting.get(message.get("id", 0))
        if waiting is not None and not waiting.done():
            waiting.set_result(message)


def _result(done: dict[str, Any]) -> CaptureResult:
    return CaptureResult(
        CaptureVerdict(done["verdict"]),
        done["comparison_score"],
        done["threshold"],
        int(done["attempts"]),
        tuple(str(word) for word in done["findings"]),
    )


def _kind(failed: dict[str, Any]) -> FailureKind:
    try:
        return FailureKind(failed.get("kind"))
    except ValueError:
        return FailureKind.FAULTY


def _failed(kind: FailureKind, message: str) -> DeviceError:
    return DeviceError(Device.RECOGNITION, kind, f"recognition worker: {message}")


def _gone() -> DeviceError:
    return _failed(FailureKind.UNPLUGGED, "not there; it is started anew by its supervisor")
