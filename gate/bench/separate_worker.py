"""The demo's recognition as another process, seen from the gate: `demo_worker` over its two sockets.

A capture takes as long as it takes: meanwhile the gate's clock goes no faster than life.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from gate.adapters.recognition_worker import WorkerRecognition
from gate.bench.actors import Manner
from gate.bench.bringing_in import Applicant, bring_in
from gate.bench.fault_words import Breakable
from gate.bench.people import Cast
from gate.bench.stage import Stage
from gate.bench.virtual_time import VirtualTimeLoop
from gate.messages import receive, send
from gate.ports import DeviceError
from gate.store import Store
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.passages import CaptureKind, CaptureResult, Device, FailureKind, PassageId

DESK_AGAIN_S = 0.5
DESK_WITHIN_S = 90.0
"""On the machine's clock: a first start renders faces and compiles kernels."""
NO_DESK = "the recognition worker, where the desk is, does not come up"


class SeparateWorker:
    """`world.WorldRecognition` over sockets."""

    def __init__(self, folder: Path, stage: Stage, open_store: Callable[[], Store]) -> None:
        self._client = WorkerRecognition(folder / "recognition.sock", self._heard)
        self._desk = folder / "desk.sock"
        self._stage = stage
        self._open_store = open_store
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        self._loop = loop
        self.advice: dict[str, str] = {}
        self.on_advice: Callable[[], None] = lambda: None

    async def recover(self) -> None:
        """See `ports.Recognition`."""
        with self._loop.no_faster_than_life():
            await self._client.recover()

    async def capture(
        self, kind: CaptureKind, passage: PassageId, person_id: str, within_s: float
    ) -> CaptureResult:
        """See `ports.Recognition`."""
        with self._loop.no_faster_than_life():
            try:
                return await self._client.capture(kind, passage, person_id, within_s)
            finally:
                self.advice.pop(kind.value, None)

    async def forget(self, passage: PassageId) -> None:
        """See `ports.Recognition`."""
        with self._loop.no_faster_than_life():
            await self._client.forget(passage)

    def present(self, kind: CaptureKind, identity: str | None, manner: Manner) -> None:
        """Whose face or finger is held before the gate's devices."""
        self._stage.show(kind, identity, manner)

    def breakables(self) -> dict[str, Breakable]:
        """The gate's camera and its fingerprint sensor."""
        return self._stage.breakables()

    async def enrol(self, cast: Cast, parameters: Parameters, now: datetime) -> dict[str, Any]:
        """Bring a traveller's records into the store, the enrolment through the desk."""
        del parameters  # the desk has its own
        answer: dict[str, Any] = {}

        async def at_desk(applicant: Applicant) -> None:
            answer.update(await self.at_desk(applicant))

        await bring_in(cast, now, self._open_store, at_desk)
        return answer

    async def await_arrival(self, cast: Cast) -> None:
        """Have the traveller's pictures at hand before they are needed."""
        await self._stage.prepare(cast.traveller.face, cast.traveller.finger)

    async def at_desk(self, applicant: Applicant, *, own: bool = False) -> dict[str, Any]:
        """What the desk says; it is asked again after a worker that died. Raises DeviceError."""
        asked = {"person_id": applicant.person_id, "lines": list(applicant.lines)}
        message = {"enrol": {**asked, "at": applicant.at.isoformat(), "own": own}}
        ends_s = time.monotonic() + DESK_WITHIN_S
        while (answer := await _asked(self._desk, message)) is None:
            if time.monotonic() > ends_s:
                raise DeviceError(Device.RECOGNITION, FailureKind.SILENT, NO_DESK)
            await asyncio.sleep(DESK_AGAIN_S)
        if "failed" in answer:
            raise DeviceError(Device.RECOGNITION, FailureKind.FAULTY, str(answer["failed"]))
        return answer

    async def close_world(self) -> None:
        """Let go of worker and stage."""
        await self._client.close()
        self._stage.close()

    def _heard(self, kind: CaptureKind, finding: str) -> None:
        self.advice[kind.value] = finding
        self.on_advice()


async def _asked(path: Path, message: dict[str, Any]) -> dict[str, Any] | None:
    """The desk's answer; None where there is no desk, or it went away over the question."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return None
    try:
        await send(writer, message)
        return await receive(reader)
    except (ConnectionError, ValueError):
        return None
    finally:
        writer.close()
