"""Packets of the ZFM-20 / R30x / AS608 / R503 family.

Source: "ZFM User Manual" V1.3, "ZFM-70 Series User Manual" (sections 5 and 6), "R503 User Manual" V1.1::

    EF 01 | address u32 | kind | length u16 = payload + 2 | payload | sum u16 of kind..payload    (big-endian)
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from drivers.errors import ProtocolViolation
from drivers.fingerprint_reader.captures import GreyImage

START = b"\xef\x01"  # ZFM V1.3, "Data package format"
BROADCAST_ADDRESS = 0xFFFFFFFF  # the factory's address
POWER_ON = 0x55  # ZFM-70: one lone byte when the module has started
HEADER_BYTES = 9
MAX_PAYLOAD_BYTES = 256
PACKET_BYTES = (32, 64, 128, 256)  # data payload by packet code 0..3
BAUD_STEP = 9600  # line speed is N times this, N 1..12


class Kind(IntEnum):
    """Packet identifier."""

    COMMAND = 0x01
    DATA = 0x02
    ACK = 0x07
    END_DATA = 0x08


_KINDS = frozenset(map(int, Kind))


class Command(IntEnum):
    """Instruction code (ZFM-70 manual, list 0.4; LED and reset: R503 manual)."""

    GEN_IMAGE = 0x01
    IMAGE_TO_CHAR = 0x02
    MATCH = 0x03
    SEARCH = 0x04
    MAKE_MODEL = 0x05
    STORE = 0x06
    LOAD = 0x07
    UP_CHAR = 0x08
    DOWN_CHAR = 0x09
    UP_IMAGE = 0x0A
    DOWN_IMAGE = 0x0B
    DELETE = 0x0C
    EMPTY = 0x0D
    SET_PARAMETER = 0x0E
    READ_PARAMETERS = 0x0F
    SET_PASSWORD = 0x12
    VERIFY_PASSWORD = 0x13
    RANDOM = 0x14
    SET_ADDRESS = 0x15
    HANDSHAKE = 0x17
    WRITE_NOTE = 0x18
    READ_NOTE = 0x19
    FAST_SEARCH = 0x1B
    TEMPLATE_COUNT = 0x1D
    READ_INDEX = 0x1F
    LED = 0x35
    SOFT_RESET = 0x3D
    ECHO = 0x53


class Ack(IntEnum):
    """Confirmation code, first byte of every acknowledge."""

    OK = 0x00
    PACKET_ERROR = 0x01
    NO_FINGER = 0x02
    IMAGE_FAILED = 0x03
    MESSY = 0x06
    FEW_FEATURES = 0x07
    NO_MATCH = 0x08
    NOT_FOUND = 0x09
    ENROLL_MISMATCH = 0x0A
    BAD_POSITION = 0x0B
    LOAD_FAILED = 0x0C
    UPLOAD_CHAR_FAILED = 0x0D
    DATA_REFUSED = 0x0E
    UPLOAD_IMAGE_FAILED = 0x0F
    DELETE_FAILED = 0x10
    CLEAR_FAILED = 0x11
    WRONG_PASSWORD = 0x13
    NO_IMAGE = 0x15
    FLASH_ERROR = 0x18
    BAD_REGISTER = 0x1A
    WRONG_ADDRESS = 0x20
    PASSWORD_NEEDED = 0x21
    ECHO = 0x55


class Parameter(IntEnum):
    """Number of a settable system parameter."""

    BAUD = 4
    SECURITY = 5
    PACKET = 6


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; data packets carry biometrics, so the payload stays out of ``repr``."""

    kind: int
    payload: bytes = field(repr=False)
    address: int = BROADCAST_ADDRESS


def encode(packet: Packet) -> bytes:
    """Bytes of one packet. Raises ValueError for a payload over 256 bytes."""
    if len(packet.payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a packet carries at most {MAX_PAYLOAD_BYTES} bytes")
    size = (len(packet.payload) + 2).to_bytes(2, "big")
    summed = bytes([packet.kind]) + size + packet.payload
    return (
        START
        + packet.address.to_bytes(4, "big")
        + summed
        + (sum(summed) & 0xFFFF).to_bytes(2, "big")
    )


class Decoder:
    """Bytes in, packets out; holds at most one packet. A lone power-on byte is counted."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._ready: deque[Packet | ProtocolViolation] = deque()
        self._skipped = 0
        self.power_ons = 0

    def feed(self, data: bytes) -> None:
        """Take bytes off the wire."""
        waiting = deque(data)
        while waiting:
            self._held.append(waiting.popleft())
            if not self._viable():
                waiting.extendleft(reversed(self._held[1:]))
                self._skip(self._held[0])
                self._held.clear()
            elif self._complete() and not self._finish():
                # A broken packet may hide the start of a true one: look again behind its first byte.
                waiting.extendleft(reversed(self._held[1:]))
                self._held.clear()

    def next_packet(self) -> Packet | None:
        """Give the next packet, None when more bytes are needed; raises ProtocolViolation for a broken one."""
        if not self._ready:
            return None
        first = self._ready.popleft()
        if isinstance(first, ProtocolViolation):
            raise first
        return first

    def clear(self) -> None:
        """Forget everything received."""
        self._held.clear()
        self._ready.clear()
        self._skipped = 0

    def _size(self) -> int:
        return HEADER_BYTES + int.from_bytes(self._held[7:9], "big")

    def _complete(self) -> bool:
        return len(self._held) >= HEADER_BYTES and len(self._held) == self._size()

    def _viable(self) -> bool:
        if len(self._held) <= len(START):
            return START.startswith(self._held)
        if len(self._held) == 7:
            return self._held[6] in _KINDS
        if len(self._held) == HEADER_BYTES:
            return HEADER_BYTES + 3 <= self._size() <= HEADER_BYTES + 2 + MAX_PAYLOAD_BYTES
        return True

    def _finish(self) -> bool:
        self._report_skipped()
        if sum(self._held[6:-2]) & 0xFFFF != int.from_bytes(self._held[-2:], "big"):
            self._ready.append(ProtocolViolation("the check sum of a packet was wrong"))
            return False
        address = int.from_bytes(self._held[2:6], "big")
        self._ready.append(Packet(self._held[6], bytes(self._held[HEADER_BYTES:-2]), address))
        self._held.clear()
        return True

    def _skip(self, byte: int) -> None:
        if byte == POWER_ON:
            self.power_ons += 1
            return
        self._skipped += 1
        if self._skipped >= MAX_PAYLOAD_BYTES:
            self._report_skipped()

    def _report_skipped(self) -> None:
        if self._skipped:
            self._ready.append(ProtocolViolation(f"{self._skipped} bytes outside any packet"))
            self._skipped = 0


SHAPES = {36864: (288, 256), 18432: (192, 192)}  # bytes on the wire -> rows, columns (ZFM; R503)


def image_from_nibbles(data: bytes) -> GreyImage:
    """Image of two pixels a byte, high nibble first, value x 17; uint8 (288, 256) or (192, 192).

    Raises ProtocolViolation when the size is that of no known sensor.
    """
    shape = SHAPES.get(len(data))
    if shape is None:
        raise ProtocolViolation(f"an image of {len(data)} bytes is that of no known sensor")
    packed = np.frombuffer(data, np.uint8)
    return np.stack((packed >> 4, packed & 0x0F), axis=1).reshape(shape) * np.uint8(17)


def nibbles_from_image(image: GreyImage) -> bytes:
    """Pack an image for sending to the sensor; four bits a pixel."""
    quantised = (image.reshape(-1, 2) >> 4).astype(np.uint8)
    return bytes(quantised[:, 0] << 4 | quantised[:, 1])
