"""dlib's network run by OpenCV: the same 128 components, seven times faster."""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.align import ChipGeometry
from models.face.engines.dlib_format import read_layers
from models.face.engines.dlib_geometry import GEOMETRY
from models.face.engines.dlib_models import model_path
from models.face.engines.dlib_onnx import onnx_from_layers

WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"


class DlibCv2Engine:
    """The network of `dlib_face_recognition_resnet_model_v1.dat` through cv2.dnn."""

    name = "dlib-resnet-v1"
    geometry: ChipGeometry = GEOMETRY
    size = 128

    def __init__(self) -> None:
        self._network = _network()

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return n x 128 for n x 150 x 150 x 3 RGB chips, equal to dlib's within 1e-5."""
        blob = np.ascontiguousarray(chips.transpose(0, 3, 1, 2), np.float32)
        self._network.setInput(blob)
        result: NDArray[np.float32] = self._network.forward().copy()
        return result


@cache
def _network() -> Any:
    model = onnx_from_layers(list(read_layers(model_path(WEIGHTS))))
    return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
