"""Cameras as their user sees them: the newest shot, whoever makes the frames.

`OpenCvCamera` reads in a thread of its own, because a capture can only be waited for by blocking; the thread keeps
nothing but the newest frame. `PacedCamera` asks a frame source at a frame rate in the running loop and needs no
thread, so it also works in virtual time.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from drivers.errors import LinkLost, ReplyTimeout
from drivers.face_camera.shots import FrameWatch, Pixels, Shot
from drivers.face_camera.sources import CameraSettings, OpenCvSource, public_name

T = TypeVar("T")

CLOSE_TIMEOUT_S = 3.0  # one read of a network camera may still be under way


class FrameSource(Protocol):
    """Makes frames on demand: an emulated camera, a drawing, a test picture."""

    interval_s: float

    def frame(self, now_s: float) -> Pixels | None:
        """The picture of this moment, None when this frame is lost. Raises LinkLost."""
        ...


class _Newest:
    """The newest shot and the one who waits for it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shot: Shot | None = None
        self._given = 0
        self._error: LinkLost | None = None
        self._changed = asyncio.Event()

    @property
    def shot(self) -> Shot | None:
        return self._shot

    def put(self, shot: Shot) -> None:
        self._shot = shot
        self._changed.set()

    def fail(self, error: LinkLost) -> None:
        self._error = error
        self._changed.set()

    async def get(self, timeout_s: float) -> Shot:
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + timeout_s
        while self._shot is None or self._shot.number == self._given:
            if self._error is not None:
                raise self._error
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), max(0.0, deadline_s - loop.time()))
            except TimeoutError:
                raise ReplyTimeout(
                    f"camera {self._name}: no frame within {timeout_s:.1f} s"
                ) from None
        self._given = self._shot.number
        return self._shot


class OpenCvCamera:
    """A V4L2 device, a file, an MJPEG or RTSP stream. Make it with `open_camera`."""

    def __init__(self, settings: CameraSettings, source: OpenCvSource) -> None:
        self._settings, self._source = settings, source
        self._newest = _Newest(public_name(settings.address))
        self._watch = FrameWatch(source.interval_s, still=settings.is_file)
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="camera", daemon=True)
        self._thread.start()

    @property
    def refused_controls(self) -> tuple[str, ...]:
        """Controls that the camera did not take."""
        return self._source.refused

    async def next_shot(self, timeout_s: float) -> Shot:
        """Wait for a shot newer than the last one given. Raises ReplyTimeout, LinkLost."""
        return await self._newest.get(timeout_s)

    def latest(self) -> Shot | None:
        """The newest shot; None before the first."""
        return self._newest.shot

    async def close(self) -> None:
        """Stop reading and let the device go; closing twice is fine."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join, CLOSE_TIMEOUT_S)

    def _work(self) -> None:
        try:
            self._warm_up()
            due_s = time.monotonic()
            while not self._stop.is_set():
                self._tell(self._source.read(), self._loop.time())
                if self._settings.is_file:  # a recording plays at its own speed
                    due_s += self._source.interval_s
                    self._stop.wait(max(0.0, due_s - time.monotonic()))
        except LinkLost as lost:
            self._call(self._newest.fail, lost)
        finally:
            self._source.close()

    def _warm_up(self) -> None:
        until_s = time.monotonic() + (0.0 if self._settings.is_file else self._settings.warm_up_s)
        while time.monotonic() < until_s and not self._stop.is_set():
            self._source.read()

    def _tell(self, pixels: Pixels, taken_s: float) -> None:
        self._call(self._newest.put, self._watch.judge(pixels, taken_s))

    def _call(self, act: Callable[[T], None], value: T) -> None:
        if not self._stop.is_set() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act, value)


async def open_camera(settings: CameraSettings) -> OpenCvCamera:
    """Open a camera without blocking the loop. Raises LinkLost, ValueError."""
    return OpenCvCamera(settings, await asyncio.to_thread(OpenCvSource, settings))


class PacedCamera:
    """Any frame source at its frame rate, in the running loop."""

    def __init__(self, source: FrameSource, name: str = "emulated", *, still: bool = False) -> None:
        self._source = source
        self._watch = FrameWatch(source.interval_s, still=still)
        self._newest = _Newest(name)
        self._ticking = asyncio.create_task(self._tick())

    async def next_shot(self, timeout_s: float) -> Shot:
        """Wait for a shot newer than the last one given. Raises ReplyTimeout, LinkLost."""
        return await self._newest.get(timeout_s)

    def latest(self) -> Shot | None:
        """The newest shot; None before the first."""
        return self._newest.shot

    async def close(self) -> None:
        """Stop; closing twice is fine."""
        self._ticking.cancel()
        await asyncio.wait({self._ticking})

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            try:
                pixels = self._source.frame(loop.time())
            except LinkLost as lost:
                self._newest.fail(lost)
                return
            if pixels is not None:
                self._newest.put(self._watch.judge(pixels, loop.time()))
            due_s = max(due_s + self._source.interval_s, loop.time())
            await asyncio.sleep(due_s - loop.time())
