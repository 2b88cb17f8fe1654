"""What every document reader does alike: open, wait for a document, drop repeats, close.

The caller keeps one object per reader, opens it on a link, arms it for one document and awaits events. After
LinkLost it closes, opens a new link and calls `open` again; nothing of the old link is carried over.
"""

from __future__ import annotations

import abc
import asyncio
import hashlib
import os
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from drivers.document_reader.readings import (
    DocumentEvent,
    DocumentLines,
    DocumentRemoved,
    DocumentUnreadable,
    Reading,
    UnreadableKind,
)
from drivers.errors import DriverError, LinkLost, ProtocolViolation, ReplyTimeout
from drivers.link import Link

PARTIAL_SILENCE_S = 0.1  # on top of three character times: USB adapters pause in mid-frame
REPEAT_S = 3.0  # a swiped or re-read document gives the same zone again within this time
_IDLE_S = 3600.0  # nothing is due while no document is there; the read is simply begun again
_MAX_EVENTS = 64


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What a reader said of itself. ``answers`` is False for readers that take no commands at all."""

    answers: bool
    version: str = ""
    ocr_version: str = ""
    serial_number: str = ""
    product: str = ""


class DocumentReader(abc.ABC):
    """A reader on a serial line; subclasses decode their maker's frames.

    baud: line speed, used only to tell a pause inside a frame from its end.
    """

    has_presence_sensor = False

    def __init__(self, baud: int) -> None:
        self._silence_s = 3 * 10 / baud + PARTIAL_SILENCE_S
        self._link: Link | None = None
        self._pump: asyncio.Task[None] | None = None
        self._events: deque[DocumentEvent | DriverError] = deque(maxlen=_MAX_EVENTS)
        self._changed = asyncio.Event()
        self._armed = False
        self._key = os.urandom(16)
        self._last: tuple[bytes, float] | None = None
        self.violations = 0  # stretches of bytes that belonged to no frame, since `open`

    @property
    def document_present(self) -> bool | None:
        """Whether a document lies on the reader; None when this reader cannot know."""
        return None

    async def open(self, link: Link) -> None:
        """Take an open link and listen to it. Raises ValueError when a link is open already."""
        if self._link is not None:
            raise ValueError("the reader is open: close it before opening it on another link")
        self._reset()
        link.discard()
        self._link = link
        self._pump = asyncio.create_task(self._listen(link))
        self._pump.add_done_callback(self._on_pump_end)

    async def close(self) -> None:
        """Stop listening and close the link; closing a closed reader is allowed."""
        link, pump = self._link, self._pump
        self._link = self._pump = None
        if pump is not None:
            pump.cancel()
            await asyncio.wait({pump})
        if link is not None:
            await link.close()

    async def next_event(self) -> DocumentEvent:
        """Wait for the next event, in the order they happened.

        Raises LinkLost when the link is gone or closed, and ReplyTimeout or DeviceFault when the reader stopped
        answering while it was armed.
        """
        while not self._events:
            self._check_open()
            self._changed.clear()
            await self._changed.wait()
        event = self._events.popleft()
        if isinstance(event, DriverError):
            raise event
        return event

    async def __aiter__(self) -> AsyncIterator[DocumentEvent]:
        """Iterate over the events until an error ends it."""
        while True:
            yield await self.next_event()

    async def arm(self, *, reread: bool = False) -> None:
        """Accept one document. What a reader without a presence sensor read before is dropped.

        reread: read a document again that still lies there.
        """
        self._prepare(reread=reread)
        self._armed = True

    async def disarm(self) -> None:
        """Accept no document until `arm`."""
        self._armed = False

    @abc.abstractmethod
    async def self_test(self) -> SelfTest:
        """Ask the reader for its names. Raises ReplyTimeout, LinkLost or DeviceFault when it fails."""

    @abc.abstractmethod
    def _feed(self, data: bytes) -> None:
        """Decode received bytes and act on the frames."""

    @abc.abstractmethod
    def _partial(self) -> bool:
        """Whether a frame has begun and is not complete."""

    @abc.abstractmethod
    def _abandon(self) -> None:
        """Give up the frame that stopped half way."""

    def _prepare(self, *, reread: bool) -> None:
        self._check_open()
        if not self.has_presence_sensor:
            self._events.clear()
        if reread:
            self._last = None

    def _reset(self) -> None:
        self._events.clear()
        self._armed = False
        self._last = None
        self.violations = 0

    def _check_open(self) -> Link:
        if self._link is None:
            raise LinkLost("the document reader is closed; open it on a link first")
        if self._pump is not None and self._pump.done():
            self._pump.result()  # raises what ended it
        return self._link

    async def _listen(self, link: Link) -> None:
        while True:
            try:
                self._feed(await link.read(self._silence_s if self._partial() else _IDLE_S))
            except ReplyTimeout:
                if self._partial():
                    self._abandon()

    def _on_pump_end(self, pump: asyncio.Task[None]) -> None:
        if not pump.cancelled():
            pump.exception()  # retrieved here; `next_event` raises it
        self._changed.set()

    def _violated(self, violation: ProtocolViolation) -> None:
        del violation
        self.violations += 1

    def _post(self, event: DocumentEvent | DriverError) -> None:
        self._events.append(event)
        self._changed.set()

    def _forget_document(self) -> None:
        """What nobody has fetched of a document that is gone must not meet the next traveller."""
        kept = [event for event in self._events if isinstance(event, DocumentRemoved | DriverError)]
        self._events.clear()
        self._events.extend(kept)

    def _offer(self, reading: Reading) -> bool:
        """Post a reading unless it repeats the last one; one complete reading ends the armed state."""
        if isinstance(reading, DocumentLines):
            if self._repeats(reading):
                return False
            self._armed = False
        self._post(reading)
        return True

    def _repeats(self, reading: DocumentLines) -> bool:
        now_s = asyncio.get_running_loop().time()
        text = "\n".join(reading.lines).encode("ascii")
        digest = hashlib.blake2b(text, key=self._key).digest()  # no personal data is kept for this
        known = (
            self._last is not None and self._last[0] == digest and now_s - self._last[1] <= REPEAT_S
        )
        self._last = (digest, now_s)
        return known


def incomplete() -> DocumentUnreadable:
    """The reading whose frame was cut short."""
    return DocumentUnreadable(UnreadableKind.INCOMPLETE)
