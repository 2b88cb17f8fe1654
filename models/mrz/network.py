"""The layers of the glyph networks, for reading and for training.

`PERCEPTRON` is asked along every line whether a character is centred there, and which one it is.
`CONVOLUTIONS`, trained on more and worse print, is asked once a character, for a second opinion,
and `SECOND` about what is not plain to both. All end in the classes of ALPHABET and "no character".
"""

import math
from dataclasses import dataclass, replace
from threading import Lock

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

    def rooms(self, count: int) -> tuple[Array, Array]:
        """Arrays for `fill`: the maps with a border of zeros, and the patches."""
        rows, columns, channels = self.shape
        edge = self.side // 2
        padded = np.zeros((count, rows + 2 * edge, columns + 2 * edge, channels), np.float32)
        return padded, np.empty((count, *self.places, self.side, self.side, channels), np.float32)

    def fill(self, maps: Array, rooms: tuple[Array, Array]) -> Array:
        """What the kernel sees at each of its places: (n * places, side * side * channels)."""
        rows, columns, channels = self.shape
        padded, seen = rooms
        edge = self.side // 2
        padded[:, edge : edge + rows, edge : edge + columns] = maps.reshape(-1, *self.shape)
        for y in range(self.side):
            for x in range(self.side):
                seen[:, :, :, y, x] = padded[:, y : y + rows : 2, x : x + columns : 2]
        return seen.reshape(-1, self.side * self.side * channels)

    def gathered(self, patches: Array) -> Array:
        """The transpose of `fill`: (n, rows * columns * channels)."""
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

    @property
    def inputs(self) -> int:
        """Pixels of a window."""
        return math.prod(self.convolutions[0].shape) if self.convolutions else self.sizes[0][0]

    def trace(self, weights: Weights, pixels: Array) -> tuple[list[Array], list[Array]]:
        """The matrix that goes into each layer, and what comes out of it; the logits come last."""
        into, out = [], []
        x = pixels
        for k in range(len(self.sizes)):
            is_convolution = k < len(self.convolutions)
            x = x.reshape(len(pixels), -1)
            if is_convolution:
                layer = self.convolutions[k]
                x = layer.fill(x, layer.rooms(len(pixels)))
            into.append(x)
            x = product(x, weights[2 * k]) + weights[2 * k + 1]
            if k + 1 < len(self.sizes):
                np.maximum(x, 0, out=x)
            if is_convolution:
                x = x.reshape(len(pixels), -1)
            out.append(x)
        return into, out


class Runner:
    """A network with its weights that keeps its arrays: fresh ones cost more than the arithmetic.

    OpenCV's product of fewer than about a hundred rows runs on a slow path: full layers, whose rows
    are the windows, are multiplied with both matrices turned, and convolutions are given eight
    windows at least, which have many places each.
    """

    _COUNT, _FEWEST = 104, 8

    def __init__(self, network: Network, weights: Weights) -> None:
        self._network, self._weights = network, weights
        self._pixels = np.zeros((self._COUNT, network.inputs), np.float32)
        self._rooms = [x.rooms(self._COUNT) for x in network.convolutions]
        self._out: Weights = []
        for k, (_, outputs) in enumerate(network.sizes):
            places = network.convolutions[k].places if k < len(network.convolutions) else (1, 1)
            count = self._COUNT * places[0] * places[1]
            self._out.append(np.empty((count, outputs), np.float32))
        self._lock = Lock()

    def logits(self, pixels: Array) -> Array:
        """(n, classes) of windows (n, 480)."""
        found = np.empty((len(pixels), self._network.sizes[-1][1]), np.float32)
        with self._lock:
            for start in range(0, len(pixels), self._COUNT):
                piece = pixels[start : start + self._COUNT]
                self._pixels[: len(piece)] = piece
                found[start : start + len(piece)] = self._run(len(piece))
        return found

    def _run(self, windows: int) -> Array:
        """Logits of the first so many windows."""
        x = self._pixels
        for k, whole in enumerate(self._out):
            out = (
                self._convolved(k, x, max(windows, self._FEWEST))
                if k < len(self._rooms)
                else self._multiplied(k, x.reshape(self._COUNT, -1)[:windows])
            )
            out += self._weights[2 * k + 1]
            if k + 1 < len(self._out):
                np.maximum(out, 0, out=out)
            x = whole
        return out

    def _convolved(self, k: int, x: Array, windows: int) -> Array:
        layer, (padded, seen) = self._network.convolutions[k], self._rooms[k]
        maps = x.reshape(self._COUNT, -1)[:windows]
        rows = layer.fill(maps, (padded[:windows], seen[:windows]))
        out = self._out[k][: len(rows)]
        cv2.gemm(rows, self._weights[2 * k], 1.0, _NOTHING, 0.0, out)
        return out

    def _multiplied(self, k: int, rows: Array) -> Array:
        both = cv2.GEMM_1_T + cv2.GEMM_2_T
        out = self._out[k][: len(rows)]
        out[:] = cv2.gemm(self._weights[2 * k], rows, 1.0, _NOTHING, 0.0, flags=both).T
        return out


def product(a: Array, b: Array) -> Array:
    """Matrix product on one thread: numpy's own splits such small ones and waits, on a busy
    machine forty times as long as the work takes.
    """
    return np.asarray(cv2.gemm(a, b, 1.0, _NOTHING, 0.0), dtype=np.float32)


PERCEPTRON = Network("perceptron", (), ((480, 256), (256, 96), (96, 38)))
CONVOLUTIONS = Network(
    "convolutions",
    (Convolution(5, (24, 20, 1)), Convolution(3, (12, 10, 32))),
    ((25, 32), (288, 64), (1920, 192), (192, 38)),
)

SECOND = replace(CONVOLUTIONS, name="second")
"""The same layers from another start: what one learnt wrongly, the other seldom did as well."""
