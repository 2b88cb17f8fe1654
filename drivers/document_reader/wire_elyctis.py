"""Frames of the Elyctis TLV readers (ID BOX One, MRZ module): ``tag, length high, length low, data``.

Source: Elyctis, "IDBOX One - Scanner Command Set", v1.7 (14 September 2020); pages are given per constant.
The protocol has no start mark and no check sum. Staying in step rests on what each tag may carry: printable
text has no byte below 0x20 but CR and LF, while the length of every true frame does, so a true frame that
starts inside a false one always breaks the false one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from drivers.document_reader.wire_common import FrameQueue

INQUIRE = 0x49  # p. 2, "Inquire": the decoded zone
INQUIRE_ONE_LINE = 0x4C  # p. 2, "Inquire 1 Line"
CONTINUOUS = 0x43  # p. 3, "Active Continuous Reading": one state byte, echoed
PRESENCE = 0x50  # p. 3, "Active Presence Detection"; the code itself is not verified
CARD_STATE = 0x53  # p. 3, "Card State" message; the code itself is not verified
VERSION = 0x56
OCR_VERSION = 0x57
SERIAL = 0x52
PRODUCT = 0x54

ON, OFF = 0x01, 0x00
HEADER_BYTES = 3
MAX_TEXT_BYTES = 1000  # a zone has at most 92; the bound keeps noise from filling memory
MAX_FRAME_BYTES = HEADER_BYTES + MAX_TEXT_BYTES
_TEXT = frozenset(range(0x20, 0x7F)) | {0x0D, 0x0A}
_STATE = frozenset({ON, OFF})


@dataclass(frozen=True, slots=True)
class Dialect:
    """The two codes that no public page confirms; a bench may set others."""

    presence: int = PRESENCE
    card_state: int = CARD_STATE


@dataclass(frozen=True, slots=True)
class Frame:
    """One complete frame; the data of a reading is personal and stays out of ``repr``."""

    tag: int
    data: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The data as text (every text frame is plain ASCII)."""
        return self.data.decode("ascii", "replace")


def command(tag: int, data: bytes = b"") -> bytes:
    """Encode one command to the reader."""
    if len(data) > MAX_TEXT_BYTES:
        raise ValueError(f"a command carries at most {MAX_TEXT_BYTES} bytes")
    return bytes((tag, len(data) >> 8, len(data) & 0xFF)) + data


class Decoder:
    """Bytes in, frames out; never holds more than one frame plus what was just fed."""

    def __init__(self, dialect: Dialect | None = None) -> None:
        dialect = dialect or Dialect()
        self._states = {CONTINUOUS, dialect.presence, dialect.card_state}
        self._texts = {
            INQUIRE,
            INQUIRE_ONE_LINE,
            VERSION,
            OCR_VERSION,
            SERIAL,
            PRODUCT,
        } - self._states
        self._held = bytearray()
        self._frames: FrameQueue[Frame] = FrameQueue(MAX_FRAME_BYTES)

    def feed(self, data: bytes) -> None:
        """Take bytes off the wire."""
        waiting = deque(data)
        while waiting:
            self._held.append(waiting.popleft())
            if self._viable():
                self._complete()
            else:  # the first byte was no start: look again from the second
                waiting.extendleft(reversed(self._held[1:]))
                self._held.clear()
                self._frames.skip(1)

    def next_frame(self) -> Frame | None:
        """Give the next complete frame, None when more bytes are needed.

        Raises ProtocolViolation once per stretch of bytes that had to be skipped; call again to go on.
        """
        return self._frames.take()

    @property
    def partial_tag(self) -> int | None:
        """Tag of the frame that has begun and is not complete, None when between frames."""
        return self._held[0] if self._held else None

    def abandon(self) -> None:
        """Forget a frame that stopped half way (the line has been silent too long)."""
        self._frames.skip(len(self._held))
        self._held.clear()
        self._frames.report_skipped()

    def _complete(self) -> None:
        if len(self._held) >= HEADER_BYTES and len(self._held) == HEADER_BYTES + self._length():
            self._frames.put(Frame(self._held[0], bytes(self._held[HEADER_BYTES:])))
            self._held.clear()

    def _length(self) -> int:
        return self._held[1] << 8 | self._held[2]

    def _viable(self) -> bool:
        """Whether the held bytes can still become a frame; all but the newest have been checked before."""
        tag = self._held[0]
        if tag not in self._states and tag not in self._texts:
            return False
        if len(self._held) >= 2 and self._held[1] > MAX_TEXT_BYTES >> 8:
            return False
        if len(self._held) < HEADER_BYTES:
            return True
        if tag in self._states:
            return self._length() == 1 and all(byte in _STATE for byte in self._held[HEADER_BYTES:])
        newest = self._held[-1] if len(self._held) > HEADER_BYTES else 0x20
        return self._length() <= MAX_TEXT_BYTES and newest in _TEXT
