"""`ports.Recognition` where camera and sensor are: the same code in a worker and in a simulation."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from drivers.errors import DriverError
from gate.recognition.camera_health import Health
from gate.recognition.comparers import Comparers
from gate.recognition.devices import (
    Compute,
    OnFeedback,
    OpenCamera,
    OpenSensor,
    References,
    in_place,
    translated,
)
from gate.recognition.face_capture import capture_face
from gate.recognition.finger_capture import capture_finger
from gate.recognition.fusing import Pair, Taken
from gate.recognition.vault import Vault
from gate.vocabulary.passages import (
    CaptureKind,
    CaptureResult,
    CaptureVerdict,
    Device,
    PassageId,
)

FEEDBACK_EVERY_S = 0.2
NOT_ENROLLED = Taken(
    CaptureResult(CaptureVerdict.FAILURE_TO_ACQUIRE, findings=("no_usable_reference",))
)
ENROL_AGAIN = Taken(CaptureResult(CaptureVerdict.FAILURE_TO_ACQUIRE, findings=("enrol_again",)))
"""The reference is of another engine than the one in use, or is damaged."""
FORGOTTEN = CaptureResult(CaptureVerdict.FAILURE_TO_ACQUIRE, findings=("capture_ended",))


class Recogniser:
    """Both captures of a passage, side by side; camera and sensor are open only while somebody is
    captured, so that whatever happened to their ports before is forgotten.
    """

    def __init__(
        self,
        comparers: Comparers,
        references: References,
        *,
        open_camera: OpenCamera,
        open_sensor: OpenSensor,
        compute: Compute = in_place,
        on_feedback: OnFeedback | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._comparers = comparers
        self._references = references
        self._open_camera = open_camera
        self._open_sensor = open_sensor
        self._compute = compute
        self.on_feedback = on_feedback
        self._today = today
        self._running: dict[PassageId, set[asyncio.Task[CaptureResult]]] = defaultdict(set)
        self._pairs: dict[PassageId, Pair] = defaultdict(Pair)
        self._told_s: dict[CaptureKind, float] = {}
        self.vault = Vault()

    async def recover(self) -> None:
        """Open the sensor and see one good frame. Raises DeviceError."""
        sensor = await self._opened(self._open_sensor(), "fingerprint sensor")
        await sensor.close()
        camera = await self._opened(self._open_camera(), "face camera")
        try:
            await Health(camera, "face camera", Device.RECOGNITION).prove()
        finally:
            await camera.close()

    async def capture(
        self, kind: CaptureKind, passage: PassageId, person_id: str, within_s: float
    ) -> CaptureResult:
        """See `ports.Recognition`. Of two captures that run at once both are decided when both have
        ended; one that runs alone is held to its own FMR.
        """
        task = asyncio.create_task(self._judged(kind, passage, person_id, within_s))
        self._running[passage].add(task)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            self._ended(passage, task)
        return FORGOTTEN if task.cancelled() else task.result()

    async def forget(self, passage: PassageId) -> None:
        """Stop the passage's captures and drop every sample of it."""
        running = self._running.pop(passage, set())
        self._pairs.pop(passage, None)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        self.vault.forget(passage)

    def _ended(self, passage: PassageId, task: asyncio.Task[CaptureResult]) -> None:
        running = self._running.get(passage, set())
        running.discard(task)
        if not running:
            self._running.pop(passage, None)
            self._pairs.pop(passage, None)

    async def _judged(
        self, kind: CaptureKind, passage: PassageId, person_id: str, within_s: float
    ) -> CaptureResult:
        capture = self._captured(kind, passage, person_id, within_s)
        taken, other = await self._pairs[passage].take(kind, capture)
        return self._comparers.rules.judged(kind, taken, other)

    async def _captured(
        self, kind: CaptureKind, passage: PassageId, person_id: str, within_s: float
    ) -> Taken:
        ends_s = asyncio.get_running_loop().time() + within_s
        templates = await self._references.templates_of(person_id)
        template = templates.get(kind.value)
        if template is None:
            return NOT_ENROLLED
        take = self._face if kind is CaptureKind.FACE else self._finger
        return await take(passage, template, ends_s)

    async def _face(self, passage: PassageId, template: bytes, ends_s: float) -> Taken:
        left_s = ends_s - asyncio.get_running_loop().time()
        try:
            session = self._comparers.face_session(template, left_s, self._today())
        except ValueError:
            return ENROL_AGAIN
        camera = await self._opened(self._open_camera(), "face camera")
        left_s = ends_s - asyncio.get_running_loop().time()
        samples, advise = self.vault.open(passage), self._advise(passage, CaptureKind.FACE)
        try:
            return await capture_face(camera, session, samples, self._compute, left_s, advise)
        finally:
            await camera.close()

    async def _finger(self, passage: PassageId, template: bytes, ends_s: float) -> Taken:
        try:
            plan = await self._compute(lambda: self._comparers.finger_plan(template))
        except ValueError:
            return ENROL_AGAIN
        sensor = await self._opened(self._open_sensor(), "fingerprint sensor")
        left_s = ends_s - asyncio.get_running_loop().time()
        samples, advise = self.vault.open(passage), self._advise(passage, CaptureKind.FINGER)
        try:
            pad = self._comparers.finger_pad
            return await capture_finger(sensor, plan, samples, self._compute, left_s, advise, pad)
        finally:
            await sensor.close()

    async def _opened(self, opening: Any, what: str) -> Any:
        try:
            return await opening
        except DriverError as error:
            raise translated(error, what) from None

    def _advise(self, passage: PassageId, kind: CaptureKind) -> Any:
        def advise(finding: str) -> None:
            now_s = asyncio.get_running_loop().time()
            if self.on_feedback and now_s - self._told_s.get(kind, -1.0) >= FEEDBACK_EVERY_S:
                self._told_s[kind] = now_s
                self.on_feedback(passage, kind, finding)

        return advise
