"""Ridge direction: the smoothed gradient tensor (Kass and Witkin 1987; Bigun and Granlund 1987)."""

from dataclasses import dataclass

import cv2
import numpy as np

from models.fingerprint.values import Plane

SCALE = 4
"""Pixels per cell of an orientation field."""


@dataclass(frozen=True)
class Orientation:
    """`angle` of the ridges in radians, -pi/2..pi/2, counter-clockwise from +x; `coherence` 0..1; 4 px cells."""

    angle: Plane
    coherence: Plane


def ridge_orientation(ridges: Plane, sigma_px: float) -> Orientation:
    """Orientation of a normalised or enhanced image, averaged with a Gaussian of `sigma_px`."""
    smooth = cv2.GaussianBlur(ridges, (0, 0), 1.0)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    difference = _averaged(across * across - down * down, sigma_px)
    cross = _averaged(2 * across * down, sigma_px)
    total = _averaged(across * across + down * down, sigma_px)
    length = np.hypot(difference, cross)
    gradient = 0.5 * np.arctan2(cross, difference)
    ridge = np.pi / 2 - gradient  # the ridge is at right angles to the gradient, and y points down
    angle = (ridge + np.pi / 2) % np.pi - np.pi / 2
    return Orientation(angle.astype(np.float32), length / (total + 1e-6))


def _averaged(plane: Plane, sigma_px: float) -> Plane:
    small = cv2.resize(plane, None, fx=1 / SCALE, fy=1 / SCALE, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), sigma_px / SCALE), np.float32)
