"""A line on which every byte takes its ten bit times, both ways; pure, in event time.

The emulator sees each byte at the instant its stop bit ends, so that it can hold the silences of
its protocol (Modbus t1.5 and t3.5) against its manual, however late the process runs.
"""

import random
from collections import deque
from typing import Protocol, runtime_checkable

from drivers.faults import Fault, FaultKind, Faults, NoFaults, PacedBytes, Way, distort, plain

BITS_PER_BYTE = 10
"""8N1: start bit, eight data bits, stop bit."""
USB_FRAME_S = 0.001
"""A full-speed USB adapter hands bytes over once a millisecond; so does the line. It saves a
process woken up for every byte, and changes no time that the emulator sees.
"""
LINE_BUFFER_BYTES = 65536
"""What is in flight on a line at most; a byte beyond it is lost, as in a UART that overruns."""


class Emulator(Protocol):
    """A device as its wire sees it. It has no clock: every call carries the time."""

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes whose last stop bit ended at `now_s`."""
        ...

    def transmit(self, now_s: float) -> bytes:
        """Do everything that is due by `now_s`; the bytes to send, each handed over once."""
        ...

    def next_change(self, now_s: float) -> float | None:
        """When `transmit` must be called next if no byte arrives before; None: never.
        After a call of `transmit(now_s)` it is later than `now_s`.
        """
        ...


@runtime_checkable
class UsbPowered(Protocol):
    """An emulator of a device that lives on the power of its plug."""

    def power_cycle(self, now_s: float) -> None:
        """The plug was pulled: forget what does not survive that."""
        ...


@runtime_checkable
class SpeedSetting(Protocol):
    """An emulator of a device whose line speed a command changes."""

    baud: int
    """The speed at which it hears and speaks from now on."""


class Wire:
    """A paced full-duplex line between a host and an emulator; pure, in event time."""

    def __init__(self, emulator: Emulator, baud: int, faults: Faults | None = None) -> None:
        self.emulator = emulator
        self.baud = baud
        self.byte_s = BITS_PER_BYTE / baud
        self._set_baud = emulator.baud if isinstance(emulator, SpeedSetting) else baud
        self.faults: Faults = NoFaults() if faults is None else faults
        self.plugged = True
        self.generation = 0
        self._noise = random.Random(baud)
        self._to_device: deque[tuple[float, int]] = deque()
        self._to_host: deque[tuple[float, int]] = deque()
        self._free_s = {Way.REQUEST: 0.0, Way.REPLY: 0.0}
        self._now_s = 0.0
        self._deaf_until_s = 0.0
        self._held_reply = b""
        self._unplug_at: tuple[float, float] | None = None
        self._replug_at_s: float | None = None

    def host_write(self, data: bytes, now_s: float) -> None:
        """Bytes that the host hands to its UART at `now_s`; lost while unplugged."""
        if not self.plugged or not data:
            return
        fault = self.faults.draw(Way.REQUEST, now_s)
        if fault is not None and fault.kind is FaultKind.STUCK_BUSY:
            self._deaf_until_s = now_s + fault.size
        if now_s >= self._deaf_until_s:
            self._queue(Way.REQUEST, data, fault, now_s)

    def advance(self, now_s: float) -> bytes:
        """Everything that happens up to `now_s`; the bytes that have reached the host since."""
        while (due_s := self._next_inside()) is not None and due_s <= now_s:
            self._now_s = max(self._now_s, due_s)
            self._happen(self._now_s)
        self._now_s = max(self._now_s, now_s)
        arrived = bytearray()
        while self._to_host and self._to_host[0][0] <= now_s:
            arrived.append(self._to_host.popleft()[1])
        return bytes(arrived)

    def follow_speed(self) -> None:
        """Take the speed that the device was set to, once its answer at the old one is through."""
        # By name: this is asked at every byte, and a check of the protocol costs as much as the byte.
        set_baud: int = getattr(self.emulator, "baud", self._set_baud)
        if set_baud != self._set_baud and not self._to_host:
            self.baud = self._set_baud = set_baud
            self.byte_s = BITS_PER_BYTE / self.baud

    def next_event(self) -> float | None:
        """When `advance` must be called next; None: not before the host writes."""
        times = (_batch_end_s(self._to_device), _batch_end_s(self._to_host), self._next_own())
        return min((at for at in times if at is not None), default=None)

    def unplug(self, now_s: float, for_s: float | None) -> None:
        """Pull the plug: bytes in flight are lost. Back after `for_s`; None: until `replug`."""
        self.plugged = False
        self.generation += 1
        if isinstance(self.emulator, UsbPowered):
            self.emulator.power_cycle(now_s)
        self._unplug_at = None
        self._to_device.clear()
        self._to_host = deque(item for item in self._to_host if item[0] <= now_s)
        self._held_reply = b""
        self._replug_at_s = None if for_s is None else now_s + for_s

    def replug(self) -> None:
        """Put the plug back in."""
        self.plugged = True
        self._replug_at_s = None

    def mend(self) -> None:
        """Hear again, let go of a reply that a fault held back, and send what is in flight at the
        line's own speed.
        """
        self._deaf_until_s = 0.0
        self._held_reply = b""
        for way, queue in ((Way.REQUEST, self._to_device), (Way.REPLY, self._to_host)):
            at_s = self._now_s
            for index, (due_s, byte) in enumerate(queue):
                at_s = min(due_s, at_s + self.byte_s)
                queue[index] = (at_s, byte)
            self._free_s[way] = at_s

    @property
    def busy_until_s(self) -> float:
        """When the last byte in flight has left the line."""
        return max(self._free_s.values())

    def _next_inside(self) -> float | None:
        own_s = self._next_own()
        if not self._to_device:
            return own_s
        byte_s = self._to_device[0][0]
        return byte_s if own_s is None else min(byte_s, own_s)

    def _next_own(self) -> float | None:
        times = [
            self.emulator.next_change(self._now_s),
            self._unplug_at[0] if self._unplug_at else None,
            self._replug_at_s,
        ]
        return min((at for at in times if at is not None), default=None)

    def _happen(self, now_s: float) -> None:
        if self._unplug_at is not None and self._unplug_at[0] <= now_s:
            self.unplug(now_s, self._unplug_at[1])
        if self._replug_at_s is not None and self._replug_at_s <= now_s:
            self.replug()
        if self._to_device and self._to_device[0][0] <= now_s:
            self.emulator.receive(bytes([self._to_device.popleft()[1]]), now_s)
        reply = self.emulator.transmit(now_s)
        if reply and self.plugged:
            self._reply(reply, now_s)

    def _reply(self, reply: bytes, now_s: float) -> None:
        fault = self.faults.draw(Way.REPLY, now_s)
        if fault is not None and fault.kind is FaultKind.STALE:
            self._held_reply = reply
            return
        if self._held_reply:
            self._queue(Way.REPLY, self._held_reply, None, now_s)
            self._held_reply = b""
        self._queue(Way.REPLY, reply, fault, now_s)

    def _queue(self, way: Way, data: bytes, fault: Fault | None, now_s: float) -> None:
        paced = plain(data) if fault is None else distort(data, fault, self._noise)
        last_s = self._pace(way, paced, now_s)
        if fault is not None and fault.kind is FaultKind.UNPLUG:
            cut_s = last_s - (len(paced) // 2 - 0.5) * self.byte_s
            self._unplug_at = (cut_s, fault.size)

    def _pace(self, way: Way, paced: PacedBytes, now_s: float) -> float:
        queue = self._to_device if way is Way.REQUEST else self._to_host
        at_s = max(now_s, self._free_s[way])
        for silence_s, byte in paced[: LINE_BUFFER_BYTES - len(queue)]:
            at_s += silence_s + self.byte_s
            queue.append((at_s, byte))
        self._free_s[way] = at_s
        return at_s


def _batch_end_s(queue: deque[tuple[float, int]]) -> float | None:
    return min(queue[0][0] + USB_FRAME_S, queue[-1][0]) if queue else None
