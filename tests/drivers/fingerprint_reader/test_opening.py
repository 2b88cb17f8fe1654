"""Opening a sensor that does not answer."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from drivers.errors import DriverError
from drivers.faults import Fault, FaultKind, Planned, ScriptedFaults
from drivers.fingerprint_reader.driver import ZfmSensor
from drivers.fingerprint_reader.emulator import FingerSensorEmulator
from drivers.link import open_link, register_null, unregister_null

BAUD = 57_600


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_sensor_that_did_not_open_can_be_opened_anew(cancelled: bool) -> None:
    """A handshake that fails, or is given up, leaves no port open behind it."""

    async def story() -> None:
        silent = Planned(Fault(FaultKind.DROP_REPLY), count=10_000)
        faults = ScriptedFaults([silent])
        register_null("finger", FingerSensorEmulator(), BAUD, faults)
        try:
            opening = asyncio.create_task(
                ZfmSensor().open(await open_link("null:finger", baud=BAUD))
            )
            await asyncio.sleep(0.01)
            if cancelled:
                opening.cancel()
            with contextlib.suppress(DriverError, asyncio.CancelledError):
                await opening
            faults.withdraw(silent)
            sensor = ZfmSensor()
            await sensor.open(await open_link("null:finger", baud=BAUD))
            await sensor.close()
        finally:
            unregister_null("finger")

    asyncio.run(story())
