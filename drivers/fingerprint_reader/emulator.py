"""A ZFM-20 / R30x / AS608 / R503 sensor as its wire sees it; fingers are pictures laid on it.

Sans-IO: bytes and the time in, bytes out. What the manual leaves open is chosen the strict way: the image is gone
once features were extracted, and a sensor with a password says nothing else before it has seen it.
"""

from __future__ import annotations

import random
from collections import deque

import numpy as np

from drivers.fingerprint_reader.emulated_commands import (
    AS608,
    COMMANDS,
    R503,
    ZFM20,
    Pixels,
    SensorModel,
    SensorState,
    Skin,
)
from drivers.fingerprint_reader.emulated_wire import PacketScanner, data_packets, packet

_COMMAND, _DATA, _ACK, _END = 0x01, 0x02, 0x07, 0x08
_PACKET_SIZES = (32, 64, 128, 256)
_PAUSE_S = 0.2  # an unfinished packet is dropped
_BOOT_S = 0.05


class FingerSensorEmulator:
    """A sensor with its library.

    hurry: divides the times the real unit takes for imaging and extraction. seed: for the random-number command.
    """

    def __init__(
        self,
        model: SensorModel = ZFM20,
        *,
        password: int = 0,
        address: int = 0xFFFFFFFF,
        baud_n: int = 6,
        packet_code: int = 2,
        hurry: float = 1.0,
        seed: int = 0,
    ) -> None:
        self.state = SensorState(model, password, address, baud_n, packet_code, random.Random(seed))
        self._hurry = hurry
        self.skin: Skin | None = None
        """What every finger laid from now on is like, whoever lays it; None: as it is laid."""
        self._hung_until_s = 0.0
        self._out: deque[tuple[float, bytes]] = deque()
        self._scanner, self._heard_s = PacketScanner(), 0.0
        self.baud = 9600 * baud_n
        self.state.forget()

    def place(self, picture: Pixels, skin: Skin = Skin.NORMAL) -> None:
        """Lay a finger: uint8 of any size, ridges dark; it is cut or padded to the sensor's window."""
        skin = self.skin or skin
        self.state.finger = (_windowed(picture, self.state.model.shape, skin), skin)

    def lift(self) -> None:
        """Take the finger away."""
        self.state.finger = None

    def hang(self, now_s: float, for_s: float) -> None:
        """Be stuck busy: hear and say nothing for a while."""
        self._hung_until_s = now_s + for_s

    def power_cycle(self, now_s: float) -> None:
        """Restart: buffers are lost, library and settings are kept, one lone 0x55 is sent."""
        self._out.clear()
        self._hung_until_s = 0.0
        self._restart()
        self._out.append((now_s + _BOOT_S, b"\x55"))

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes from the host."""
        if now_s < self._hung_until_s:
            return
        if now_s - self._heard_s > _PAUSE_S:
            self._scanner.forget()
        self._heard_s = now_s
        for address, identifier, content, right in self._scanner.feed(data):
            if address == self.state.address:  # another module's packet: silence
                self._hear(identifier, content, right, now_s)

    def transmit(self, now_s: float) -> bytes:
        """Give what has been said by now."""
        said = b""
        while now_s >= self._hung_until_s and self._out and self._out[0][0] <= now_s:
            said += self._out.popleft()[1]
        if not self._out:  # what answered the change of speed still went at the old one
            self.baud = 9600 * self.state.baud_n
        return said

    def next_change(self, now_s: float) -> float | None:
        """When `transmit` will next have something."""
        del now_s
        return max(self._out[0][0], self._hung_until_s) if self._out else None

    def _restart(self) -> None:
        self.state.forget()
        self._scanner.forget()

    def _hear(self, identifier: int, content: bytes, right: bool, now_s: float) -> None:
        if not right:
            self._answer(0x01, now_s, 0.0)
        elif identifier == _COMMAND:
            self.state.incoming = None
            self._obey(content[0], content[1:], now_s)
        elif identifier in (_DATA, _END):
            self.state.take_data(content, identifier == _END)

    def _answer(self, code: int, now_s: float, took_s: float, rest: bytes = b"") -> None:
        self._say(
            packet(self.state.address, _ACK, bytes([code]) + rest), now_s + took_s / self._hurry
        )

    def _say(self, data: bytes, at_s: float) -> None:
        latest_s = self._out[-1][0] if self._out else at_s
        self._out.append((max(at_s, latest_s), data))

    def _obey(self, command: int, data: bytes, now_s: float) -> None:
        if not self.state.trusted and command != 0x13:
            self._answer(0x21, now_s, 0.002)
            return
        length, act, took_s = COMMANDS.get(command, (None, None, 0.0))
        if act is None or (command == 0x35 and not self.state.model.light) or len(data) != length:
            self._answer(0x01, now_s, 0.002)
            return
        code, rest, stream = act(self.state, data)
        if command == 0x15:
            self.state.address = int.from_bytes(
                data, "big"
            )  # the answer comes from the new address
        self._answer(code, now_s, took_s, rest)
        if stream:
            self._say(data_packets(self.state.address, stream, self.packet_bytes), now_s)
        if command == 0x3D:
            self._restart()
            self._say(b"\x55", now_s + took_s / self._hurry + _BOOT_S)

    @property
    def packet_bytes(self) -> int:
        """Payload of its data packets."""
        return _PACKET_SIZES[self.state.packet_code]


def _windowed(picture: Pixels, shape: tuple[int, int], skin: Skin) -> Pixels:
    """Centre the picture in the window, white around it, and let the skin show."""
    rows, columns = shape
    padded = np.pad(picture, ((rows, rows), (columns, columns)), constant_values=255)
    top, left = (padded.shape[0] - rows) // 2, (padded.shape[1] - columns) // 2
    window = padded[top : top + rows, left : left + columns].astype(np.float64)
    if skin is Skin.DRY:
        window = 255 - (255 - window) * 0.15
    elif skin is Skin.WET:
        window = window * 0.35
    return window.astype(np.uint8)


__all__ = ["AS608", "R503", "ZFM20", "FingerSensorEmulator", "SensorModel", "Skin"]
