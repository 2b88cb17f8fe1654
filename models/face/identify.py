"""Search a probe among all references (1:N): exact, no index that could miss anybody.

A search reads memory, so it reads little of it. The references are turned to their principal
axes; a turn changes no scalar product. By Cauchy and Schwarz the first components alone bound the
score from above: `score <= head . head' + |rest| |rest'|`. Whoever stays under the threshold even
so is out; the few others are compared in full. Embeddings of faces lie close together (a dlib
embedding keeps 97 % of its square in 31 of 128 axes), so a quarter of the memory decides on almost
everybody.

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

HEAD = 32
"""Floats of a reference read in the first stage: 31 components and the length of the rest."""

_ROUNDING = 1e-5  # of float32 sums over 128 components of unit vectors, tenfold
_SAMPLED = 20_000  # references from which the axes are drawn; any axes are right, these are fast
_BLOCK = 65_536
_WORTH_IT = 0.25  # share of references above which the whole matrix is read at once


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reference that the probe resembles: its row in the gallery and the score."""

    row: int
    comparison_score: float


class Gallery:
    """Unit references as float32: at 128 components 512 bytes each, and 128 for the first stage."""

    def __init__(self, references: NDArray[np.float32] | Sequence[Embedding]) -> None:
        """:raises ValueError: not n x size, or an embedding is not finite or is zero."""
        matrix = np.ascontiguousarray(references, np.float32)
        if matrix.ndim != 2:
            raise ValueError("references are rows of one length")
        self._matrix = normalise(matrix) if len(matrix) else matrix
        self._axes = _principal_axes(self._matrix)
        self._heads = _heads(self._matrix, self._axes)

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
        unit = normalise(probe)
        rows, scores = self._compared(unit, threshold)
        rows, scores = rows[scores >= threshold], scores[scores >= threshold]
        best = np.lexsort((rows, -scores))[:most]
        return [Candidate(int(rows[at]), float(scores[at])) for at in best]

    def compared_in_full(self, probe: Embedding, threshold: float) -> int:
        """How many references the first stage leaves over for a search."""
        return len(self._compared(normalise(probe), threshold)[0])

    def _compared(
        self, unit: Embedding, threshold: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Rows that may reach the threshold, and their scores."""
        bounds = self._heads @ _heads(unit[None], self._axes)[0]
        rows = np.flatnonzero(bounds >= threshold - _ROUNDING)
        if len(rows) > _WORTH_IT * len(self):
            return np.arange(len(self)), self._matrix @ unit
        return rows, self._matrix[rows] @ unit


def _principal_axes(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """The orthogonal turn, size x size, after which the leading components hold the most."""
    sample = matrix[:: len(matrix) // _SAMPLED + 1].astype(np.float64)
    _, axes = np.linalg.eigh(sample.T @ sample)
    return np.ascontiguousarray(axes[:, ::-1], np.float32)


def _heads(matrix: NDArray[np.float32], axes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The leading components after the turn, and the length of all the others as the last."""
    kept = min(HEAD, matrix.shape[1] + 1) - 1
    heads = np.empty((len(matrix), kept + 1), np.float32)
    for start in range(0, len(matrix), _BLOCK):
        turned = matrix[start : start + _BLOCK] @ axes
        heads[start : start + _BLOCK, :kept] = turned[:, :kept]
        heads[start : start + _BLOCK, kept] = np.linalg.norm(turned[:, kept:], axis=1)
    return heads


def fpir(fmr: float, references: int) -> float:
    """The probability that a search for somebody who is not enrolled finds anybody."""
    return float(-np.expm1(references * np.log1p(-fmr)))
