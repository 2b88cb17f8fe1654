"""What any fingerprint reader gives: an image, or why there is none."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

GreyImage = npt.NDArray[np.uint8]


class NoImage(enum.Enum):
    """Why an attempt gave no image; an outcome, never an exception."""

    NO_FINGER = "no_finger"  # nobody touched the sensor in time
    POOR_CONTACT = "poor_contact"  # a finger was there and the sensor could not take an image


@dataclass(frozen=True, slots=True)
class FingerImage:
    """One image. ``pixels`` is biometric and stays out of ``repr``.

    pixels: uint8, shape (height, width), ridges dark. resolution_dpi: as the maker states it.
    """

    pixels: GreyImage = field(repr=False)
    resolution_dpi: int


Capture = FingerImage | NoImage


class FingerprintReader(Protocol):
    """The API shared by sensors and the image folder."""

    async def capture(self, timeout_s: float) -> Capture:
        """Wait for a finger, take one image, transfer it once."""
        ...

    async def close(self) -> None:
        """Let the device go."""
        ...
