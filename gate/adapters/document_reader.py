"""`ports.DocumentReader` over a serial document reader (`drivers.document_reader`)."""

from collections.abc import Awaitable, Callable

from drivers.document_reader.reader import DocumentReader as Driver
from drivers.document_reader.readings import (
    DocumentEvent,
    DocumentLaid,
    DocumentLines,
    DocumentRemoved,
)
from drivers.errors import DriverError
from drivers.link import Link
from gate.adapters.failures import device_error
from gate.ports import ReaderNotice
from gate.vocabulary.documents import Document
from gate.vocabulary.passages import Device


class DocumentReaderAdapter:
    """`parse`: MRZ lines -> Document, or None where the text is no MRZ."""

    def __init__(
        self,
        driver: Driver,
        open_link: Callable[[], Awaitable[Link]],
        parse: Callable[[tuple[str, ...]], Document | None],
    ) -> None:
        self._driver = driver
        self._open_link = open_link
        self._parse = parse
        self._open = False
        self._armed = False

    async def recover(self) -> None:
        """Close, open anew, arm again if it was armed. Raises DeviceError."""
        await self.close()
        try:
            await self._driver.open(await self._open_link())
            self._open = True
            if self._driver.has_presence_sensor:
                await self._driver.self_test()
            if self._armed:
                await self._driver.arm()
        except DriverError as error:
            await self.close()
            raise device_error(Device.READER, error) from None

    async def close(self) -> None:
        """Let the port go."""
        self._open = False
        await self._driver.close()

    async def arm(self) -> None:
        """Be ready for one document. Raises DeviceError."""
        self._armed = True
        try:
            if self._open:
                await self._driver.arm(reread=True)
            else:
                await self.recover()
        except DriverError as error:
            raise device_error(Device.READER, error) from None

    async def next_notice(self) -> ReaderNotice | Document:
        """Wait for what happens next. Raises DeviceError."""
        if not self._open:
            await self.recover()
        try:
            return self._told(await self._driver.next_event())
        except DriverError as error:
            raise device_error(Device.READER, error) from None

    def _told(self, event: DocumentEvent) -> ReaderNotice | Document:
        if isinstance(event, DocumentLaid):
            return ReaderNotice.LAID
        if isinstance(event, DocumentRemoved):
            return ReaderNotice.REMOVED
        if isinstance(event, DocumentLines):
            return self._parse(event.lines) or ReaderNotice.UNREADABLE
        return ReaderNotice.UNREADABLE
