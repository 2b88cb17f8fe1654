"""Networks small enough to be made while a test runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.face.engines.onnx_bytes import OnnxGraph


def tiny_network(path: Path, side: int = 112) -> np.ndarray:
    """Write a network of one convolution and return its weights."""
    weights = np.random.default_rng(1).normal(0, 0.3, (6, 3, 5, 5)).astype(np.float32)
    graph = OnnxGraph([1, 3, side, side])
    layer = graph.add("Conv", "input", graph.constant(weights), kernel_shape=[5, 5], strides=[5, 5])
    flat = graph.add("Flatten", graph.add("GlobalAveragePool", layer), axis=1)
    path.write_bytes(graph.to_bytes(flat, [1, 6]))
    return weights
