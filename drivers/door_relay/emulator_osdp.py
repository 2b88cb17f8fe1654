"""An OSDP device with relays, inputs and a card reader, as its wire sees it. Needs `osdp`.

libosdp is the device's side of the protocol, so its codec is not of our hand. Its own clock is
the machine's: this emulator does not run in virtual time. libosdp 3.2.9 cannot answer a question
for outputs or inputs (it refuses with a NAK), so the device tells every change by itself, as the
standard allows.
"""

from collections.abc import Sequence
from typing import Any

import osdp
import osdp_sys

from drivers.door_relay.emulated_wiring import Terminals, Wiring
from drivers.plant import Plant

DEFAULT_KEY = bytes(range(0x30, 0x40))
"""SCBK-D, the standard's well-known key: for a bench, never for a gate."""
WORK_EVERY_S = 0.005
ASLEEP_AFTER_S = 10.0
PERMANENT_OFF, PERMANENT_ON = (1, 3), (2, 4)
TIMED_ON, TIMED_OFF = 5, 6
CARD_BITS_MAX = 512
PACKET_BYTES_MAX = 1440
PACKET_PAUSE_S = 0.02
"""A packet that pauses so long in the middle is given up (IEC 60839-11-5: 20 ms)."""


class _Line(osdp.Channel):  # type: ignore[misc]  # the library has no types
    """Hands the library whole packets: it loses one that it meets half way."""

    def __init__(self) -> None:
        super().__init__()
        self._partial = b""
        self._packets = b""
        self.outgoing = bytearray()

    def take(self, byte: int) -> None:
        """One byte of the panel; a packet is 53h, address, length in two bytes, the rest."""
        self._partial += bytes([byte])
        if not self._partial.startswith(b"\x53") or len(self._partial) > PACKET_BYTES_MAX:
            self._partial = b""
        elif len(self._partial) >= 4:
            length = self._partial[2] + 256 * self._partial[3]
            if len(self._partial) >= length:
                self._packets += b"\xff" + self._partial
                self._partial = b""

    def forget_partial(self) -> None:
        self._partial = b""

    def read(self, max_bytes: int) -> bytes:
        data, self._packets = self._packets[:max_bytes], self._packets[max_bytes:]
        return data

    def write(self, buf: bytes) -> int:
        self.outgoing += buf
        return len(buf)

    def flush(self) -> None:
        self._partial = self._packets = b""


class OsdpEmulator:
    """A `drivers.line.Emulator` of a device at `address` with the base key `key`."""

    def __init__(
        self,
        plant: Plant,
        *,
        address: int = 1,
        key: bytes = DEFAULT_KEY,
        wiring: Wiring | None = None,
    ) -> None:
        self.terminals = Terminals(Wiring() if wiring is None else wiring, plant)
        self._address, self._key = address, key
        self._now_s = 0.0
        self._heard_s: float | None = None
        self._told: dict[int, bytes] = {}
        self._line, self._device = self._new_device()

    def receive(self, data: bytes, now_s: float) -> None:
        """Bytes of the host."""
        if self._heard_s is not None and now_s - self._heard_s > PACKET_PAUSE_S:
            self._line.forget_partial()
        self._now_s = self._heard_s = now_s
        for byte in data:
            self._line.take(byte)

    def transmit(self, now_s: float) -> bytes:
        """What the device says now; pulses that are over, changes that must be told."""
        self._now_s = now_s
        powered = self.terminals.catch_up(now_s)
        if not powered:
            return b""
        self._device.refresh()
        self._tell_changes()
        said = bytes(self._line.outgoing)
        self._line.outgoing.clear()
        return said

    def next_change(self, now_s: float) -> float | None:
        """The library wants to be called again and again while a panel speaks; pulses end."""
        spoken = self._heard_s is not None and now_s - self._heard_s < ASLEEP_AFTER_S
        times = (self._now_s + WORK_EVERY_S if spoken else None, self.terminals.next_change())
        return min((at for at in times if at is not None), default=None)

    def power_cycle(self, now_s: float) -> None:
        """The plug was pulled: relays fall, the channel is gone."""
        for relay in range(len(self.terminals.relays)):
            self.terminals.switch(relay, False, now_s)
        self._told.clear()
        self._line, self._device = self._new_device()

    def hold_card(self, data: bytes, bits: int | None = None) -> None:
        """Hold a card to the reader; `bits` (default: all) at most 512."""
        length = 8 * len(data) if bits is None else bits
        if not 1 <= length <= min(CARD_BITS_MAX, 8 * len(data)):
            raise ValueError("a card has 1 to 512 bits")
        self._device.submit_event(
            {
                "event": osdp.Event.CardRead,
                "reader_no": 0,
                "direction": 0,
                "format": osdp.CardFormat.Wiegand,
                "length": length,
                "data": data,
            }
        )

    def _new_device(self) -> tuple[_Line, Any]:
        line = _Line()
        osdp_sys.set_loglevel(osdp.LogLevel.Emergency)
        able = osdp.PDCapabilities(
            [
                (osdp.Capability.OutputControl, 1, len(self.terminals.relays)),
                (osdp.Capability.ContactStatusMonitoring, 1, len(self.terminals.inputs())),
                (osdp.Capability.CardDataFormat, 1, 1),
            ]
        )
        flags = [osdp.LibFlag.EnforceSecure]
        info = osdp.PDInfo(self._address, line, scbk=self._key, flags=flags)
        device = osdp_sys.PeripheralDevice(info.get(), capabilities=able.get())
        device.set_command_callback(self._obey)
        return line, device

    def _tell_changes(self) -> None:
        if not self._device.is_sc_active():
            self._told.clear()  # whoever comes next is told everything
            return
        self._tell(osdp.StatusReportType.Output, self.terminals.relays)
        self._tell(osdp.StatusReportType.Input, self.terminals.inputs())

    def _tell(self, kind: int, states: Sequence[bool]) -> None:
        report = bytes(states)
        if self._told.get(kind) != report:
            event = {"event": osdp.Event.Status, "type": kind, "report": report}
            if self._device.submit_event(event):
                self._told[kind] = report

    def _obey(self, command: dict[str, Any]) -> tuple[int, None]:
        if command["command"] != osdp.Command.Output:
            return -1, None
        relay, code = command["output_no"], command["control_code"]
        if not 0 <= relay < len(self.terminals.relays):
            return -1, None
        if code in PERMANENT_OFF or code in PERMANENT_ON or code == TIMED_OFF:
            self.terminals.switch(relay, code in PERMANENT_ON, self._now_s)
        elif code == TIMED_ON and command["timer_count"]:
            self.terminals.pulse(relay, command["timer_count"] / 10, self._now_s)
        # The panel dropped its last report with this command: tell the outputs again.
        self._told.pop(osdp.StatusReportType.Output, None)
        return 0, None
