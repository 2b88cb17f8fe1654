"""What turns aligned chips into embeddings: an engine is a small protocol, chosen by name.

`dlib-net` (the default), `dlib-ort`, `dlib-cv2` and `dlib` are the same network and exchange their
templates: run by ONNX Runtime where it is installed and else by OpenCV, by one of them for certain,
and by dlib itself. `onnx` and `sface` read a file that the configuration names. Every other network
has a calibration of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.face.align import ChipGeometry

DEFAULT = "dlib-net"
NAMES = "dlib-net, dlib-ort, dlib-cv2, dlib, onnx or sface"
_RUNTIMES = {DEFAULT: None, "dlib-ort": "ort", "dlib-cv2": "cv2"}


class Engine(Protocol):
    """Chips in, embeddings out."""

    @property
    def name(self) -> str:
        """Engine and version of its weights; templates and calibrations carry it."""

    @property
    def geometry(self) -> ChipGeometry:
        """The chip that the network takes."""

    @property
    def size(self) -> int:
        """Components of an embedding."""

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return n x size float32 for n x side x side x 3 RGB chips; not normalised."""


class EngineError(ValueError):
    """The engine's file is missing or not what the configuration says; tells what to do."""


def load_engine(name: str = DEFAULT, path: Path | None = None) -> Engine:
    """Return the engine of this name; `path` is the network's file for `onnx` and `sface`.

    :raises EngineError: unknown name, file missing, not a network or of another shape.
    """
    if name in _RUNTIMES:
        from models.face.engines.dlib_network import DlibNetworkEngine

        return DlibNetworkEngine(_RUNTIMES[name])
    if name == "dlib":
        from models.face.engines.dlib_plain import DlibEngine

        return DlibEngine()
    if name in ("onnx", "sface"):
        from models.face.engines.onnx_file import OnnxEngine, SFaceEngine

        if path is None:
            raise EngineError(f"the engine {name!r} needs the path of its network")
        return OnnxEngine(path) if name == "onnx" else SFaceEngine(path)
    raise EngineError(f"no engine {name!r}: take {NAMES}")
