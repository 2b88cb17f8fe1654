"""What the commands of the ZFM-20 / R30x / AS608 / R503 family do to the sensor's buffers and library.

One function per instruction code, in the order of the ZFM-70 manual's list; each gives the confirmation code, the
rest of the acknowledge and the data that follows it.
"""

from __future__ import annotations

import enum
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from drivers.fingerprint_reader.emulated_features import FILE_BYTES, character_file, score

SECURITY_SCORES = (0.70, 0.76, 0.82, 0.88, 0.93)  # of the stand-in comparison, level 1 to 5
MAX_TRANSFER = 65536
Pixels = npt.NDArray[np.uint8]


class Skin(enum.Enum):
    """How a finger meets the glass."""

    NORMAL = "normal"
    DRY = "dry"  # pale and broken ridges: too few features
    WET = "wet"  # ridges run together: a messy image
    MOVING = "moving"  # no image can be taken


@dataclass(frozen=True)
class SensorModel:
    """What tells the units apart: image shape (rows, columns), library size, ring light."""

    shape: tuple[int, int] = (288, 256)
    capacity: int = 1000
    light: bool = False


ZFM20 = SensorModel()
AS608 = SensorModel(capacity=162)
R503 = SensorModel((192, 192), 200, light=True)


@dataclass
class SensorState:
    """Everything that a command can read or change."""

    model: SensorModel
    password: int
    address: int
    baud_n: int
    packet_code: int
    random: random.Random
    security: int = 3
    library: dict[int, bytes] = field(default_factory=dict)
    notes: list[bytes] = field(default_factory=lambda: [bytes(32)] * 16)
    finger: tuple[Pixels, Skin] | None = None
    light: tuple[int, int, int, int] | None = None
    images_sent: int = 0
    image: Pixels | None = None
    skin: Skin = Skin.NORMAL
    buffers: dict[int, bytes] = field(default_factory=dict)
    incoming: tuple[int | None, bytearray] | None = None
    trusted: bool = False

    def forget(self) -> None:
        """Lose what does not survive a restart."""
        self.image, self.skin, self.incoming = None, Skin.NORMAL, None
        self.buffers = {}
        self.trusted = self.password == 0

    def matching(self, one: bytes, other: bytes) -> int | None:
        """Score of two files by the stand-in comparison, None below the security level."""
        likeness = score(one, other)
        return round(likeness * 300) if likeness >= SECURITY_SCORES[self.security - 1] else None

    def take_data(self, content: bytes, last: bool) -> None:
        """One data packet of a transfer from the host; unasked ones are ignored."""
        if self.incoming is None:
            return
        slot, seen = self.incoming
        seen += content
        if last or len(seen) > MAX_TRANSFER:
            self.incoming = None
        if last and slot is not None:
            self.buffers[slot] = bytes(seen)
        elif last and len(seen) * 2 == self.model.shape[0] * self.model.shape[1]:
            self.image, self.skin = _unpacked(bytes(seen), self.model.shape), Skin.NORMAL


Result = tuple[int, bytes, bytes]  # confirmation code, rest of the acknowledge, data that follows
Act = Callable[[SensorState, bytes], Result]


def _code(code: int, rest: bytes = b"", stream: bytes = b"") -> Result:
    return code, rest, stream


def _slot(number: int) -> int:
    return 1 if number == 1 else 2  # ZFM-70 6.3: anything but 1 is taken as buffer 2


def _gen_image(sensor: SensorState, data: bytes) -> Result:
    if sensor.finger is None:
        return _code(0x02)
    picture, skin = sensor.finger
    if skin is Skin.MOVING:
        return _code(0x03)
    sensor.image, sensor.skin = picture, skin
    return _code(0x00)


def _image_to_char(sensor: SensorState, data: bytes) -> Result:
    image, sensor.image = sensor.image, None
    if image is None:
        return _code(0x15)
    features = character_file(image)
    if sensor.skin is Skin.WET:
        return _code(0x06)
    if features is None or sensor.skin is Skin.DRY:
        return _code(0x07)
    sensor.buffers[_slot(data[0])] = features
    return _code(0x00)


def _match(sensor: SensorState, data: bytes) -> Result:
    one, other = sensor.buffers.get(1), sensor.buffers.get(2)
    found = sensor.matching(one, other) if one and other else None
    return _code(0x08, b"\x00\x00") if found is None else _code(0x00, struct.pack(">H", found))


def _search(sensor: SensorState, data: bytes) -> Result:
    slot, start, count = struct.unpack(">BHH", data)
    probe = sensor.buffers.get(_slot(slot), b"")
    scores = {
        position: found
        for position, template in sensor.library.items()
        if start <= position < start + count and probe
        and (found := sensor.matching(probe, template)) is not None
    }  # fmt: skip
    if not scores:
        return _code(0x09, bytes(4))
    best = max(scores, key=lambda position: (scores[position], -position))
    return _code(0x00, struct.pack(">HH", best, scores[best]))


def _make_model(sensor: SensorState, data: bytes) -> Result:
    one, other = sensor.buffers.get(1), sensor.buffers.get(2)
    if not one or not other or sensor.matching(one, other) is None:
        return _code(0x0A)
    sensor.buffers[1] = sensor.buffers[2] = one[:FILE_BYTES] + other[:FILE_BYTES]
    return _code(0x00)


def _store(sensor: SensorState, data: bytes) -> Result:
    slot, position = struct.unpack(">BH", data)
    template = sensor.buffers.get(_slot(slot))
    if position >= sensor.model.capacity:
        return _code(0x0B)
    if not template:
        return _code(0x18)
    sensor.library[position] = template
    return _code(0x00)


def _load(sensor: SensorState, data: bytes) -> Result:
    slot, position = struct.unpack(">BH", data)
    if position >= sensor.model.capacity:
        return _code(0x0B)
    if position not in sensor.library:
        return _code(0x0C)
    sensor.buffers[_slot(slot)] = sensor.library[position]
    return _code(0x00)


def _up_char(sensor: SensorState, data: bytes) -> Result:
    template = sensor.buffers.get(_slot(data[0]))
    return _code(0x00, b"", template) if template else _code(0x0D)


def _down_char(sensor: SensorState, data: bytes) -> Result:
    sensor.incoming = (_slot(data[0]), bytearray())
    return _code(0x00)


def _up_image(sensor: SensorState, data: bytes) -> Result:
    if sensor.image is None:
        return _code(0x0F)
    sensor.images_sent += 1
    return _code(0x00, b"", _packed(sensor.image))


def _down_image(sensor: SensorState, data: bytes) -> Result:
    sensor.incoming = (None, bytearray())
    return _code(0x00)


def _delete(sensor: SensorState, data: bytes) -> Result:
    position, count = struct.unpack(">HH", data)
    if position + count > sensor.model.capacity:
        return _code(0x10)
    for gone in range(position, position + count):
        sensor.library.pop(gone, None)
    return _code(0x00)


def _empty(sensor: SensorState, data: bytes) -> Result:
    sensor.library.clear()
    return _code(0x00)


def _set_parameter(sensor: SensorState, data: bytes) -> Result:
    number, value = data
    if number == 4 and 1 <= value <= 12:
        sensor.baud_n = value
    elif number == 5 and 1 <= value <= 5:
        sensor.security = value
    elif number == 6 and value <= 3:
        sensor.packet_code = value
    else:
        return _code(0x1A)
    return _code(0x00)


def _read_parameters(sensor: SensorState, data: bytes) -> Result:
    status = 0x04 if sensor.trusted else 0
    values = (status, 0, sensor.model.capacity, sensor.security, sensor.address, sensor.packet_code)
    return _code(0x00, struct.pack(">HHHHIHH", *values, sensor.baud_n))


def _set_password(sensor: SensorState, data: bytes) -> Result:
    sensor.password = int.from_bytes(data, "big")
    return _code(0x00)


def _verify_password(sensor: SensorState, data: bytes) -> Result:
    sensor.trusted = int.from_bytes(data, "big") == sensor.password
    return _code(0x00 if sensor.trusted else 0x13)


def _random_code(sensor: SensorState, data: bytes) -> Result:
    return _code(0x00, sensor.random.randbytes(4))


def _write_note(sensor: SensorState, data: bytes) -> Result:
    if data[0] >= len(sensor.notes):
        return _code(0x0B)
    sensor.notes[data[0]] = data[1:]
    return _code(0x00)


def _read_note(sensor: SensorState, data: bytes) -> Result:
    return _code(0x00, sensor.notes[data[0]]) if data[0] < len(sensor.notes) else _code(0x0B)


def _template_count(sensor: SensorState, data: bytes) -> Result:
    return _code(0x00, struct.pack(">H", len(sensor.library)))


def _read_index(sensor: SensorState, data: bytes) -> Result:
    if data[0] > 3:
        return _code(0x0B)
    used = sum(1 << p % 256 for p in sensor.library if p // 256 == data[0])
    return _code(0x00, used.to_bytes(32, "little"))


def _light(sensor: SensorState, data: bytes) -> Result:
    mode, speed, colour, cycles = data
    sensor.light = (mode, speed, colour, cycles)
    return _code(0x00)


def _fine(sensor: SensorState, data: bytes) -> Result:
    return _code(0x00)


def _echo(sensor: SensorState, data: bytes) -> Result:
    return _code(0x55)


COMMANDS: dict[int, tuple[int | None, Act | None, float]] = {
    # code: (bytes after the code, what it does, how long it takes in s)
    0x01: (0, _gen_image, 0.15),
    0x02: (1, _image_to_char, 0.25),
    0x03: (0, _match, 0.05),
    0x04: (5, _search, 0.15),
    0x05: (0, _make_model, 0.10),
    0x06: (3, _store, 0.05),
    0x07: (3, _load, 0.02),
    0x08: (1, _up_char, 0.005),
    0x09: (1, _down_char, 0.005),
    0x0A: (0, _up_image, 0.005),
    0x0B: (0, _down_image, 0.005),
    0x0C: (4, _delete, 0.05),
    0x0D: (0, _empty, 0.10),
    0x0E: (2, _set_parameter, 0.02),
    0x0F: (0, _read_parameters, 0.005),
    0x12: (4, _set_password, 0.02),
    0x13: (4, _verify_password, 0.005),
    0x14: (0, _random_code, 0.005),
    0x15: (4, _fine, 0.02),
    0x17: (1, _fine, 0.005),
    0x18: (33, _write_note, 0.02),
    0x19: (1, _read_note, 0.005),
    0x1B: (5, _search, 0.08),
    0x1D: (0, _template_count, 0.005),
    0x1F: (1, _read_index, 0.005),
    0x35: (4, _light, 0.005),
    0x3D: (0, _fine, 0.005),
    0x53: (0, _echo, 0.005),
}


def _packed(image: Pixels) -> bytes:
    pairs = image.reshape(-1, 2) >> 4
    return bytes((pairs[:, 0] << 4 | pairs[:, 1]).astype(np.uint8))


def _unpacked(data: bytes, shape: tuple[int, int]) -> Pixels:
    both = np.frombuffer(data, np.uint8)
    return (np.column_stack((both >> 4, both & 15)) * 17).reshape(shape).astype(np.uint8)
