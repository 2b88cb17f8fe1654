"""From chips to the embedding that is compared: mirrored, averaged, brought to length 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.face.align import with_mirrors
from models.face.compare import normalise
from models.face.engines import Engine
from models.face.values import Embedding, Picture


def embed_chips(
    chips: Sequence[Picture], engine: Engine, mirrored: bool = True
) -> NDArray[np.float32]:
    """Return one unit embedding per chip, n x size; `mirrored` adds each chip's mirror image.

    A face and its mirror image differ by light and pose, which the mean then cancels.
    """
    if not mirrored:
        return normalise(engine.embed(np.stack(chips)))
    raw = engine.embed(with_mirrors(chips))
    return normalise(raw[: len(chips)] + raw[len(chips) :])


def fuse(embeddings: NDArray[np.float32], weights: Sequence[float] | None = None) -> Embedding:
    """Return the unit mean of several embeddings of one face, n x size to size."""
    share = np.ones(len(embeddings)) if weights is None else np.asarray(weights, float)
    fused: Embedding = normalise((share[:, None] * embeddings).sum(axis=0).astype(np.float32))
    return fused
