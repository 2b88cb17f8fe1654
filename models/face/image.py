"""Any picture in, RGB uint8 out; what cannot be one is refused with what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.cv import scale
from models.face.values import BadImage, Picture

SHORTEST_SIDE = 48
"""Below this no face can have the 80 pixels that the detector and the network need."""

LONGEST_SIDE = 1920
"""Larger pictures are reduced to this: a face needs no more, and memory stays bounded."""

MOST_PIXELS = 120_000_000
MOST_BYTES = 100_000_000


def load(path: Path) -> Picture:
    """Read a picture file as RGB.

    :raises BadImage: missing, unreadable, no picture, or too small.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise BadImage(f"the file is larger than {MOST_BYTES // 1_000_000} MB: give a photo")
        data = path.read_bytes()
    except OSError as error:
        raise BadImage(f"cannot read the picture: {error.strerror}") from None
    return decode(data)


def decode(data: bytes) -> Picture:
    """Decode JPEG (CMYK too), PNG, TIFF, BMP or WebP bytes; the EXIF orientation is applied.

    :raises BadImage: corrupt, cut short, no picture, or too small.
    """
    if not data:
        raise BadImage("the picture file is empty: take the picture again")
    try:
        # Colour and depth as stored: a 16-bit or transparent picture is reduced by `as_rgb`.
        raw = cv2.imdecode(np.frombuffer(data, np.uint8), _decode_flags(data))
    except cv2.error:
        raw = None
    if raw is None:
        raise BadImage("not a picture, or a damaged one: give a whole JPEG, PNG, TIFF, BMP or WebP")
    if raw.ndim == 3 and raw.shape[2] == 3:
        raw = cv2.cvtColor(raw, cv2.COLOR_BGR2RGB)
    elif raw.ndim == 3 and raw.shape[2] == 4:
        raw = cv2.cvtColor(raw, cv2.COLOR_BGRA2RGBA)
    return as_rgb(raw)


def _decode_flags(data: bytes) -> int:
    if data[:2] == b"\xff\xd8":  # only here is orientation stored, and CMYK converted on reading
        return int(cv2.IMREAD_COLOR)
    return int(cv2.IMREAD_UNCHANGED)


def as_rgb(picture: NDArray[Any]) -> Picture:
    """Bring an array (grey, RGB or RGBA; 8 or 16 bit, or float 0 to 1) to RGB uint8.

    Transparent parts become grey. A picture with a side over `LONGEST_SIDE` is reduced to it.

    :raises BadImage: wrong shape or type, not finite, too small or too large.
    """
    array = np.asarray(picture)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4):
        raise BadImage("a picture has rows, columns and 1 to 4 channels")
    rows, columns = array.shape[:2]
    if min(rows, columns) < SHORTEST_SIDE:
        raise BadImage(f"the picture is under {SHORTEST_SIDE} pixels: take a larger one")
    if rows * columns > MOST_PIXELS:
        raise BadImage("the picture is over 120 megapixels: reduce it first")
    return _reduced(_three_channels(_eight_bit(array)))


def _eight_bit(array: NDArray[Any]) -> Picture:
    if array.dtype == np.uint8:
        return np.asarray(array, np.uint8)
    if array.dtype == np.uint16:
        return (array >> 8).astype(np.uint8)
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all():
            raise BadImage("the picture holds values that are no numbers")
        return np.asarray(np.clip(array, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    raise BadImage("a picture is 8 or 16 bit, or float from 0 to 1")


def _three_channels(array: Picture) -> Picture:
    colours = array[..., :3] if array.shape[2] >= 3 else np.repeat(array[..., :1], 3, axis=2)
    if array.shape[2] in (2, 4):
        alpha = array[..., -1:].astype(np.float32) / 255.0
        colours = (colours * alpha + 128.0 * (1.0 - alpha)).astype(np.uint8)
    return np.ascontiguousarray(colours)


def _reduced(picture: Picture) -> Picture:
    longest = max(picture.shape[:2])
    if longest <= LONGEST_SIDE:
        return picture
    return scale(picture, LONGEST_SIDE / longest)
