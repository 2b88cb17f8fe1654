"""Seeded grain: skin pores, hair strands, cloth."""

from __future__ import annotations

import cv2
import numpy as np

from models.face.synthetic.shape import HEIGHT, WIDTH, Plane


def grain(seed: int, across: float, along: float) -> Plane:
    """Smooth noise with mean 0 and deviation 1; correlation lengths in pixels (columns, rows)."""
    rng = np.random.default_rng([0x6241, seed])
    noise = rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), max(across, 0.3), None, max(along, 0.3)))
    grains: Plane = (soft - soft.mean()) / (soft.std() + 1e-6)
    return grains


def skin_grain(seed: int) -> Plane:
    """Blotches, pores and fine noise in one, about -1 to 1."""
    layers = (
        0.5 * grain(seed, 14, 14) + 0.3 * grain(seed + 1, 3, 3) + 0.2 * grain(seed + 2, 0.7, 0.7)
    )
    return layers.astype(np.float32)


def strands(seed: int, curly: bool = False) -> Plane:
    """Hair, mostly running down."""
    if curly:
        return (0.6 * grain(seed, 2.5, 2.5) + 0.4 * grain(seed + 1, 1.0, 1.0)).astype(np.float32)
    return (0.6 * grain(seed, 1.2, 14) + 0.4 * grain(seed + 1, 0.6, 5)).astype(np.float32)
