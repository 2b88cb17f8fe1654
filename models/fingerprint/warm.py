"""Warm-up: compile every kernel once, in set-up, so that the first traveller does not wait for it."""

import contextlib
import hashlib
import os
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path

import numpy as np

Progress = Callable[[int, int, str], None]

_COMPILED = (
    "spectra",
    "enhancement",
    "thinning",
    "minutiae",
    "cylinders",
    "similarity",
    "alignment",
    "identification",
)


def warm_up(progress: Progress | None = None) -> None:
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


def warm_if_cold(progress: Progress) -> None:
    """Compile with `progress` where these kernels were never compiled for this state directory; else do nothing."""
    from models.fingerprint._jit import state_directory

    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or state_directory() / "numba")
    marker = folder / f"finger-{_digest()}"
    if marker.exists():
        return
    warm_up(progress)
    with contextlib.suppress(OSError):  # a state that cannot be written stays cold, and works
        marker.touch()


def _digest() -> str:
    """Names this numba and these sources: either changing means compiling again."""
    home = Path(__file__).parent
    content = [(home / f"{name}.py").read_bytes() for name in ("_jit", *_COMPILED)]
    words = [
        metadata.version("numba"),
        str(home),
        *(hashlib.sha256(one).hexdigest() for one in content),
    ]
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]


def _run_once() -> None:
    from models.fingerprint.comparison import compare, prepare
    from models.fingerprint.extraction import extract

    y, x = np.mgrid[:160, :160]
    rings = 128 + 100 * np.cos(2 * np.pi * np.hypot(x - 80, y - 80) / 9)
    one = prepare(extract(rings.astype(np.uint8)).template)
    compare(one, one)
