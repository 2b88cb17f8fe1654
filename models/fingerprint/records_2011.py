"""Finger minutiae records of ISO/IEC 19794-2:2011. Unverified: no reader or writer not of our hand has judged it.

The layout follows published descriptions of the standard, not its text. Each representation carries its own image
size and resolution; what a comparison does not use (date, device, certificates) is kept byte by byte.
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.fingerprint.reading import Reader
from models.fingerprint.records import (
    MOST_MINUTIAE,
    Record,
    Standard,
    View,
    check_size,
    check_view,
    from_template,
)
from models.fingerprint.values import Template

MAGICS = (b"FMR\x00030\x00", b"FMR\x00 30\x00")
"""The first is written; the second is read as well, as descriptions of the version field differ."""
_HEAD = struct.Struct(">IHB")
_NO_DATE = b"\xff" * 9
_NOT_REPORTED = 254
_WITH_QUALITY, _WITHOUT_QUALITY = 6, 5


@dataclass(frozen=True)
class Representation:
    """One finger: `record` holds its size, resolution and single view; the rest is kept as recorded.

    `captured` are the nine bytes of date and time, `device` technology, vendor and type in five bytes, `qualities` and
    `certificates` blocks of five and three bytes each, `ending_type` 0..15 how ridge endings were placed.
    """

    record: Record
    captured: bytes = _NO_DATE
    device: bytes = bytes(5)
    qualities: bytes = b""
    certificates: bytes = b""
    ending_type: int = 0


def is_2011(data: bytes) -> bool:
    """Do these bytes claim to be of the edition of 2011?"""
    return data[:8] in MAGICS


def decode_2011(data: bytes) -> tuple[Representation, ...]:
    """All representations of a record. Raises ValueError that names the field that is wrong."""
    if not is_2011(data):
        raise ValueError(f"not a record of ISO/IEC 19794-2:2011: it starts with {data[:8]!r}")
    reader = Reader(data, len(MAGICS[0]))
    length, count, certified = reader.take(_HEAD.format, "the head of the record")
    if length != len(data):
        raise ValueError(f"the record says it has {length} bytes but has {len(data)}")
    if count == 0 or certified > 1:
        raise ValueError("the record has no representation, or an unknown certification flag")
    found = tuple(_decode_one(reader, bool(certified), number) for number in range(count))
    if reader.at != len(data):
        raise ValueError(f"{len(data) - reader.at} bytes follow the last representation")
    return found


def encode_2011(representations: tuple[Representation, ...]) -> bytes:
    """The bytes of a record. Raises ValueError if a value does not fit its field."""
    certified = any(one.certificates for one in representations)
    try:
        body = b"".join(_encode_one(one, certified) for one in representations)
        length = len(MAGICS[0]) + _HEAD.size + len(body)
        return MAGICS[0] + _HEAD.pack(length, len(representations), certified) + body
    except struct.error as error:
        raise ValueError(f"a value does not fit its field of the record: {error}") from error


def from_template_2011(template: Template, position: int = 0) -> tuple[Representation, ...]:
    """A record of one representation from a template at 500 dpi."""
    record = from_template(template, Standard.ISO_19794_2_2005, position)
    return (Representation(record, qualities=struct.pack(">BHH", template.quality, 0, 0)),)


def _decode_one(reader: Reader, certified: bool, number: int) -> Representation:
    begun, name = reader.at, f"representation {number}"
    (length,) = reader.take(">I", f"the length of {name}")
    captured = reader.take_bytes(9, f"the date of {name}")
    device = reader.take_bytes(5, f"the device of {name}")
    qualities = _blocks(reader, 5, f"the qualities of {name}")
    certificates = _blocks(reader, 3, f"the certificates of {name}") if certified else b""
    record, ending_type = _decode_finger(reader, _score(qualities), number)
    if reader.at - begun != length:
        raise ValueError(f"{name} says it has {length} bytes but has {reader.at - begun}")
    return Representation(record, captured, device, qualities, certificates, ending_type)


def _blocks(reader: Reader, size: int, field: str) -> bytes:
    (count,) = reader.take(">B", field)
    return reader.take_bytes(size * count, field)


def _score(qualities: bytes) -> int:
    """The first quality value 0..100; 0 where none was computed."""
    return qualities[0] if qualities and qualities[0] <= 100 else 0


def _decode_finger(reader: Reader, quality: int, number: int) -> tuple[Record, int]:
    position, view, x_px_cm, y_px_cm, impression, width, height, flags, count = reader.take(
        ">BBHHBHHBB", f"the finger of representation {number}"
    )
    size, ending_type = flags >> 4, flags & 0x0F
    if size not in (_WITH_QUALITY, _WITHOUT_QUALITY):
        raise ValueError(f"minutiae of representation {number} take {size} bytes instead of 5 or 6")
    record = Record(Standard.ISO_19794_2_2005, width, height, x_px_cm, y_px_cm, ())
    check_size(record)
    data = reader.take_bytes(size * count, f"the {count} minutiae of representation {number}")
    minutiae = _rows(np.frombuffer(data, np.uint8).reshape(-1, size).astype(np.int32))
    check_view(minutiae, quality, record, number)
    (extended,) = reader.take(">H", f"the length of extended data of representation {number}")
    kept = reader.take_bytes(extended, f"the extended data of representation {number}")
    one = View(position, view, impression, quality, minutiae, kept)
    return Record(record.standard, width, height, x_px_cm, y_px_cm, (one,)), ending_type


def _rows(raw: NDArray[np.int32]) -> NDArray[np.int32]:
    """Rows as in `View`: a quality that was not reported (254) becomes 0."""
    x, y = raw[:, 0] << 8 | raw[:, 1], raw[:, 2] << 8 | raw[:, 3]
    quality = raw[:, 5] if raw.shape[1] == _WITH_QUALITY else np.zeros(len(raw), np.int32)
    quality = np.where(quality == _NOT_REPORTED, 0, quality)
    return np.column_stack([x >> 14, x & 0x3FFF, y & 0x3FFF, raw[:, 4], quality]).astype(np.int32)


def _encode_one(one: Representation, certified: bool) -> bytes:
    if len(one.record.views) != 1 or len(one.captured) != 9 or len(one.device) != 5:
        raise ValueError("a representation has one view, nine bytes of date and five of device")
    head = one.captured + one.device + _counted(one.qualities, 5)
    head += _counted(one.certificates, 3) if certified else b""
    body = head + _encode_finger(one.record, one.record.views[0], one.ending_type)
    return struct.pack(">I", 4 + len(body)) + body


def _counted(blocks: bytes, size: int) -> bytes:
    if len(blocks) % size:
        raise ValueError(f"blocks of {size} bytes cannot fill {len(blocks)} bytes")
    return struct.pack(">B", len(blocks) // size) + blocks


def _encode_finger(record: Record, view: View, ending_type: int) -> bytes:
    if len(view.minutiae) > MOST_MINUTIAE or (view.minutiae < 0).any():
        raise ValueError(
            f"a finger has at most {MOST_MINUTIAE} minutiae, none with a negative value"
        )
    check_size(record)
    check_view(view.minutiae, view.quality, record, view.number)
    head = struct.pack(
        ">BBHHBHHBB", view.position, view.number, record.x_px_cm, record.y_px_cm, view.impression,
        record.width, record.height, _WITH_QUALITY << 4 | ending_type, len(view.minutiae),
    )  # fmt: skip
    rows = (
        struct.pack(">HHBB", kind << 14 | x, y, angle, quality or _NOT_REPORTED)
        for kind, x, y, angle, quality in view.minutiae
    )
    return head + b"".join(rows) + struct.pack(">H", len(view.extended)) + view.extended
