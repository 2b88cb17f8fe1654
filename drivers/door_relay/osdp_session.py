"""A secure OSDP channel to one device, over a link; the controller's side. Needs libosdp.

Source: IEC 60839-11-5 as libosdp implements it. The library keeps its own clock, wants to be
called every few milliseconds and must never wait for a byte, so it is pumped from the loop.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any

import osdp
import osdp_sys

from drivers.errors import DeviceFault, DriverError, LinkLost, ReplyTimeout
from drivers.link import Link

PUMP_S = 0.005
START_S = 3.0
"""From the first byte to the secure channel; it takes about 0.3 s at 9600 Bd."""
COMMAND_S = 1.0
SILENCE_S = 60.0
CARDS_KEPT = 16
REPORTS_KEPT = 64
# IEC 60839-11-5: mark, start of message, address, length (low byte first, mark not counted).
MARK, SOM = b"\xff", b"\x53"
HEADER_BYTES, FRAME_BYTES_MIN, FRAME_BYTES_MAX = 4, 7, 1440


class Frames(osdp.Channel):  # type: ignore[misc]  # the library has no types
    """What libosdp reads from and writes to: never a wait, and whole frames only, because
    libosdp 3.2.9 throws away a frame that it finds half received.
    """

    def __init__(self) -> None:
        super().__init__()
        self._heard = bytearray()
        self._whole = bytearray()
        self.said = bytearray()

    def hear(self, data: bytes) -> None:
        """Take bytes off the line; holds at most one frame that is not complete."""
        self._heard += data
        while (start := self._heard.find(SOM)) >= 0:
            del self._heard[:start]
            if len(self._heard) < HEADER_BYTES:
                return
            size = int.from_bytes(self._heard[2:4], "little")
            if not FRAME_BYTES_MIN <= size <= FRAME_BYTES_MAX:
                del self._heard[0]
            elif len(self._heard) < size:
                return
            else:
                self._whole += MARK + self._heard[:size]
                del self._heard[:size]
        self._heard.clear()

    def read(self, max_bytes: int) -> bytes:
        """What is whole, at most so much."""
        taken = bytes(self._whole[:max_bytes])
        del self._whole[:max_bytes]
        return taken

    def write(self, buf: bytes) -> int:
        """Take everything."""
        self.said += buf
        return len(buf)

    def flush(self) -> None:
        """Forget what was received."""
        self._heard.clear()
        self._whole.clear()


class Session:
    """One secure channel. `key`: the base key (SCBK), 16 bytes; there is no way without one."""

    def __init__(self, link: Link, address: int, key: bytes) -> None:
        if not 0 <= address <= 126 or len(key) != 16:
            raise ValueError("OSDP: an address from 0 to 126 and a key of 16 bytes")
        self._link = link
        self._frames = Frames()
        osdp_sys.set_loglevel(osdp.LogLevel.Emergency)  # what matters is raised
        flags = [osdp.LibFlag.EnforceSecure, osdp.LibFlag.EnableNotification]
        info = osdp.PDInfo(address, self._frames, scbk=key, flags=flags)
        self._panel = osdp_sys.ControlPanel([info.get()])
        self._panel.set_event_callback(self._on_event)
        self._panel.set_command_completion_callback(self._on_completion)
        self._waiting: deque[asyncio.Future[bool]] = deque()
        self._tasks: list[asyncio.Task[None]] = []
        self._lost: DriverError | None = None
        self.reports: deque[tuple[int, bytes]] = deque(maxlen=REPORTS_KEPT)
        """What the device said of its outputs and inputs since the channel stands, oldest first:
        (kind, a byte each).
        """
        self.cards: deque[tuple[int, bytes]] = deque(maxlen=CARDS_KEPT)
        """Cards held to the reader and not yet taken: (bits, data)."""

    @property
    def secure(self) -> bool:
        """Whether the secure channel stands."""
        return self._lost is None and bool(self._panel.sc_status())

    async def start(self) -> None:
        """Begin the secure channel. Raises ReplyTimeout, LinkLost."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._listen()), loop.create_task(self._pump())]
        await self.until(lambda: self.secure, START_S, "no secure channel: power, address, key?")

    async def stop(self) -> None:
        """Say nothing more; the link stays open."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def command(self, words: dict[str, Any]) -> None:
        """Send one command and wait until the device has carried it out.

        Raises DeviceFault when it refuses, ReplyTimeout, LinkLost.
        """
        self._check()
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if not self._panel.submit_command(0, words):
            raise ReplyTimeout(f"{self._link.address}: the OSDP device is offline")
        self._waiting.append(done)
        try:
            async with asyncio.timeout(COMMAND_S):
                carried_out = await done
        except TimeoutError:
            raise ReplyTimeout(f"{self._link.address}: the OSDP device does not answer") from None
        if not carried_out:
            self._check()
            raise DeviceFault(f"{self._link.address}: the OSDP device refused a command")

    def last(self, kind: int) -> bytes | None:
        """The last report of this kind."""
        return next((told for about, told in reversed(self.reports) if about == kind), None)

    def forget(self, kind: int) -> None:
        """Drop what was said of this kind: it is old now."""
        kept = [report for report in self.reports if report[0] != kind]
        self.reports.clear()
        self.reports.extend(kept)

    async def until(self, condition: Callable[[], bool], within_s: float, what: str) -> None:
        """Wait for something the device says. Raises ReplyTimeout with `what`, LinkLost."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + within_s
        while not condition():
            self._check()
            if loop.time() >= ends_s:
                raise ReplyTimeout(f"{self._link.address}: {what}")
            await asyncio.sleep(PUMP_S)
        self._check()

    def _check(self) -> None:
        if self._lost is not None:
            raise type(self._lost)(str(self._lost))

    async def _listen(self) -> None:
        try:
            while True:
                with contextlib.suppress(ReplyTimeout):
                    self._frames.hear(await self._link.read(SILENCE_S))
                await self._work()
        except LinkLost as error:
            self._end(error)

    async def _pump(self) -> None:
        try:
            while True:
                await self._work()
                await asyncio.sleep(PUMP_S)
        except LinkLost as error:
            self._end(error)

    async def _work(self) -> None:
        """Let the library think, and hand what it says to the line."""
        self._panel.refresh()
        said = bytes(self._frames.said)
        self._frames.said.clear()
        if said:
            await self._link.write(said)

    def _end(self, error: DriverError) -> None:
        self._lost = error
        while self._waiting:
            self._settle(False)

    def _settle(self, carried_out: bool) -> None:
        if self._waiting and not (done := self._waiting.popleft()).done():
            done.set_result(carried_out)

    def _on_event(self, device: int, event: dict[str, Any]) -> int:
        if event["event"] == osdp.Event.Status:
            self.reports.append((event["type"], bytes(event["report"])))
        elif event["event"] == osdp.Event.CardRead:
            self.cards.append((int(event["length"]), bytes(event["data"])))
        elif event["event"] == osdp.Event.Notification and not self._panel.sc_status():
            self.reports.clear()  # what was said on a channel that fell is old
        return 0

    def _on_completion(self, device: int, command: dict[str, Any], status: int) -> None:
        self._settle(status == osdp.CompletionStatus.Ok)
