"""The demo's enrolment desk: made-up applicants before emulated devices, through the use case.

Consent, enrolment and references of a traveller come from `gate.enrolment` and nowhere else; what
was known of one before, and what happened afterwards, comes from `bringing_in`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache

from drivers.document_reader.emulator import ElyctisEmulator
from drivers.face_camera.shots import Camera
from drivers.faults import ScriptedFaults
from drivers.fingerprint_reader.captures import FingerprintReader
from drivers.fingerprint_reader.driver import ZfmSensor
from drivers.fingerprint_reader.emulator import FingerSensorEmulator
from drivers.link import open_link, register_null, unregister_null
from gate.adapters.mrz_text import document_parser
from gate.bench.bringing_in import Applicant, OpenStore
from gate.bench.fault_words import OnWire, own_words
from gate.bench.seen import FaceBeforeCamera, FingerOnSensor
from gate.bench.synthetic_travellers import SyntheticTravellers
from gate.enrolment.desk import Answer, Application, EnrolmentDesk
from gate.ports import EnrolmentStation
from gate.recognition.comparers import Comparers, Strictness, load_comparers
from gate.recognition.devices import Compute, in_place
from gate.recognition.enrolling import Station
from gate.store.references import StoreEnrolment, StoreReferences
from gate.vocabulary.facts import Direction
from gate.vocabulary.parameters import Parameters
from models.face.synthetic import Scene

BAUD = 115_200
RENDERED = Strictness(finger_fmr=3e-3)
"""Made-up fingers are enough for a rate of their own: a story without a face shows its finger right."""
comparers = cache(lambda: load_comparers(demo=True, strictness=RENDERED))


@dataclass
class Place:
    """A camera and a sensor, and who is before them. `name` is that of the sensor's line."""

    name: str
    face: FaceBeforeCamera
    sensor: FingerSensorEmulator
    finger: FingerOnSensor
    on_wire: OnWire

    @classmethod
    def make(cls, name: str, travellers: SyntheticTravellers, seed: int) -> Place:
        """Emulators on a line of this name."""
        sensor = FingerSensorEmulator(baud_n=BAUD // 9600, seed=seed)
        script = ScriptedFaults([])
        line = register_null(name, sensor, BAUD, script)
        on_wire = OnWire(line, script, ElyctisEmulator, own_words(sensor))
        face = FaceBeforeCamera(travellers, seed)
        return cls(name, face, sensor, FingerOnSensor(travellers, sensor, seed), on_wire)

    async def open_camera(self) -> Camera:
        """As a driver opens it. Raises LinkLost."""
        return await self.face.open()

    async def open_sensor(self) -> FingerprintReader:
        """As a driver opens it. Raises DriverError."""
        driver = ZfmSensor()
        await driver.open(await open_link(f"null:{self.name}", baud=BAUD))
        return driver

    async def close(self) -> None:
        """Take everything away."""
        await self.finger.close()
        unregister_null(self.name)


class RenderedDesk:
    """A desk at which rendered people sit."""

    def __init__(
        self,
        travellers: SyntheticTravellers,
        seed: int,
        using: Comparers,
        open_store: OpenStore,
        compute: Compute = in_place,
    ) -> None:
        self.place = Place.make("desk-finger", travellers, seed)
        self._travellers = travellers
        self._open_store = open_store
        self.station = Station(
            using,
            StoreReferences(open_store).everybody,
            open_camera=self.place.open_camera,
            open_sensor=self.place.open_sensor,
            compute=compute,
        )

    async def enrol(self, applicant: Applicant, parameters: Parameters) -> Answer:
        """One application, from the booklet to the committed references. Raises DeviceError."""
        self.sit_down(applicant.person_id)
        try:
            return await apply(self.station, self._open_store, applicant, parameters)
        finally:
            await self.stand_up()

    def sit_down(self, person_id: str) -> None:
        """Somebody before the desk's camera, finger on its sensor."""
        sitter = self._travellers.of(person_id).sitter
        still = Scene(sitter, approach_s=0.0, motion=0.5, defocus=0.0, flicker=0.0, blinks=False)
        self.place.face.set_scene(still, asyncio.get_running_loop().time())
        self.place.finger.show(person_id)

    async def stand_up(self) -> None:
        """Nobody there any more."""
        await self.place.finger.close()
        self.place.face.set_scene(Scene(), asyncio.get_running_loop().time())

    async def close(self) -> None:
        """Take the desk away."""
        await self.place.close()


async def apply(
    station: EnrolmentStation, open_store: OpenStore, applicant: Applicant, parameters: Parameters
) -> Answer:
    """The use case at a station. Raises DeviceError, StoreError."""
    document = document_parser(applicant.at.date)(applicant.lines)
    assert document is not None
    records = StoreEnrolment(open_store, Direction.DEPARTURE, "desk")
    application = Application(document, applicant.person_id, id_card=True, own_consent=True)
    return await EnrolmentDesk(station, records, parameters).enrol(application, applicant.at)
