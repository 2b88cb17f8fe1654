"""The values that the fingerprint stages pass to each other."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

DPI = 500
"""Every stage after `image.load` works at this resolution."""


class MinutiaType(IntEnum):
    """Kinds of minutia with the codes of ISO/IEC 19794-2:2005, 7.4.2.1."""

    OTHER = 0
    ENDING = 1
    BIFURCATION = 2


@dataclass(frozen=True)
class Minutiae:
    """Minutiae of one print, as parallel arrays of equal length.

    `x`, `y` float32 in pixels at 500 dpi, y pointing down; `angle` float32 in radians, 0..2 pi, counter-clockwise from
    +x, along the ridge for an ending and along the enclosed valley for a bifurcation; `kind` uint8, a `MinutiaType`;
    `quality` uint8, 1..100, 0 meaning unknown.
    """

    x: Plane
    y: Plane
    angle: Plane
    kind: NDArray[np.uint8]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.x)

    def take(self, chosen: NDArray[np.generic]) -> "Minutiae":
        """The minutiae that an index array or a boolean array selects, in its order."""
        return Minutiae(
            self.x[chosen],
            self.y[chosen],
            self.angle[chosen],
            self.kind[chosen],
            self.quality[chosen],
        )


@dataclass(frozen=True)
class Template:
    """What comparison needs of one print: size in pixels at 500 dpi, minutiae and the print's quality 0..100."""

    width: int
    height: int
    minutiae: Minutiae
    quality: int
