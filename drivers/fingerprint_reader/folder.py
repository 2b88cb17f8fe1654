"""A folder of finger images behind the same API as a sensor, for desks without one and for replay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from drivers.errors import DeviceFault, LinkLost
from drivers.fingerprint_reader.captures import Capture, FingerImage, GreyImage, NoImage

_SUFFIXES = frozenset({".png", ".bmp", ".tif", ".tiff", ".jpg", ".jpeg", ".pgm"})
_MAX_PIXELS = 4_000_000


class ImageFolder:
    """Gives each image of a folder once, in the order of the names; then no finger comes any more.

    decode: file content to a grey image, ValueError for a damaged one (drivers know no image library).
    resolution_dpi: of every image in the folder; the files' own statements are not believed.
    """

    def __init__(
        self, folder: Path, decode: Callable[[bytes], GreyImage], resolution_dpi: int = 500
    ) -> None:
        self._folder, self._decode, self._dpi = folder, decode, resolution_dpi
        self._given: set[str] = set()

    async def capture(self, timeout_s: float) -> Capture:
        """Wait for a new image, which may be copied in meanwhile. Raises LinkLost, DeviceFault."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + timeout_s
        while True:
            path = self._next()
            if path is not None:
                self._given.add(path.name)
                return FingerImage(self._read(path), self._dpi)
            if loop.time() + 0.1 > deadline_s:
                return NoImage.NO_FINGER
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Nothing to let go."""

    def _next(self) -> Path | None:
        try:
            paths = sorted(p for p in self._folder.iterdir() if p.suffix.lower() in _SUFFIXES)
        except OSError as error:
            raise LinkLost(
                f"the image folder cannot be read: {error.strerror}; check its path"
            ) from None
        return next((path for path in paths if path.name not in self._given), None)

    def _read(self, path: Path) -> GreyImage:
        try:
            image = self._decode(path.read_bytes())
        except (OSError, ValueError):
            raise DeviceFault(
                "an image of the folder is damaged; remove it or save it anew as PNG"
            ) from None
        if image.size > _MAX_PIXELS:
            raise DeviceFault("an image of the folder is too large for a finger; remove it")
        return image
