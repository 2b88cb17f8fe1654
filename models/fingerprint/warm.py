"""Warm-up: compile every kernel once, in set-up, so that the first traveller does not wait for it."""

from collections.abc import Callable
from importlib import import_module

import numpy as np

_COMPILED = (
    "spectra",
    "thinning",
    "minutiae",
    "cylinders",
    "similarity",
    "alignment",
    "identification",
)


def warm_up(progress: Callable[[int, int, str], None] | None = None) -> None:
    """Load or compile all kernels and run them once; `progress` gets steps done, steps in all, and what comes next.

    About a minute where nothing is cached yet, under a second afterwards.
    """
    steps = len(_COMPILED) + 1
    for done, name in enumerate(_COMPILED):
        if progress:
            progress(done, steps, f"compiling {name}")
        import_module(f"models.fingerprint.{name}")
    if progress:
        progress(steps - 1, steps, "trying one print")
    _run_once()
    if progress:
        progress(steps, steps, "ready")


def _run_once() -> None:
    from models.fingerprint.comparison import compare, prepare
    from models.fingerprint.extraction import extract

    y, x = np.mgrid[:160, :160]
    rings = 128 + 100 * np.cos(2 * np.pi * np.hypot(x - 80, y - 80) / 9)
    one = prepare(extract(rings.astype(np.uint8)).template)
    compare(one, one)
