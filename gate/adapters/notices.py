"""What a document reader has noticed and nobody has fetched yet."""

from __future__ import annotations

import asyncio
from collections import deque

from gate.ports import DeviceError, ReaderNotice
from gate.vocabulary.documents import Document

Notice = ReaderNotice | Document


class Notices:
    """In the order they happened; what is out of date is dropped, so that it meets no other traveller."""

    def __init__(self) -> None:
        self._held: deque[Notice | DeviceError] = deque()
        self._changed = asyncio.Event()

    def put(self, notice: Notice | DeviceError) -> None:
        """Add one; with the document gone, what was read of it goes too."""
        if notice is ReaderNotice.REMOVED:
            self._keep(ReaderNotice.REMOVED)
        self._held.append(notice)
        self._changed.set()

    def drop_readings(self) -> None:
        """A reading asked for earlier is no answer to a new arming."""
        self._keep(ReaderNotice.LAID, ReaderNotice.REMOVED)

    def clear(self) -> None:
        """Forget everything, an error too."""
        self._held.clear()

    async def get(self) -> Notice:
        """Wait for the next. Raises the DeviceError that was put."""
        while not self._held:
            self._changed.clear()
            await self._changed.wait()
        notice = self._held.popleft()
        if isinstance(notice, DeviceError):
            raise notice
        return notice

    def _keep(self, *kinds: ReaderNotice) -> None:
        kept = [one for one in self._held if one in kinds or isinstance(one, DeviceError)]
        self._held.clear()
        self._held.extend(kept)
