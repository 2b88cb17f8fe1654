"""The recognition worker's socket for its document camera: one controller at a time.

A message asks `{"id": N, "do": "recover" | "arm", "arming": M}` and is answered by
`{"id": N, "done": {}}` or `{"id": N, "failed": {"kind", "message"}}`. What the camera sees comes
unasked: `{"notice": "laid" | "removed"}`, `{"notice": "unreadable", "arming": M}`,
`{"document": {...}, "arming": M}`, `{"advice": WORD}`, and `{"lost": {"kind", "message"}}` where
the camera ceased to serve. No picture and no optional data is ever in one. When the controller
goes, the camera is closed. The socket belongs to the gate's user (0600).
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from gate.adapters.camera_reader import document_told
from gate.adapters.notices import Notice
from gate.messages import listen, put, receive
from gate.ports import DeviceError, ReaderNotice
from gate.recognition.camera_reader import CameraReader
from gate.vocabulary.passages import Device, FailureKind


class DocumentServer:
    """Serves a camera reader on a Unix socket."""

    def __init__(self, reader: CameraReader, path: Path) -> None:
        self._reader = reader
        reader.on_advice = self._advise
        self._path = path
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._turn = asyncio.Lock()
        self._arming = 0
        self._telling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; a socket that a dead worker left behind is replaced."""
        self._server = await listen(self._path, self._serve)

    async def close(self) -> None:
        """Hang up, stop listening and let the camera go."""
        if self._server is not None:
            self._server.close()
        if self._writer is not None:
            self._writer.close()
        self._path.unlink(missing_ok=True)
        await self._let_go()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with self._turn:
            self._writer = writer
            try:
                while (message := await receive(reader)) is not None:
                    await self._answer(message)
            except (ConnectionError, ValueError, asyncio.CancelledError):
                pass  # whoever speaks no protocol is hung up on; the worker's end
            finally:
                self._writer = None
                await self._let_go()
                writer.close()

    async def _answer(self, message: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"id": message.get("id"), "done": {}}
        try:
            await self._do(message)
        except DeviceError as error:
            answer = {"id": message.get("id"), "failed": _told(error)}
        except (KeyError, TypeError, ValueError):
            nonsense = {"kind": "garbled", "message": "the worker was asked nonsense"}
            answer = {"id": message.get("id"), "failed": nonsense}
        self._say(answer)

    async def _do(self, message: dict[str, Any]) -> None:
        if message["do"] == "arm":
            if self._telling is None or self._telling.done():
                raise DeviceError(
                    Device.READER, FailureKind.FAULTY, "the document camera is closed"
                )
            self._arming = int(message["arming"])
            await self._reader.arm()
        elif message["do"] == "recover":
            await self._let_go()
            await self._reader.recover()
            self._telling = asyncio.create_task(self._tell())
        else:
            raise ValueError

    async def _tell(self) -> None:
        """Hand on what is noticed, until the camera fails."""
        try:
            while True:
                self._say(self._put(await self._reader.next_notice()))
        except DeviceError as error:
            self._say({"lost": _told(error)})

    def _put(self, notice: Notice) -> dict[str, Any]:
        if not isinstance(notice, ReaderNotice):
            return {"document": document_told(notice), "arming": self._arming}
        about = {"arming": self._arming} if notice is ReaderNotice.UNREADABLE else {}
        return {"notice": notice.value, **about}

    def _advise(self, advice: str) -> None:
        self._say({"advice": advice})

    def _say(self, message: dict[str, Any]) -> None:
        """In the order of what happened: messages are short, so nothing waits for the other end."""
        if self._writer is not None and not self._writer.is_closing():
            put(self._writer, message)

    async def _let_go(self) -> None:
        telling, self._telling = self._telling, None
        if telling is not None:
            telling.cancel()
            await asyncio.wait({telling})
        await self._reader.close()


def _told(error: DeviceError) -> dict[str, Any]:
    return {"kind": error.kind.value, "message": str(error)}
