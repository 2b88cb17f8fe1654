"""Where travellers of an emulated gate lay their passport: on a reader on a line, or under a camera."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Protocol

from drivers.door_relay.emulator_simple import LcusEmulator
from drivers.faults import ScriptedFaults
from drivers.line import NullLine
from drivers.link import register_null, unregister_null
from drivers.plant import Plant
from gate.bench.far_ends import document_reader
from gate.bench.fault_words import Breakable, OnWire, Seeing
from gate.compose import ClosableReader
from gate.config import Reader, ReaderKind


class ReaderPlace(Protocol):
    """Hands and eyes at the document reader."""

    documents: ClosableReader | None
    """The gate's reader, where the configuration cannot name it."""

    @property
    def document_present(self) -> bool:
        """Whether a document lies there."""
        ...

    def lay(self, lines: tuple[str, ...], now_s: float) -> None:
        """A passport with this zone."""
        ...

    def withdraw(self, now_s: float) -> None:
        """And away again."""
        ...

    def breakable(self) -> Breakable:
        """What can go wrong with it."""
        ...

    def unplug(self, for_s: float) -> None:
        """Pull the plug; it comes back by itself."""
        ...

    def poke(self) -> None:
        """Something has happened."""
        ...

    def close(self) -> None:
        """Let go of it at the end of the run."""
        ...


class OnLine:
    """A reader with a serial protocol, on a `null:` line."""

    documents: ClosableReader | None = None

    def __init__(self, told: Reader) -> None:
        self._reader = document_reader(told)
        self._script = ScriptedFaults([])
        self._line: NullLine = register_null("reader", self._reader, told.baud, self._script)

    @property
    def document_present(self) -> bool:
        """See `ReaderPlace`."""
        return self._reader.document_present

    def lay(self, lines: tuple[str, ...], now_s: float) -> None:
        """See `ReaderPlace`."""
        self._reader.lay(lines, now_s)

    def withdraw(self, now_s: float) -> None:
        """See `ReaderPlace`."""
        self._reader.withdraw(now_s)

    def breakable(self) -> Breakable:
        """See `ReaderPlace`."""
        return OnWire(self._line, self._script, lambda: LcusEmulator(Plant()))

    def unplug(self, for_s: float) -> None:
        """See `ReaderPlace`."""
        self._line.unplug(for_s)

    def poke(self) -> None:
        """See `ReaderPlace`."""
        self._line.poke()

    def close(self) -> None:
        """See `ReaderPlace`."""
        unregister_null(self._line.name)


class UnderCamera:
    """A camera over a tray, and the reading in this process."""

    def __init__(self, seed: int, today: Callable[[], date]) -> None:
        from gate.bench.page_scene import PageBeforeCamera  # OpenCV: only where pages are shown
        from gate.recognition.camera_reader import CameraReader

        self._page = PageBeforeCamera(seed)
        self.documents: ClosableReader | None = CameraReader(self._page.open, today=today)

    @property
    def document_present(self) -> bool:
        """See `ReaderPlace`."""
        return self._page.document_present

    def lay(self, lines: tuple[str, ...], now_s: float) -> None:
        """See `ReaderPlace`."""
        self._page.lay(lines)

    def withdraw(self, now_s: float) -> None:
        """See `ReaderPlace`."""
        self._page.withdraw()

    def breakable(self) -> Breakable:
        """See `ReaderPlace`."""
        return Seeing(self._page.emulator)

    def unplug(self, for_s: float) -> None:
        """See `ReaderPlace`."""
        self._page.emulator.unplug()
        asyncio.get_running_loop().call_later(for_s, self._page.emulator.replug)

    def poke(self) -> None:
        """See `ReaderPlace`: a camera looks by itself."""

    def close(self) -> None:
        """See `ReaderPlace`."""


def reader_place(told: Reader, seed: int, today: Callable[[], date]) -> ReaderPlace:
    """What stands at the gate by its configuration."""
    return UnderCamera(seed, today) if told.kind is ReaderKind.CAMERA else OnLine(told)
