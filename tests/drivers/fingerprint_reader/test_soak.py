"""Many fingers over a line that errs at random: an image is of the finger that lies there, or there is none."""

import asyncio

import numpy as np
import pytest

from drivers.errors import DriverError, LinkLost
from drivers.faults import FaultKind, SeededFaults
from drivers.fingerprint_reader.captures import FingerImage
from drivers.fingerprint_reader.driver import ZfmSensor
from drivers.fingerprint_reader.emulator import R503, FingerSensorEmulator
from drivers.link import open_link, register_null, unregister_null
from tests.drivers.document_reader.virtual_time import run_virtual
from tests.drivers.fingerprint_reader.pictures import finger

RATES: dict[FaultKind, float] = dict.fromkeys(FaultKind, 0.03)
BAUD = 115_200


async def touches(seed: int, count: int) -> tuple[int, int]:
    """Let finger after finger be laid; returns how many images came and how many errors."""
    unit = FingerSensorEmulator(R503, baud_n=12)
    register_null("soak", unit, BAUD, SeededFaults(RATES, seed))
    sensor = ZfmSensor()
    images = errors = 0
    try:
        await reopened(sensor)
        for number in range(count):
            picture = finger(number, R503.shape)
            unit.place(picture)
            try:
                taken = await sensor.capture(1.0)
                if isinstance(taken, FingerImage):
                    assert np.array_equal(taken.pixels >> 4, picture >> 4), "another finger's image"
                    images += 1
            except LinkLost:
                errors += 1
                await sensor.close()
                await reopened(sensor)
            except DriverError:
                errors += 1
            unit.lift()
            await asyncio.sleep(0.2)
        return images, errors
    finally:
        await sensor.close()
        unregister_null("soak")


async def reopened(sensor: ZfmSensor) -> None:
    """Open again until it works, as a caller with patience does."""
    for _ in range(20):
        await asyncio.sleep(2.0)
        try:
            await sensor.open(await open_link("null:soak", baud=BAUD))
        except DriverError:
            await sensor.close()
            continue
        return
    raise AssertionError("the sensor never came back")


@pytest.mark.parametrize("seed", [1, 2])
def test_never_another_fingers_image(seed: int) -> None:
    """Whatever was late, cut, doubled, flipped or held back."""
    images, errors = run_virtual(touches(seed, 15))
    assert images >= 5
    assert errors > 0, "the faults did happen"
