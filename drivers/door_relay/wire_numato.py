"""Numato USB relay modules (CDC-ACM, any speed): lines of ASCII <-> values, pure.

Source: Numato's user guide of the 8 channel USB relay module (commands, channel letters, echo,
prompt). Which line ends surround the value is not documented to the byte: any are accepted.
"""

from drivers.errors import DeviceFault, ProtocolViolation

PROMPT = b">"
CHANNEL_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ANSWER_BYTES = 40  # echo, value, line ends, prompt of the longest command
BUFFER_BYTES_MAX = 256


def switch(channel: int, *, on: bool) -> bytes:
    """Switch one relay; channels count from 0."""
    return f"relay {'on' if on else 'off'} {CHANNEL_LETTERS[channel]}\r".encode()


def read_all() -> bytes:
    """Ask for all relays as one hexadecimal number, relay 0 lowest."""
    return b"relay readall\r"


def read_input(number: int) -> bytes:
    """Ask for one input."""
    return f"gpio read {CHANNEL_LETTERS[number]}\r".encode()


class AnswerDecoder:
    """Finds what stands between the echo of one command and the next prompt."""

    def __init__(self, command: bytes) -> None:
        self._echo = command.rstrip(b"\r")
        self._buffer = b""

    def feed(self, data: bytes) -> str | None:
        """The value, empty for a command that has none; None: not complete yet.
        Raises ProtocolViolation.
        """
        self._buffer += data
        _, echo, rest = self._buffer.rpartition(self._echo)
        if echo and PROMPT in rest:
            return rest.partition(PROMPT)[0].decode("ascii", "replace").strip()
        if len(self._buffer) > BUFFER_BYTES_MAX:
            raise ProtocolViolation("over 256 bytes without an answer in them: a wrong device?")
        return None


def nothing(value: str) -> None:
    """A switching command has no value. Raises DeviceFault for the module's complaint."""
    if value:
        raise DeviceFault(
            "the module did not understand a command: fewer channels than configured?"
        )


def relays(value: str, channels: int) -> tuple[bool, ...]:
    """The relays in a number. Raises ProtocolViolation."""
    try:
        number = int(value, 16)
    except ValueError:
        number = -1
    if not 0 <= number < 1 << max(8, channels) or len(value) > 16:
        raise ProtocolViolation("not the state of the relays: a wrong device on the path?")
    return tuple(bool(number >> i & 1) for i in range(channels))


def active(value: str) -> bool:
    """An input's value. Raises ProtocolViolation."""
    if value not in ("0", "1", "on", "off"):
        raise ProtocolViolation("not the state of an input: a module without inputs?")
    return value in ("1", "on")
