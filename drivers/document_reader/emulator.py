"""Document readers as their wires see them: Elyctis TLV, 3M RTE native, plain lines.

Sans-IO: the line gives bytes and the time, the emulator says what it sends and when it will next have something
to say. Hands are `lay` and `withdraw`; `misread` and `hang` script what real units do on bad days.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Sequence

from drivers.document_reader.emulated_wire import TlvCommands, plain_lines, rte_block, tlv, tlv_zone

_INQUIRE, _ONE_LINE, _CONTINUOUS, _PRESENCE, _CARD_STATE = b"ILCPS"
_COMMAND_PAUSE_S = 0.1  # firmware gives up an unfinished command


class Misread(enum.Enum):
    """What the optics can make of a page."""

    UNREAD = "unread"  # two characters not recognised
    NOTHING = "nothing"  # no zone found
    CUT = "cut"  # the page lay askew: the last characters are missing


class _Optics:
    """The page under the glass and how badly it will be read."""

    def __init__(self, unread_mark: str) -> None:
        self._mark = unread_mark
        self._script: deque[Misread] = deque()
        self.page: tuple[str, ...] | None = None

    def misread(self, kind: Misread, times: int) -> None:
        self._script.extend([kind] * times)

    def look(self) -> tuple[str, ...]:
        if self.page is None:
            return ()
        kind = self._script.popleft() if self._script else None
        if kind is Misread.NOTHING:
            return ()
        if kind is Misread.CUT:
            return tuple(line[:-5] for line in self.page)
        if kind is Misread.UNREAD:
            last = self.page[-1]
            return (*self.page[:-1], last[:3] + self._mark * 2 + last[5:])
        return self.page


class _Emulator:
    """Common to all: the page, the queue towards the host, hanging."""

    def __init__(self, unread_mark: str, read_s: float) -> None:
        self._optics = _Optics(unread_mark)
        self._read_s = read_s
        self._out: deque[tuple[float, bytes | Callable[[], bytes]]] = deque()
        self._hung_until_s = 0.0
        self.zones_sent = 0

    @property
    def document_present(self) -> bool:
        """Whether a page lies on the glass."""
        return self._optics.page is not None

    def misread(self, kind: Misread, times: int = 1) -> None:
        """Let the next ``times`` looks at a page go wrong."""
        self._optics.misread(kind, times)

    def hang(self, now_s: float, for_s: float) -> None:
        """Be stuck busy: hear nothing and say nothing for a while."""
        self._hung_until_s = now_s + for_s

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes from the host; readers without commands ignore them."""

    def transmit(self, now_s: float) -> bytes:
        """Give what has been said by now."""
        if now_s < self._hung_until_s:
            return b""
        self._advance(now_s)
        said = b""
        while self._out and self._out[0][0] <= now_s:
            frame = self._out.popleft()[1]
            said += frame if isinstance(frame, bytes) else frame()
        return said

    def next_change(self, now_s: float) -> float | None:
        """When `transmit` will next have something, None while nothing is planned."""
        due = [
            at
            for at in (self._out[0][0] if self._out else None, self._next_own(now_s))
            if at is not None
        ]
        return max(min(due), self._hung_until_s) if due else None

    def power_cycle(self, now_s: float) -> None:
        """Lose everything that does not survive a pulled plug."""
        del now_s
        self._out.clear()
        self._hung_until_s = 0.0

    def _say(self, frame: bytes | Callable[[], bytes], at_s: float) -> None:
        """Say it then; a callable is what the optics see at that moment."""
        latest_s = self._out[-1][0] if self._out else at_s
        self._out.append((max(at_s, latest_s), frame))  # a device answers in order

    def _advance(self, now_s: float) -> None:
        """Do what is due by itself."""

    def _next_own(self, now_s: float) -> float | None:
        """When something is due by itself."""


class ElyctisEmulator(_Emulator):
    """ID BOX One: inquire, continuous and presence modes, names.

    read_s: time from a page at rest to its zone. answer_s: time a plain command takes.
    """

    def __init__(
        self,
        *,
        presence: bool = True,
        read_s: float = 0.35,
        answer_s: float = 0.004,
        unread_mark: str = "_",
        names: Sequence[str] = ("EMULATED 1.7", "OCR 3.2", "EM000001", "ID BOX ONE"),
    ) -> None:
        super().__init__(unread_mark, read_s)
        self._has_sensor = presence
        self._answer_s = answer_s
        self._names = dict(zip(b"VWRT", names, strict=True))
        tags = {_INQUIRE, _ONE_LINE, _CONTINUOUS, *self._names} | (
            {_PRESENCE} if presence else set()
        )
        self._commands = TlvCommands(frozenset(tags))
        self._heard_s = 0.0
        self._rest_from_s = 0.0
        self._continuous = self._presence = self._page_done = False

    def lay(self, lines: Sequence[str], now_s: float) -> None:
        """Put a page on the glass; its zone can be read ``read_s`` later."""
        self._optics.page = tuple(lines)
        self._rest_from_s, self._page_done = now_s, False
        self._tell_presence(now_s)

    def withdraw(self, now_s: float) -> None:
        """Take the page away; the presence mode ends with it."""
        self._optics.page = None
        self._tell_presence(now_s)
        self._presence = False

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes from the host."""
        if now_s < self._hung_until_s:
            return
        if now_s - self._heard_s > _COMMAND_PAUSE_S:
            self._commands.forget_partial()
        self._heard_s = now_s
        for tag, value in self._commands.feed(data):
            self._obey(tag, value, now_s)

    def power_cycle(self, now_s: float) -> None:
        """Lose the modes and what was about to be said."""
        super().power_cycle(now_s)
        self._commands.forget_partial()
        self._continuous = self._presence = self._page_done = False

    def _obey(self, tag: int, value: bytes, now_s: float) -> None:
        if tag in (_INQUIRE, _ONE_LINE):
            self._zone(tag, max(now_s, self._rest_from_s) + self._read_s)
        elif tag in self._names:
            self._say(tlv(tag, self._names[tag].encode("ascii")), now_s + self._answer_s)
        elif value in (b"\x00", b"\x01"):
            self._say(tlv(tag, value), now_s + self._answer_s)
            self._set_mode(tag, value == b"\x01", now_s)

    def _set_mode(self, tag: int, on: bool, now_s: float) -> None:
        if tag == _CONTINUOUS:
            self._page_done = self._page_done and on
            self._continuous = on
        else:
            self._presence = on
            if on:
                self._tell_presence(now_s + self._answer_s)

    def _tell_presence(self, at_s: float) -> None:
        if self._has_sensor and self._presence:
            self._say(tlv(_CARD_STATE, b"\x01" if self.document_present else b"\x00"), at_s)

    def _zone(self, tag: int, at_s: float) -> None:
        self._page_done = self.document_present
        self.zones_sent += 1
        # A page taken away while the optics look gives no zone.
        self._say(lambda: tlv(tag, tlv_zone(self._optics.look())), at_s)

    def _next_own(self, now_s: float) -> float | None:
        del now_s
        waits = self._continuous and self.document_present and not self._page_done
        return self._rest_from_s + self._read_s if waits else None

    def _advance(self, now_s: float) -> None:
        due_s = self._next_own(now_s)
        if due_s is not None and due_s <= now_s:
            self._continuous = False
            self._zone(_INQUIRE, due_s)


class _SwipeEmulator(_Emulator):
    """A reader that speaks once per page drawn through it and never listens."""

    def __init__(self, read_s: float, unread_mark: str) -> None:
        super().__init__(unread_mark, read_s)

    def lay(self, lines: Sequence[str], now_s: float) -> None:
        """Draw a page through the slot."""
        self._optics.page = tuple(lines)
        seen = self._optics.look()
        if seen:
            self.zones_sent += 1
            self._say(self._frame(seen), now_s + self._read_s)

    def withdraw(self, now_s: float) -> None:
        """Take the page out; the reader has no way to notice."""
        del now_s
        self._optics.page = None

    def _frame(self, lines: tuple[str, ...]) -> bytes:
        raise NotImplementedError


class RteEmulator(_SwipeEmulator):
    """3M RTE6701 in RTE native mode; ``flag`` is the firmware-dependent byte before the text."""

    def __init__(self, *, read_s: float = 0.2, flag: int = 0x20) -> None:
        super().__init__(read_s, "_")
        self._flag = flag

    def _frame(self, lines: tuple[str, ...]) -> bytes:
        return rte_block(lines, self._flag)


class LineEmulator(_SwipeEmulator):
    """An OCR head that prints lines."""

    def __init__(
        self,
        *,
        read_s: float = 0.2,
        prefix: bytes = b"",
        terminator: bytes = b"\r",
        suffix: bytes = b"",
        unread_mark: str = "*",
    ) -> None:
        super().__init__(read_s, unread_mark)
        self._marks = (prefix, terminator, suffix)

    def _frame(self, lines: tuple[str, ...]) -> bytes:
        return plain_lines(lines, *self._marks)
