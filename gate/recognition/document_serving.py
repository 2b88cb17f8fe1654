"""The recognition worker's socket for its document camera: one controller at a time.

It is asked to `recover` or to `arm`, with `"arming": M` (`controller_socket`). What the camera
sees comes unasked: `{"notice": "laid" | "removed"}`, `{"notice": "unreadable", "arming": M}`,
`{"document": {...}, "arming": M}`, `{"advice": WORD}`, and `{"lost": {"kind", "message"}}` where
the camera ceased to serve. No picture and no optional data is ever in one. When the controller
goes, the camera is closed.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from gate.adapters.camera_reader import document_told
from gate.adapters.notices import Notice
from gate.ports import DeviceError, ReaderNotice
from gate.recognition.camera_reader import CameraReader
from gate.recognition.controller_socket import ControllerSocket, failure_told
from gate.vocabulary.passages import Device, FailureKind


class DocumentServer:
    """Serves a camera reader on a Unix socket."""

    def __init__(self, reader: CameraReader, path: Path) -> None:
        self._reader = reader
        reader.on_advice = self._advise
        self._socket = ControllerSocket(path, self._do, self._let_go, in_turn=True)
        self._arming = 0
        self._telling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; a socket that a dead worker left behind is replaced."""
        await self._socket.start()

    async def close(self) -> None:
        """Hang up, stop listening and let the camera go."""
        await self._socket.close()

    async def _do(self, message: dict[str, Any]) -> dict[str, Any]:
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
        return {}

    async def _tell(self) -> None:
        """Hand on what is noticed, until the camera fails."""
        try:
            while True:
                self._socket.say(self._put(await self._reader.next_notice()))
        except DeviceError as error:
            self._socket.say({"lost": failure_told(error)})

    def _put(self, notice: Notice) -> dict[str, Any]:
        if not isinstance(notice, ReaderNotice):
            return {"document": document_told(notice), "arming": self._arming}
        about = {"arming": self._arming} if notice is ReaderNotice.UNREADABLE else {}
        return {"notice": notice.value, **about}

    def _advise(self, advice: str) -> None:
        self._socket.say({"advice": advice})

    async def _let_go(self) -> None:
        telling, self._telling = self._telling, None
        if telling is not None:
            telling.cancel()
            await asyncio.wait({telling})
        await self._reader.close()
