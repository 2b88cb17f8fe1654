"""Modbus-RTU as a relay board hears it; written from the manuals, shared with no driver.

Sources: MODBUS Application Protocol V1.1b3 (chapter 6: functions; chapter 7: exceptions),
MODBUS over Serial Line V1.02 (2.5.1: RTU framing; 6.2: CRC), Waveshare "Modbus RTU Relay" wiki
(coils 00FFh: all relays; 0200h + n: flash on; value 5500h: toggle).
"""

from dataclasses import dataclass

ALL_RELAYS = 0xFF
FLASH_ON = 0x200
COIL_ON, COIL_OFF, COIL_TOGGLE = b"\xff\x00", b"\x00\x00", b"\x55\x00"
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3


def checksum(frame: bytes) -> bytes:
    """The two bytes that end a frame, bit by bit as in V1.02, 6.2.2."""
    register = 0xFFFF
    for byte in frame:
        register ^= byte
        for _ in range(8):
            odd = register & 1
            register >>= 1
            if odd:
                register ^= 0xA001
    return bytes([register & 0xFF, register >> 8])


@dataclass(frozen=True)
class Silences:
    """A gap longer than `within_s` inside a frame spoils it; one of `after_s` ends it."""

    byte_s: float
    within_s: float
    after_s: float

    @classmethod
    def at(cls, baud: int) -> "Silences":
        """t1.5 and t3.5; fixed above 19200 Bd (V1.02, 2.5.1.1)."""
        byte_s = 10 / baud
        if baud > 19200:
            return cls(byte_s, 0.00075, 0.00175)
        return cls(byte_s, 1.5 * byte_s, 3.5 * byte_s)


class FrameCollector:
    """Cuts the incoming bytes into frames by their silences, as the receiver of V1.02 does."""

    def __init__(self, silences: Silences) -> None:
        self._silences = silences
        self._frame = bytearray()
        self._last_s = 0.0
        self._spoilt = False

    def take(self, byte: int, now_s: float) -> None:
        """A byte whose stop bit ended at `now_s`."""
        # A tolerance of a tenth of a bit: adding up byte times is not exact.
        slack_s = self._silences.byte_s / 100
        if self._frame:
            gap_s = now_s - self._last_s - self._silences.byte_s
            self._spoilt |= gap_s > self._silences.within_s + slack_s
        self._last_s = now_s
        self._frame.append(byte)
        if len(self._frame) > 256:
            self._spoilt = True
            del self._frame[1:]

    def ends_s(self) -> float | None:
        """When the frame under way will be over, if no byte follows."""
        return self._last_s + self._silences.after_s if self._frame else None

    def finished(self, now_s: float) -> bytes:
        """The frame that the silence up to `now_s` has ended; empty if none, or spoilt."""
        ends_s = self.ends_s()
        if ends_s is None or now_s < ends_s:
            return b""
        frame, spoilt = bytes(self._frame), self._spoilt
        self._frame.clear()
        self._spoilt = False
        return b"" if spoilt else frame


def addressed(frame: bytes, unit: int) -> bytes | None:
    """The function part of a sound frame to this unit or to all (0); None: stay silent."""
    sound = len(frame) >= 4 and frame[-2:] == checksum(frame[:-2])
    return frame[1:-2] if sound and frame[0] in (0, unit) else None


def answer(unit: int, body: bytes) -> bytes:
    """A reply with address and check sum."""
    frame = bytes([unit]) + body
    return frame + checksum(frame)


def refusal(function: int, code: int) -> bytes:
    """The body of an exception reply."""
    return bytes([function | 0x80, code])


def packed(values: list[bool]) -> bytes:
    """Count byte and values, eight to a byte, first one lowest."""
    data = bytearray((len(values) + 7) // 8)
    for i, value in enumerate(values):
        data[i // 8] |= value << (i % 8)
    return bytes([len(data)]) + bytes(data)


def word(data: bytes, at: int) -> int:
    """A big-endian 16-bit value."""
    return data[at] << 8 | data[at + 1]
