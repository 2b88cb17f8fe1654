"""Short-time Fourier view of a print: overlapping windowed blocks, their spectra, and the way back.

Only bins up to 11 waves a block are computed: nothing finer passes the filters. Two small matrix products then beat
a fast Fourier transform of each block by a factor of three.
"""

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

HIGHEST = 11
"""Waves a block in each direction of the finest bins kept: 0.34 cycles a pixel."""
_ROWS = np.arange(-HIGHEST, HIGHEST + 1)
_COLUMNS = np.arange(HIGHEST + 1)


@dataclass(frozen=True)
class Blocks:
    """Spectra of the blocks with foreground: `row`, `column` index the grid whose shape is `grid`.

    `real`, `imaginary` float32 (blocks, 276): the kept bins in the order of `bins`.
    """

    row: NDArray[np.int32]
    column: NDArray[np.int32]
    grid: tuple[int, int]
    real: Plane
    imaginary: Plane


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
    whole = np.pad(mask, ((0, STEP), (0, STEP)))[: rows * STEP, : columns * STEP]
    present = np.asarray(whole.reshape(rows, STEP, columns, STEP).any(axis=(1, 3)))
    row, column = (index.astype(np.int32) for index in np.nonzero(present))
    views = np.lib.stride_tricks.sliding_window_view(padded, (BLOCK, BLOCK))[::STEP, ::STEP]
    real, imaginary = _transform(views[row, column] * window())
    return Blocks(row, column, (rows, columns), real, imaginary)


@cache
def _waves() -> tuple[Plane, Plane]:
    """Cosines over sines of the kept rows, (46, 32), and cosines beside sines of the kept columns, (32, 24)."""
    place = np.arange(BLOCK)
    down = -2 * np.pi * np.outer(_ROWS, place) / BLOCK
    across = -2 * np.pi * np.outer(place, _COLUMNS) / BLOCK
    rows = np.concatenate([np.cos(down), np.sin(down)]).astype(np.float32)
    return rows, np.concatenate([np.cos(across), np.sin(across)], axis=1).astype(np.float32)


def _transform(tiles: Plane) -> tuple[Plane, Plane]:
    rows, columns = _waves()
    count, height, width = len(tiles), len(_ROWS), len(_COLUMNS)
    across = (tiles.reshape(-1, BLOCK) @ columns).reshape(count, BLOCK, 2 * width)
    both = np.matmul(rows, across)
    real = both[:, :height, :width] - both[:, height:, width:]
    imaginary = both[:, :height, width:] + both[:, height:, :width]
    return real.reshape(count, height * width), imaginary.reshape(count, height * width)


@cache
def _waves_back() -> tuple[Plane, Plane]:
    """The inverse of `_waves`: rows as a real (64, 46), columns as a real (24, 32) that counts mirrored bins."""
    place = np.arange(BLOCK)
    down = 2 * np.pi * np.outer(place, _ROWS) / BLOCK
    cosine, sine = np.cos(down), np.sin(down)
    rows = np.block([[cosine, -sine], [sine, cosine]]) / BLOCK
    across = 2 * np.pi * np.outer(_COLUMNS, place) / BLOCK
    mirrored = np.where(_COLUMNS == 0, 1.0, 2.0)[:, None] / BLOCK
    columns = np.concatenate([np.cos(across) * mirrored, -np.sin(across) * mirrored])
    return rows.astype(np.float32), columns.astype(np.float32)


def _back(stacked: Plane) -> Plane:
    rows, columns = _waves_back()
    count, height, width = len(stacked), len(_ROWS), len(_COLUMNS)
    halves = np.matmul(rows, stacked.reshape(count, 2 * height, width))
    beside = np.concatenate([halves[:, :BLOCK], halves[:, BLOCK:]], axis=2)
    tiles: Plane = (beside.reshape(-1, 2 * width) @ columns).reshape(count, BLOCK, BLOCK)
    return tiles


def overlap_add(blocks: Blocks, gain: Plane, shape: tuple[int, ...]) -> Plane:
    """Image of `shape` from block spectra times `gain` (blocks, 276); 0 where no block lies."""
    return image_of(
        np.concatenate([blocks.real * gain, blocks.imaginary * gain], axis=1), blocks, shape
    )


def image_of(stacked: Plane, blocks: Blocks, shape: tuple[int, ...]) -> Plane:
    """Image of `shape` from filtered spectra, float32 (blocks, 2 x 276): real beside imaginary parts."""
    padded = np.zeros((shape[0] + 2 * BLOCK, shape[1] + 2 * BLOCK), np.float32)
    _add_tiles(padded, _back(stacked), blocks.row * STEP, blocks.column * STEP, window())
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
    """Polar view of the kept bins of one block, row by row: wave direction and frequency in cycles/px."""

    direction: Plane
    frequency: Plane


@cache
def bins() -> Bins:
    """`direction` is that of the ridges which the bin stands for, counter-clockwise from +x, modulo pi."""
    down = _ROWS[:, None] / BLOCK
    across = _COLUMNS[None, :] / BLOCK
    direction = (np.pi / 2 - np.arctan2(down, across)) % np.pi
    frequency = np.hypot(down, across)
    return Bins(direction.ravel().astype(np.float32), frequency.ravel().astype(np.float32))
