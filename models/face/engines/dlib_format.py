"""Read the layers of a dlib network from its .dat file, without dlib.

dlib writes integers as a control byte (low four bits: how many bytes follow, top bit: negative) and
then little-endian bytes; a float is a mantissa and a binary exponent; a tensor is a version, four
dimensions and raw little-endian float32. A network is written outermost layer first for the
version numbers and innermost first for the contents. Layouts: dlib/serialize.h, dlib/dnn/layers.h.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


class ModelFileError(ValueError):
    """The file is not the dlib network that was expected; the message says what to do."""


@dataclass(frozen=True)
class Layer:
    """One layer: its kind ("con", "affine", "relu", ...), its integers by name and its tensors."""

    kind: str
    numbers: dict[str, int] = field(default_factory=dict)
    tensors: dict[str, Array] = field(default_factory=dict)


class _Bytes:
    """A cursor over dlib's encodings."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        chunk = self._data[self._at : self._at + count]
        if len(chunk) != count:
            raise ModelFileError("the network file ends early: fetch face_recognition_models again")
        self._at += count
        return chunk

    def peek_integer(self) -> int:
        at = self._at
        value = self.integer()
        self._at = at
        return value

    def integer(self) -> int:
        control = self.take(1)[0]
        size = control & 0x0F
        if size == 0 or size > 8 or control & 0x70:
            raise ModelFileError("not a dlib network file")
        value = int.from_bytes(self.take(size), "little")
        return -value if control & 0x80 else value

    def real(self) -> float:
        mantissa, exponent = self.integer(), self.integer()
        return float(mantissa) * 2.0**exponent

    def text(self, limit: int = 64) -> str:
        length = self.integer()
        if not 0 < length <= limit:
            raise ModelFileError("not a dlib network file")
        return self.take(length).decode("ascii", "replace")

    def flags(self, count: int) -> None:
        if any(byte not in b"01" for byte in self.take(count)):
            raise ModelFileError("not a dlib network file")

    def tensor(self) -> Array:
        if self.integer() != 2:
            raise ModelFileError("unknown tensor version in the network file")
        shape = [self.integer() for _ in range(4)]
        count = int(np.prod(shape))
        if min(shape) < 0 or count > 50_000_000:
            raise ModelFileError("not a dlib network file")
        return np.frombuffer(self.take(4 * count), "<f4").reshape(shape).astype(np.float32)

    def alias(self) -> tuple[int, ...]:
        if self.integer() != 1:
            raise ModelFileError("unknown tensor version in the network file")
        return tuple(self.integer() for _ in range(4))


def _convolution(source: _Bytes) -> Layer:
    parameters = source.tensor().ravel()
    names = ("filters", "height", "width", "stride_y", "stride_x", "padding_y", "padding_x")
    numbers = {name: source.integer() for name in names}
    weights_shape, _bias_shape = source.alias(), source.alias()
    for _ in range(4):
        source.real()
    count = int(np.prod(weights_shape))
    weights = parameters[:count].reshape(weights_shape)
    return Layer("con", numbers, {"weights": weights, "bias": parameters[count:]})


def _affine(source: _Bytes) -> Layer:
    parameters = source.tensor().ravel()
    gamma_shape, _beta_shape = source.alias(), source.alias()
    source.integer()  # convolutional or fully connected mode
    count = int(np.prod(gamma_shape))
    return Layer("affine", {}, {"gamma": parameters[:count], "beta": parameters[count:]})


def _pool(kind: str) -> Callable[[_Bytes], Layer]:
    names = ("height", "width", "stride_y", "stride_x", "padding_y", "padding_x")
    return lambda source: Layer(kind, {name: source.integer() for name in names})


def _dense(source: _Bytes) -> Layer:
    numbers = {"outputs": source.integer(), "inputs": source.integer()}
    weights = source.tensor().reshape(numbers["inputs"], -1)
    source.alias(), source.alias()
    source.integer()  # bias mode
    for _ in range(4):
        source.real()
    return Layer("fc", numbers, {"weights": weights})


_READERS: dict[str, Callable[[_Bytes], Layer]] = {
    "con_4": _convolution,
    "affine_": _affine,
    "relu_": lambda source: Layer("relu"),
    "max_pool_2": _pool("max_pool"),
    "avg_pool_2": _pool("avg_pool"),
    "add_prev_": lambda source: Layer("add_prev"),
    "fc_2": _dense,
}


def _skip_head(source: _Bytes) -> None:
    if source.integer() != 1 or source.text() != "loss_metric_2":
        raise ModelFileError("not a dlib metric network")
    source.real(), source.real()  # margin and distance threshold of the training
    while source.peek_integer() <= 3:
        source.integer()  # the version of each layer, outermost first


def _input(source: _Bytes) -> Layer:
    if source.text() != "input_rgb_image_sized":
        raise ModelFileError("the network does not take an RGB image of one size")
    mean = np.array([source.real() for _ in range(3)], np.float32)
    numbers = {"rows": source.integer(), "columns": source.integer()}
    return Layer("input", numbers, {"mean": mean})


def read_layers(path: Path) -> Iterator[Layer]:
    """Yield the layers of the network in `path` from input to output.

    :raises ModelFileError: not a dlib metric network, an unknown layer, or cut short.
    """
    source = _Bytes(path.read_bytes())
    _skip_head(source)
    yield _input(source)
    innermost = True
    while True:
        name = source.text()
        reader = _READERS.get(name)
        if reader is None:
            raise ModelFileError(f"the network has a layer {name!r} that this reader does not know")
        layer = reader(source)
        yield layer
        source.flags(3)  # set up, gradient stale, output disabled
        for _ in range(3):  # gradient, cached output, parameter gradient: empty in a released file
            source.tensor()
        if innermost:
            source.integer()  # images that one sample expands to
            innermost = False
        if layer.kind == "fc":
            return
