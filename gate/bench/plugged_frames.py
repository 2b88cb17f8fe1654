"""A camera in shared memory that can be unplugged: its name is there only while pictures come."""

from __future__ import annotations

from gate.recognition.frames import Pixels, SharedFrames


class PluggedFrames:
    """Frames of `size` (rows, columns) that are announced with the first `put`."""

    def __init__(self, name: str, frames_per_s: float, size: tuple[int, int] = (480, 640)) -> None:
        self._name = name
        self._size = size
        self._rate = frames_per_s
        self._frames: SharedFrames | None = None

    def put(self, pixels: Pixels | None) -> None:
        """Show this frame; with None the camera is there and sends nothing new. Raises OSError."""
        if self._frames is None:
            self._frames = SharedFrames(self._name, *self._size, frames_per_s=self._rate)
        if pixels is not None:
            self._frames.put(pixels)

    def unplug(self) -> None:
        """Nothing more is there; the next `put` plugs it in again."""
        if self._frames is not None:
            self._frames.close()
            self._frames = None
