"""Modbus-RTU as a master speaks it to a relay board: frames <-> values, pure.

Sources: MODBUS Application Protocol V1.1b3 (functions, exceptions), MODBUS over Serial Line
V1.02 (framing, CRC, silences), Waveshare "Modbus RTU Relay" wiki (pulse addresses).
"""

from dataclasses import dataclass

from drivers.errors import DeviceFault, ProtocolViolation

READ_COILS = 0x01  # V1.1b3, 6.1
READ_INPUTS = 0x02  # V1.1b3, 6.2
WRITE_COIL = 0x05  # V1.1b3, 6.5
ON, OFF = 0xFF00, 0x0000  # V1.1b3, 6.5: the only two values of a coil
PULSE_ON = 0x0200  # Waveshare: "flash on" of relay n is coil 0200h + n, value n x 100 ms
PULSE_TENTHS_MAX = 0x7FFF  # Waveshare: longest flash
EXCEPTION = 0x80  # V1.1b3, 7: added to the function code
EXCEPTION_BYTES = 5  # V1.02, 2.5.1: address, function, code, CRC
FRAME_BYTES_MAX = 256  # V1.02, 2.5.1
EXCEPTION_TEXT = {  # V1.1b3, 7
    1: "illegal function: not this kind of board",
    2: "illegal address: the board has fewer channels than configured",
    3: "illegal value",
    4: "device failure",
    6: "device busy",
}


def _table() -> tuple[int, ...]:
    entries = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
        entries.append(crc)
    return tuple(entries)


_CRC_TABLE = _table()


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial A001h, start value FFFFh (V1.02, 6.2.2)."""
    crc = 0xFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


def t3_5_s(baud: int) -> float:
    """The silence between two frames: 3.5 characters, 1.75 ms above 19200 Bd (V1.02, 2.5.1.1)."""
    return 0.00175 if baud > 19200 else 35 / baud


@dataclass(frozen=True)
class Request:
    """A question, and what its answer looks like."""

    frame: bytes
    reply_bytes: int

    @property
    def head(self) -> bytes:
        """Address and function code, with which a good answer begins."""
        return self.frame[:2]


def _frame(unit: int, function: int, first: int, second: int) -> bytes:
    body = bytes([unit, function]) + first.to_bytes(2, "big") + second.to_bytes(2, "big")
    return body + crc16(body).to_bytes(2, "little")


def read_coils(unit: int, count: int) -> Request:
    """Ask for coils 0 to count-1."""
    return Request(_frame(unit, READ_COILS, 0, count), 5 + (count + 7) // 8)


def read_inputs(unit: int, count: int) -> Request:
    """Ask for discrete inputs 0 to count-1."""
    return Request(_frame(unit, READ_INPUTS, 0, count), 5 + (count + 7) // 8)


def write_coil(unit: int, coil: int, *, on: bool) -> Request:
    """Switch one coil to a named position."""
    return Request(_frame(unit, WRITE_COIL, coil, ON if on else OFF), 8)


def pulse_coil(unit: int, coil: int, tenths: int) -> Request:
    """Switch one coil on; the firmware switches it off after `tenths` times 100 ms."""
    return Request(_frame(unit, WRITE_COIL, PULSE_ON + coil, min(tenths, PULSE_TENTHS_MAX)), 8)


class ReplyDecoder:
    """Finds the answer to one request in what the line brings.

    Noise and answers to earlier questions before it are stepped over; an exception ends at its
    fifth byte. Holds at most one longest frame.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._buffer = bytearray()

    def feed(self, data: bytes) -> bytes | None:
        """The payload of the answer (without address, function, CRC), or None: not there yet.

        Raises ProtocolViolation for an answer that is broken, DeviceFault for an exception.
        """
        self._buffer += data
        for start in range(len(self._buffer) - EXCEPTION_BYTES + 1):
            payload = self._try(bytes(self._buffer[start:]), first=start == 0)
            if payload is not None:
                return payload
        if len(self._buffer) > FRAME_BYTES_MAX:
            raise ProtocolViolation("over 256 bytes without an answer in them: a wrong device?")
        return None

    def _try(self, tail: bytes, *, first: bool) -> bytes | None:
        unit, function = self._request.head
        if tail[0] != unit or tail[1] & ~EXCEPTION != function:
            return None
        size = EXCEPTION_BYTES if tail[1] & EXCEPTION else self._request.reply_bytes
        frame = tail[:size]
        if len(frame) < size:
            return None
        if crc16(frame[:-2]).to_bytes(2, "little") != frame[-2:]:
            if first:
                raise ProtocolViolation("an answer with a wrong check sum: noise on the line?")
            return None
        if tail[1] & EXCEPTION:
            text = EXCEPTION_TEXT.get(frame[2], "unknown reason")
            raise DeviceFault(f"the board refused with exception {frame[2]} ({text})")
        return frame[2:-2]


def check_echo(request: Request, payload: bytes) -> None:
    """A switching command is answered by itself. Raises ProtocolViolation."""
    if payload != request.frame[2:-2]:
        raise ProtocolViolation("the board acknowledged another command than the one it was given")


def bits(payload: bytes, count: int) -> tuple[bool, ...]:
    """The values of a read, lowest address first. Raises ProtocolViolation."""
    if len(payload) < 1 or payload[0] != len(payload) - 1 or len(payload) - 1 != (count + 7) // 8:
        raise ProtocolViolation("a read was answered with another number of values")
    return tuple(bool(payload[1 + i // 8] >> i % 8 & 1) for i in range(count))
