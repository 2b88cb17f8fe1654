"""`ports.DocumentReader` over the recognition worker, whose camera looks at the page.

Pictures and optional data never come into this process: a message holds the fields of `Document`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gate.adapters.notices import Notice, Notices
from gate.adapters.worker_client import WorkerClient
from gate.ports import DeviceError, ReaderNotice
from gate.vocabulary.documents import Document
from gate.vocabulary.passages import Device, FailureKind

ARM_S = 2.0
RECOVER_S = 15.0
Advise = Callable[[str], None]


class WorkerReader:
    """A worker's client. `on_advice` is told what the traveller should change; empty: nothing more."""

    def __init__(self, path: Path, on_advice: Advise | None = None) -> None:
        self._client = WorkerClient(path, Device.READER, self._heard, self._lost)
        self._on_advice = on_advice
        self._notices = Notices()
        self._serves = False
        self._arming = 0
        self._armed = False
        self._opening = asyncio.Lock()

    async def recover(self) -> None:
        """Connect anew; the worker opens its camera and looks. Raises DeviceError."""
        async with self._opening:
            await self._open()

    async def _open(self) -> None:
        await self.close()
        self._notices.clear()
        await self._client.ask({"do": "recover"}, RECOVER_S)
        self._serves = True
        if self._armed:
            await self._arm()

    async def close(self) -> None:
        """Let the worker go; it closes its camera."""
        self._serves = False
        await self._client.close()

    async def arm(self) -> None:
        """Be ready for one document. Raises DeviceError."""
        self._armed = True
        if not await self._opened_now():
            await self._arm()

    async def next_notice(self) -> Notice:
        """Wait for what happens next. Raises DeviceError."""
        await self._opened_now()
        try:
            return await self._notices.get()
        except DeviceError:
            self._serves = False
            raise

    async def _opened_now(self) -> bool:
        """Whether it had to be opened. Who arms and who waits both ask where a gate starts."""
        async with self._opening:
            if self._serves:
                return False
            await self._open()
            return True

    async def _arm(self) -> None:
        self._arming += 1
        self._notices.drop_readings()
        await self._client.ask({"do": "arm", "arming": self._arming}, ARM_S)

    def _lost(self, error: DeviceError) -> None:
        if self._serves:
            self._notices.put(error)

    def _heard(self, message: dict[str, Any]) -> None:
        try:
            self._take(message)
        except (KeyError, TypeError, ValueError):
            what = "what it tells of a document is nonsense"
            self._notices.put(self._client.failure(FailureKind.GARBLED, what))

    def _take(self, message: dict[str, Any]) -> None:
        if "advice" in message and self._on_advice is not None:
            self._on_advice(str(message["advice"]))
        elif "lost" in message:
            self._notices.put(self._client.failed(message["lost"]))
        elif "notice" in message:
            notice = ReaderNotice(message["notice"])
            if notice is not ReaderNotice.UNREADABLE or message["arming"] == self._arming:
                self._notices.put(notice)
        elif "document" in message and message["arming"] == self._arming:
            self._armed = False
            self._notices.put(document_from(message["document"]))


def document_told(document: Document) -> dict[str, Any]:
    """The document for `document_from`; what vouches for it does not travel, as nothing does here."""
    return {name: getattr(document, name) for name in _FIELDS}


def document_from(told: dict[str, Any]) -> Document:
    """The document of a message. Raises KeyError, TypeError."""
    for name, kinds in _FIELDS.items():
        if not isinstance(told[name], kinds):
            raise TypeError(name)
    return Document(**{name: told[name] for name in _FIELDS})


_FIELDS: dict[str, type | tuple[type, ...]] = {
    "document_code": str,
    "issuing_state": str,
    "document_number": str,
    "nationality": str,
    "primary_identifier": str,
    "secondary_identifier": str,
    "date_of_birth": (str, type(None)),
    "sex": str,
    "date_of_expiry": (str, type(None)),
    "check_digits_ok": bool,
}
