"""KMtronic USB relay boards (FTDI, 9600 8N1): frames <-> values, pure.

Source: KMtronic's page of commands (FFh, relay, 1 or 0; one and two relays: FFh, relay, 3 asks;
four and eight: FFh 09h 00h asks for all, one raw byte a relay). No check sum anywhere: a state
is believed only when two questions in a row are answered alike.
"""

from drivers.errors import ProtocolViolation

START = 0xFF
OFF, ON, ASK_ONE = 0x00, 0x01, 0x03
ASK_ALL = b"\xff\x09\x00"
ONE_ANSWER_BYTES = 3


def switch(channel: int, *, on: bool) -> bytes:
    """Switch one relay; channels count from 0 here, from 1 on the wire."""
    return bytes([START, channel + 1, ON if on else OFF])


def ask(channel: int) -> bytes:
    """Ask for one relay (boards with one or two)."""
    return bytes([START, channel + 1, ASK_ONE])


def one_state(channel: int, data: bytes) -> bool | None:
    """The relay's state in an answer of three bytes; None: too few yet.
    Raises ProtocolViolation.
    """
    if len(data) < ONE_ANSWER_BYTES:
        return None
    if len(data) != ONE_ANSWER_BYTES or data[:2] != bytes([START, channel + 1]) or data[2] > ON:
        raise ProtocolViolation("not a relay's state: noise, or a wrong device on the path?")
    return data[2] == ON


def all_states(channels: int, data: bytes) -> tuple[bool, ...] | None:
    """All relays' states, a byte each; None: too few yet. Raises ProtocolViolation."""
    if len(data) > channels or any(byte > ON for byte in data):
        raise ProtocolViolation("not the relays' states: noise, or a wrong device on the path?")
    return tuple(byte == ON for byte in data) if len(data) == channels else None
