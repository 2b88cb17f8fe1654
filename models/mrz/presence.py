"""Whether something lies on the tray under the camera: edges on what is otherwise plain."""

import cv2
import numpy as np

from models.mrz.values import Grey

_COLUMNS = 80
"""The picture is shrunk so far: noise averages out, a page's border and photo stay."""

_EDGE = 12.0
"""Grey values between neighbours of the shrunk picture that are more than noise."""


def busy_share(grey: Grey) -> float:
    """Share of places with an edge, 0..1, in a picture of uint8 (rows, columns).

    An evenly lit, plain tray has next to none. Each row counts against its own median, so that the
    bands of a flickering lamp are no edges.
    """
    rows = max(2, round(grey.shape[0] * _COLUMNS / grey.shape[1]))
    small = cv2.resize(grey, (_COLUMNS, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
    middle = np.median(small, axis=1, keepdims=True)
    level = small * (float(np.median(small)) / np.maximum(middle, 1.0))
    across = np.abs(np.diff(level, axis=1))[:-1]
    along = np.abs(np.diff(level, axis=0))[:, :-1]
    return float((np.maximum(across, along) > _EDGE).mean())
