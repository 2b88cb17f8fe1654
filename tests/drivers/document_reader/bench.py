"""The hardware that a bench file names for a kind of device.

The file lists ``[[device]]`` tables with ``kind``, ``model``, ``address`` and ``baud``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class BenchDevice:
    """One unit on the bench."""

    model: str
    address: str
    baud: int


def bench_devices(config: pytest.Config, kind: str) -> list[BenchDevice]:
    """Units of this kind; skips the test when no bench file is given or it names none."""
    path = config.getoption("--bench", default=None)
    if not path:
        pytest.skip(f"no bench file: {kind} not tried on hardware")
    listed = tomllib.loads(Path(path).read_text(encoding="utf-8")).get("device", [])
    units = [
        BenchDevice(entry["model"], entry["address"], int(entry.get("baud", 9600)))
        for entry in listed
        if entry["kind"] == kind
    ]
    if not units:
        pytest.skip(f"the bench file names no {kind}")
    return units
