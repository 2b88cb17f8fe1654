"""Made-up fingers for the tests of the fingerprint stages: made once, they cost a second each."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.fingerprint.extraction import Extraction, extract
from models.fingerprint.synthetic import FingerClass, SyntheticFinger, synthetic_finger
from models.fingerprint.synthetic_impression import Condition, Sensor, impression

Gray = NDArray[np.uint8]


@pytest.fixture(scope="session")
def fingers() -> list[SyntheticFinger]:
    """Three fingers of different classes."""
    return [
        synthetic_finger(seed, kind)
        for seed, kind in enumerate((FingerClass.WHORL, FingerClass.LEFT_LOOP))
    ]


@pytest.fixture(scope="session")
def images(fingers: list[SyntheticFinger]) -> list[list[Gray]]:
    """Two careful impressions of each finger."""
    conditions = [
        Condition(contact=0.9, distortion_px=1.0),
        Condition(rotation_deg=9, shift_px=(12, -8), contact=0.8, distortion_px=2.0, moisture=-0.2),
    ]
    return [
        [
            impression(finger, number, Sensor.OPTICAL_388X374, placed)
            for number, placed in enumerate(conditions)
        ]
        for finger in fingers
    ]


@pytest.fixture(scope="session")
def prints(images: list[list[Gray]]) -> list[list[Extraction]]:
    """What extraction makes of `images`."""
    return [[extract(image) for image in pair] for pair in images]
