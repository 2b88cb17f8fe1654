"""Run an ONNX network on one thread: ONNX Runtime, or OpenCV where that is not installed.

Both give the same numbers to 1e-6; ONNX Runtime needs two thirds of the time, and knows every
operator that an exported recogniser may use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

ORT, CV2 = "ort", "cv2"


class NetworkError(ValueError):
    """The bytes are no network, or it does not take what it is given."""


class Network(Protocol):
    """A network with one input and one output that counts."""

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the first output for n x channels x rows x columns. Raises NetworkError."""


def fastest() -> str:
    """The runtime that `open_network` takes where none is named."""
    return ORT if find_spec("onnxruntime") else CV2


def open_network(model: bytes, runtime: str | None = None) -> Network:
    """Read an ONNX model for `runtime`, `ort` or `cv2`.

    :raises NetworkError: not a model that the runtime can run.
    """
    return OrtNetwork(model) if (runtime or fastest()) == ORT else Cv2Network(model)


class OrtNetwork:
    """A network run by ONNX Runtime."""

    def __init__(self, model: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong is said by the exception
        try:
            with _as_file(model) as path:  # of bytes the session would keep a copy for good
                self._session: Any = onnxruntime.InferenceSession(
                    path, options, providers=["CPUExecutionProvider"]
                )
        except _ort_errors() as error:
            raise NetworkError("ONNX Runtime cannot read the network") from error
        self._input = self._session.get_inputs()[0].name

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Network`."""
        try:
            result: NDArray[np.float32] = self._session.run(None, {self._input: batch})[0]
        except _ort_errors() as error:
            raise NetworkError("the network does not take this input") from error
        return result


class Cv2Network:
    """A network run by OpenCV."""

    def __init__(self, model: bytes) -> None:
        try:
            self._net: Any = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
        except cv2.error as error:
            raise NetworkError("OpenCV cannot read the network") from error

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Network`."""
        try:
            self._net.setInput(batch)
            result: NDArray[np.float32] = self._net.forward().copy()
        except cv2.error as error:
            raise NetworkError("the network does not take this input") from error
        return result


@contextmanager
def _as_file(model: bytes) -> Iterator[str]:
    """A path to the bytes that never reaches a disk."""
    handle = os.memfd_create("network")
    with os.fdopen(handle, "wb") as file:
        file.write(model)
        file.flush()
        yield f"/proc/self/fd/{handle}"


def _ort_errors() -> tuple[type[Exception], ...]:
    """ONNX Runtime's exceptions share no base but Exception."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NotImplemented")
    return (*(getattr(state, name) for name in (*names, "RuntimeException")), RuntimeError)
