"""LCUS boards (CH340, 9600 8N1): frames <-> values, pure.

Sources: the sellers' sheet of LCUS-1/2/4/8 (frame, check sum; FFh asks for the state, one ASCII
line for each relay; older boards answer nothing) and the sheet of the clones with feedback
(status 2 and 3: off and on with an answer, 5: ask; 4 would invert and is never used).
"""

import re

from drivers.errors import ProtocolViolation

START = 0xA0  # sheet: first byte of every frame
OFF, ON = 0x00, 0x01  # sheet: status byte
OFF_WITH_ANSWER, ON_WITH_ANSWER, ASK_ONE = 0x02, 0x03, 0x05  # clone's sheet
ASK_ALL = b"\xff"  # sheet: state of all relays
FRAME_BYTES = 4
LINE_BYTES = 10  # "CH1: OFF\r\n"
BUFFER_BYTES_MAX = 512

_LINE = re.compile(rb"CH(\d{1,2}):\s*(ON|OFF)\s*?[\r\n]")


def frame(channel: int, status: int) -> bytes:
    """A command for one relay; channels count from 0 here, from 1 on the wire."""
    body = bytes([START, channel + 1, status])
    return body + bytes([sum(body) & 0xFF])


def switch(channel: int, *, on: bool) -> bytes:
    """Switch without an answer."""
    return frame(channel, ON if on else OFF)


def switch_with_answer(channel: int, *, on: bool) -> bytes:
    """Switch, to be answered."""
    return frame(channel, ON_WITH_ANSWER if on else OFF_WITH_ANSWER)


class StateDecoder:
    """Finds the lines of all relays, CH1 to the last one in order, behind any noise."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._buffer = b""

    def feed(self, data: bytes) -> tuple[bool, ...] | None:
        """The state of all relays once all lines are there. Raises ProtocolViolation."""
        self._buffer += data
        found: list[bool] = []
        for match in _LINE.finditer(self._buffer):
            number = int(match[1])
            if number != len(found) + 1:
                found = []
            if number == len(found) + 1:
                found.append(match[2] == b"ON")
            if len(found) == self._channels:
                return tuple(found)
        if len(self._buffer) > BUFFER_BYTES_MAX:
            raise ProtocolViolation("over 512 bytes without the state of all relays in them")
        return None


class AnswerDecoder:
    """Finds the four-byte answer about one relay, behind any noise."""

    def __init__(self, channel: int) -> None:
        self._head = bytes([START, channel + 1])
        self._buffer = b""

    def feed(self, data: bytes) -> bool | None:
        """Whether the relay is on, once a sound answer is there. Raises ProtocolViolation."""
        self._buffer += data
        for start in range(len(self._buffer) - FRAME_BYTES + 1):
            answer = self._buffer[start : start + FRAME_BYTES]
            sound = answer[:2] == self._head and sum(answer[:3]) & 0xFF == answer[3]
            if sound and answer[2] in (OFF, ON, OFF_WITH_ANSWER, ON_WITH_ANSWER):
                return bool(answer[2] & 1)
        if len(self._buffer) > BUFFER_BYTES_MAX:
            raise ProtocolViolation("over 512 bytes without an answer in them")
        return None
