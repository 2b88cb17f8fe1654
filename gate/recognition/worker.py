"""The recognition worker's side of its socket: one controller at a time.

A message asks `{"id": N, "do": "capture" | "forget" | "recover", ...}` and is answered by
`{"id": N, "done": {...}}` or `{"id": N, "failed": {"kind", "message"}}`; `{"feedback": {...}}`
comes in between. No sample, embedding or template is ever in one. When the controller goes,
everything that is held goes with it. The socket belongs to the gate's user (0600).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gate.messages import listen, receive, send
from gate.ports import DeviceError
from gate.recognition.devices import Compute
from gate.recognition.recogniser import Recogniser
from gate.vocabulary.passages import CaptureKind, CaptureResult, PassageId

T = TypeVar("T")


def beside_the_loop(alone: threading.Lock | None = None) -> Compute:
    """Computing in one thread, so that cameras and lines are served meanwhile.

    `alone`: held while something is computed, where others use the same models.
    """
    thread = ThreadPoolExecutor(1, "compute")
    lock = alone or threading.Lock()

    def locked(work: Callable[[], T]) -> T:
        with lock:
            return work()

    async def compute(work: Callable[[], T], /) -> T:
        return await asyncio.get_running_loop().run_in_executor(thread, partial(locked, work))

    return compute


class Worker:
    """Serves a recogniser on a Unix socket."""

    def __init__(self, recogniser: Recogniser, path: Path) -> None:
        self._recogniser = recogniser
        self._path = path
        self._server: asyncio.Server | None = None
        self._passages: set[PassageId] = set()
        self._writer: asyncio.StreamWriter | None = None
        self._turn = asyncio.Lock()
        self._answering: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; a socket that a dead worker left behind is replaced."""
        self._server = await listen(self._path, self._serve)

    async def close(self) -> None:
        """Stop listening and forget everything."""
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)
        await self._forget_all()

    def feedback(self, passage: PassageId, kind: CaptureKind, finding: str) -> None:
        """Tell the controller what the traveller should change."""
        if self._writer is not None:
            said = {"passage": _numbers(passage), "kind": kind.value, "finding": finding}
            self._keep(asyncio.create_task(self._say(self._writer, {"feedback": said})))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._turn:
            self._writer = writer
            try:
                while (message := await receive(reader)) is not None:
                    self._keep(asyncio.create_task(self._answer(writer, message)))
            except (ValueError, asyncio.CancelledError):
                pass  # whoever speaks no protocol is hung up on; the worker's end
            finally:
                self._writer = None
                await self._forget_all()
                writer.close()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"id": message.get("id")}
        try:
            answer["done"] = await self._done(message)
        except DeviceError as error:
            answer["failed"] = {"kind": error.kind.value, "message": str(error)}
        except (KeyError, TypeError, ValueError):
            answer["failed"] = {"kind": "garbled", "message": "the worker was asked nonsense"}
        await self._say(writer, answer)

    async def _done(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["do"] == "recover":
            await self._recogniser.recover()
            return {}
        boot, number = message["passage"]
        passage = PassageId(int(boot), int(number))
        if message["do"] == "forget":
            self._passages.discard(passage)
            await self._recogniser.forget(passage)
            return {}
        self._passages.add(passage)
        kind, within_s = CaptureKind(message["kind"]), float(message["within_s"])
        capture = partial(self._recogniser.capture, kind, passage)
        return _told(await capture(str(message["person_id"]), within_s))

    async def _forget_all(self) -> None:
        while self._passages:
            await self._recogniser.forget(self._passages.pop())

    @staticmethod
    async def _say(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
        try:
            await send(writer, message)
        except ConnectionError:
            return  # the controller has gone; `_serve` sees it too


def _numbers(passage: PassageId) -> list[int]:
    return [passage.boot, passage.n]


def _told(result: CaptureResult) -> dict[str, Any]:
    return {
        "verdict": result.verdict.value,
        "comparison_score": result.comparison_score,
        "threshold": result.threshold,
        "attempts": result.attempts,
        "findings": list(result.findings),
    }
