"""The layers of the two glyph networks, for reading and for training.

`PRESENCE` is a perceptron that says whether a character is centred in a window: it is asked along
every line. `CHARACTERS` has two convolutions before its two full layers and says which one it is:
it is asked once a character. Both end in the classes of ALPHABET and "no character".
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Weights = list[Array]
"""Matrix and bias of each layer in turn."""

_NOTHING = np.empty((0, 0), np.float32)


@dataclass(frozen=True, slots=True)
class Convolution:
    """A square kernel that moves by two pixels over maps of this shape (rows, columns, channels)."""

    side: int
    shape: tuple[int, int, int]

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of the output."""
        return (self.shape[0] + 1) // 2, (self.shape[1] + 1) // 2

    def patches(self, maps: Array) -> Array:
        """What the kernel sees at each of its places: (n * places, side * side * channels)."""
        rows, columns, channels = self.shape
        out_rows, out_columns = self.places
        edge = self.side // 2
        padded = np.zeros((len(maps), rows + 2 * edge, columns + 2 * edge, channels), np.float32)
        padded[:, edge : edge + rows, edge : edge + columns] = maps.reshape(-1, *self.shape)
        seen = np.empty(
            (len(maps), out_rows, out_columns, self.side, self.side, channels), np.float32
        )
        for y in range(self.side):
            for x in range(self.side):
                seen[:, :, :, y, x] = padded[:, y : y + rows : 2, x : x + columns : 2]
        return seen.reshape(len(maps) * out_rows * out_columns, -1)

    def gathered(self, patches: Array) -> Array:
        """The transpose of `patches`: (n, rows * columns * channels)."""
        rows, columns, channels = self.shape
        out_rows, out_columns = self.places
        parts = patches.reshape(-1, out_rows, out_columns, self.side, self.side, channels)
        edge = self.side // 2
        padded = np.zeros((len(parts), rows + 2 * edge, columns + 2 * edge, channels), np.float32)
        for y in range(self.side):
            for x in range(self.side):
                padded[:, y : y + rows : 2, x : x + columns : 2] += parts[:, :, :, y, x]
        inner = padded[:, edge : edge + rows, edge : edge + columns]
        return inner.reshape(len(parts), -1)


@dataclass(frozen=True, slots=True)
class Network:
    """Convolutions, then full layers; `sizes` are (inputs, outputs) of each layer's matrix."""

    name: str
    convolutions: tuple[Convolution, ...]
    sizes: tuple[tuple[int, int], ...]

    def trace(self, weights: Weights, pixels: Array) -> tuple[list[Array], list[Array]]:
        """The matrix that goes into each layer, and what comes out of it; the logits come last."""
        into, out = [], []
        x = pixels
        for k in range(len(self.sizes)):
            is_convolution = k < len(self.convolutions)
            x = self.convolutions[k].patches(x) if is_convolution else x.reshape(len(pixels), -1)
            into.append(x)
            x = product(x, weights[2 * k]) + weights[2 * k + 1]
            if k + 1 < len(self.sizes):
                np.maximum(x, 0, out=x)
            if is_convolution:
                x = x.reshape(len(pixels), -1)
            out.append(x)
        return into, out

    def logits(self, weights: Weights, pixels: Array) -> Array:
        """(n, classes) of windows (n, 480)."""
        return self.trace(weights, pixels)[1][-1]


def product(a: Array, b: Array) -> Array:
    """Matrix product on one thread: numpy's own splits such small ones and waits, on a busy
    machine forty times as long as the work takes.
    """
    return np.asarray(cv2.gemm(a, b, 1.0, _NOTHING, 0.0), dtype=np.float32)


PRESENCE = Network("presence", (), ((480, 192), (192, 64), (64, 38)))
CHARACTERS = Network(
    "characters",
    (Convolution(5, (24, 20, 1)), Convolution(3, (12, 10, 16))),
    ((25, 16), (144, 40), (1200, 128), (128, 38)),
)
