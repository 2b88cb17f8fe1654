"""dlib's network run by dlib itself: the judge of the faster engine, and a fallback."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.face.align import ChipGeometry
from models.face.engines.dlib_geometry import GEOMETRY
from models.face.engines.dlib_models import model_path


class DlibEngine:
    """`dlib.face_recognition_model_v1`; templates are exchangeable with `DlibNetworkEngine`."""

    name = "dlib-resnet-v1"
    geometry: ChipGeometry = GEOMETRY
    size = 128

    def __init__(self) -> None:
        import dlib

        weights = model_path("dlib_face_recognition_resnet_model_v1.dat")
        self._model = dlib.face_recognition_model_v1(str(weights))

    def embed(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return n x 128 for n x 150 x 150 x 3 RGB chips."""
        rows = [self._model.compute_face_descriptor(np.ascontiguousarray(c)) for c in chips]
        return np.array(rows, np.float32).reshape(len(chips), self.size)
