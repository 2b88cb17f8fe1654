"""dlib's network run by ONNX Runtime or OpenCV: the same 128 components, many times faster."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.face.align import ChipGeometry
from models.face.engines.dlib_format import read_layers
from models.face.engines.dlib_geometry import GEOMETRY
from models.face.engines.dlib_models import model_path
from models.face.engines.dlib_onnx import onnx_from_layers
from models.face.engines.network import Network, fastest, open_network

WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"


class DlibNetworkEngine:
    """The network of `dlib_face_recognition_resnet_model_v1.dat` as ONNX."""

    name = "dlib-resnet-v1"
    geometry: ChipGeometry = GEOMETRY
    size = 128

    def __init__(self, runtime: str | None = None) -> None:
        self.runtime = runtime or fastest()
        self._network = _network(self.runtime)

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return n x 128 for n x 150 x 150 x 3 RGB chips, equal to dlib's within 1e-5."""
        return self._network.run(np.ascontiguousarray(chips.transpose(0, 3, 1, 2), np.float32))


@cache
def _network(runtime: str) -> Network:
    return open_network(onnx_from_layers(list(read_layers(model_path(WEIGHTS)))), runtime)
