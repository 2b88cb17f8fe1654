"""The device's end of the document readers' wires, written from the makers' manuals and from nothing else.

Elyctis "Scanner Command Set" v1.7; 3M "RTE6701-OEM Integration Manual" section 9.1; plain lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import xor

_LARGEST_COMMAND_DATA = 16  # no documented command carries more than one byte


class TlvCommands:
    """Splits the host's bytes into (tag, data); bytes that fit no command are dropped one by one."""

    def __init__(self, known_tags: frozenset[int]) -> None:
        self._known = known_tags
        self._buffer = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return the commands completed by these bytes."""
        self._buffer += data
        done: list[tuple[int, bytes]] = []
        while self._buffer:
            if self._buffer[0] not in self._known:
                self._buffer = self._buffer[1:]
                continue
            if len(self._buffer) < 3:
                break
            size = int.from_bytes(self._buffer[1:3], "big")
            if size > _LARGEST_COMMAND_DATA:
                self._buffer = self._buffer[1:]
                continue
            if len(self._buffer) < 3 + size:
                break
            done.append((self._buffer[0], self._buffer[3 : 3 + size]))
            self._buffer = self._buffer[3 + size :]
        return done

    def forget_partial(self) -> None:
        """Drop an unfinished command, as the firmware does after a pause."""
        self._buffer = b""


def tlv(tag: int, data: bytes) -> bytes:
    """One frame to the host."""
    return bytes([tag]) + len(data).to_bytes(2, "big") + data


def tlv_zone(lines: Sequence[str]) -> bytes:
    """The zone as the reader prints it: every line ends in CR and one more CR ends the block."""
    if not lines:
        return b""
    return ("\r".join(lines) + "\r\r").encode("ascii")


def rte_block(lines: Sequence[str], flag: int) -> bytes:
    """One unsolicited block: three lines counted from the bottom, each padded with ``_`` (section 9.1.1.2)."""
    width = 30 if len(lines) == 3 else 44
    padded = [line[:width].ljust(width, "_") for line in lines]
    rows = [""] * (3 - len(padded)) + padded
    text = bytes([flag]) + "".join(row + "\r" for row in rows).encode("ascii")
    body = b"OU" + b"\x02" + text + b"\x03"
    count = len(body) + 1  # the check byte counts
    checked = bytes([count & 0x7F, count >> 7]) + body
    return b"\x01" + checked + bytes([reduce(xor, checked)])


def plain_lines(lines: Sequence[str], prefix: bytes, terminator: bytes, suffix: bytes) -> bytes:
    """Prefix, the lines each with its terminator, suffix."""
    return prefix + b"".join(line.encode("ascii") + terminator for line in lines) + suffix
