"""Any ONNX face recogniser from a path, and OpenCV's class for SFace.

The network takes one aligned chip, N x 3 x side x side, and gives N x components. Its place of
the five points is the one that ArcFace made common; how pixels are scaled stands in the options.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.align import ChipGeometry
from models.face.engines import EngineError
from models.face.engines.network import NetworkError, open_network

# Pupils, nose tip, mouth corners in a chip of 112 (insightface, "arcface" alignment).
_POINTS_112 = (
    (38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041),
)  # fmt: skip
_SOURCES = (tuple(range(36, 42)), tuple(range(42, 48)), (30,), (48,), (54,))


@dataclass(frozen=True)
class Scaling:
    """Pixels become (value - mean) / divisor, in RGB or BGR order."""

    mean: float = 127.5
    divisor: float = 127.5
    bgr: bool = False


def arcface_geometry(side: int) -> ChipGeometry:
    """The common five-point alignment at another size."""
    scale = side / 112
    return ChipGeometry(side, tuple((x * scale, y * scale) for x, y in _POINTS_112), _SOURCES)


class OnnxEngine:
    """A recogniser in ONNX; its name carries the file's digest."""

    def __init__(self, path: Path, side: int = 112, scaling: Scaling | None = None) -> None:
        """:raises EngineError: no file, no network, or not one of this input size."""
        self.name = f"onnx-{digest(path)}"
        self.geometry = arcface_geometry(side)
        self._scaling = scaling or Scaling()
        try:
            self._network = open_network(path.read_bytes())
            probe = self._run(np.zeros((1, side, side, 3), np.uint8))
        except NetworkError:
            raise EngineError(f"{path.name} is no ONNX network for {side} x {side} RGB") from None
        if probe.ndim != 2 or probe.shape[0] != 1 or probe.shape[1] < 2:
            raise EngineError(f"{path.name} does not give one embedding per chip")
        self.size = int(probe.shape[1])

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return n x size; chip by chip, as exported networks often fix the batch to one."""
        return np.concatenate([self._run(chip[None]) for chip in chips])

    def _run(self, chip: NDArray[np.uint8]) -> NDArray[np.float32]:
        ordered = chip[..., ::-1] if self._scaling.bgr else chip
        blob = (ordered.astype(np.float32) - self._scaling.mean) / self._scaling.divisor
        return self._network.run(np.ascontiguousarray(blob.transpose(0, 3, 1, 2)))


class SFaceEngine:
    """OpenCV's `FaceRecognizerSF`, which scales the pixels itself."""

    def __init__(self, path: Path) -> None:
        """:raises EngineError: no file, or not the network of this class."""
        self.name = f"sface-{digest(path)}"
        self.geometry = arcface_geometry(112)
        try:
            self._recogniser: Any = cv2.FaceRecognizerSF.create(str(path), "")
            self.size = int(self.embed(np.zeros((1, 112, 112, 3), np.uint8)).shape[1])
        except cv2.error:
            raise EngineError(f"{path.name} is no network for OpenCV's FaceRecognizerSF") from None

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return n x size."""
        rows = [self._recogniser.feature(np.ascontiguousarray(c[..., ::-1])).copy() for c in chips]
        stack: NDArray[np.float32] = np.concatenate(rows).reshape(len(chips), -1)
        return stack


def digest(path: Path) -> str:
    """Return twelve hex digits of the file's SHA-256.

    :raises EngineError: the file cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise EngineError(f"cannot read the network {path.name}: {error.strerror}") from None
