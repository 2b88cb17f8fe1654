"""The stored form of a reference: versioned by engine, with the date of its capture.

The bytes leave the process only encrypted; this module knows nothing of keys.
Layout, little-endian: magic "EGF1", version u8, days since 1970 u32, frames u8, quality u8,
engine name (u8 length, UTF-8), components u16, components float32, CRC-32 of all before.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from models.face.compare import normalise
from models.face.values import Embedding

_MAGIC = b"EGF1"
_VERSION = 1
_HEAD = struct.Struct("<4sBIBB")
_EPOCH = date(1970, 1, 1)
_UNIT_TOLERANCE = 1e-3

AGED_AFTER_YEARS = 5.0
"""A face drifts from its reference with the years; from here on a fresh capture is asked for."""


class TemplateError(ValueError):
    """The bytes are no usable template; the message says what to do and nothing of the content."""


class EngineChanged(TemplateError):
    """The template is of another engine: its holder has to be enrolled again."""


@dataclass(frozen=True)
class Template:
    """A reference: unit embedding of `engine`, fused from `frames` pictures of one sitting."""

    engine: str
    embedding: Embedding
    captured_on: date
    frames: int
    quality: int

    def aged(self, on: date) -> bool:
        """Whether the reference is older than `AGED_AFTER_YEARS` on that day."""
        return (on - self.captured_on).days > AGED_AFTER_YEARS * 365.25

    def __repr__(self) -> str:
        return f"Template(engine={self.engine!r}, frames={self.frames})"  # never the embedding


def encode_template(template: Template) -> bytes:
    """Return the template as bytes.

    :raises TemplateError: the embedding is not finite and of unit length, or a field out of range.
    """
    name = template.engine.encode()
    days = (template.captured_on - _EPOCH).days
    if not 0 < len(name) < 256 or not 0 <= template.quality <= 100 or not 0 < template.frames < 256:
        raise TemplateError("a field of the template is out of range")
    vector = np.ascontiguousarray(template.embedding, "<f4")
    _check_unit(vector)
    head = _HEAD.pack(_MAGIC, _VERSION, max(0, days), template.frames, template.quality)
    body = head + bytes([len(name)]) + name + struct.pack("<H", len(vector)) + vector.tobytes()
    return body + struct.pack("<I", zlib.crc32(body))


def decode_template(data: bytes, engine: str, size: int) -> Template:
    """Read a template back for the engine in use.

    :raises EngineChanged: made by another engine or another version of it.
    :raises TemplateError: damaged, cut short, or of an unknown version.
    """
    if len(data) < _HEAD.size + 5 or data[:4] != _MAGIC:
        raise TemplateError("not a face template: enrol again")
    body, check = data[:-4], struct.unpack("<I", data[-4:])[0]
    if zlib.crc32(body) != check:
        raise TemplateError("the face template is damaged: restore it or enrol again")
    _, version, days, frames, quality = _HEAD.unpack_from(body)
    if version != _VERSION:
        raise TemplateError(f"face template version {version} is unknown: update, or enrol again")
    at = _HEAD.size + 1
    name = body[at : at + body[_HEAD.size]].decode("utf-8", "replace")
    if name != engine:
        raise EngineChanged(f"the reference is of engine {name}, in use is {engine}: enrol again")
    at += body[_HEAD.size]
    count = struct.unpack_from("<H", body, at)[0] if len(body) >= at + 2 else -1
    if count != size or len(body) != at + 2 + 4 * count:
        raise TemplateError("the face template has the wrong size: enrol again")
    vector = np.frombuffer(body, "<f4", count, at + 2).astype(np.float32)
    _check_unit(vector)
    return Template(name, vector, _EPOCH + timedelta(days=days), frames, quality)


def _check_unit(vector: Embedding) -> None:
    if not np.isfinite(vector).all() or abs(float(np.linalg.norm(vector)) - 1.0) > _UNIT_TOLERANCE:
        raise TemplateError("the embedding is not finite and of unit length: capture again")
    normalise(vector)
