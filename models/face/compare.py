"""Compare a probe with a reference: the cosine of two embeddings, -1 to 1, larger is more alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.face.values import Embedding


def normalise(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring each row (or the one vector) to length 1.

    :raises ValueError: a component is no finite number, or a vector is all zero.
    """
    lengths = np.linalg.norm(embeddings, axis=-1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths <= 0.0).any():
        raise ValueError("an embedding must be finite and not zero: capture again")
    unit: NDArray[np.float32] = (embeddings / lengths).astype(np.float32)
    return unit


def compare(probe: Embedding, reference: Embedding) -> float:
    """Return the comparison score of two embeddings of the same engine.

    :raises ValueError: of different sizes, not finite, or zero.
    """
    if probe.shape != reference.shape or probe.ndim != 1:
        raise ValueError("the embeddings come from different engines: enrol again")
    return float(np.clip(normalise(probe) @ normalise(reference), -1.0, 1.0))
