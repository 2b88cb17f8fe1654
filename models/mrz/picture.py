"""Picture files to grey arrays, with bounds that are checked before a pixel is decoded."""

import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from models.mrz.values import Grey

LARGEST_PIXELS = 60_000_000
"""Above this a JPEG is decoded at a fraction of its size and any other format is refused."""

_LARGEST_SIDE = 65_000
_SMALLEST_SIDE = 24


class BadPicture(ValueError):
    """The file is no picture that can be read; the message says why and what to do."""


def load(path: Path) -> Grey:
    """The picture upright after its EXIF orientation, grey; its first image if animated.

    BadPicture where the file is empty, cut off, no picture, too large or too small.
    """
    try:
        if path.stat().st_size == 0:
            raise BadPicture("the file is empty")
        with warnings.catch_warnings():  # size and damage are judged here, not printed
            warnings.simplefilter("ignore")
            with Image.open(path) as picture:
                return _decoded(picture)
    except BadPicture:
        raise
    except UnidentifiedImageError:
        raise BadPicture("the file is no picture: give JPEG, PNG, WebP, TIFF, BMP or GIF") from None
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        kind = type(error).__name__
        raise BadPicture(
            f"the picture cannot be decoded, it is cut off or damaged ({kind})"
        ) from None


def _decoded(picture: Image.Image) -> Grey:
    width, height = picture.size
    if max(width, height) > _LARGEST_SIDE:
        raise BadPicture(f"{width} x {height} pixels are too many: scale the picture down")
    if min(width, height) < _SMALLEST_SIDE:
        raise BadPicture(f"{width} x {height} pixels cannot hold an MRZ")
    if width * height > LARGEST_PIXELS:
        if picture.format != "JPEG":
            raise BadPicture(f"{width} x {height} pixels are too many: scale the picture down")
        picture.draft("L", (width // 4, height // 4))
    if picture.format == "JPEG":
        picture.draft("L", picture.size)
    return np.ascontiguousarray(ImageOps.exif_transpose(_grey(picture)), dtype=np.uint8)


def _grey(picture: Image.Image) -> Image.Image:
    """Grey by luminance; transparency on white, sixteen bits scaled, CMYK by Pillow's conversion."""
    picture.load()
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        values = np.asarray(picture, dtype=np.float32)
        top = 255 / max(float(values.max()), 1.0)
        grey = Image.fromarray((np.clip(values * top, 0, 255)).astype(np.uint8))
        grey.info = picture.info
        return grey
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("L")
    return picture.convert("L")


def from_array(frame: np.typing.NDArray[np.uint8]) -> Grey:
    """A camera frame, grey (rows, columns) or BGR (rows, columns, 3), as grey; else ValueError."""
    if frame.dtype != np.uint8 or frame.ndim not in (2, 3):
        raise ValueError("a frame is uint8 of shape (rows, columns) or (rows, columns, 3)")
    if min(frame.shape[:2]) < _SMALLEST_SIDE:
        raise ValueError(f"a frame has at least {_SMALLEST_SIDE} rows and columns")
    if frame.ndim == 2:
        return frame
    if frame.shape[2] != 3:
        raise ValueError("a colour frame has three channels, blue, green, red")
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
