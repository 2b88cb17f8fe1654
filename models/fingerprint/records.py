"""Finger minutiae records: ISO/IEC 19794-2:2005 and ANSI INCITS 378-2004, bytes to values and back, exactly.

Both share one layout of views; they differ in the head and in the unit of directions. Decoding checks every count,
length and coordinate against the bytes and the head, so that a record that decodes can be used without more care.
"""

import struct
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from models.fingerprint.reading import Reader
from models.fingerprint.values import DPI, Minutiae, MinutiaType, Template

MAGIC = b"FMR\0 20\0"
MOST_MINUTIAE = 255
_CM_PER_INCH = 2.54
_LEAST_PX_CM, _MOST_PX_CM = 39, 800
"""100 to about 2,000 dpi: outside, the resolution of a record cannot be meant."""
_SHORT_LENGTH_LIMIT = 0xFFFF


class Standard(Enum):
    """The two record formats; the value is their unit of direction in degrees."""

    ISO_19794_2_2005 = 1.40625
    ANSI_378_2004 = 2.0


@dataclass(frozen=True)
class View:
    """One finger view as recorded.

    `minutiae` int32 (n, 5): type 0..2, x, y in pixels of the record, direction in units of the standard, quality
    0..100 with 0 for not reported. `position` 0..10 and `impression` 0..15 are codes of the standards, `extended` the
    extended data block without its length, kept as it is.
    """

    position: int
    number: int
    impression: int
    quality: int
    minutiae: NDArray[np.int32]
    extended: bytes = b""


@dataclass(frozen=True)
class Record:
    """A whole record: image size in pixels, resolution in pixels per centimetre, one view or more.

    `equipment` is the 16-bit capture equipment word, `owner` the format owner and `product` of ANSI 378 (0 for ISO).
    """

    standard: Standard
    width: int
    height: int
    x_px_cm: int
    y_px_cm: int
    views: tuple[View, ...]
    equipment: int = 0
    owner: int = 0
    product: int = 0


def standard_of(data: bytes) -> Standard | None:
    """Which standard these bytes claim to be; None if they are no minutiae record at all."""
    if data[:8] != MAGIC:
        return None
    if len(data) >= 12 and struct.unpack_from(">I", data, 8)[0] == len(data):
        return Standard.ISO_19794_2_2005
    if len(data) >= 14 and len(data) in struct.unpack_from(">HI", data, 8):
        return Standard.ANSI_378_2004
    # the length lies: zeros where ISO has the upper half of it decide which error to give
    return Standard.ISO_19794_2_2005 if data[8:10] == b"\0\0" else Standard.ANSI_378_2004


def decode(data: bytes) -> Record:
    """A record from its bytes, ISO or ANSI. Raises ValueError that names the field that is wrong."""
    standard = standard_of(data)
    if standard is None:
        raise ValueError(
            f"not a finger minutiae record: it starts with {data[:8]!r} instead of {MAGIC!r}"
        )
    head, at = _decode_head(standard, Reader(data))
    reader = Reader(data, at)
    views = tuple(_decode_view(reader, head, number) for number in range(head.views))
    if reader.at != len(data):
        raise ValueError(
            f"{len(data) - reader.at} bytes follow the last view: the count of views is wrong"
        )
    return replace(head.record, views=views)


def encode(record: Record) -> bytes:
    """The bytes of a record. Raises ValueError if a value does not fit its field."""
    try:
        body = b"".join(_encode_view(view, record) for view in record.views)
        sizes = struct.pack(
            ">HHHHHBB", record.equipment, record.width, record.height, record.x_px_cm, record.y_px_cm,
            len(record.views), 0,
        )  # fmt: skip
        if record.standard is Standard.ISO_19794_2_2005:
            return MAGIC + struct.pack(">I", len(MAGIC) + 4 + len(sizes) + len(body)) + sizes + body
        return MAGIC + _ansi_head(record, len(MAGIC) + 4 + len(sizes) + len(body)) + sizes + body
    except struct.error as error:
        raise ValueError(f"a value does not fit its field of the record: {error}") from error


def from_template(template: Template, standard: Standard, position: int = 0) -> Record:
    """A record of one view from a template at 500 dpi; `position` is the finger (1 right thumb .. 10, 0 unknown)."""
    found = template.minutiae
    unit = standard.value
    steps = round(360 / unit)
    rows = np.column_stack([
        found.kind,
        np.clip(np.round(found.x), 0, template.width - 1),
        np.clip(np.round(found.y), 0, template.height - 1),
        np.round(np.rad2deg(found.angle) / unit).astype(np.int64) % steps,
        found.quality,
    ]).astype(np.int32)  # fmt: skip
    px_cm = round(DPI / _CM_PER_INCH)
    view = View(position, 0, 0, template.quality, rows)
    return Record(standard, template.width, template.height, px_cm, px_cm, (view,))


def to_template(record: Record, view: int = 0) -> Template:
    """One view of a record as a template, scaled to 500 dpi. Raises ValueError if there is no such view."""
    if not 0 <= view < len(record.views):
        raise ValueError(f"the record has {len(record.views)} views: there is no view {view}")
    rows = record.views[view].minutiae
    across, down = _scale(record.x_px_cm), _scale(record.y_px_cm)
    angle = np.deg2rad(rows[:, 3] * record.standard.value).astype(np.float32)
    minutiae = Minutiae(
        np.ascontiguousarray(rows[:, 1] * across, np.float32),
        np.ascontiguousarray(rows[:, 2] * down, np.float32),
        angle,
        rows[:, 0].astype(np.uint8),
        rows[:, 4].astype(np.uint8),
    )
    quality = record.views[view].quality
    return Template(round(record.width * across), round(record.height * down), minutiae, quality)


def _scale(px_cm: int) -> float:
    """Factor to 500 dpi; 196 and 197 px/cm both mean 500 dpi, rounded down or up."""
    return 1.0 if px_cm in (196, 197) else DPI / _CM_PER_INCH / px_cm


@dataclass(frozen=True)
class _Head:
    record: Record
    views: int


def _decode_head(standard: Standard, reader: Reader) -> tuple[_Head, int]:
    reader.take_bytes(len(MAGIC), "the format identifier")
    owner = product = 0
    if standard is Standard.ISO_19794_2_2005:
        (length,) = reader.take(">I", "the record length")
    else:
        (length,) = reader.take(">H", "the record length")
        if length == 0:
            (length,) = reader.take(">I", "the long record length")
        owner, product = reader.take(">HH", "the product identifier")
    if length != len(reader.data):
        raise ValueError(f"the record says it has {length} bytes but has {len(reader.data)}")
    equipment, width, height, x_px_cm, y_px_cm, views, _ = reader.take(
        ">HHHHHBB", "the image size and resolution"
    )
    record = Record(standard, width, height, x_px_cm, y_px_cm, (), equipment, owner, product)
    check_size(record)
    if views == 0:
        raise ValueError("the record has no finger view")
    return _Head(record, views), reader.at


def check_size(record: Record) -> None:
    """Raises ValueError for an image size or a resolution that cannot be meant."""
    if record.width == 0 or record.height == 0:
        raise ValueError(f"the image size {record.width} x {record.height} is empty")
    for name, value in (("horizontal", record.x_px_cm), ("vertical", record.y_px_cm)):
        if not _LEAST_PX_CM <= value <= _MOST_PX_CM:
            raise ValueError(
                f"the {name} resolution {value} px/cm is outside {_LEAST_PX_CM}..{_MOST_PX_CM}"
            )


def _decode_view(reader: Reader, head: _Head, number: int) -> View:
    position, both, quality, count = reader.take(">BBBB", f"the head of view {number}")
    raw = np.frombuffer(
        reader.take_bytes(6 * count, f"the {count} minutiae of view {number}"), np.uint8
    )
    rows = raw.reshape(-1, 6).astype(np.int32)
    x, y = rows[:, 0] << 8 | rows[:, 1], rows[:, 2] << 8 | rows[:, 3]
    minutiae = np.column_stack([x >> 14, x & 0x3FFF, y & 0x3FFF, rows[:, 4], rows[:, 5]]).astype(
        np.int32
    )
    check_view(minutiae, quality, head.record, number)
    (extended,) = reader.take(">H", f"the length of extended data of view {number}")
    data = reader.take_bytes(extended, f"the extended data of view {number}")
    return View(position, both >> 4, both & 0x0F, quality, minutiae, data)


def check_view(minutiae: NDArray[np.int32], quality: int, record: Record, number: int) -> None:
    """Raises ValueError for a minutia (rows as in `View`) or a quality outside the limits of the record."""
    limits = (
        ("type", 0, int(MinutiaType.BIFURCATION)),
        ("x", 1, record.width - 1),
        ("y", 2, record.height - 1),
        ("direction", 3, round(360 / record.standard.value) - 1),
        ("quality", 4, 100),
    )
    for name, column, limit in limits:
        wrong = np.flatnonzero(minutiae[:, column] > limit)
        if len(wrong):
            value = int(minutiae[wrong[0], column])
            raise ValueError(
                f"minutia {wrong[0]} of view {number} has {name} {value}, more than {limit}"
            )
    if quality > 100:
        raise ValueError(f"the quality {quality} of view {number} is more than 100")


def _encode_view(view: View, record: Record) -> bytes:
    if len(view.minutiae) > MOST_MINUTIAE:
        raise ValueError(f"{len(view.minutiae)} minutiae: a view holds at most {MOST_MINUTIAE}")
    check_view(view.minutiae, view.quality, record, view.number)
    if (view.minutiae < 0).any():
        raise ValueError("a minutia has a negative value")
    head = struct.pack(
        ">BBBB", view.position, view.number << 4 | view.impression, view.quality, len(view.minutiae)
    )
    rows = (
        struct.pack(">HHBB", kind << 14 | x, y, angle, quality)
        for kind, x, y, angle, quality in view.minutiae
    )
    return head + b"".join(rows) + struct.pack(">H", len(view.extended)) + view.extended


def _ansi_head(record: Record, shortest: int) -> bytes:
    """Length and product; `shortest` is the record's length so far, with two bytes of length and two of owner."""
    total = shortest + 2
    if total <= _SHORT_LENGTH_LIMIT:
        return struct.pack(">HHH", total, record.owner, record.product)
    return struct.pack(">HIHH", 0, total + 4, record.owner, record.product)
