"""The emulator's side of a line: inside this process, or behind a pseudo-terminal.

Both drive a `Wire` (drivers.paced) by the running loop's clock, which may be a virtual one.
"""

import asyncio
import contextlib
import os
import termios
import tty
from pathlib import Path

from drivers.errors import LinkLost
from drivers.faults import Faults
from drivers.inbox import Inbox
from drivers.paced import Emulator, Wire


class _LoopLine:
    """A wire driven by the running loop's clock."""

    def __init__(self, emulator: Emulator, baud: int, faults: Faults | None = None) -> None:
        self.wire = Wire(emulator, baud, faults)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due_s = 0.0
        self._plug = (self.wire.plugged, self.wire.generation)

    def poke(self) -> None:
        """Bring the line up to now and look again when it must wake: call it after anything
        that changed the emulator from outside (a document laid, a body moved).
        """
        if self._loop is not None:
            self._pump(self._loop.time())

    def unplug(self, for_s: float | None = None) -> None:
        """Pull the plug now, and put it back after `for_s` (None: `replug` does)."""
        self.wire.unplug(self._require_loop().time(), for_s)
        self.poke()

    def replug(self) -> None:
        """Put the plug back in."""
        self.wire.replug()
        self.poke()

    def _require_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop if self._loop is not None else asyncio.get_running_loop()

    def _bind(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not loop:
            self._stop_timer()
            self._loop = loop

    def _pump(self, now_s: float) -> None:
        data = self.wire.advance(now_s)
        if data:
            self._deliver(data)
        self.wire.follow_speed()
        plug = (self.wire.plugged, self.wire.generation)
        if plug != self._plug:
            self._plug = plug
            self._plug_changed()
        self._rearm()

    def _rearm(self) -> None:
        self._stop_timer()
        due_s = self.wire.next_event()
        if due_s is not None and self._loop is not None:
            self._due_s = due_s
            self._timer = self._loop.call_at(due_s, self._wake)

    def _wake(self) -> None:
        # A loop may fire a timer a clock tick early; the event is due all the same.
        self._pump(max(self._require_loop().time(), self._due_s))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _deliver(self, data: bytes) -> None:
        raise NotImplementedError

    def _plug_changed(self) -> None:
        raise NotImplementedError


class NullLine(_LoopLine):
    """A line inside this process: no file, no thread, only the loop's clock."""

    def __init__(
        self, name: str, emulator: Emulator, baud: int, faults: Faults | None = None
    ) -> None:
        super().__init__(emulator, baud, faults)
        self.name = name
        self._link: NullLink | None = None

    def open(self) -> "NullLink":
        """Plug a host in. Raises LinkLost when unplugged or already open."""
        address = f"null:{self.name}"
        self._bind(asyncio.get_running_loop())
        self.poke()
        if not self.wire.plugged:
            raise LinkLost(f"{address} is unplugged: plug the device back in")
        if self._link is not None:
            raise LinkLost(f"{address} is already open: close the other user first")
        self._link = NullLink(address, self)
        return self._link

    def host_write(self, data: bytes) -> None:
        """Bytes from the host, handed over now."""
        now_s = self._require_loop().time()
        self._pump(now_s)
        self.wire.host_write(data, now_s)
        self._rearm()

    def released(self) -> None:
        """The host has closed its end; the device lives on."""
        self._link = None

    def _deliver(self, data: bytes) -> None:
        if self._link is not None:
            self._link.arrived(data)

    def _plug_changed(self) -> None:
        if self._link is not None:
            self._link.lost()
            self._link = None


class NullLink:
    """The host's end of a `NullLine`; a `drivers.link.Link`."""

    def __init__(self, address: str, line: NullLine) -> None:
        self.address = address
        self._line = line
        self._inbox = Inbox(address)

    async def write(self, data: bytes) -> None:
        """Hand bytes to the line; they travel at its speed. Raises LinkLost."""
        self._inbox.check()
        self._line.host_write(data)
        self._inbox.check()

    async def read(self, timeout_s: float) -> bytes:
        """At least one byte. Raises ReplyTimeout, LinkLost."""
        return await self._inbox.get(timeout_s)

    def discard(self) -> None:
        """Drop bytes that were received and not read."""
        self._inbox.clear()

    async def close(self) -> None:
        """Let the line go; closing twice is fine."""
        if not self._inbox.is_lost:
            self._inbox.lose("closed by this process")
            self._line.released()

    def arrived(self, data: bytes) -> None:
        """Bytes whose stop bits have ended."""
        self._inbox.put(data)

    def lost(self) -> None:
        """The plug was pulled."""
        self._inbox.lose("device unplugged")


class PtyLine(_LoopLine):
    """An emulator on a pseudo-terminal with a stable name.

    `path` becomes a symbolic link to the pseudo-terminal and is swapped at a replug, as udev does
    below /dev/serial/by-id. With `any_baud` false a host that opened the port at another speed
    than `baud` gets garbage both ways, as on a real line (a USB-CDC device has no real line).
    """

    def __init__(
        self,
        emulator: Emulator,
        path: Path,
        baud: int,
        faults: Faults | None = None,
        *,
        any_baud: bool = False,
    ) -> None:
        super().__init__(emulator, baud, faults)
        self.path = path
        self._any_baud = any_baud
        self._master = -1
        self._slave = -1

    def start(self) -> None:
        """Appear under `path`; needs a running loop. Raises OSError if the name is taken by
        something that is not a symbolic link.
        """
        self._bind(asyncio.get_running_loop())
        self._plug_in()
        self.poke()

    def close(self) -> None:
        """Vanish."""
        self._stop_timer()
        self._pull_out()

    def _plug_in(self) -> None:
        self._master, self._slave = os.openpty()
        # Kept open here: at the last close a terminal falls back to its cooked, echoing mode.
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._name_it()
        self._require_loop().add_reader(self._master, self._on_readable)

    def _name_it(self) -> None:
        if self.path.exists() and not self.path.is_symlink():
            raise FileExistsError(f"{self.path} exists and is no symbolic link: give another name")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self.path)

    def _pull_out(self) -> None:
        if self._master < 0:
            return
        self._require_loop().remove_reader(self._master)
        self.path.unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1

    def _on_readable(self) -> None:
        try:
            data = os.read(self._master, 4096)
        except OSError:
            return  # pulled out in the same turn of the loop
        now_s = self._require_loop().time()
        self._pump(now_s)
        if self._master >= 0:
            self.wire.host_write(self._at_host_speed(data), now_s)
        self._rearm()

    def _deliver(self, data: bytes) -> None:
        # A host that does not read overruns, as on a real port.
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, self._at_host_speed(data))

    def _at_host_speed(self, data: bytes) -> bytes:
        speed = getattr(termios, f"B{self.wire.baud}", None)
        if self._any_baud or speed in (None, termios.tcgetattr(self._slave)[5]):
            return data
        return bytes((byte * 37 + 11) & 0xFF | 0x80 for byte in data)

    def _plug_changed(self) -> None:
        self._pull_out()
        if self.wire.plugged:
            self._plug_in()


__all__ = ["Emulator", "NullLine", "NullLink", "PtyLine", "Wire"]
