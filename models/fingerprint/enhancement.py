"""Contextual filtering: every block keeps the ridges of its own direction and spacing.

After the short-time Fourier approach of Chikkerur, Cartwright and Govindaraju (2007), with root filtering of the
spectrum (Watson, Candela and Grother 1994), so that the strongest wave of a block gains on its noise.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from models.fingerprint import spectra
from models.fingerprint._jit import kernel
from models.fingerprint.orientation import SCALE, Orientation
from models.fingerprint.spectra import BLOCK, STEP, Blocks, bins
from models.fingerprint.values import Mask, Plane

Index = NDArray[np.int64]

_DIRECTIONS = 64
_FREQUENCIES = np.linspace(1 / 18, 1 / 4, 48)
_FREQUENCY_SIGMA = 0.038
"""Width of the band kept around the local ridge frequency, in cycles per pixel (a bin of a block is 0.031)."""
_POWERS = (4, 8, 16)
"""Sharpness of the direction filter for low, middle and high coherence: curved places need a blunt one."""
_COHERENCE_STEPS = (0.45, 0.75)
_LOWEST, _HIGHEST = 1 / 20, 1 / 4
"""Ridge frequencies in cycles per pixel that a finger at 500 dpi can have: 4 to 20 px between ridges."""
_PRIOR_FREQUENCY = 1 / 9


@dataclass(frozen=True)
class Enhanced:
    """`ridges` float32, positive on ridges; `frequency` in cycles per pixel on the block grid."""

    ridges: Plane
    frequency: Plane


def enhance(ridges: Plane, mask: Mask, orientation: Orientation) -> Enhanced:
    """One pass of filtering along `orientation`; the frequency is measured in the same spectra."""
    blocks = spectra.spectra(ridges, mask)
    if len(blocks.row) == 0:
        return Enhanced(np.zeros_like(ridges), np.full(blocks.grid, _PRIOR_FREQUENCY, np.float32))
    angle, coherence = _at_blocks(orientation, blocks)
    along = _direction_index(angle)
    frequency = _frequency(blocks, along)
    spacing = _spacing_index(frequency[blocks.row, blocks.column])
    sharpness = np.digitize(coherence, _COHERENCE_STEPS)
    filtered = np.empty((len(along), 2 * blocks.real.shape[1]), np.float32)
    _filter(
        blocks.real, blocks.imaginary, sharpness, along, spacing, _direction_filters(), _band_filters(), filtered
    )  # fmt: skip
    return Enhanced(spectra.image_of(filtered, blocks, ridges.shape) * mask, frequency)


def filter_known(ridges: Plane, mask: Mask, orientation: Orientation, frequency: Plane) -> Plane:
    """Filter along a direction and a frequency (cycles per pixel, cells of `orientation`) that are given."""
    blocks = spectra.spectra(ridges, mask)
    angle, coherence = _at_blocks(orientation, blocks)
    spacing, _ = _at_blocks(Orientation(frequency, frequency), blocks)
    gain = _gain(_direction_index(angle), coherence, spacing)
    return spectra.overlap_add(blocks, gain, ridges.shape)


@kernel(
    "void(float32[:,::1], float32[:,::1], int64[::1], int64[::1], int64[::1], float32[:,:,::1], float32[:,::1],"
    " float32[:,::1])"
)
def _filter(
    real: Plane, imaginary: Plane, sharpness: Index, along: Index, spacing: Index,
    directions: NDArray[np.float32], bands: Plane, filtered: Plane,
) -> None:  # fmt: skip
    """Each bin times its direction filter, its band and its own magnitude to the power 0.3125, in one walk.

    The power is 5/32 of the squared magnitude, by square roots: several times faster than a general power.
    """
    count = real.shape[1]
    for block in range(real.shape[0]):
        direction, band = directions[sharpness[block], along[block]], bands[spacing[block]]
        for k in range(count):
            a, b = real[block, k], imaginary[block, k]
            eighth = np.sqrt(np.sqrt(np.sqrt(a * a + b * b)))
            gain = direction[k] * band[k] * eighth * np.sqrt(np.sqrt(eighth))
            filtered[block, k] = a * gain
            filtered[block, count + k] = b * gain


def _direction_index(angle: Plane) -> Index:
    return np.round(angle / np.pi * _DIRECTIONS).astype(np.int64) % _DIRECTIONS


def _gain(along: Index, coherence: Plane, frequency: Plane) -> Plane:
    """Gain of each bin for each block: its direction filter times its band."""
    gain: Plane = _direction_filters()[np.digitize(coherence, _COHERENCE_STEPS), along]
    gain *= _band_filters()[_spacing_index(frequency)]
    return gain


def _spacing_index(frequency: Plane) -> Index:
    step = _FREQUENCIES[1] - _FREQUENCIES[0]
    place = np.round((frequency - _FREQUENCIES[0]) / step)
    return np.asarray(np.clip(place, 0, len(_FREQUENCIES) - 1), np.int64)


def _at_blocks(orientation: Orientation, blocks: Blocks) -> tuple[Plane, Plane]:
    height, width = orientation.angle.shape
    row = np.minimum(blocks.row * STEP // SCALE, height - 1)
    column = np.minimum(blocks.column * STEP // SCALE, width - 1)
    return orientation.angle[row, column], orientation.coherence[row, column]


def _frequency(blocks: Blocks, along: Index) -> Plane:
    """Ridge frequency of each block: centre of its spectrum along the wave, averaged over neighbours by strength."""
    sums = np.empty((len(along), 3), np.float32)
    _sum_up(blocks.real, blocks.imaginary, along, _finger_waves(), bins().frequency, sums)
    strength = sums[:, 0] + np.float32(1e-9)
    centre = sums[:, 1] / strength
    share = strength / (sums[:, 2] + np.float32(1e-9))
    total, moment = np.zeros(blocks.grid, np.float32), np.zeros(blocks.grid, np.float32)
    total[blocks.row, blocks.column] = share
    moment[blocks.row, blocks.column] = share * centre
    sigma = 24 / STEP
    prior = 0.02
    total = cv2.GaussianBlur(total, (0, 0), sigma) + prior
    smooth: Plane = (cv2.GaussianBlur(moment, (0, 0), sigma) + prior * _PRIOR_FREQUENCY) / total
    return smooth


@kernel(
    "void(float32[:,::1], float32[:,::1], int64[::1], float32[:,::1], float32[::1], float32[:,::1])"
)
def _sum_up(
    real: Plane, imaginary: Plane, along: Index, waves: Plane, frequency: Plane, sums: Plane
) -> None:
    """Of each block: power along its wave, its moment of frequency, and power in all."""
    for block in range(real.shape[0]):
        wave = waves[along[block]]
        strength, moment, total = np.float32(0), np.float32(0), np.float32(0)
        for k in range(real.shape[1]):
            power = real[block, k] * real[block, k] + imaginary[block, k] * imaginary[block, k]
            strength += power * wave[k]
            moment += power * wave[k] * frequency[k]
            total += power
        sums[block, 0], sums[block, 1], sums[block, 2] = strength, moment, total


@cache
def _finger_waves() -> Plane:
    """The middle direction filter on frequencies that a finger can have, (64, bins)."""
    inside = (bins().frequency > _LOWEST) & (bins().frequency < _HIGHEST)
    waves: Plane = np.ascontiguousarray(_direction_filters()[1] * inside, np.float32)
    return waves


@cache
def _direction_filters() -> Plane:
    """Gain of each bin for each (sharpness, direction): a power of the cosine, (3, 64, bins)."""
    centre = np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS
    cosine = np.abs(np.cos(bins().direction[None, :] - centre[:, None]))
    return np.stack([cosine**power for power in _POWERS]).astype(np.float32)


@cache
def _band_filters() -> Plane:
    """Gain of each bin for each ridge frequency, (48, bins): a Gaussian around it, 0 outside a finger's band."""
    offset = (bins().frequency[None, :] - _FREQUENCIES[:, None]) / _FREQUENCY_SIGMA
    gain = np.exp(-0.5 * offset**2) * (bins().frequency > 1 / (BLOCK - 6))
    band: Plane = gain.astype(np.float32)
    return band
