"""Minutiae for chip cards after ISO/IEC 19794-2:2005: compact (3 bytes) and normal (5 bytes) form. Unverified.

The layout follows published descriptions, not the standard's text. A card keeps no image size, no resolution and no
qualities: positions are counted in tenths or hundredths of a millimetre, minutiae are sorted by y and then x, and a
biometric data template (tag 7F2E) holds them under tag 81, or under 90 inside A1.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from models.fingerprint.reading import Reader
from models.fingerprint.values import DPI, Minutiae, MinutiaType, Template

TEMPLATE_TAG = b"\x7f\x2e"
MOST_MINUTIAE = 255
_STANDARD, _CONSTRUCTED, _MINUTIAE = 0x81, 0xA1, 0x90
_MM_PER_INCH = 25.4


@dataclass(frozen=True)
class _Layout:
    """Bytes of a minutia, steps a millimetre, largest position, steps a turn."""

    size: int
    steps_mm: int
    most: int
    steps_turn: int


class CardForm(Enum):
    """The two forms."""

    COMPACT = _Layout(3, 10, 0xFF, 64)
    NORMAL = _Layout(5, 100, 0x3FFF, 256)


def is_card(data: bytes) -> bool:
    """Do these bytes begin a biometric data template?"""
    return data[:2] == TEMPLATE_TAG


def form_of(data: bytes) -> CardForm:
    """The form of the minutiae in a biometric data template, by their length and order. Raises ValueError if unclear."""
    minutiae = _unwrapped(data)
    possible = [form for form in CardForm if _fits(minutiae, form)]
    if len(possible) != 1:
        raise ValueError(
            "the card's minutiae fit both forms or none: name the form, compact or normal"
        )
    return possible[0]


def encode_card(template: Template, form: CardForm) -> bytes:
    """A biometric data template from a template at 500 dpi. Raises ValueError if the print is too large for the form.

    Where the image, but not the print, is too large, positions are counted from the print's own corner.
    """
    found, layout = template.minutiae, form.value
    if len(found) > MOST_MINUTIAE:
        raise ValueError(f"{len(found)} minutiae: a card holds at most {MOST_MINUTIAE}")
    x, y = _steps(found.x, layout), _steps(found.y, layout)
    if max(x.max(initial=0), y.max(initial=0)) > layout.most:
        raise ValueError(f"the print is larger than {layout.most / layout.steps_mm:.1f} mm")
    turn = (
        np.round(found.angle / (2 * np.pi) * layout.steps_turn).astype(np.int64) % layout.steps_turn
    )
    rows = np.column_stack([found.kind.astype(np.int64), x, y, turn])
    rows = rows[np.lexsort((rows[:, 0], rows[:, 3], rows[:, 1], rows[:, 2]))]
    content = b"".join(_packed(row.tolist(), form) for row in rows)
    return TEMPLATE_TAG + _sized(bytes([_STANDARD]) + _sized(content))


def decode_card(data: bytes, form: CardForm) -> Template:
    """The template of a card's minutiae; quality 0 says that none is known. Raises ValueError."""
    content, layout = _unwrapped(data), form.value
    if len(content) % layout.size or len(content) > layout.size * MOST_MINUTIAE:
        raise ValueError(
            f"{len(content)} bytes are no {MOST_MINUTIAE} or fewer minutiae of {layout.size} bytes"
        )
    kind, x, y, turn = _rows(content, form).T
    if (kind > MinutiaType.BIFURCATION).any():
        raise ValueError("a minutia of the card has type 3, which means nothing")
    scale = DPI / _MM_PER_INCH / layout.steps_mm
    angle = (turn * 2 * np.pi / layout.steps_turn).astype(np.float32)
    across, down = (np.ascontiguousarray(one * scale, np.float32) for one in (x, y))
    minutiae = Minutiae(across, down, angle, kind.astype(np.uint8), np.zeros(len(kind), np.uint8))
    width, height = (int(one.max(initial=0)) + 1 for one in (across, down))
    return Template(width, height, minutiae, 0)


def _steps(position: NDArray[np.float32], layout: _Layout) -> NDArray[np.int64]:
    steps = np.round(position * _MM_PER_INCH / DPI * layout.steps_mm).astype(np.int64)
    return steps - steps.min() if steps.max(initial=0) > layout.most else steps


def _packed(row: list[int], form: CardForm) -> bytes:
    kind, x, y, turn = row
    if form is CardForm.COMPACT:
        return bytes([x, y, kind << 6 | turn])
    return (kind << 14 | x).to_bytes(2, "big") + y.to_bytes(2, "big") + bytes([turn])


def _rows(content: bytes, form: CardForm) -> NDArray[np.int64]:
    """Rows type, x, y, direction in the units of the form."""
    raw = np.frombuffer(content, np.uint8).reshape(-1, form.value.size).astype(np.int64)
    if form is CardForm.COMPACT:
        return np.column_stack([raw[:, 2] >> 6, raw[:, 0], raw[:, 1], raw[:, 2] & 0x3F])
    x, y = raw[:, 0] << 8 | raw[:, 1], raw[:, 2] << 8 | raw[:, 3]
    return np.column_stack([x >> 14, x & 0x3FFF, y & 0x3FFF, raw[:, 4]])


def _fits(content: bytes, form: CardForm) -> bool:
    if len(content) % form.value.size or len(content) > form.value.size * MOST_MINUTIAE:
        return False
    kind, x, y, _ = _rows(content, form).T
    place = y * (form.value.most + 1) + x
    return bool((kind <= MinutiaType.BIFURCATION).all() and (np.diff(place) >= 0).all())


def _sized(content: bytes) -> bytes:
    """Content behind its length in the basic encoding rules."""
    count = len(content)
    if count < 0x80:
        return bytes([count]) + content
    size = (count.bit_length() + 7) // 8
    return bytes([0x80 | size]) + count.to_bytes(size, "big") + content


def _unwrapped(data: bytes) -> bytes:
    if not is_card(data):
        raise ValueError(
            f"not a biometric data template: it starts with {data[:2].hex()} instead of 7f2e"
        )
    reader = Reader(data, len(TEMPLATE_TAG))
    content = _content(reader, "the template")
    if reader.at != len(data):
        raise ValueError(f"{len(data) - reader.at} bytes follow the template")
    inner = _by_tag(content)
    if _CONSTRUCTED in inner:
        return _by_tag(inner[_CONSTRUCTED]).get(_MINUTIAE, b"")
    if _STANDARD not in inner:
        raise ValueError("the template holds no minutiae under tag 81 or A1")
    return inner[_STANDARD]


def _by_tag(content: bytes) -> dict[int, bytes]:
    reader, found = Reader(content), dict[int, bytes]()
    while reader.at < len(content):
        (tag,) = reader.take(">B", "a tag")
        found[tag] = _content(reader, f"tag {tag:02x}")
    return found


def _content(reader: Reader, field: str) -> bytes:
    (count,) = reader.take(">B", f"the length of {field}")
    if count > 0x82 or count == 0x80:
        raise ValueError(f"{field} has a length that no card needs")
    if count > 0x80:
        count = int.from_bytes(reader.take_bytes(count - 0x80, f"the length of {field}"), "big")
    return reader.take_bytes(count, field)
