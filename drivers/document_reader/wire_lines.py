"""Readers that print lines: OCR heads and keyboard wedges set to serial output.

No manual was obtained for any of them, so every mark is a setting: a prefix and a suffix around the zone and a
terminator behind each line. A zone is complete at the suffix where there is one, else when the lines make a
document (two of 44 or 36 characters, three of 30), else when the line falls silent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.document_reader.wire_common import FrameQueue

MAX_ZONE_BYTES = 1000
MAX_LINES = 3


@dataclass(frozen=True, slots=True)
class LineFormat:
    """How a reader is set to print.

    terminator: what ends a line. With CR or LF any run of both counts as one end, since units differ.
    """

    prefix: bytes = b""
    terminator: bytes = b"\r"
    suffix: bytes = b""

    def __post_init__(self) -> None:
        if not self.terminator:
            raise ValueError(
                "a line reader needs a terminator; set the reader to send CR after each line"
            )


@dataclass(frozen=True, slots=True)
class Zone:
    """The printed lines, unjudged."""

    lines: tuple[str, ...] = field(repr=False)


class Decoder:
    """Bytes in, zones out; holds at most one zone."""

    def __init__(self, line_format: LineFormat | None = None) -> None:
        self._format = line_format or LineFormat()
        self._held = bytearray()
        self._inside = not self._format.prefix
        self._zones: FrameQueue[Zone] = FrameQueue(MAX_ZONE_BYTES)

    def feed(self, data: bytes) -> None:
        """Take bytes off the wire."""
        for byte in data:
            self._held.append(byte)
            self._settle()

    def next_frame(self) -> Zone | None:
        """Give the next zone, None when more bytes are needed; raises ProtocolViolation for skipped bytes."""
        return self._zones.take()

    @property
    def partial(self) -> bool:
        """Whether bytes wait for the rest of their zone."""
        return bool(self._held)

    def abandon(self) -> None:
        """The line has fallen silent: what is there is all that comes.

        Whole lines without a suffix are a zone. Anything else was cut off and is reported.
        """
        lines = self._lines()
        ended = not self._format.suffix and self._held.endswith(self._ends())
        if self._inside and ended and lines:
            self._emit(lines)
        elif self._inside and lines:
            self._break(f"{len(self._held)} bytes of an unfinished zone were skipped")
        else:
            self._zones.skip(len(self._held))
            self._zones.report_skipped()
            self._restart()

    def _settle(self) -> None:
        if not self._inside:
            self._look_for_prefix()
        elif len(self._held) > MAX_ZONE_BYTES:
            self._break("a zone was longer than any document")
        elif self._format.suffix:
            if self._held.endswith(self._format.suffix):
                self._emit(self._lines())
        elif self._held.endswith(self._ends()):
            lines = self._lines()
            if _is_document(lines) or len(lines) > MAX_LINES:
                self._emit(lines)

    def _look_for_prefix(self) -> None:
        prefix = self._format.prefix
        if self._held.endswith(prefix):
            self._zones.skip(len(self._held) - len(prefix))
            self._held.clear()
            self._inside = True
        elif len(self._held) > MAX_ZONE_BYTES:
            self._zones.skip(len(self._held) - len(prefix))
            del self._held[: -len(prefix)]

    def _ends(self) -> tuple[bytes, ...]:
        return (
            (b"\r", b"\n")
            if set(self._format.terminator) <= {13, 10}
            else (self._format.terminator,)
        )

    def _lines(self) -> tuple[str, ...]:
        text = bytes(self._held)
        if self._format.suffix:
            text = text.removesuffix(self._format.suffix)
        for end in self._ends():
            text = text.replace(end, b"\n")
        return tuple(line.decode("ascii", "replace") for line in text.split(b"\n") if line)

    def _emit(self, lines: tuple[str, ...]) -> None:
        if lines:
            self._zones.put(Zone(lines))
        self._restart()

    def _break(self, problem: str) -> None:
        self._zones.broken(problem)
        self._restart()

    def _restart(self) -> None:
        self._held.clear()
        self._inside = not self._format.prefix


def _is_document(lines: tuple[str, ...]) -> bool:
    lengths = tuple(map(len, lines))
    return lengths in ((44, 44), (36, 36), (30, 30, 30))
