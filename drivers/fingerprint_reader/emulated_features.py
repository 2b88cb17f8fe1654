"""A stand-in for the sensor's secret feature extraction, so that enrolling, comparing and searching behave truly.

It is no fingerprint recognition: a "character file" is the coarse field of ridge directions, 16 x 16 cells of one
byte, and two are compared by correlation over small shifts. The same finger laid much the same way matches,
another picture does not. Nothing may be concluded from its scores.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

CELLS = 16
FILE_BYTES = CELLS * CELLS  # as the ZFM V1.3 manual has it: 256, and twice that for a template
_SHIFT = 2
_LEAST_CONTRAST = 12.0  # standard deviation of grey values below which nothing is seen
_LEAST_RIDGED = 0.25  # share of cells that must show a direction


def character_file(image: npt.NDArray[np.uint8]) -> bytes | None:
    """256 bytes of directions, None where the image shows too few ridges."""
    grey = image.astype(np.float64)
    rows, columns = np.gradient(grey)
    energy = _cells(rows**2 + columns**2)
    cosine = _cells(columns**2 - rows**2) / (energy + 1e-6)
    sine = _cells(2 * rows * columns) / (energy + 1e-6)
    ridged = _cells((grey - grey.mean()) ** 2) > _LEAST_CONTRAST**2
    if ridged.mean() < _LEAST_RIDGED:
        return None
    packed = _nibble(cosine * ridged) << 4 | _nibble(sine * ridged)
    return bytes(packed.astype(np.uint8).ravel())


def score(one: bytes, other: bytes) -> float:
    """Likeness from 0 to 1 of two files or templates: the best pair of their files."""
    return max(_pair(a, b) for a in _files(one) for b in _files(other))


def _files(template: bytes) -> list[bytes]:
    return [
        template[i : i + FILE_BYTES] for i in range(0, len(template) - FILE_BYTES + 1, FILE_BYTES)
    ]


def _pair(one: bytes, other: bytes) -> float:
    a, b = _field(one), _field(other)
    shifts = range(-_SHIFT, _SHIFT + 1)
    return max(_likeness(a, np.roll(b, (i, j), (0, 1))) for i in shifts for j in shifts)


def _likeness(a: npt.NDArray[np.complex128], b: npt.NDArray[np.complex128]) -> float:
    norm = float(np.sqrt((np.abs(a) ** 2).sum() * (np.abs(b) ** 2).sum()))
    return max(0.0, float((a * b.conj()).sum().real) / norm) if norm else 0.0


def _field(data: bytes) -> npt.NDArray[np.complex128]:
    packed = np.frombuffer(data, np.uint8).reshape(CELLS, CELLS).astype(np.int64)
    return ((packed >> 4) - 8) / 7 + 1j * (((packed & 15) - 8) / 7)


def _cells(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    values = np.asarray(values, dtype=np.float64)
    height, width = (side - side % CELLS for side in values.shape)
    cut = values[:height, :width].reshape(CELLS, height // CELLS, CELLS, width // CELLS)
    return np.asarray(cut.mean(axis=(1, 3)))


def _nibble(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.clip(np.rint(values * 7), -7, 7).astype(np.int64) + 8
