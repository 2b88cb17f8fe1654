"""Rendered travellers and the default engine, made once for the face tests."""

from __future__ import annotations

from datetime import date

import cv2
import numpy as np
import pytest

from models.face.calibration import DEMO, Calibration, load_calibration
from models.face.engines import Engine, load_engine
from models.face.enrol import enrol
from models.face.session import Settings, make_settings
from models.face.synthetic import Scene, Sitter, VirtualCamera, draw_cast, enrolment_frames, prepare
from models.face.template import Template
from models.face.values import Picture


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    cv2.setNumThreads(1)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The default engine."""
    return load_engine()


@pytest.fixture(scope="session")
def sitters() -> list[Sitter]:
    """Three travellers of one cast, rendered."""
    return [prepare(who) for who in draw_cast(seed=2, count=3)]


@pytest.fixture(scope="session")
def calibration() -> Calibration:
    """The demo's calibration."""
    return load_calibration(DEMO, demo=True)


@pytest.fixture(scope="session")
def settings(calibration: Calibration) -> Settings:
    """FMR 0.1 % for a passage."""
    return make_settings(calibration, 1e-3)


@pytest.fixture(scope="session")
def references(sitters: list[Sitter], engine: Engine, settings: Settings) -> list[Template]:
    """The travellers' references, enrolled from the desk's frames."""
    made = [
        enrol(enrolment_frames(sitter), engine, settings.same_face_score, date(2026, 1, 1))
        for sitter in sitters
    ]
    assert all(isinstance(each, Template) for each in made), made
    return [each for each in made if isinstance(each, Template)]


@pytest.fixture(scope="session")
def portrait(sitters: list[Sitter]) -> Picture:
    """One good frame, 640 x 480."""
    return VirtualCamera(Scene(sitters[0], approach_s=0.0, turn=0), seed=1).frame(3)


@pytest.fixture(scope="session")
def nobody() -> Picture:
    """A frame of the empty hall."""
    return np.asarray(VirtualCamera(Scene(), seed=1).frame(0), np.uint8)
