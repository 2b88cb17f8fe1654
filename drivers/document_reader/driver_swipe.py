"""Readers that speak once per document and take no commands: 3M RTE native, and plain lines.

They have no presence sensor, so a document left in the slot cannot be noticed, and they cannot be asked
whether they are well: `self_test` only shows that the port is there.
"""

from __future__ import annotations

import abc

from drivers.document_reader import wire_lines, wire_rte
from drivers.document_reader.reader import DocumentReader, SelfTest, incomplete
from drivers.document_reader.readings import Reading, reading_of_lines
from drivers.document_reader.wire_common import FrameBroken
from drivers.errors import ProtocolViolation


class _SwipeReader(DocumentReader):
    """Decode frame after frame; while armed, offer each as a reading."""

    _decoder: wire_rte.Decoder | wire_lines.Decoder

    async def self_test(self) -> SelfTest:
        """Show that the port is open; this reader answers nothing. Raises LinkLost."""
        self._check_open()
        return SelfTest(answers=False)

    def _reset(self) -> None:
        super()._reset()
        self._decoder = self._new_decoder()

    @abc.abstractmethod
    def _new_decoder(self) -> wire_rte.Decoder | wire_lines.Decoder: ...

    def _partial(self) -> bool:
        return self._decoder.partial

    def _abandon(self) -> None:
        self._decoder.abandon()
        self._drain()

    def _feed(self, data: bytes) -> None:
        self._decoder.feed(data)
        self._drain()

    def _drain(self) -> None:
        while True:
            try:
                frame = self._decoder.next_frame()
            except ProtocolViolation as violation:
                self._violated(violation)
                if isinstance(violation, FrameBroken) and self._armed:
                    self._post(incomplete())
                continue
            if frame is None:
                return
            if self._armed:
                self._offer(self._reading_of(frame))

    @abc.abstractmethod
    def _reading_of(self, frame: wire_rte.Block | wire_lines.Zone) -> Reading: ...


class RteReader(_SwipeReader):
    """3M RTE6701 and its kin in RTE native mode.

    check_covers_soh: set it if every block is refused for its check byte; the manual leaves it open.
    """

    def __init__(self, baud: int = 9600, *, check_covers_soh: bool = False) -> None:
        super().__init__(baud)
        self._covers_soh = check_covers_soh
        self._decoder = self._new_decoder()

    def _new_decoder(self) -> wire_rte.Decoder:
        return wire_rte.Decoder(check_covers_soh=self._covers_soh)

    def _reading_of(self, frame: wire_rte.Block | wire_lines.Zone) -> Reading:
        return reading_of_lines(_unpadded(tuple(line for line in frame.lines if line)))


class LineReader(_SwipeReader):
    """Any reader that prints the zone line by line, a keyboard wedge on a serial port included."""

    def __init__(self, baud: int = 9600, line_format: wire_lines.LineFormat | None = None) -> None:
        super().__init__(baud)
        self._format = line_format
        self._decoder = self._new_decoder()

    def _new_decoder(self) -> wire_lines.Decoder:
        return wire_lines.Decoder(self._format)

    def _reading_of(self, frame: wire_rte.Block | wire_lines.Zone) -> Reading:
        return reading_of_lines(frame.lines)


def _unpadded(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Take the padding off a TD2 zone (2 x 36), which this reader sends as 2 x 44 (section 9.1.1.2).

    Any other ``_`` stays: there it means unread.
    """
    is_td2 = len(lines) == 2 and all(
        len(line) == 44 and line.endswith("_" * 8) and line[35] != "_" for line in lines
    )
    return tuple(line[:36] for line in lines) if is_td2 else lines
