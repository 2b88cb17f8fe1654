"""The Elyctis TLV readers as their user sees them.

With the presence sensor (the default) the reader reports a document laid or taken away and this driver asks for
the zone when one is laid; the maker says that presence and continuous reading are two modes, and this way never
needs both at once. Without it the continuous mode is used: the reader sends one zone per document by itself and
then goes deaf until it is armed again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from drivers.document_reader import wire_elyctis as wire
from drivers.document_reader.reader import DocumentReader, SelfTest, incomplete
from drivers.document_reader.readings import (
    DocumentLaid,
    DocumentLines,
    DocumentRemoved,
    DocumentUnreadable,
    Reading,
    UnreadableKind,
    reading_of,
)
from drivers.errors import DeviceFault, DriverError, LinkLost, ProtocolViolation, ReplyTimeout
from drivers.link import Link

COMMAND_TIMEOUT_S = 0.5  # a short frame there and back takes 10 ms at 9600 baud
READ_TIMEOUT_S = 2.0  # optical reading plus 0.1 s of line at 9600 baud
READ_ATTEMPTS = 3  # the first look often meets a document that still slides
SETTLE_S = 0.15
WATCH_S = 2.0  # a lost message of the presence sensor is made good within this time
COMMAND_ATTEMPTS = 2  # every command here may be given twice without harm


class ElyctisReader(DocumentReader):
    """ID BOX One and its MRZ module, on USB-CDC or a UART.

    presence: False for units without the presence sensor, which then cannot tell a forgotten document.
    one_line: documents carry a single line (driving licences); asks with the one-line command.
    dialect: the codes that no public manual confirms.
    """

    def __init__(
        self,
        baud: int = 9600,
        *,
        presence: bool = True,
        one_line: bool = False,
        dialect: wire.Dialect | None = None,
    ) -> None:
        super().__init__(baud)
        self.has_presence_sensor = presence
        self._dialect = dialect or wire.Dialect()
        self._inquire = wire.INQUIRE_ONE_LINE if one_line else wire.INQUIRE
        self._decoder = wire.Decoder(self._dialect)
        self._commands = asyncio.Lock()
        self._awaited: tuple[int, asyncio.Future[wire.Frame]] | None = None
        self._present: bool | None = None
        self._read_anew = True  # the document that lies there has given no complete reading yet
        self._arming = False
        self._unanswered = False  # an answer may still be on its way that nobody waits for
        self._work: set[asyncio.Task[None]] = set()
        self._reading: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def document_present(self) -> bool | None:
        """What the presence sensor said last; None before the first word or without a sensor."""
        return self._present

    async def close(self) -> None:
        """Stop listening and reading and close the link."""
        for task in list(self._work):
            task.cancel()
        await super().close()

    async def arm(self, *, reread: bool = False) -> None:
        """Accept one document; armed until one complete reading was given.

        reread: read a document again that still lies there. Raises ReplyTimeout, LinkLost or DeviceFault.
        """
        self._prepare(reread=reread)
        if self.has_presence_sensor:
            self._drop_old_readings()
            self._armed = True
            await self._switch(self._dialect.presence, wire.ON)
            if self._watching is None or self._watching.done():
                self._watching = self._spawn(self._watch())
            self._read_anew = self._read_anew or reread
            self._start_reading()
            return
        self._armed, self._arming = False, True
        try:
            if reread:  # p. 3: what was read is read again only after a reset of the mode
                await self._switch(wire.CONTINUOUS, wire.OFF)
            await self._switch(wire.CONTINUOUS, wire.ON)
        finally:
            self._arming = False

    async def disarm(self) -> None:
        """Accept no document until `arm`; a laid document is still reported when it is taken away."""
        await super().disarm()
        if not self.has_presence_sensor:
            await self._switch(wire.CONTINUOUS, wire.OFF)

    async def inquire(self) -> Reading:
        """Read the document that lies there now. Raises ReplyTimeout, LinkLost."""
        try:
            if self._unanswered:
                # Answers come in order: behind this one no late zone of an earlier document follows.
                await self._exchange(wire.VERSION, b"", READ_TIMEOUT_S)
                self._unanswered = False
            return reading_of((await self._exchange(self._inquire, b"", READ_TIMEOUT_S)).text)
        except ProtocolViolation:
            return incomplete()

    async def self_test(self) -> SelfTest:
        """Ask for firmware, OCR version, serial number and product name."""
        tags = (wire.VERSION, wire.OCR_VERSION, wire.SERIAL, wire.PRODUCT)
        return SelfTest(True, *[(await self._command(tag)).text.strip() for tag in tags])

    async def _switch(self, tag: int, state: int) -> None:
        if (await self._command(tag, bytes([state]))).data != bytes([state]):
            raise DeviceFault("the document reader refused a mode; switch it off and on")

    async def _command(self, tag: int, data: bytes = b"") -> wire.Frame:
        for _ in range(COMMAND_ATTEMPTS - 1):
            try:
                return await self._exchange(tag, data, COMMAND_TIMEOUT_S)
            except (ReplyTimeout, ProtocolViolation):
                continue
        return await self._exchange(tag, data, COMMAND_TIMEOUT_S)

    async def _exchange(self, tag: int, data: bytes, timeout_s: float) -> wire.Frame:
        async with self._commands:
            link = self._check_open()
            reply: asyncio.Future[wire.Frame] = asyncio.get_running_loop().create_future()
            self._awaited = (tag, reply)
            answered = False
            try:
                await link.write(wire.command(tag, data))
                frame = await asyncio.wait_for(reply, timeout_s)
                answered = True
                return frame
            except TimeoutError:
                raise _silent(link) from None
            finally:
                self._awaited = None
                self._unanswered = self._unanswered or not answered

    def _reset(self) -> None:
        super()._reset()
        self._decoder = wire.Decoder(self._dialect)
        self._present = None
        self._read_anew, self._arming, self._unanswered = True, False, False

    def _on_pump_end(self, pump: asyncio.Task[None]) -> None:
        if self._awaited is not None and not self._awaited[1].done():
            self._awaited[1].set_exception(LinkLost("the link to the document reader was lost"))
        super()._on_pump_end(pump)

    def _partial(self) -> bool:
        return self._decoder.partial_tag is not None

    def _abandon(self) -> None:
        tag = self._decoder.partial_tag
        self._decoder.abandon()
        self._drain()
        if self._awaited is not None and self._awaited[0] == tag and not self._awaited[1].done():
            self._awaited[1].set_exception(ProtocolViolation("the answer stopped half way"))
        elif tag in (wire.INQUIRE, wire.INQUIRE_ONE_LINE) and self._armed:
            self._post(incomplete())
            self._again()

    def _feed(self, data: bytes) -> None:
        self._decoder.feed(data)
        self._drain()

    def _drain(self) -> None:
        while True:
            try:
                frame = self._decoder.next_frame()
            except ProtocolViolation as violation:
                self._violated(violation)
                continue
            if frame is None:
                return
            self._take(frame)

    def _take(self, frame: wire.Frame) -> None:
        if frame.tag == wire.CONTINUOUS and frame.data == bytes([wire.ON]) and self._arming:
            # A zone before this echo was of an earlier document.
            self._armed, self._arming = True, False
        if (
            self._awaited is not None
            and self._awaited[0] == frame.tag
            and not self._awaited[1].done()
        ):
            self._awaited[1].set_result(frame)
        elif frame.tag == self._dialect.card_state:
            self._on_presence(frame.data == bytes([wire.ON]))
        elif frame.tag in (wire.INQUIRE, wire.INQUIRE_ONE_LINE):
            self._on_zone(reading_of(frame.text))

    def _on_zone(self, reading: Reading) -> None:
        """A zone nobody asked for: continuous mode. Late answers to an abandoned question end here too."""
        if self.has_presence_sensor or not self._armed:
            return
        if not self._offer(reading) or not isinstance(reading, DocumentLines):
            self._again()  # the reader went deaf by sending it

    def _on_presence(self, present: bool) -> None:
        if present == self._present or (not present and self._present is None):
            self._present = present
            return
        self._present = present
        if present:
            self._post(DocumentLaid())
            self._start_reading()
            return
        if self._reading is not None:
            self._reading.cancel()
        self._last, self._read_anew = None, True
        self._forget_document()
        self._post(DocumentRemoved())
        if self._armed:
            self._again()  # p. 3: the mode ends with the removal

    def _drop_old_readings(self) -> None:
        """A reading asked for before this arming is no answer to it: the document may have been changed
        unseen. What lies there is read again.
        """
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        kept = [e for e in self._events if not isinstance(e, DocumentLines | DocumentUnreadable)]
        self._read_anew = self._read_anew or len(kept) < len(self._events)
        self._events.clear()
        self._events.extend(kept)

    def _start_reading(self) -> None:
        busy = self._reading is not None and not self._reading.done()
        if self._armed and self._present and self._read_anew and not busy:
            self._reading = self._spawn(self._read())

    async def _read(self) -> None:
        reading: Reading = DocumentUnreadable(UnreadableKind.NO_ANSWER)
        for attempt in range(READ_ATTEMPTS):
            if attempt:
                await asyncio.sleep(SETTLE_S)
            try:
                reading = await self.inquire()
            except ReplyTimeout:
                reading = DocumentUnreadable(UnreadableKind.NO_ANSWER)
            if isinstance(reading, DocumentLines):
                break
        self._read_anew = not isinstance(reading, DocumentLines)
        self._offer(reading)

    async def _watch(self) -> None:
        """Ask for the presence anew from time to time: its messages are sent once and may be lost."""
        while True:
            await asyncio.sleep(WATCH_S)
            await self._switch(self._dialect.presence, wire.ON)

    def _again(self) -> None:
        tag = self._dialect.presence if self.has_presence_sensor else wire.CONTINUOUS
        self._spawn(self._switch(tag, wire.ON))

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._on_work_end)
        return task

    def _on_work_end(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, LinkLost):
            return  # the listener says so itself
        if isinstance(error, DriverError):
            self._post(error)
        elif error is not None:
            raise error


def _silent(link: Link) -> ReplyTimeout:
    return ReplyTimeout(
        f"{link.address}: the document reader does not answer; check power and cable"
    )
