"""A camera that is not there: frames out of a function, with the faults of real ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from drivers.errors import LinkLost

Pixels = npt.NDArray[np.uint8]
Scene = Callable[[float], Pixels]
"""What the lens sees at a time in s: uint8 (height, width, 3), blue green red. It may be shared; it is copied."""

_NOISE_GREY = 2  # a sensor's noise, so that a still scene is not a frozen camera


class CameraEmulator:
    """A frame source. scene: what is before the lens. frames_per_s: how often it is asked. seed: of the noise."""

    def __init__(self, scene: Scene, frames_per_s: float = 30.0, *, seed: int = 0) -> None:
        self._scene = scene
        self.interval_s = 1.0 / frames_per_s
        self._noise = np.random.default_rng(seed)
        self._frozen: Pixels | None = None
        self._freezing = self._black = False
        self._lost_frames = 0
        self._plugged = True

    @property
    def broken(self) -> bool:
        """Whether anything is wrong with it now."""
        return self._freezing or self._black or self._lost_frames > 0 or not self._plugged

    def show(self, scene: Scene) -> None:
        """Put something else before the lens."""
        self._scene = scene

    def freeze(self, on: bool = True) -> None:
        """Repeat one picture, as firmware that hangs does."""
        self._freezing, self._frozen = on, None

    def blacken(self, on: bool = True) -> None:
        """Cover the lens."""
        self._black = on

    def drop(self, frames: int) -> None:
        """Lose the next frames."""
        self._lost_frames = frames

    def unplug(self) -> None:
        """Pull the plug."""
        self._plugged = False

    def replug(self) -> None:
        """Put it back; the host has to open the camera anew."""
        self._plugged = True

    def frame(self, now_s: float) -> Pixels | None:
        """The picture of this moment, None when it is lost. Raises LinkLost while unplugged."""
        if not self._plugged:
            raise LinkLost("the emulated camera is unplugged; plug it back in")
        if self._lost_frames:
            self._lost_frames -= 1
            return None
        if self._freezing and self._frozen is not None:
            return self._frozen
        picture = self._noisy(self._scene(now_s))
        self._frozen = picture if self._freezing else None
        return picture

    def _noisy(self, scene: Pixels) -> Pixels:
        dark = np.zeros_like(scene) if self._black else scene
        noise = self._noise.integers(0, _NOISE_GREY + 1, scene.shape, dtype=np.uint8)
        return np.where(dark > 255 - _NOISE_GREY, dark, dark + noise).astype(np.uint8)
