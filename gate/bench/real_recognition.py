"""Real recognition in an emulated world: rendered travellers before emulated devices.

The camera shows frames at its rate, the sensor speaks its protocol over a line at 115200 baud,
and the recogniser is the worker's own. Computing stops the virtual clock, so that what a capture
comes to does not depend on the machine's load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from drivers.document_reader.emulator import ElyctisEmulator
from drivers.errors import LinkLost
from drivers.face_camera.shots import Camera
from drivers.faults import ScriptedFaults
from drivers.fingerprint_reader.captures import FingerprintReader
from drivers.fingerprint_reader.driver import ZfmSensor
from drivers.fingerprint_reader.emulator import FingerSensorEmulator
from drivers.link import open_link, register_null, unregister_null
from gate.adapters.mrz_text import document_parser
from gate.bench.fault_words import Breakable, OnWire, Seeing, own_words
from gate.bench.people import Cast
from gate.bench.seen import FaceBeforeCamera, FingerOnSensor
from gate.bench.synthetic_travellers import PLACES, SyntheticTravellers
from gate.bench.world import EmulatedGate, MakeRecognition
from gate.config_paths import state_directory
from gate.enrolment.desk import Answer, Application, EnrolmentDesk
from gate.ports import DeviceError
from gate.recognition.comparers import load_comparers
from gate.recognition.enrolling import Station
from gate.recognition.recogniser import Recogniser
from gate.store import Record, Store, StoreError
from gate.store.references import StoreEnrolment, StoreReferences
from gate.vocabulary.facts import Direction
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.passages import CaptureKind, Device, FailureKind
from models.face.synthetic import Scene

BAUD = 115_200
_BAUD_STEPS = BAUD // 9600
ENROLLED = frozenset({"consent", "enrolment", "biometric_source"})
"""Records that the desk makes."""
AFTERWARDS = frozenset({"departure_ban"})
"""Records of what happened after the enrolment."""

comparers = cache(lambda: load_comparers(demo=True))


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
        sensor = FingerSensorEmulator(baud_n=_BAUD_STEPS, seed=seed)
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


def rendered_folder() -> Path:
    """Where rendered identities are kept between runs."""
    return Path(state_directory()) / "rendered"


def real_recognition(seed: int, folder: Path | None) -> MakeRecognition:
    """Real recognition for a world; `folder` keeps what was rendered."""
    travellers = SyntheticTravellers(seed, folder)

    def make(world: EmulatedGate, rng: Random) -> RealRecognition:
        return RealRecognition(travellers, rng, world.open_store, world.clock.mono_s)

    return make


@dataclass(eq=False)
class RealRecognition(Recogniser):
    """The recogniser with the world before its devices; what `EmulatedRecognition` pretends."""

    travellers: SyntheticTravellers
    rng: Random
    open_store: Callable[[], Store]
    now_s: Callable[[], float]
    plugged: bool = True
    gate: Place = field(init=False)
    desk: Place = field(init=False)

    def __post_init__(self) -> None:
        self.gate = Place.make("finger", self.travellers, self.rng.getrandbits(31))
        self.desk = Place.make("desk-finger", self.travellers, self.rng.getrandbits(31))
        references = StoreReferences(self.open_store)
        super().__init__(
            comparers(),
            references,
            open_camera=self._camera,
            open_sensor=self.gate.open_sensor,
        )
        self._station = Station(
            comparers(),
            references.everybody,
            open_camera=self.desk.open_camera,
            open_sensor=self.desk.open_sensor,
        )

    def present(self, kind: CaptureKind, identity: str | None) -> None:
        """Whose face or finger is held before the gate's devices."""
        if kind is CaptureKind.FACE:
            self.gate.face.show(identity, self.now_s())
        else:
            self.gate.finger.show(identity)

    def breakables(self) -> dict[str, Breakable]:
        """The gate's camera and its fingerprint sensor."""
        return {"camera": Seeing(self.gate.face.emulator), "finger": self.gate.on_wire}

    async def enrol(self, cast: Cast, parameters: Parameters, now: datetime) -> Answer | None:
        """Bring a traveller's records into the store, the enrolment through the desk."""
        self._make_room(cast.traveller.person_id)
        self._write(r for r in cast.records if r.kind not in ENROLLED | AFTERWARDS)
        answer = None
        if any(record.kind == "enrolment" for record in cast.records):
            answer = await self._at_desk(cast, parameters, _enrolled_at(cast, now))
        self._write(record for record in cast.records if record.kind in AFTERWARDS)
        return answer

    async def close_world(self) -> None:
        """Let go of devices and lines."""
        await self.close()
        await self.gate.close()
        await self.desk.close()
        self.gate.face.set_scene(Scene(), 0.0)
        self.travellers.drop()

    async def _at_desk(self, cast: Cast, parameters: Parameters, at: datetime) -> Answer:
        who = cast.traveller
        document = document_parser(at.date)(who.lines)
        assert document is not None
        sitter = self.travellers.of(who.person_id).sitter
        still = Scene(sitter, approach_s=0.0, motion=0.5, defocus=0.0, flicker=0.0, blinks=False)
        self.desk.face.set_scene(still, self.now_s())
        self.desk.finger.show(who.person_id)
        records = StoreEnrolment(self.open_store, Direction.DEPARTURE, "desk")
        desk = EnrolmentDesk(self._station, records, parameters)
        try:
            application = Application(document, who.person_id, id_card=True, own_consent=True)
            return await desk.enrol(application, at)
        finally:
            await self.desk.finger.close()
            self.desk.face.set_scene(Scene(), self.now_s())

    def _make_room(self, person_id: str) -> None:
        """Faces come back after a while; whoever had this one before has been forgotten by then."""
        before = int(person_id.rpartition("-")[2]) - PLACES
        if before < 1:
            return
        old = f"person-{before:05d}"
        with self.open_store() as store:
            try:
                withdrawn = Record("departure_ban", None, old, record_id=f"ban-{old}")
                store.append_records([withdrawn])
                store.erase_person(old, "demo", "the demo's stage is small")
            except StoreError:
                return  # never enrolled, or forgotten already

    def _write(self, records: Iterable[Record]) -> None:
        with self.open_store() as store:
            store.append_records(records)

    async def _camera(self) -> Camera:
        if not self.plugged:
            raise LinkLost("the camera is unplugged; plug it back in")
        return await self.gate.open_camera()

    async def recover(self) -> None:
        """Answer, if plugged in. Raises DeviceError."""
        if not self.plugged:
            raise DeviceError(Device.RECOGNITION, FailureKind.UNPLUGGED)
        await super().recover()


def _enrolled_at(cast: Cast, now: datetime) -> datetime:
    """Today; with a booklet that has expired since, before it did."""
    passport = next(record.content for record in cast.records if record.kind == "passport")
    assert passport is not None
    expiry = date.fromisoformat(str(passport["expiry"]))
    if expiry >= now.date():
        return now
    return now - (now.date() - expiry) - timedelta(days=30)
