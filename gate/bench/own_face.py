"""One's own face in the demo: a camera that shows its holder what it sees, and a made-up finger."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from datetime import date

import cv2

from drivers.face_camera.shots import Camera, Frame, Shot
from gate.ports import Captured
from gate.recognition.devices import OpenCamera
from gate.recognition.enrolling import Station

PREVIEW_COLUMNS = 480
JPEG_QUALITY = 70


class OwnStation:
    """`ports.EnrolmentStation`: the face before one's own camera, the finger rendered."""

    def __init__(self, face: Station, take_finger: Callable[[], Awaitable[Captured]]) -> None:
        self._face = face
        self._take_finger = take_finger

    async def capture(self, on: date) -> Captured:
        """See `ports.EnrolmentStation`."""
        face = await self._face.capture_face(on)
        finger = await self._take_finger()
        return Captured({**face.templates, **finger.templates}, face.findings + finger.findings)

    async def duplicates(self, captured: Captured, person_id: str) -> tuple[str, ...]:
        """See `ports.EnrolmentStation`."""
        return await self._face.duplicates(captured, person_id)


class Preview:
    """The newest frame of a camera while it is open here, and nothing before and afterwards."""

    def __init__(self) -> None:
        self._camera: Camera | None = None

    def through(self, opening: OpenCamera) -> OpenCamera:
        """Open the camera so that it can be looked through."""

        async def opened() -> Camera:
            self._camera = _Watched(await opening(), self._gone)
            return self._camera

        return opened

    def jpeg(self) -> str | None:
        """The newest frame, mirrored as one knows oneself, as base64 of a JPEG."""
        shot = None if self._camera is None else self._camera.latest()
        if not isinstance(shot, Frame):
            return None
        rows, columns = shot.pixels.shape[:2]
        size = (PREVIEW_COLUMNS, round(rows * PREVIEW_COLUMNS / columns))
        small = cv2.flip(cv2.resize(shot.pixels, size, interpolation=cv2.INTER_AREA), 1)
        held, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        return base64.b64encode(data.tobytes()).decode() if held else None

    def _gone(self) -> None:
        self._camera = None


class _Watched:
    """A camera of which somebody wants to know when it is closed."""

    def __init__(self, camera: Camera, closed: Callable[[], None]) -> None:
        self._camera = camera
        self._closed = closed

    async def next_shot(self, timeout_s: float) -> Shot:
        return await self._camera.next_shot(timeout_s)

    def latest(self) -> Shot | None:
        return self._camera.latest()

    async def close(self) -> None:
        self._closed()
        await self._camera.close()
