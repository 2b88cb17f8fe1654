"""Image files and bytes to grey pixels at 500 dpi: PNG, BMP, TIFF, PGM, JPEG, and WSQ."""

import io
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from models.fingerprint.values import DPI, Gray

_FORMATS = ("PNG", "BMP", "TIFF", "PPM", "JPEG", "WSQ")
_LEAST_DPI, _MOST_DPI = 150, 2100
_SCREEN_DPI = (72, 96)
"""Values that image tools write when they know nothing: taken as no statement."""
_LEAST_SIDE_PX, _MOST_SIDE_PX = 64, 1500
"""At 500 dpi: 3 mm, less than which is no print, and 76 mm, more than which is no single finger."""
_MOST_FILE_PIXELS = 36_000_000
_SAME_DPI = 0.03
"""Resolutions this near to 500 dpi are left as they are: 508 dpi moves a ridge by less than a pixel."""
_DECODER_FAILS = (
    OSError, SyntaxError, EOFError, ValueError, LookupError, TypeError, ArithmeticError, NameError, MemoryError,
    RuntimeError, struct.error, Image.DecompressionBombError,
)  # fmt: skip
"""What decoders of image files raise on bytes that lie; all of it means one thing to the caller."""
_WSQ_MAGIC = b"\xff\xa0"


@dataclass(frozen=True)
class Loaded:
    """`pixels` uint8 at 500 dpi; `dpi` is what the file or the caller said, `stated` whether anybody said it."""

    pixels: Gray
    dpi: float
    stated: bool


def load(source: Path | bytes, dpi: float | None = None) -> Loaded:
    """Read one image; `dpi` outranks what the file states, and 500 is taken where nobody states it.

    Raises ValueError that says what is wrong: no image, cut short, resolution or size that no finger reader has.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    grey, stated = _decode(data)
    resolution = dpi if dpi is not None else stated
    if resolution is not None and not _LEAST_DPI <= resolution <= _MOST_DPI:
        raise ValueError(
            f"the resolution is {resolution:.0f} dpi, a finger image needs {_LEAST_DPI} to {_MOST_DPI}: "
            "scan again at 500 dpi, or state the right value if the file's is wrong"
        )
    pixels = at_500_dpi(grey, resolution or DPI)
    return Loaded(pixels, resolution or DPI, resolution is not None)


def at_500_dpi(grey: Gray, dpi: float) -> Gray:
    """Resample to 500 dpi and check the size. Raises ValueError for a size that is no single finger."""
    factor = DPI / dpi
    height, width = (round(side * factor) for side in grey.shape)
    if min(height, width) < _LEAST_SIDE_PX:
        raise ValueError(
            f"the image is {width} x {height} px at 500 dpi, less than {_LEAST_SIDE_PX}: no print fits"
        )
    if max(height, width) > _MOST_SIDE_PX:
        raise ValueError(
            f"the image is {width} x {height} px at 500 dpi, more than {_MOST_SIDE_PX}: "
            "cut out one finger, or state the resolution it was scanned at"
        )
    if abs(factor - 1) <= _SAME_DPI:
        return np.ascontiguousarray(grey)
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, (width, height), interpolation=method), np.uint8)


def _decode(data: bytes) -> tuple[Gray, float | None]:
    formats: tuple[str, ...] = _FORMATS[:-1]
    if data[:2] == _WSQ_MAGIC:
        import wsq  # noqa: F401  (registers the format with Pillow; loaded only where such a file comes)

        formats = _FORMATS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=formats)
            small = picture.width * picture.height <= _MOST_FILE_PIXELS
            grey = _grey(picture) if small else None
    except UnidentifiedImageError as error:
        raise ValueError(
            "not an image that can be read: PNG, BMP, TIFF, PGM, JPEG or WSQ is expected"
        ) from error
    except _DECODER_FAILS as error:
        raise ValueError("the image is damaged or cut short") from error
    if grey is None:
        raise ValueError(
            f"the image has {picture.width} x {picture.height} pixels: no finger reader makes that"
        )
    return grey, _stated_dpi(picture)


def _stated_dpi(picture: Image.Image) -> float | None:
    stated = picture.info.get("dpi")
    if not stated:
        return None
    value = float(stated[0])
    return None if round(value) in _SCREEN_DPI or value <= 1 else value


def _grey(picture: Image.Image) -> Gray:
    if picture.mode in ("I;16", "I", "F"):
        wide = np.asarray(picture, np.float32)
        top = 65535.0 if wide.max(initial=0) > 255 else 255.0
        return (wide * (255 / top)).clip(0, 255).astype(np.uint8)
    if picture.mode in ("RGBA", "LA", "PA"):
        picture = Image.alpha_composite(
            Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")
        )
    return np.array(picture.convert("L"), np.uint8)
