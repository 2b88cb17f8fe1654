"""Write an ONNX model as bytes: just enough of its protobuf for a feed-forward network.

Field numbers are those of onnx.proto (ONNX 1.x, IR version 8): ModelProto, GraphProto, NodeProto,
AttributeProto, TensorProto, ValueInfoProto. No schema compiler and no onnx package is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Attribute = int | float | Sequence[int] | str

_IR_VERSION = 8
_OPSET = 13
_FLOAT, _INT64 = 1, 7
_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_STRING, _ATTRIBUTE_INTS = 1, 2, 3, 7


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _chunk(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _attribute(name: str, value: Attribute) -> bytes:
    head = _chunk(1, name)
    if isinstance(value, str):
        return head + _chunk(4, value) + _number(20, _ATTRIBUTE_STRING)
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, _ATTRIBUTE_INT)
    if isinstance(value, float):
        raw = np.float32(value).tobytes()
        return head + _varint(2 << 3 | 5) + raw + _number(20, _ATTRIBUTE_FLOAT)
    items = b"".join(_number(8, item) for item in value)
    return head + items + _number(20, _ATTRIBUTE_INTS)


def _tensor(name: str, values: npt.NDArray[np.float32] | npt.NDArray[np.int64]) -> bytes:
    kind = _INT64 if values.dtype == np.int64 else _FLOAT
    dimensions = b"".join(_number(1, size) for size in values.shape)
    raw = np.ascontiguousarray(values).tobytes()
    return dimensions + _number(2, kind) + _chunk(8, name) + _chunk(9, raw)


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sizes = b"".join(
        _chunk(1, _chunk(2, size) if isinstance(size, str) else _number(1, size)) for size in shape
    )
    return _chunk(1, name) + _chunk(2, _chunk(1, _number(1, _FLOAT) + _chunk(2, sizes)))


class OnnxGraph:
    """A graph that grows node by node; each `add` returns the name of its output."""

    def __init__(self, input_shape: Sequence[int | str]) -> None:
        self._inputs = _chunk(11, _value("input", input_shape))
        self._body: list[bytes] = []
        self._count = 0

    def constant(self, values: npt.NDArray[np.float32] | npt.NDArray[np.int64]) -> str:
        """Keep `values` in the model and return the name under which nodes take them."""
        name = self._name("c")
        self._body.append(_chunk(5, _tensor(name, values)))
        return name

    def add(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        """Append a node of ONNX operator `kind`; attributes as the operator's page names them."""
        name = self._name(kind.lower())
        node = b"".join(_chunk(1, source) for source in inputs) + _chunk(2, name)
        node += _chunk(3, name) + _chunk(4, kind)
        node += b"".join(_chunk(5, _attribute(key, value)) for key, value in attributes.items())
        self._body.append(_chunk(1, node))
        return name

    def to_bytes(self, output: str, output_shape: Sequence[int | str]) -> bytes:
        """Return the ModelProto with `output` as its only output."""
        graph = b"".join(self._body) + _chunk(2, "network") + self._inputs
        graph += _chunk(12, _value(output, output_shape))
        opset = _chunk(1, "") + _number(2, _OPSET)
        return _number(1, _IR_VERSION) + _chunk(7, graph) + _chunk(8, opset)

    def _name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}{self._count}"
