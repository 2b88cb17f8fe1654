"""What has been received on a link and not yet been read."""

import asyncio

from drivers.errors import LinkLost, ReplyTimeout
from drivers.paced import LINE_BUFFER_BYTES


class Inbox:
    """Bytes received and not yet read, and the one reader that waits for them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._bytes = bytearray()
        self._lost: str | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_lost(self) -> bool:
        """Whether the link is gone for good."""
        return self._lost is not None

    def put(self, data: bytes) -> None:
        """Bytes arrived; a host that does not read keeps the newest 64 KiB."""
        self._bytes += data
        del self._bytes[:-LINE_BUFFER_BYTES]
        self._notify()

    def lose(self, why: str) -> None:
        """From now on every read raises LinkLost, once what is there has been read."""
        if self._lost is None:
            self._lost = why
        self._notify()

    def check(self) -> None:
        """Raise LinkLost if the link is gone."""
        if self._lost is not None:
            raise LinkLost(f"{self.address}: {self._lost}")

    def clear(self) -> None:
        """Drop what was received and not read."""
        self._bytes.clear()

    async def get(self, timeout_s: float) -> bytes:
        """At least one byte; raises ReplyTimeout after `timeout_s`, LinkLost when gone."""
        if not self._bytes:
            self.check()
            await self._wait(timeout_s)
        if self._bytes:
            data = bytes(self._bytes)
            self._bytes.clear()
            return data
        self.check()
        raise ReplyTimeout(f"{self.address}: nothing received within {timeout_s:.3f} s")

    async def _wait(self, timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_at(loop.time() + max(0.0, timeout_s), self._notify)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _notify(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
