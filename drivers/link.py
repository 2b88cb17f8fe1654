"""The host's side of a line: a serial port, a pseudo-terminal, or a line inside this process.

Which one it is stands in the address, and nothing falls back to another: `serial:/dev/...`,
`pty:/path`, `null:NAME`. The only module with pyserial. No thread: the port's descriptor waits in
the running loop, so the same driver runs in real and in virtual time.
"""

import asyncio
import contextlib
import os
import termios
from pathlib import Path
from typing import Protocol

import serial

from drivers.errors import LinkLost, ReplyTimeout
from drivers.faults import Faults
from drivers.inbox import Inbox
from drivers.line import Emulator, NullLine

PORT_ERRORS = (OSError, serial.SerialException, termios.error)
"""All that a vanished port raises, and nothing else (termios.error is no OSError)."""
WRITE_TIMEOUT_S = 1.0
"""A port that takes no byte for so long is dead: the longest frame of any device needs 0.3 s."""


class Link(Protocol):
    """An open line. One user at a time: `read` has a single waiter."""

    address: str

    async def write(self, data: bytes) -> None:
        """Hand all bytes to the line. Raises LinkLost."""
        ...

    async def read(self, timeout_s: float) -> bytes:
        """What is there, at least one byte, as soon as any is there.
        Raises ReplyTimeout after `timeout_s`, LinkLost when the port is gone.
        """
        ...

    def discard(self) -> None:
        """Drop bytes that were received and not read."""
        ...

    async def close(self) -> None:
        """Let the port go; closing twice is fine."""
        ...


_null_lines: dict[str, NullLine] = {}


def register_null(
    name: str, emulator: Emulator, baud: int, faults: Faults | None = None
) -> NullLine:
    """Make `null:NAME` open a line of this speed to this emulator. Raises ValueError if taken."""
    if name in _null_lines:
        raise ValueError(f"null:{name} is registered already")
    _null_lines[name] = NullLine(name, emulator, baud, faults)
    return _null_lines[name]


def unregister_null(name: str) -> None:
    """Forget `null:NAME`; an unknown name is fine."""
    _null_lines.pop(name, None)


async def open_link(address: str, *, baud: int) -> Link:
    """Open the line at `address` with 8N1 at `baud`, exclusively.

    Raises LinkLost if it is not there or in use, ValueError for an address of no known kind.
    """
    kind, _, rest = address.partition(":")
    if kind == "null" and rest:
        return _open_null(rest)
    if kind in ("serial", "pty") and rest.startswith("/"):
        return SerialLink(address, Path(rest), baud)
    raise ValueError(f"device address {address!r} is none of serial:/dev/..., pty:/path, null:NAME")


def _open_null(name: str) -> Link:
    line = _null_lines.get(name)
    if line is None:
        raise LinkLost(f"null:{name} is not there: register its emulator before opening it")
    return line.open()


class SerialLink:
    """A port of the operating system, opened at construction. Raises LinkLost."""

    def __init__(self, address: str, path: Path, baud: int) -> None:
        self.address = address
        self._inbox = Inbox(address)
        self._loop = asyncio.get_running_loop()
        try:
            self._port = serial.Serial(str(path), baud, timeout=0, exclusive=True)
        except PORT_ERRORS as error:
            raise LinkLost(
                f"{address} cannot be opened ({_reason(error)}): check cable, name and permission"
            ) from None
        self._fd: int = self._port.fileno()
        _prepare(self._port)
        self._loop.add_reader(self._fd, self._on_readable)

    async def write(self, data: bytes) -> None:
        """Hand all bytes to the port. Raises LinkLost."""
        left = memoryview(data)
        while left:
            self._inbox.check()
            try:
                left = left[os.write(self._fd, left) :]
            except BlockingIOError:
                await self._until_writable()
            except PORT_ERRORS as error:
                self._lose(error)

    async def read(self, timeout_s: float) -> bytes:
        """At least one byte. Raises ReplyTimeout, LinkLost."""
        return await self._inbox.get(timeout_s)

    def discard(self) -> None:
        """Drop bytes that were received and not read, the kernel's included."""
        if not self._inbox.is_lost:
            self._on_readable()
        self._inbox.clear()

    async def close(self) -> None:
        """Give the port back; closing twice is fine."""
        self._inbox.lose("closed by this process")
        self._release()

    def _on_readable(self) -> None:
        try:
            while data := os.read(self._fd, 4096):
                self._inbox.put(data)
            self._lose(OSError("end of file"))
        except BlockingIOError:
            return
        except PORT_ERRORS as error:
            self._lose(error)

    async def _until_writable(self) -> None:
        writable = asyncio.Event()
        self._loop.add_writer(self._fd, writable.set)
        try:
            await asyncio.wait_for(writable.wait(), WRITE_TIMEOUT_S)
        except TimeoutError:
            self._lose(OSError("takes no bytes"))
        finally:
            if self._fd >= 0:
                self._loop.remove_writer(self._fd)

    def _lose(self, error: Exception) -> None:
        self._inbox.lose(f"port lost ({_reason(error)}): plug the device back in")
        self._release()

    def _release(self) -> None:
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            self._fd = -1
            with contextlib.suppress(*PORT_ERRORS):
                self._port.close()


def _prepare(port: serial.Serial) -> None:
    with contextlib.suppress(*PORT_ERRORS):
        # pyserial asks for reads that return nothing at once; that looks like a hang-up.
        attributes = termios.tcgetattr(port.fileno())
        attributes[6][termios.VMIN] = 1
        termios.tcsetattr(port.fileno(), termios.TCSANOW, attributes)
    # An FTDI chip otherwise keeps a reply back for up to 16 ms; ports without the ioctl refuse.
    with contextlib.suppress(*PORT_ERRORS, ValueError, NotImplementedError):
        port.set_low_latency_mode(True)


def _reason(error: Exception) -> str:
    number = getattr(error, "errno", None)
    return os.strerror(number) if isinstance(number, int) else str(error)


__all__ = [
    "Link",
    "LinkLost",
    "ReplyTimeout",
    "SerialLink",
    "open_link",
    "register_null",
    "unregister_null",
]
