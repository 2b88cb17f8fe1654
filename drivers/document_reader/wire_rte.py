"""Blocks of the 3M (formerly RTE, now Thales) swipe readers in "RTE native" mode.

Source: 3M, "RTE6701-OEM Integration Manual" VC27U V1.03, section 9.1 (pp. 25 and 26)::

    SOH  length low  length high  'O'  'U'  STX  flag  [line 1] CR [line 2] CR [line 3] CR  ETX  BCC

A missing line keeps its CR, the lowest line of the document is always line 3, lines are padded with ``_`` to 44
(two lines) or 30 (three lines). The reader sends and never listens.

Not verified on a unit: which bytes the length counts and which the block check covers. The decoder therefore
takes every length that a reader could mean (see ``_COUNTS``) and the check as it is set; the ends of a
block come from SOH and ETX, which cannot occur in the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from drivers.document_reader.wire_common import FrameQueue

SOH, STX, ETX, CR = 0x01, 0x02, 0x03, 0x0D  # p. 25, 9.1.1
DEVICE_OPTICAL, TYPE_UNSOLICITED = ord("O"), ord("U")  # p. 26, 9.1.1.1
PADDING = "_"  # p. 26, 9.1.1.2
MAX_BLOCK_BYTES = 1000
_HEADER_BYTES = 6  # SOH, length word, device, type, STX
_LEAST_BODY_BYTES = 1 + 3 + 1  # flag, three CR, ETX
_FREE_PLACES = (1, 2, _HEADER_BYTES)  # length word and flag may have any value, SOH's included
# What the length may leave out or add beyond the bytes from the device byte to ETX: ETX itself, the check byte,
# the length word.
_COUNTS = range(-1, 4)


@dataclass(frozen=True, slots=True)
class Block:
    """One reading as sent: the flag byte (meaning depends on the firmware) and the three lines, top first."""

    flag: int
    lines: tuple[str, str, str] = field(repr=False)


class Decoder:
    """Bytes in, blocks out; holds at most one block.

    check_covers_soh: the unit counts SOH into the block check. Never both ways at once: they differ by one bit,
    so that accepting both would let every flip of that bit pass.
    """

    def __init__(self, *, check_covers_soh: bool = False) -> None:
        self._check_from = 0 if check_covers_soh else 1
        self._held = bytearray()
        self._blocks: FrameQueue[Block] = FrameQueue(MAX_BLOCK_BYTES)

    def feed(self, data: bytes) -> None:
        """Take bytes off the wire."""
        for byte in data:
            self._take(byte)

    def next_frame(self) -> Block | None:
        """Give the next block, None when more bytes are needed; raises ProtocolViolation for a broken one."""
        return self._blocks.take()

    @property
    def partial(self) -> bool:
        """Whether a block has begun and is not complete."""
        return bool(self._held)

    def abandon(self) -> None:
        """Forget a block that stopped half way."""
        if self._held:
            self._fail("a block stopped half way")
        self._blocks.report_skipped()

    def _take(self, byte: int) -> None:
        if self._check_byte_due():
            self._held.append(byte)
            self._finish()
        elif byte == SOH and len(self._held) not in _FREE_PLACES:
            if self._held:
                self._fail("a block was cut short by the next one")
            self._held.append(byte)
        elif not self._held:
            self._blocks.skip(1)
        else:
            self._held.append(byte)
            self._refuse_impossible()

    def _check_byte_due(self) -> bool:
        return len(self._held) > _HEADER_BYTES + 1 and self._held[-1] == ETX

    def _refuse_impossible(self) -> None:
        if len(self._held) > MAX_BLOCK_BYTES:
            self._fail("a block was longer than any document")
        elif len(self._held) == _HEADER_BYTES and self._held[3:] != bytes(
            (DEVICE_OPTICAL, TYPE_UNSOLICITED, STX)
        ):
            self._restart()

    def _restart(self) -> None:
        """The SOH was noise: look for another one behind it."""
        held, self._held = bytes(self._held), bytearray()
        self._blocks.skip(1)
        self.feed(held[1:])

    def _finish(self) -> None:
        held, self._held = bytes(self._held), bytearray()
        problem = self._problem_of(held)
        if problem:
            self._fail(problem)
            return
        top, middle, bottom, _ = held[_HEADER_BYTES + 1 : -2].decode("ascii").split("\r")
        self._blocks.put(Block(held[_HEADER_BYTES], (top, middle, bottom)))

    def _problem_of(self, block: bytes) -> str | None:
        body = block[3:-1]
        if block[-1] != reduce(xor, block[self._check_from : -1]):
            return "the check byte of a block was wrong"
        if len(body) - 3 < _LEAST_BODY_BYTES or _count(block) - len(body) not in _COUNTS:
            return "the length of a block did not fit its text"
        text = body[4:-1]
        if text.count(CR) != 3 or text[-1] != CR or not text.isascii():
            return "the text of a block was not three lines"
        return None

    def _fail(self, problem: str) -> None:
        self._held.clear()
        self._blocks.broken(problem)


def _count(block: bytes) -> int:
    """The 14-bit length word: seven bits in each byte (equal to plain low, high below 128)."""
    return block[1] | (block[2] & 0x7F) << 7
