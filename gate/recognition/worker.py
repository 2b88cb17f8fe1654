"""The recognition worker's side of its socket: one controller at a time.

It is asked to `capture`, `forget` or `recover` (`controller_socket`); `{"feedback": {...}}` comes in
between. No sample, embedding or template is ever in a message. When the controller goes,
everything that is held goes with it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gate.recognition.controller_socket import ControllerSocket
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
        self._passages: set[PassageId] = set()
        self._socket = ControllerSocket(path, self._done, self._forget_all, in_turn=False)

    async def start(self) -> None:
        """Listen; a socket that a dead worker left behind is replaced."""
        await self._socket.start()

    async def close(self) -> None:
        """Stop listening and forget everything."""
        await self._socket.close()

    def feedback(self, passage: PassageId, kind: CaptureKind, finding: str) -> None:
        """Tell the controller what the traveller should change."""
        said = {"passage": _numbers(passage), "kind": kind.value, "finding": finding}
        self._socket.say({"feedback": said})

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
