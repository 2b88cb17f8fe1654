"""`ports.DocumentReader` where the document camera is: the same code in a worker and in a simulation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from functools import partial

from drivers.errors import DriverError
from drivers.face_camera.shots import Camera, Frame
from gate.adapters.notices import Notice, Notices
from gate.ports import DeviceError
from gate.recognition.camera_health import Health
from gate.recognition.devices import Compute, OpenCamera, in_place, translated
from gate.recognition.page_reading import Look, Tray, grey_of
from gate.vocabulary.passages import Device, FailureKind

WHAT = "document camera"
OnAdvice = Callable[[str], None]


class CameraReader:
    """Watches the tray as long as it is open; reads one page whenever it is armed.

    `on_advice` is told what the traveller should change, and "" when there is nothing more to say.
    """

    def __init__(
        self,
        open_camera: OpenCamera,
        *,
        compute: Compute = in_place,
        today: Callable[[], date] = date.today,
        on_advice: OnAdvice = lambda _advice: None,
    ) -> None:
        self._open_camera = open_camera
        self._compute = compute
        self._today = today
        self.on_advice = on_advice
        self._notices = Notices()
        self._camera: Camera | None = None
        self._watching: asyncio.Task[None] | None = None
        self._armed = False
        self._look: Look | None = None
        self._advised = ""
        self._opening = asyncio.Lock()

    async def recover(self) -> None:
        """Open the camera anew and see good pictures; whatever lies there is told. Raises DeviceError."""
        async with self._opening:
            await self._open()

    async def _open(self) -> None:
        await self.close()
        self._notices.clear()
        try:
            self._camera = await self._open_camera()
        except DriverError as error:
            failed = translated(error, WHAT)
            raise DeviceError(Device.READER, failed.kind, str(failed)) from None
        health = Health(self._camera, WHAT, Device.READER)
        try:
            await health.prove()
        except DeviceError:
            await self.close()
            raise
        self._watching = asyncio.create_task(self._watch(health))
        self._watching.add_done_callback(self._ended)

    async def close(self) -> None:
        """Let the camera go, and what was seen of a page."""
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.wait({watching})
        camera, self._camera = self._camera, None
        if camera is not None:
            await camera.close()
        self._forget()

    async def arm(self) -> None:
        """Be ready for one document; one that lies there is read again. Raises DeviceError."""
        self._armed, self._look = True, None
        self._notices.drop_readings()
        await self._opened()

    async def next_notice(self) -> Notice:
        """Wait for what happens next. Raises DeviceError."""
        await self._opened()
        return await self._notices.get()

    async def _opened(self) -> None:
        """Both ask for it at once where a gate starts."""
        async with self._opening:
            if self._watching is None:
                await self._open()

    async def _watch(self, health: Health) -> None:
        tray = Tray()
        try:
            while True:
                shot = await health.next_shot()
                if isinstance(shot, Frame):
                    await self._see(shot, tray)
        except DeviceError as error:
            self._forget()
            self._notices.put(error)

    def _ended(self, watching: asyncio.Task[None]) -> None:
        """A program error must not leave a gate waiting for a reader that sees nothing any more."""
        error = None if watching.cancelled() else watching.exception()
        if error is not None:
            told = {"message": "the watch over the document camera died", "exception": error}
            asyncio.get_running_loop().call_exception_handler(told)
            message = f"{WHAT}: the watch over it died; see the worker's log"
            self._notices.put(DeviceError(Device.READER, FailureKind.FAULTY, message))

    async def _see(self, shot: Frame, tray: Tray) -> None:
        grey = await self._compute(partial(grey_of, shot.pixels))
        changed = tray.see(grey)
        if changed is not None:
            self._forget()
            self._notices.put(changed)
        if not (tray.laid and self._armed):
            return
        look = self._look = self._look or Look(shot.taken_s, self._today)
        seen = await self._compute(partial(look.see, grey, shot.taken_s))
        if look is not self._look:
            return  # armed anew meanwhile: this answers an earlier question
        if isinstance(seen, str):
            self._advise(seen)
            return
        self._armed = False
        self._forget()
        self._notices.put(seen)

    def _forget(self) -> None:
        self._look = None
        self._advise("")

    def _advise(self, advice: str) -> None:
        if advice != self._advised:
            self._advised = advice
            self.on_advice(advice)
