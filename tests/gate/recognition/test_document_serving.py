"""The document camera of a worker, as a controller has it: over the socket, in real time."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Coroutine
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gate.adapters.camera_reader import WorkerReader
from gate.adapters.mrz_text import document_parser
from gate.bench.page_scene import Laying, PageBeforeCamera
from gate.bench.people import cast_of
from gate.messages import receive, send
from gate.ports import DeviceError, ReaderNotice
from gate.recognition.camera_reader import CameraReader
from gate.recognition.document_serving import DocumentServer
from gate.vocabulary.passages import Device, FailureKind
from models.mrz.compose import compose
from models.mrz.layout import MrzFormat

TODAY = date(2026, 11, 1)
HONG = cast_of("admitted", 1, TODAY, Random(1)).traveller
WITHIN_S = 30.0
OPTIONAL = "7654321"
WITH_OPTIONAL = compose(
    MrzFormat.TD3,
    document_code="PM",
    issuing_state="KOR",
    document_number="M123A4567",
    nationality="KOR",
    primary_identifier="HONG",
    secondary_identifier="GILDONG",
    date_of_birth=date(1990, 5, 17),
    sex="F",
    date_of_expiry=date(2031, 2, 3),
    optional_data=OPTIONAL,
)


class Worker:
    """A document camera with its server."""

    def __init__(self, path: Path, page: PageBeforeCamera) -> None:
        self.server = DocumentServer(CameraReader(page.open, today=lambda: TODAY), path)


async def soon(waiting: Coroutine[Any, Any, Any]) -> Any:
    """Its result, or a failed test."""
    return await asyncio.wait_for(waiting, WITHIN_S)


def test_a_page_is_read_over_the_socket_and_a_lost_worker_is_a_failure_that_heals(
    tmp_path: Path,
) -> None:
    """Laid, read, removed, advised; a worker that goes is the reader's failure, and the next one serves."""

    async def main() -> None:
        path, page = tmp_path / "documents.sock", PageBeforeCamera(3)
        advice = asyncio.Queue[str]()
        client = WorkerReader(path, advice.put_nowait)
        with pytest.raises(DeviceError) as absent:
            await client.arm()
        assert (absent.value.device, absent.value.kind) == (Device.READER, FailureKind.UNPLUGGED)
        first = Worker(path, page).server
        await first.start()
        assert path.stat().st_mode & 0o777 == 0o600
        await soon(client.recover())
        assert await soon(client.next_notice()) is ReaderNotice.REMOVED
        page.lay(HONG.lines, Laying.UPSIDE_DOWN)
        assert await soon(client.next_notice()) is ReaderNotice.LAID
        await client.arm()
        document = document_parser(lambda: TODAY)(HONG.lines)
        assert await soon(client.next_notice()) == document
        page.withdraw()
        assert await soon(client.next_notice()) is ReaderNotice.REMOVED
        page.lay(HONG.lines, Laying.IN_GLARE)
        assert await soon(client.next_notice()) is ReaderNotice.LAID
        await client.arm()
        assert await soon(advice.get())
        page.lay(HONG.lines, Laying.WELL)
        assert await soon(client.next_notice()) == document
        await first.close()
        with pytest.raises(DeviceError) as lost:
            await soon(client.next_notice())
        assert lost.value.kind is FailureKind.UNPLUGGED
        second = Worker(path, page).server
        await second.start()
        await soon(client.recover())
        assert await soon(client.next_notice()) is ReaderNotice.LAID
        await client.arm()
        assert await soon(client.next_notice()) == document
        page.emulator.unplug()
        with pytest.raises(DeviceError) as unplugged:
            await soon(client.next_notice())
        assert unplugged.value.device is Device.READER
        assert "document camera" in str(unplugged.value)
        await client.close()
        await second.close()

    asyncio.run(main())


def test_optional_data_and_pictures_never_leave_the_worker(tmp_path: Path) -> None:
    """Every byte on the socket while a page with optional data is read: fields of the gate only."""

    async def main() -> None:
        path, page = tmp_path / "documents.sock", PageBeforeCamera(3)
        page.lay(WITH_OPTIONAL, Laying.WELL)
        server = Worker(path, page).server
        await server.start()
        reader, writer = await asyncio.open_unix_connection(path)
        await send(writer, {"id": 1, "do": "recover"})
        await send(writer, {"id": 2, "do": "arm", "arming": 5})
        heard: list[dict[str, Any]] = []
        while not heard or "document" not in heard[-1]:
            message = await soon(receive(reader))
            assert message is not None
            heard.append(message)
        writer.close()
        await server.close()
        assert heard[-1]["document"]["document_number"] == "M123A4567"
        assert heard[-1]["arming"] == 5
        assert OPTIONAL not in json.dumps(heard)
        assert max(len(json.dumps(message)) for message in heard) < 400

    asyncio.run(main())


def told_by(messages: list[dict[str, Any]], arming: int, path: Path) -> Callable[[], Any]:
    """What a client that armed `arming` times makes of a worker that says this."""

    async def main() -> Any:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while (asked := await receive(reader)) is not None:
                await send(writer, {"id": asked["id"], "done": {}})
                if asked.get("arming") == arming:
                    for message in messages:
                        await send(writer, message)

        server = await asyncio.start_unix_server(serve, path=path)
        client = WorkerReader(path)
        for _ in range(arming):
            await client.arm()
        try:
            return await soon(client.next_notice())
        finally:
            await client.close()
            server.close()

    return lambda: asyncio.run(main())


def test_a_reading_of_an_earlier_arming_is_dropped(tmp_path: Path) -> None:
    """It may be of the page before; only what answers the last question counts."""
    late = {"notice": "unreadable", "arming": 1}
    laid = {"notice": "laid"}
    assert told_by([late, laid], 2, tmp_path / "a")() is ReaderNotice.LAID
    now = {"notice": "unreadable", "arming": 2}
    assert told_by([now], 2, tmp_path / "b")() is ReaderNotice.UNREADABLE


@pytest.mark.parametrize(
    "nonsense",
    [
        {"notice": "waved"},
        {"document": {"document_code": "P"}, "arming": 1},
        {"document": None, "arming": 1},
        {"notice": "unreadable"},
    ],
)
def test_a_worker_that_talks_nonsense_is_a_garbled_reader(
    tmp_path: Path, nonsense: dict[str, Any]
) -> None:
    """No traceback and no half document: the gate refers and the reader is opened anew."""
    with pytest.raises(DeviceError) as failed:
        told_by([nonsense], 1, tmp_path / "socket")()
    assert (failed.value.device, failed.value.kind) == (Device.READER, FailureKind.GARBLED)


def test_a_controller_with_a_document_camera_imports_no_opencv(tmp_path: Path) -> None:
    """Pictures stay in the worker's process: composing the gate's reader loads neither cv2 nor numpy."""
    config = tmp_path / "gate.toml"
    config.write_text('[reader]\nkind = "camera"\ncamera = "shm:page"\n')
    code = (
        "import sys; from pathlib import Path; from datetime import date\n"
        "import gate.compose; from gate.compose_devices import reader; from gate.config import load\n"
        f"reader(load(Path({str(config)!r}), {{}}), date.today)\n"
        "assert not {'cv2', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
