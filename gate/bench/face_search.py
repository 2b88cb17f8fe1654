"""Time of a 1:N search over a million references that lie as real embeddings do."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.face.calibration import SHIPPED, load_calibration
from models.face.compare import normalise
from models.face.engines import Engine
from models.face.identify import Gallery, fpir
from models.face.photographs import central_face
from models.face.pipeline import QUICK, embed_face

_PHOTOGRAPHS = 200  # enough for the shape of the cloud: it decides how much the first stage leaves
_BLOCK = 100_000


def one_to_many(files: list[Path], engine: Engine, references: int = 1_000_000) -> dict[str, Any]:
    """Exact searches, turn by turn with one product over all references and with reading them."""
    matrix = like_faces(files, engine, references)
    gallery = Gallery(matrix)
    probe = matrix[references // 2]
    threshold = _strictest(engine)
    times = {
        "search": lambda: gallery.search(probe, threshold),
        "one_product": lambda: matrix @ probe,
        "read_all": lambda: matrix.max(),
    }
    wall, cpu = _in_turn(times, 9)
    found = gallery.search(probe, threshold)
    exact = int((matrix @ probe >= threshold).sum())
    if found[0].row != references // 2 or len(gallery.search(probe, threshold, exact + 9)) != exact:
        raise AssertionError("the search must find what one product over all references finds")
    return {
        "references": references,
        "threshold": threshold,
        "hits": exact,
        "search_ms": wall["search"],
        "search_cpu_ms": cpu["search"],
        "one_product_ms": wall["one_product"],
        "read_all_ms": wall["read_all"],
        "gigabytes": matrix.nbytes / 1e9,
        "compared_in_full": gallery.compared_in_full(probe, threshold),
        "fpir_at_fmr": {f"{fmr:g}": fpir(fmr, references) for fmr in (1e-4, 1e-6, 1e-8)},
    }


def like_faces(files: list[Path], engine: Engine, count: int) -> NDArray[np.float32]:
    """`count` unit vectors drawn with the mean and covariance of these photographs' embeddings."""
    step = max(1, len(files) // _PHOTOGRAPHS)
    found = [central_face(path) for path in files[::step][:_PHOTOGRAPHS]]
    seen = np.array([embed_face(*each, engine, QUICK) for each in found if each])
    mean = seen.mean(axis=0)
    # The triangle of a QR decomposition has the covariance of the rows and is small.
    triangle = np.linalg.qr((seen - mean) / np.sqrt(len(seen)), mode="r")
    spread = np.asarray(triangle, np.float32)
    rng = np.random.default_rng(3)
    drawn = np.empty((count, seen.shape[1]), np.float32)
    for start in range(0, count, _BLOCK):
        rows = drawn[start : start + _BLOCK]
        mix = rng.standard_normal((len(rows), len(spread)), dtype=np.float32)
        rows[:] = normalise(mix @ spread + mean)
    return drawn


def _strictest(engine: Engine) -> float:
    """The threshold of a duplicate search; without a calibration one that strangers rarely reach."""
    calibration = load_calibration(SHIPPED)
    if calibration.engine != engine.name:
        return 0.9
    return calibration.threshold(calibration.smallest_fmr, fused=True)


def _in_turn(
    works: dict[str, Callable[[], object]], rounds: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Median milliseconds by the wall and of this thread's processor time."""
    wall: dict[str, list[float]] = {name: [] for name in works}
    cpu: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            before, used = time.perf_counter(), time.thread_time()
            work()
            wall[name].append(1000 * (time.perf_counter() - before))
            cpu[name].append(1000 * (time.thread_time() - used))
    return (
        {name: median(values) for name, values in wall.items()},
        {name: median(values) for name, values in cpu.items()},
    )
