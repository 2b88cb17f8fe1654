"""Search a probe among all references (1:N): exact, one matrix product, no index.

A search among N compares N times, so a false match of the whole search (FPIR) is about N times
the FMR of one comparison; `fpir` says it, and the caller has to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.face.compare import normalise
from models.face.values import Embedding


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reference that the probe resembles: its row in the gallery and the score."""

    row: int
    comparison_score: float


class Gallery:
    """Unit references as one float32 matrix, 512 bytes each at 128 components."""

    def __init__(self, references: NDArray[np.float32] | Sequence[Embedding]) -> None:
        """:raises ValueError: not n x size, or an embedding is not finite or is zero."""
        matrix = np.ascontiguousarray(references, np.float32)
        if matrix.ndim != 2:
            raise ValueError("references are rows of one length")
        self._matrix = normalise(matrix) if len(matrix) else matrix

    def __len__(self) -> int:
        return len(self._matrix)

    def search(self, probe: Embedding, threshold: float, most: int = 10) -> list[Candidate]:
        """Return the references at or over the threshold, best first, at most `most`.

        :raises ValueError: the probe is of another size, not finite or zero.
        """
        if not len(self):
            return []
        if probe.shape != self._matrix.shape[1:]:
            raise ValueError("the probe comes from another engine than the references")
        scores = self._matrix @ normalise(probe)
        rows = np.flatnonzero(scores >= threshold)
        if len(rows) > most:
            rows = rows[np.argpartition(-scores[rows], most - 1)[:most]]
        rows = rows[np.lexsort((rows, -scores[rows]))]
        return [Candidate(int(row), float(scores[row])) for row in rows]


def fpir(fmr: float, references: int) -> float:
    """The probability that a search for somebody who is not enrolled finds anybody."""
    return float(-np.expm1(references * np.log1p(-fmr)))
