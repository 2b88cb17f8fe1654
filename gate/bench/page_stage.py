"""The demo's document camera as another process finds it: `shm:NAME`, one picture after the other.

It lives in a thread, because a process that looks through it lives in real time whatever the speed
of the gate before it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from drivers.errors import LinkLost
from gate.adapters.camera_reader import WorkerReader
from gate.adapters.notices import Notice
from gate.bench.fault_words import Breakable, Breakage, Mend, Seeing
from gate.bench.page_scene import FRAMES_PER_S, SIZE, PageBeforeCamera, page_camera
from gate.bench.plugged_frames import PluggedFrames
from gate.bench.virtual_time import VirtualTimeLoop
from gate.compose import ClosableReader
from gate.ports import DeviceError, ReaderNotice


class PageStage:
    """`reader_place.ReaderPlace` of a demo whose pages are read in the recognition worker."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._page = PageBeforeCamera(seed)
        self._lock = threading.Lock()
        self._frames = PluggedFrames(page_camera(folder), FRAMES_PER_S, SIZE)
        self._ended = threading.Event()
        self.advice = ""
        self.on_advice: Callable[[], None] = lambda: None
        client = WorkerReader(folder / "documents.sock", self._advised)
        self._reader = _InLifesTime(client, self)
        self.documents: ClosableReader | None = self._reader
        threading.Thread(target=self._write, name="page", daemon=True).start()

    @property
    def document_present(self) -> bool:
        """See `ReaderPlace`."""
        return self._page.document_present

    def lay(self, lines: tuple[str, ...], now_s: float) -> None:
        """See `ReaderPlace`."""
        self._reader.hold()
        with self._lock:
            self._page.lay(lines)

    def withdraw(self, now_s: float) -> None:
        """See `ReaderPlace`."""
        with self._lock:
            self._page.withdraw()
        self._reader.withdrawn()

    def breakable(self) -> Breakable:
        """See `ReaderPlace`."""
        return _Locked(Seeing(self._page.emulator), self._lock)

    def unplug(self, for_s: float) -> None:
        """See `ReaderPlace`."""
        self._page.emulator.unplug()
        asyncio.get_running_loop().call_later(for_s, self._page.emulator.replug)

    def poke(self) -> None:
        """See `ReaderPlace`: a camera looks by itself."""

    def close(self) -> None:
        """See `ReaderPlace`."""
        self._ended.set()

    def _advised(self, advice: str) -> None:
        self.advice = advice
        self.on_advice()

    def _write(self) -> None:
        """Pictures at the camera's rate; none while it is unplugged."""
        due_s = time.monotonic()
        while not self._ended.is_set():
            try:
                with self._lock:
                    pixels = self._page.frame(time.monotonic())
                self._frames.put(pixels)
            except LinkLost:
                self._frames.unplug()
            due_s = max(due_s + 1.0 / FRAMES_PER_S, time.monotonic())
            self._ended.wait(due_s - time.monotonic())
        self._frames.unplug()


class _InLifesTime:
    """The worker's client, before which the gate's clock goes no faster than life while a page
    lies there and until its removal was seen.
    """

    def __init__(self, client: WorkerReader, stage: PageStage) -> None:
        self._client = client
        self._stage = stage
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        self._loop = loop
        self._held = ExitStack()
        self._holding = self._serves = False

    def hold(self) -> None:
        """A page comes."""
        if not self._holding:
            self._holding = True
            self._held.enter_context(self._loop.no_faster_than_life())

    def withdrawn(self) -> None:
        """It is gone; where nobody looks, nobody will say so."""
        if not self._serves:
            self._let_go()

    async def recover(self) -> None:
        """See `ports.DocumentReader`."""
        with self._loop.no_faster_than_life():
            await self._client.recover()
        self._serves = True

    async def close(self) -> None:
        """Let the worker go."""
        self._serves = False
        await self._client.close()

    async def arm(self) -> None:
        """See `ports.DocumentReader`."""
        with self._loop.no_faster_than_life():
            await self._client.arm()

    async def next_notice(self) -> Notice:
        """See `ports.DocumentReader`."""
        try:
            notice = await self._client.next_notice()
        except DeviceError:
            self._serves = False
            if not self._stage.document_present:
                self._let_go()
            raise
        self._serves = True
        if notice is ReaderNotice.REMOVED and not self._stage.document_present:
            self._let_go()
        return notice

    def _let_go(self) -> None:
        self._held.close()
        self._holding = False


class _Locked:
    """`fault_words.Breakable` of a camera that another thread looks through."""

    def __init__(self, camera: Seeing, lock: threading.Lock) -> None:
        self.words, self.parts = camera.words, camera.parts
        self._camera = camera
        self._lock = lock

    def break_(self, breakage: Breakage, now_s: float) -> Mend:
        """See `Breakable`."""
        with self._lock:
            mend = self._camera.break_(breakage, now_s)

        def mended() -> None:
            with self._lock:
                mend()

        return mended
