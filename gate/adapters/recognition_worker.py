"""`ports.Recognition` over the socket of a recognition worker in another process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gate.adapters.worker_client import WorkerClient
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
        self._client = WorkerClient(path, Device.RECOGNITION, self._heard)
        self._on_feedback = on_feedback

    async def recover(self) -> None:
        """Connect anew; the worker opens its devices and looks. Raises DeviceError."""
        await self.close()
        await self._client.ask({"do": "recover"}, RECOVER_S)

    async def capture(
        self, kind: CaptureKind, passage: PassageId, person_id: str, within_s: float
    ) -> CaptureResult:
        """See `ports.Recognition`."""
        asked: dict[str, Any] = {"do": "capture", "kind": kind.value, "person_id": person_id}
        asked |= {"passage": [passage.boot, passage.n], "within_s": within_s}
        done = await self._client.ask(asked, within_s + GRACE_S)
        try:
            return _result(done)
        except (KeyError, TypeError, ValueError):
            what = "the worker's answer is none"
            raise self._client.failure(FailureKind.GARBLED, what) from None

    async def forget(self, passage: PassageId) -> None:
        """See `ports.Recognition`. A worker that is gone holds nothing any more."""
        if not self._client.connected:
            return
        try:
            asked = {"do": "forget", "passage": [passage.boot, passage.n]}
            await self._client.ask(asked, GRACE_S)
        except DeviceError as error:
            if error.kind is not FailureKind.UNPLUGGED:
                raise

    async def close(self) -> None:
        """Let the worker go; it forgets everything."""
        await self._client.close()

    def _heard(self, message: dict[str, Any]) -> None:
        if "feedback" in message and self._on_feedback is not None:
            said = message["feedback"]
            self._on_feedback(CaptureKind(said["kind"]), str(said["finding"]))


def _result(done: dict[str, Any]) -> CaptureResult:
    return CaptureResult(
        CaptureVerdict(done["verdict"]),
        done["comparison_score"],
        done["threshold"],
        int(done["attempts"]),
        tuple(str(word) for word in done["findings"]),
    )
