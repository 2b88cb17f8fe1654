"""A passport under a document camera, read by the worker's own code in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest

from gate.adapters.mrz_text import document_parser
from gate.adapters.notices import Notice
from gate.bench.page_scene import Laying, PageBeforeCamera
from gate.bench.people import cast_of
from gate.bench.stories import tell
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.config import Config, Reader, ReaderKind
from gate.ports import DeviceError, ReaderNotice
from gate.recognition.camera_reader import CameraReader
from gate.recognition.page_reading import UNREADABLE_S
from gate.vocabulary.documents import Document
from gate.vocabulary.passages import Device, FailureKind

TODAY = date(2026, 11, 1)
HONG, KIM = (cast_of("admitted", n, TODAY, Random(n)).traveller for n in (1, 2))
WITHIN_S = 30.0
EMPTY = ReaderNotice.REMOVED
"""What is told first of a tray on which nothing lies."""


class Bench:
    """A reader and the page before its camera."""

    def __init__(self) -> None:
        self.page = PageBeforeCamera(3)
        self.advice: list[str] = []
        self.reader = CameraReader(
            self.page.open, today=lambda: TODAY, on_advice=self.advice.append
        )

    async def next(self) -> Notice:
        """What is noticed next, soon."""
        return await asyncio.wait_for(self.reader.next_notice(), WITHIN_S)

    async def read(self, lines: tuple[str, ...], laying: Laying | None = None) -> Notice:
        """What comes of a page that is laid and asked for, as a passage does."""
        self.page.lay(lines, laying)
        assert await self.next() is ReaderNotice.LAID
        await self.reader.arm()
        return await self.next()


def on_bench(story: Callable[[Bench], Coroutine[Any, Any, None]]) -> None:
    """Tell a story whose tray is empty at first."""
    loop = VirtualTimeLoop()
    asyncio.set_event_loop(loop)

    async def told() -> None:
        bench = Bench()
        assert await bench.next() is EMPTY
        try:
            await story(bench)
        finally:
            await bench.reader.close()

    try:
        run_virtually(told(), loop)
    finally:
        asyncio.set_event_loop(None)


def printed(lines: tuple[str, ...]) -> Document | None:
    """What the gate makes of these lines where a serial reader sends them."""
    return document_parser(lambda: TODAY)(lines)


@pytest.mark.parametrize("laying", [Laying.WELL, Laying.UPSIDE_DOWN], ids=lambda way: way.value)
def test_a_page_gives_the_document_that_a_serial_reader_gives(laying: Laying) -> None:
    """Every field, upright and upside down; another page gives another document."""

    async def story(bench: Bench) -> None:
        for who in (HONG, KIM):
            assert await bench.read(who.lines, laying) == printed(who.lines)
            bench.page.withdraw()
            assert await bench.next() is ReaderNotice.REMOVED

    on_bench(story)


def test_nothing_is_read_before_a_passage_asks_for_it() -> None:
    """A page that lies there is told, and read only once the reader is armed; again when armed again."""

    async def story(bench: Bench) -> None:
        bench.page.lay(HONG.lines)
        assert await bench.next() is ReaderNotice.LAID
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bench.reader.next_notice(), 5.0)
        for _ in range(2):
            await bench.reader.arm()
            assert await bench.next() == printed(HONG.lines)

    on_bench(story)


def test_glare_and_a_cover_are_unreadable_and_the_next_try_is_fresh() -> None:
    """Advice comes at once, UNREADABLE only after a fair try; laid well, the same page is read."""

    async def story(bench: Bench) -> None:
        loop = asyncio.get_running_loop()
        for laying, advice in ((Laying.IN_GLARE, "less_glare"), (Laying.FACE_DOWN, "show_page")):
            began_s = loop.time()
            assert await bench.read(HONG.lines, laying) is ReaderNotice.UNREADABLE
            assert loop.time() - began_s >= UNREADABLE_S
            assert advice in bench.advice
            assert bench.advice[-1] == ""
            bench.page.lay(HONG.lines, Laying.WELL)
            await bench.reader.arm()
            assert await bench.next() == printed(HONG.lines)
            bench.page.withdraw()
            assert await bench.next() is ReaderNotice.REMOVED

    on_bench(story)


def test_a_zone_at_odds_with_its_check_digits_is_unreadable() -> None:
    """What the reading refuses is never a document, not even one with a failed check digit."""
    second = HONG.lines[1]
    wrong = second[:9] + str((int(second[9]) + 5) % 10) + second[10:]

    async def story(bench: Bench) -> None:
        assert await bench.read((HONG.lines[0], wrong)) is ReaderNotice.UNREADABLE

    on_bench(story)


def test_a_page_taken_away_is_removed_and_never_read() -> None:
    """Before it was read and after; what was seen of it does not meet the next traveller."""

    async def story(bench: Bench) -> None:
        bench.page.lay(HONG.lines)
        assert await bench.next() is ReaderNotice.LAID
        await bench.reader.arm()
        bench.page.withdraw()
        assert await bench.next() is ReaderNotice.REMOVED
        assert await bench.read(KIM.lines) == printed(KIM.lines)
        bench.page.withdraw()
        assert await bench.next() is ReaderNotice.REMOVED

    on_bench(story)


BREAKAGES: dict[str, tuple[Callable[[Any], None], Callable[[Any], None], FailureKind]] = {
    "frozen": (lambda c: c.freeze(), lambda c: c.freeze(False), FailureKind.FAULTY),
    "black": (lambda c: c.blacken(), lambda c: c.blacken(False), FailureKind.FAULTY),
    "unplugged": (lambda c: c.unplug(), lambda c: c.replug(), FailureKind.UNPLUGGED),
    "silent": (lambda c: c.drop(1 << 30), lambda c: c.drop(0), FailureKind.SILENT),
}


@pytest.mark.parametrize("fault", BREAKAGES)
def test_a_camera_that_does_not_serve_is_a_failure_and_recovers(fault: str) -> None:
    """With a page before it and no reading under way; mended, it tells what lies there and reads it."""
    break_, mend, kind = BREAKAGES[fault]

    async def story(bench: Bench) -> None:
        camera = bench.page.emulator
        bench.page.lay(HONG.lines)
        assert await bench.next() is ReaderNotice.LAID
        break_(camera)
        with pytest.raises(DeviceError) as failed:
            await bench.next()
        assert (failed.value.device, failed.value.kind) == (Device.READER, kind)
        with pytest.raises(DeviceError):
            await bench.reader.recover()
        mend(camera)
        await bench.reader.recover()
        assert await bench.next() is ReaderNotice.LAID
        await bench.reader.arm()
        assert await bench.next() == printed(HONG.lines)

    on_bench(story)


def test_the_gate_decides_by_the_page_that_is_shown() -> None:
    """A whole gate with a document camera: everybody ends as with a serial reader, by their page."""
    ends = {
        "admitted": "admit",
        "banned": "refer",
        "expired_passport": "refer",
        "document_withdrawn": "abandoned",
        "reader_unplugged": "refer",
    }
    config = replace(Config(), reader=Reader(kind=ReaderKind.CAMERA, camera="shm:page"))
    said: list[str] = []
    run = tell(list(ends), seed=5, say=said.append, config=config)
    closed = [entry["data"] for entry in run.journal if entry["kind"] == "passage_closed"]
    assert [data["outcome"] for data in closed] == list(ends.values()), "\n".join(said)
