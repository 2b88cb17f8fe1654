"""A Modbus-RTU relay and input board as its wire sees it, with the gate behind it.

A request is taken once 3.5 characters of silence have ended it; a gap of more than 1.5 inside
spoils it. A wrong check sum or another unit number is met with silence.
"""

from drivers.door_relay import emulated_modbus as modbus
from drivers.door_relay.emulated_wiring import Terminals, Wiring
from drivers.plant import Plant


class ModbusBoardEmulator:
    """A `drivers.line.Emulator` of a board with unit number `unit` at `baud`."""

    def __init__(
        self, plant: Plant, *, baud: int = 9600, unit: int = 1, wiring: Wiring | None = None
    ) -> None:
        self.terminals = Terminals(Wiring() if wiring is None else wiring, plant)
        self._unit = unit
        self._collector = modbus.FrameCollector(modbus.Silences.at(baud))
        self._functions = {
            0x01: self._read_coils,
            0x02: self._read_inputs,
            0x05: self._write_coil,
            0x0F: self._write_coils,
        }

    def receive(self, data: bytes, now_s: float) -> None:
        """Bytes of the host; the last one ended at `now_s`."""
        for byte in data:
            self._collector.take(byte, now_s)

    def transmit(self, now_s: float) -> bytes:
        """The reply to a request that has ended, and pulses that are over."""
        frame = self._collector.finished(now_s)
        pulse_ends_s = self.terminals.next_change()
        if not frame and (pulse_ends_s is None or pulse_ends_s > now_s):
            return b""
        powered = self.terminals.catch_up(now_s)
        body = modbus.addressed(frame, self._unit)
        if body is None or not powered:
            return b""
        reply = self._perform(body, now_s)
        return b"" if frame[0] == 0 else modbus.answer(self._unit, reply)

    def next_change(self, now_s: float) -> float | None:
        """The end of the frame under way, or of a pulse."""
        times = (self._collector.ends_s(), self.terminals.next_change())
        return min((at for at in times if at is not None), default=None)

    def _perform(self, body: bytes, now_s: float) -> bytes:
        function = self._functions.get(body[0])
        if function is None:
            return modbus.refusal(body[0], modbus.ILLEGAL_FUNCTION)
        if len(body) < 5:
            return modbus.refusal(body[0], modbus.ILLEGAL_VALUE)
        return function(body, now_s)

    def _read_coils(self, body: bytes, now_s: float) -> bytes:
        return self._read(body, self.terminals.relays)

    def _read_inputs(self, body: bytes, now_s: float) -> bytes:
        return self._read(body, self.terminals.inputs())

    def _read(self, body: bytes, values: list[bool]) -> bytes:
        first, count = modbus.word(body, 1), modbus.word(body, 3)
        if not 1 <= count <= 2000 or len(body) != 5:
            return modbus.refusal(body[0], modbus.ILLEGAL_VALUE)
        if first + count > len(values):
            return modbus.refusal(body[0], modbus.ILLEGAL_ADDRESS)
        return body[:1] + modbus.packed(values[first : first + count])

    def _write_coil(self, body: bytes, now_s: float) -> bytes:
        coil, value = modbus.word(body, 1), body[3:5]
        flashed = coil - modbus.FLASH_ON
        if coil != modbus.ALL_RELAYS and not (self._has(coil) or self._has(flashed)):
            return modbus.refusal(body[0], modbus.ILLEGAL_ADDRESS)
        if self._has(flashed):
            return self._flash(body, flashed, now_s)
        if len(body) != 5 or value not in (modbus.COIL_ON, modbus.COIL_OFF, modbus.COIL_TOGGLE):
            return modbus.refusal(body[0], modbus.ILLEGAL_VALUE)
        every = range(len(self.terminals.relays))
        for relay in every if coil == modbus.ALL_RELAYS else [coil]:
            toggled = not self.terminals.relays[relay]
            on = toggled if value == modbus.COIL_TOGGLE else value == modbus.COIL_ON
            self.terminals.switch(relay, on, now_s)
        return body

    def _flash(self, body: bytes, relay: int, now_s: float) -> bytes:
        tenths = modbus.word(body, 3)
        if not 1 <= tenths <= 0x7FFF or len(body) != 5:
            return modbus.refusal(body[0], modbus.ILLEGAL_VALUE)
        self.terminals.pulse(relay, tenths / 10, now_s)
        return body

    def _write_coils(self, body: bytes, now_s: float) -> bytes:
        first, count = modbus.word(body, 1), modbus.word(body, 3)
        size = (count + 7) // 8
        if not 1 <= count <= 1968 or len(body) != 6 + size or body[5] != size:
            return modbus.refusal(body[0], modbus.ILLEGAL_VALUE)
        if first + count > len(self.terminals.relays):
            return modbus.refusal(body[0], modbus.ILLEGAL_ADDRESS)
        for i in range(count):
            on = bool(body[6 + i // 8] >> (i % 8) & 1)
            self.terminals.switch(first + i, on, now_s)
        return body[:5]

    def _has(self, relay: int) -> bool:
        return 0 <= relay < len(self.terminals.relays)
