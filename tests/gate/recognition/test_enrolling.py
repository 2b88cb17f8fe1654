"""The desk's station: who is alike among those enrolled, and whose reference cannot be compared."""

from __future__ import annotations

import asyncio
from datetime import date

import numpy as np
import pytest
from structlog.testing import capture_logs

from gate.bench.demo_desk import comparers
from gate.ports import Captured
from gate.recognition.devices import OpenCamera, OpenSensor
from gate.recognition.enrolling import Station
from models.face.compare import normalise
from models.face.template import Template, encode_template

SIZE = 128


def reference(direction: int, engine: str = "dlib-resnet-v1") -> bytes:
    """A template that points into a direction of its own."""
    embedding = normalise(np.random.default_rng(direction).normal(0, 1, SIZE).astype(np.float32))
    return encode_template(Template(engine, embedding, date(2026, 3, 2), 6, 80))


def alike(probe: bytes, held: dict[str, bytes]) -> tuple[str, ...]:
    """Whom a desk finds for this face among those held."""

    async def unopened() -> object:
        raise AssertionError("a search opens no device")

    camera: OpenCamera = unopened  # type: ignore[assignment]
    sensor: OpenSensor = unopened  # type: ignore[assignment]
    station = Station(
        comparers(),
        lambda kind: held if kind.value == "face" else {},
        open_camera=camera,
        open_sensor=sensor,
    )
    return asyncio.run(station.duplicates(Captured({"face": probe}), "applicant"))


def test_the_same_face_under_another_name_is_found() -> None:
    """One who is enrolled twice is proposed; strangers and the applicant's own file are not."""
    held = {"twice": reference(1), "stranger": reference(2), "applicant": reference(1)}
    assert alike(reference(1), held) == ("twice",)


@pytest.mark.parametrize("others", [{}, {"twice": reference(1)}])
def test_a_reference_of_another_engine_is_left_out_and_told(others: dict[str, bytes]) -> None:
    """It cannot be compared; how many must enrol again is logged, and whoever can is searched."""
    old = {"old": reference(1, "older-v0"), "damaged": reference(1)[:-1]}
    with capture_logs() as logs:
        assert alike(reference(1), old | others) == tuple(others)
    told = [each for each in logs if each["event"] == "duplicate_search_incomplete"]
    assert [each["enrol_again"] for each in told] == [2]
    assert "old" not in str(told).replace("older", "")
