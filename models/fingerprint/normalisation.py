"""Even contrast: ridges of about unit amplitude around zero, whatever the pressure or the sensor."""

import cv2
import numpy as np

from models.fingerprint.values import Mask, Plane

_SCALE = 4
_SIGMA_PX = 12.0
_LIMIT = 2.5
"""Normalised values are cut here, so that a scratch or a speck weighs no more than a ridge."""


def normalise(image: Plane, mask: Mask) -> Plane:
    """Local mean 0 and deviation 1 inside `mask` (float32, -2.5..2.5, ridges positive), 0 outside."""
    weight = mask.astype(np.float32)
    share: Plane = _local_mean(weight) + np.float32(1e-3)
    mean = _local_mean(image * weight) / share
    centred = (image - _enlarged(mean, image)) * weight
    deviation: Plane = np.sqrt(_local_mean(centred * centred) / share) + np.float32(1)
    flat: Plane = np.clip(-centred / _enlarged(deviation, image), -_LIMIT, _LIMIT)
    return flat


def _local_mean(plane: Plane) -> Plane:
    small = cv2.resize(plane, None, fx=1 / _SCALE, fy=1 / _SCALE, interpolation=cv2.INTER_AREA)
    mean = cv2.GaussianBlur(small, (0, 0), _SIGMA_PX / _SCALE, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(mean, np.float32)


def _enlarged(small: Plane, like: Plane) -> Plane:
    full = cv2.resize(small, (like.shape[1], like.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32)
