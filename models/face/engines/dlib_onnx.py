"""Turn dlib's face network into ONNX: the same sums in the same order, affine layers folded.

Folding: an affine layer after a convolution scales its filters, and the input's mean and 1/256
go into the first convolution, so that the network takes raw RGB values 0 to 255. dlib's residual
sum pads the smaller tensor with zeros at the end of rows, columns and channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.face.engines.dlib_format import Layer, ModelFileError
from models.face.engines.onnx_bytes import OnnxGraph

Shape = tuple[int, int, int]
_INPUT_SCALE = 256.0  # dlib/dnn/input.h: (pixel - mean) / 256


@dataclass(frozen=True)
class _Tensor:
    """A tensor of the graph: its name and its channels, rows and columns."""

    name: str
    shape: Shape


def onnx_from_layers(layers: Sequence[Layer]) -> bytes:
    """Write the network as ONNX taking 1 x 3 x rows x columns RGB and giving 1 x outputs.

    :raises ModelFileError: the layers are not a chain of dlib's residual blocks.
    """
    head, *rest = layers
    rows, columns = head.numbers["rows"], head.numbers["columns"]
    graph = OnnxGraph(["n", 3, rows, columns])
    writer = _Writer(graph, _Tensor("input", (3, rows, columns)), head.tensors["mean"])
    writer.write(iter(rest))
    return graph.to_bytes(writer.here.name, ["n", writer.here.shape[0]])


class _Writer:
    """Walks the layers, keeping the tensor that it stands at and the one a block began with."""

    def __init__(self, graph: OnnxGraph, start: _Tensor, mean: np.ndarray) -> None:
        self.here = start
        self._graph = graph
        self._mean = mean
        self._block = start
        self._shortcut = start

    def write(self, layers: Iterator[Layer]) -> None:
        for layer in layers:
            if layer.kind == "con":
                self._convolution(layer, next(layers))
            elif layer.kind == "relu":
                self._step("Relu", self.here.shape)
            elif layer.kind == "max_pool":
                self._pool("MaxPool", layer)
                self._begin_block()
            elif layer.kind == "avg_pool":
                self._average(layer)
            elif layer.kind == "add_prev":
                self._residual_sum(next(layers))
            elif layer.kind == "fc":
                self._dense(layer)

    def _convolution(self, layer: Layer, affine: Layer) -> None:
        if affine.kind != "affine":
            raise ModelFileError("a convolution without its affine layer: not dlib's face network")
        gamma = affine.tensors["gamma"].astype(np.float64)
        weights = layer.tensors["weights"] * gamma[:, None, None, None]
        bias = layer.tensors["bias"] * gamma + affine.tensors["beta"]
        if self.here.name == "input":
            weights = weights / _INPUT_SCALE
            bias = bias - np.einsum("oihw,i->o", weights, self._mean)
        window = _window(layer)
        self._step(
            "Conv",
            (len(bias), *_reduced(self.here.shape, layer)),
            self._graph.constant(weights.astype(np.float32)),
            self._graph.constant(bias.astype(np.float32)),
            **window,
        )

    def _pool(self, kind: str, layer: Layer) -> None:
        shape = (self.here.shape[0], *_reduced(self.here.shape, layer))
        self._step(kind, shape, **_window(layer))

    def _average(self, layer: Layer) -> None:
        if layer.numbers["height"] == 0:  # dlib: a window of zero is the whole picture
            self._step("GlobalAveragePool", (self.here.shape[0], 1, 1))
            return
        block_end = self.here
        self.here = self._block
        self._pool("AveragePool", layer)
        self._shortcut, self.here = self.here, block_end

    def _residual_sum(self, relu: Layer) -> None:
        left, right = self.here, self._shortcut
        channels, rows, columns = (max(a, b) for a, b in zip(left.shape, right.shape, strict=True))
        shape = (channels, rows, columns)
        total = self._graph.add("Add", self._padded(left, shape), self._padded(right, shape))
        self.here = _Tensor(total, shape)
        if relu.kind != "relu":
            raise ModelFileError("a residual sum without its ReLU: not dlib's face network")
        self._step("Relu", shape)
        self._begin_block()

    def _padded(self, tensor: _Tensor, shape: Shape) -> str:
        if tensor.shape == shape:
            return tensor.name
        more = [wanted - has for wanted, has in zip(shape, tensor.shape, strict=True)]
        pads = self._graph.constant(np.array([0, 0, 0, 0, 0, *more], np.int64))
        return self._graph.add("Pad", tensor.name, pads, mode="constant")

    def _dense(self, layer: Layer) -> None:
        flat = self._graph.add("Flatten", self.here.name, axis=1)
        weights = self._graph.constant(layer.tensors["weights"])
        product = self._graph.add("Gemm", flat, weights)
        self.here = _Tensor(product, (layer.numbers["outputs"], 1, 1))

    def _begin_block(self) -> None:
        self._block = self._shortcut = self.here

    def _step(self, kind: str, shape: Shape, *constants: str, **attributes: list[int]) -> None:
        self.here = _Tensor(self._graph.add(kind, self.here.name, *constants, **attributes), shape)


def _window(layer: Layer) -> dict[str, list[int]]:
    n = layer.numbers
    pads = [n["padding_y"], n["padding_x"]] * 2
    return {
        "kernel_shape": [n["height"], n["width"]],
        "strides": [n["stride_y"], n["stride_x"]],
        "pads": pads,
    }


def _reduced(shape: Shape, layer: Layer) -> tuple[int, int]:
    n = layer.numbers
    rows = (shape[1] + 2 * n["padding_y"] - n["height"]) // n["stride_y"] + 1
    columns = (shape[2] + 2 * n["padding_x"] - n["width"]) // n["stride_x"] + 1
    return rows, columns
