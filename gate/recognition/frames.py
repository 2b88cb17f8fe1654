"""Frames that cross a process border: one picture in shared memory, the newest one.

A writer in another process (an emulated camera, a maker's capture program) puts frames below a
name; `shm:NAME` is then a camera. A sequence number that is odd while a frame is written keeps a
torn frame from ever being seen. Layout: magic "EGFR", rows u32, columns u32, 4 unused, sequence
u64, monotonic seconds f64, frames a second f64, then rows x columns x 3 bytes, blue green red; little-endian.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from drivers.errors import LinkLost

Pixels = npt.NDArray[np.uint8]

FOLDER = Path("/dev/shm")
STALE_S = 5.0
"""A writer that has put no frame for so long is gone."""
_HEAD = struct.Struct("<4sII4xQdd")
_MAGIC = b"EGFR"
_SEQUENCE_AT = 16
_TRIES = 5


class SharedFrames:
    """The writing end. Raises OSError."""

    def __init__(
        self, name: str, rows: int = 480, columns: int = 640, frames_per_s: float = 10.0
    ) -> None:
        self._path = _path(name)
        self._rate = frames_per_s
        self._shape = (rows, columns, 3)
        self._sequence = 0
        self._path.unlink(missing_ok=True)
        size = _HEAD.size + rows * columns * 3
        handle = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            os.ftruncate(handle, size)
            self._memory = mmap.mmap(handle, size)
        finally:
            os.close(handle)
        self._pixels = np.frombuffer(self._memory, np.uint8, offset=_HEAD.size)
        self._head(0.0)

    def put(self, pixels: Pixels) -> None:
        """Replace the newest frame. Raises ValueError for another shape."""
        if pixels.shape != self._shape:
            raise ValueError(f"frames of {self._shape[0]} x {self._shape[1]} x 3 were announced")
        self._sequence += 1
        self._head(0.0)
        self._pixels.reshape(self._shape)[:] = pixels
        self._sequence += 1
        self._head(time.monotonic())

    def _head(self, put_s: float) -> None:
        size = self._shape[:2]
        _HEAD.pack_into(self._memory, 0, _MAGIC, *size, self._sequence, put_s, self._rate)

    def close(self) -> None:
        """Overwrite the last frame and take the name away."""
        del self._pixels
        self._memory[:] = bytes(len(self._memory))
        self._memory.close()
        self._path.unlink(missing_ok=True)


class SharedFrameSource:
    """A `drivers.face_camera.driver.FrameSource` over `SharedFrames` of another process."""

    def __init__(self, name: str) -> None:
        """Raises LinkLost while nobody writes under that name."""
        self._name = name
        self._seen = 0
        try:
            handle = os.open(_path(name), os.O_RDONLY)
        except OSError:
            raise LinkLost(
                f"camera shm:{name} is not there; start what writes its frames"
            ) from None
        try:
            self._memory = mmap.mmap(handle, 0, prot=mmap.PROT_READ)
        except ValueError:
            raise LinkLost(f"camera shm:{name} is empty; restart what writes its frames") from None
        finally:
            os.close(handle)
        if len(self._memory) < _HEAD.size or self._memory[:4] != _MAGIC:
            raise self._lost()
        self.interval_s = 1.0 / max(1.0, float(_HEAD.unpack_from(self._memory)[5]))

    def frame(self, now_s: float) -> Pixels | None:
        """The newest frame, None where there is no new one. Raises LinkLost when it went stale."""
        del now_s
        for _ in range(_TRIES):
            magic, rows, columns, sequence, put_s, _ = _HEAD.unpack_from(self._memory)
            if magic != _MAGIC or len(self._memory) != _HEAD.size + rows * columns * 3:
                raise self._lost()
            if sequence % 2:
                continue
            if time.monotonic() - put_s > STALE_S:
                raise self._lost()
            if sequence == self._seen:
                return None
            pixels = np.frombuffer(self._memory[_HEAD.size :], np.uint8)
            if struct.unpack_from("<Q", self._memory, _SEQUENCE_AT)[0] == sequence:
                self._seen = sequence
                return pixels.reshape(rows, columns, 3).copy()
        return None

    def _lost(self) -> LinkLost:
        return LinkLost(f"camera shm:{self._name} gives no frames; restart what writes them")


def remove(name: str) -> None:
    """Overwrite and take away what a writer that was killed left below a name."""
    path = _path(name)
    if path.exists():
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
        path.unlink()


def _path(name: str) -> Path:
    if not name or "/" in name:
        raise ValueError("a shared camera's name has no slash")
    return FOLDER / f"egate-{name}"
