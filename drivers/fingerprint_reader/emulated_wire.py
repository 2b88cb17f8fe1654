"""The sensor's end of its packet format, written from the ZFM manuals and from nothing else."""

from __future__ import annotations

import struct

_FRAME = struct.Struct(">HIBH")  # mark EF01, address, identifier, length


def packet(address: int, identifier: int, content: bytes) -> bytes:
    """One packet to the host."""
    length = len(content) + 2
    total = identifier + (length >> 8) + (length & 0xFF) + sum(content)
    return (
        _FRAME.pack(0xEF01, address, identifier, length)
        + content
        + struct.pack(">H", total & 0xFFFF)
    )


def data_packets(address: int, content: bytes, size: int) -> bytes:
    """All data packets of a transfer; the last is marked as the end."""
    pieces = [content[i : i + size] for i in range(0, len(content), size)] or [b"\x00"]
    return b"".join(
        packet(address, 0x08 if i == len(pieces) - 1 else 0x02, piece)
        for i, piece in enumerate(pieces)
    )


class PacketScanner:
    """Cuts the host's bytes into (address, identifier, content, sum is right)."""

    def __init__(self) -> None:
        self._seen = b""

    def forget(self) -> None:
        """Drop what has not become a packet."""
        self._seen = b""

    def feed(self, data: bytes) -> list[tuple[int, int, bytes, bool]]:
        """Return the packets completed by these bytes."""
        self._seen += data
        found = []
        while len(self._seen) >= _FRAME.size:
            mark, address, identifier, length = _FRAME.unpack_from(self._seen)
            if mark != 0xEF01 or not 3 <= length <= 258:
                self._seen = self._seen[1:]
                continue
            end = _FRAME.size + length
            if len(self._seen) < end:
                break
            content = self._seen[_FRAME.size : end - 2]
            right = (
                sum(self._seen[6 : end - 2]) & 0xFFFF
                == struct.unpack(">H", self._seen[end - 2 : end])[0]
            )
            found.append((address, identifier, content, right))
            self._seen = self._seen[end:]
        return found
