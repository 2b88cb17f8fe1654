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
from models.fingerprint.orientation import SCALE, Orientation
from models.fingerprint.spectra import BLOCK, STEP, Blocks, bins
from models.fingerprint.values import Mask, Plane

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
    power = blocks.real**2 + blocks.imaginary**2
    frequency = _frequency(blocks, power, along)
    gain = _gain(along, coherence, frequency[blocks.row, blocks.column])
    gain *= _root(power)
    image = spectra.overlap_add(blocks, gain, ridges.shape)
    return Enhanced(image * mask, frequency)


def filter_known(ridges: Plane, mask: Mask, orientation: Orientation, frequency: Plane) -> Plane:
    """Filter along a direction and a frequency (cycles per pixel, cells of `orientation`) that are given."""
    blocks = spectra.spectra(ridges, mask)
    angle, coherence = _at_blocks(orientation, blocks)
    spacing, _ = _at_blocks(Orientation(frequency, frequency), blocks)
    gain = _gain(_direction_index(angle), coherence, spacing)
    return spectra.overlap_add(blocks, gain, ridges.shape)


def _root(power: Plane) -> Plane:
    """Magnitude to the power 0.3125 (power to 5/32), by square roots: several times faster than a general power."""
    eighth = np.sqrt(np.sqrt(np.sqrt(power)))
    gain: Plane = eighth * np.sqrt(np.sqrt(eighth))
    return gain


def _direction_index(angle: Plane) -> NDArray[np.int64]:
    return np.round(angle / np.pi * _DIRECTIONS).astype(np.int64) % _DIRECTIONS


def _gain(along: NDArray[np.int64], coherence: Plane, frequency: Plane) -> Plane:
    """Gain of each bin for each block: its direction filter times its band."""
    step = _FREQUENCIES[1] - _FREQUENCIES[0]
    spacing = np.clip(
        np.round((frequency - _FREQUENCIES[0]) / step), 0, len(_FREQUENCIES) - 1
    ).astype(np.int64)
    gain: Plane = _direction_filters()[np.digitize(coherence, _COHERENCE_STEPS), along]
    gain *= _band_filters()[spacing]
    return gain


def _at_blocks(orientation: Orientation, blocks: Blocks) -> tuple[Plane, Plane]:
    height, width = orientation.angle.shape
    row = np.minimum(blocks.row * STEP // SCALE, height - 1)
    column = np.minimum(blocks.column * STEP // SCALE, width - 1)
    return orientation.angle[row, column], orientation.coherence[row, column]


def _frequency(blocks: Blocks, power: Plane, along: NDArray[np.int64]) -> Plane:
    """Ridge frequency of each block: centre of its spectrum along the wave, averaged over neighbours by strength."""
    inside = (bins().frequency > _LOWEST) & (bins().frequency < _HIGHEST)
    weight = power * (_direction_filters()[1] * inside)[along]
    strength = weight.sum(axis=1) + 1e-9
    centre = (weight @ bins().frequency) / strength
    share = strength / (power.sum(axis=1) + 1e-9)
    total, moment = np.zeros(blocks.grid, np.float32), np.zeros(blocks.grid, np.float32)
    total[blocks.row, blocks.column] = share
    moment[blocks.row, blocks.column] = share * centre
    sigma = 24 / STEP
    prior = 0.02
    total = cv2.GaussianBlur(total, (0, 0), sigma) + prior
    smooth: Plane = (cv2.GaussianBlur(moment, (0, 0), sigma) + prior * _PRIOR_FREQUENCY) / total
    return smooth


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
