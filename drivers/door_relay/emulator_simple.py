"""LCUS, KMtronic and Numato boards as their wires see them; written from the sellers' sheets.

All three hang on USB power: a pulled plug drops their relays. None ends a pulse by itself.
"""

from collections import deque

from drivers.door_relay.emulated_wiring import Terminals, Wiring
from drivers.plant import Plant

COMMAND_PAUSE_S = 0.5
"""An unfinished binary command is forgotten after so long."""
TEXT_BYTES_MAX = 64


class _UsbBoard:
    """Answers at once; `_obey` reads the family's language out of `_heard`."""

    def __init__(self, plant: Plant, wiring: Wiring) -> None:
        self.terminals = Terminals(wiring, plant)
        self._heard = bytearray()
        self._heard_s = 0.0
        self._out: deque[bytes] = deque()

    def receive(self, data: bytes, now_s: float) -> None:
        """Bytes of the host; the last one ended at `now_s`."""
        if now_s - self._heard_s > COMMAND_PAUSE_S:
            self._heard.clear()
        self._heard_s = now_s
        if self.terminals.catch_up(now_s):
            self._heard += data
            self._obey(now_s)

    def transmit(self, now_s: float) -> bytes:
        """What there is to say."""
        said = b"".join(self._out)
        self._out.clear()
        return said

    def next_change(self, now_s: float) -> float | None:
        """Nothing happens by itself."""
        return now_s if self._out else None

    def power_cycle(self, now_s: float) -> None:
        """The plug was pulled: all relays fall."""
        self._heard.clear()
        self._out.clear()
        for relay in range(len(self.terminals.relays)):
            self.terminals.switch(relay, False, now_s)

    def _has(self, relay: int) -> bool:
        return 0 <= relay < len(self.terminals.relays)

    def _obey(self, now_s: float) -> None:
        raise NotImplementedError


class LcusEmulator(_UsbBoard):
    """`answers_query`: FFh is answered; `feedback`: so are status 2 to 5."""

    def __init__(
        self,
        plant: Plant,
        wiring: Wiring | None = None,
        *,
        answers_query: bool = False,
        feedback: bool = False,
    ) -> None:
        four = Wiring(coils=("entry", "exit", "lamp", "buzzer"), inputs=())
        super().__init__(plant, four if wiring is None else wiring)
        self._answers_query = answers_query
        self._feedback = feedback

    def _obey(self, now_s: float) -> None:
        while self._heard:
            if self._heard[0] == 0xFF:
                del self._heard[0]
                self._tell_all()
            elif self._heard[0] != 0xA0:
                del self._heard[0]
            elif len(self._heard) < 4:
                return
            elif sum(self._heard[:3]) % 256 != self._heard[3]:
                del self._heard[0]
            else:
                number, status = self._heard[1], self._heard[2]
                del self._heard[:4]
                self._perform(number - 1, status, now_s)

    def _tell_all(self) -> None:
        if self._answers_query:
            for number, on in enumerate(self.terminals.relays, start=1):
                self._out.append(f"CH{number}: {'ON' if on else 'OFF'}\r\n".encode("ascii"))

    def _perform(self, relay: int, status: int, now_s: float) -> None:
        if not self._has(relay) or status > (5 if self._feedback else 1):
            return
        if status != 5:
            on = not self.terminals.relays[relay] if status == 4 else bool(status % 2)
            self.terminals.switch(relay, on, now_s)
        if status >= 2:
            answer = [0xA0, relay + 1, int(self.terminals.relays[relay])]
            self._out.append(bytes([*answer, sum(answer) % 256]))


class KmtronicEmulator(_UsbBoard):
    """A board with as many relays as the wiring has."""

    def __init__(self, plant: Plant, wiring: Wiring | None = None) -> None:
        four = Wiring(coils=("entry", "exit", "lamp", "buzzer"), inputs=())
        super().__init__(plant, four if wiring is None else wiring)

    def _obey(self, now_s: float) -> None:
        while self._heard:
            if self._heard[0] != 0xFF:
                del self._heard[0]
            elif len(self._heard) < 3:
                return
            else:
                number, command = self._heard[1], self._heard[2]
                del self._heard[:3]
                self._perform(number, command, now_s)

    def _perform(self, number: int, command: int, now_s: float) -> None:
        relays = self.terminals.relays
        if number == 9 and command == 0 and len(relays) > 2:
            self._out.append(bytes(relays))
        elif not self._has(number - 1):
            return
        elif command in (0, 1):
            self.terminals.switch(number - 1, command == 1, now_s)
        elif command == 3 and len(relays) <= 2:
            self._out.append(bytes([0xFF, number, relays[number - 1]]))


class NumatoEmulator(_UsbBoard):
    """A module with relays and, where the wiring has inputs, GPIO; echoes like a terminal."""

    def __init__(self, plant: Plant, wiring: Wiring | None = None) -> None:
        super().__init__(plant, Wiring() if wiring is None else wiring)

    def _obey(self, now_s: float) -> None:
        while self._heard:
            if self._heard[-1] == 0x0D or b"\r" in self._heard:
                line, _, rest = bytes(self._heard).partition(b"\r")
                self._heard = bytearray(rest)
                self._out.append(line[-TEXT_BYTES_MAX:] + b"\n\r")
                value = self._perform(line.decode("ascii", "replace").split(), now_s)
                self._out.append((value + "\n\r" if value else "").encode("ascii") + b">")
            else:
                del self._heard[:-TEXT_BYTES_MAX]
                return

    def _perform(self, words: list[str], now_s: float) -> str:
        match words:
            case ["relay", ("on" | "off") as word, channel] if self._known(channel):
                self.terminals.switch(int(channel, 36), word == "on", now_s)
                return ""
            case ["relay", "read", channel] if self._known(channel):
                return "on" if self.terminals.relays[int(channel, 36)] else "off"
            case ["relay", "readall"]:
                return self._hex(self.terminals.relays)
            case ["relay", "writeall", value] if self._is_number(value):
                for relay in range(len(self.terminals.relays)):
                    self.terminals.switch(relay, bool(int(value, 16) >> relay & 1), now_s)
                return ""
            case ["gpio", "read", number] if self._known(number, inputs=True):
                return str(int(self.terminals.inputs()[int(number, 36)]))
            case []:
                return ""
            case _:
                return "Error: command not recognised"

    def _known(self, channel: str, *, inputs: bool = False) -> bool:
        if len(channel) != 1 or not channel.isascii() or not channel.isalnum():
            return False
        many = len(self.terminals.inputs()) if inputs else len(self.terminals.relays)
        return int(channel, 36) < many

    def _is_number(self, value: str) -> bool:
        digits = (len(self.terminals.relays) + 3) // 4
        return len(value) == digits and all(c in "0123456789abcdefABCDEF" for c in value)

    def _hex(self, relays: list[bool]) -> str:
        number = sum(on << i for i, on in enumerate(relays))
        return f"{number:0{(len(relays) + 3) // 4}x}"
