"""Drawn ridge patterns: enough like fingers for a wire, and nothing to conclude from."""

import numpy as np
import numpy.typing as npt


def finger(seed: int, shape: tuple[int, int] = (288, 256), shift: int = 0) -> npt.NDArray[np.uint8]:
    """A whorl-like pattern of its own for each seed; ``shift`` moves it by so many pixels."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float64)
    y, x = y - shape[0] / 2 - shift, x - shape[1] / 2 - shift
    phase = np.zeros(shape)
    for _ in range(3):
        angle, tightness = draw.uniform(0, 2 * np.pi), draw.uniform(0.3, 1.0)
        cy, cx = draw.uniform(-120, 120, 2)
        u = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
        v = -(x - cx) * np.sin(angle) + (y - cy) * np.cos(angle)
        phase += np.hypot(u, tightness * v) / 3
    ridges = 127 + 110 * np.cos(phase * 2 * np.pi / 9)
    return ridges.astype(np.uint8)
