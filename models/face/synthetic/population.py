"""Embeddings of many rendered people, as the demo's calibration needs them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.face.engines import Engine
from models.face.pipeline import Description, describe
from models.face.synthetic.camera import Scene, VirtualCamera, prepare
from models.face.synthetic.identity import draw_identity

FIRST_SEED = 1000
"""The pool of the casts is drawn from lower seeds: nobody calibrates a threshold for themselves."""

_FRAMES = (20, 27, 34, 41)


def embed_population(
    people: int, engine: Engine, progress: Callable[[int], None]
) -> tuple[NDArray[np.float32], list[str]]:
    """Return the embeddings of four gate frames each, and whose they are."""
    embeddings, names = [], []
    for number in range(people):
        seed = FIRST_SEED + number
        camera = VirtualCamera(Scene(prepare(draw_identity(seed))), seed)
        for frame in _FRAMES:
            seen = describe(camera.frame(frame), engine, demanding=False)
            if isinstance(seen, Description):
                embeddings.append(seen.embedding)
                names.append(f"rendered-{seed}")
        progress(number + 1)
    return np.array(embeddings, np.float32), names
