"""Short-time Fourier view of a print: overlapping windowed blocks, their spectra, and the way back."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.fingerprint._jit import kernel
from models.fingerprint.values import Mask, Plane

BLOCK = 32
"""Side of a block in pixels: three to four ridges."""
STEP = 12
"""Distance of neighbouring blocks in pixels: below 16 the windows' squares add up evenly enough to divide by."""

Spectrum = NDArray[np.complex64]


@dataclass(frozen=True)
class Blocks:
    """Spectra of the blocks with foreground: `row`, `column` index the grid whose shape is `grid`."""

    row: NDArray[np.int32]
    column: NDArray[np.int32]
    grid: tuple[int, int]
    spectrum: Spectrum


@cache
def window() -> Plane:
    """The raised cosine that every block is multiplied with, before and after filtering."""
    edge = np.sin(np.pi * (np.arange(BLOCK) + 0.5) / BLOCK)
    squared: Plane = np.outer(edge, edge).astype(np.float32)
    return squared


def spectra(ridges: Plane, mask: Mask) -> Blocks:
    """Spectra of all blocks whose centre cell holds foreground; blocks are centred on multiples of `STEP`."""
    half = BLOCK // 2
    rows, columns = 1 + (ridges.shape[0] - 1) // STEP, 1 + (ridges.shape[1] - 1) // STEP
    padded = np.pad(ridges, half)
    present = np.pad(mask, ((0, STEP), (0, STEP)))[: rows * STEP, : columns * STEP]
    present = present.reshape(rows, STEP, columns, STEP).any(axis=(1, 3))
    row, column = (index.astype(np.int32) for index in np.nonzero(present))
    views = np.lib.stride_tricks.sliding_window_view(padded, (BLOCK, BLOCK))[::STEP, ::STEP]
    spectrum = np.fft.rfft2(views[row, column] * window())
    return Blocks(row, column, (rows, columns), spectrum.astype(np.complex64, copy=False))


def overlap_add(blocks: Blocks, filtered: Spectrum, shape: tuple[int, ...]) -> Plane:
    """Image of `shape` from filtered block spectra; 0 where no block lies."""
    tiles = np.fft.irfft2(filtered, s=(BLOCK, BLOCK)).astype(np.float32, copy=False)
    padded = np.zeros((shape[0] + 2 * BLOCK, shape[1] + 2 * BLOCK), np.float32)
    _add_tiles(padded, tiles, blocks.row * STEP, blocks.column * STEP, window())
    half = BLOCK // 2
    image: Plane = padded[half : half + shape[0], half : half + shape[1]]
    return image


@kernel("void(float32[:,::1], float32[:,:,::1], int32[::1], int32[::1], float32[:,::1])")
def _add_tiles(
    image: Plane, tiles: Plane, top: NDArray[np.int32], left: NDArray[np.int32], weight: Plane
) -> None:
    for index in range(tiles.shape[0]):
        for y in range(tiles.shape[1]):
            for x in range(tiles.shape[2]):
                image[top[index] + y, left[index] + x] += tiles[index, y, x] * weight[y, x]


@dataclass(frozen=True)
class Bins:
    """Polar view of the bins of one real 32 x 32 spectrum, flattened: wave direction and frequency in cycles/px."""

    direction: Plane
    frequency: Plane


@cache
def bins() -> Bins:
    """`direction` is that of the ridges which the bin stands for, counter-clockwise from +x, modulo pi."""
    down = np.fft.fftfreq(BLOCK)[:, None]
    across = np.fft.rfftfreq(BLOCK)[None, :]
    direction = (np.pi / 2 - np.arctan2(down, across)) % np.pi
    frequency = np.hypot(down, across)
    return Bins(direction.ravel().astype(np.float32), frequency.ravel().astype(np.float32))
