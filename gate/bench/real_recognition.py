"""Real recognition in an emulated world: rendered travellers before emulated devices.

The camera shows frames at its rate, the sensor speaks its protocol over a line at 115200 baud,
and the recogniser is the worker's own. Computing stops the virtual clock, so that what a capture
comes to does not depend on the machine's load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

from drivers.errors import LinkLost
from drivers.face_camera.shots import Camera
from gate.bench.actors import Manner
from gate.bench.bringing_in import bring_in
from gate.bench.demo_desk import Place, RenderedDesk, comparers
from gate.bench.fault_words import Breakable, Seeing
from gate.bench.people import Cast
from gate.bench.synthetic_travellers import SyntheticTravellers
from gate.bench.world import EmulatedGate, MakeRecognition
from gate.enrolment.desk import Answer
from gate.ports import DeviceError
from gate.recognition.recogniser import Recogniser
from gate.store import Store
from gate.store.references import StoreReferences
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.passages import CaptureKind, Device, FailureKind
from models.face.synthetic import Scene


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
    desk: RenderedDesk = field(init=False)

    def __post_init__(self) -> None:
        self.gate = Place.make("finger", self.travellers, self.rng.getrandbits(31))
        seed = self.rng.getrandbits(31)
        self.desk = RenderedDesk(self.travellers, seed, comparers(), self.open_store)
        super().__init__(
            comparers(),
            StoreReferences(self.open_store),
            open_camera=self._camera,
            open_sensor=self.gate.open_sensor,
        )

    def present(self, kind: CaptureKind, identity: str | None, manner: Manner) -> None:
        """Whose face or finger is held before the gate's devices."""
        if kind is CaptureKind.FACE:
            self.gate.face.show(identity, self.now_s(), manner)
        else:
            self.gate.finger.show(identity, manner)

    def breakables(self) -> dict[str, Breakable]:
        """The gate's camera and its fingerprint sensor."""
        return {"camera": Seeing(self.gate.face.emulator), "finger": self.gate.on_wire}

    async def enrol(self, cast: Cast, parameters: Parameters, now: datetime) -> Answer | None:
        """Bring a traveller's records into the store, the enrolment through the desk."""
        return await bring_in(
            cast, now, self.open_store, lambda who: self.desk.enrol(who, parameters)
        )

    async def close_world(self) -> None:
        """Let go of devices and lines."""
        await self.gate.close()
        await self.desk.close()
        self.gate.face.set_scene(Scene(), 0.0)
        self.travellers.drop()

    async def _camera(self) -> Camera:
        if not self.plugged:
            raise LinkLost("the camera is unplugged; plug it back in")
        return await self.gate.open_camera()

    async def recover(self) -> None:
        """Answer, if plugged in. Raises DeviceError."""
        if not self.plugged:
            raise DeviceError(Device.RECOGNITION, FailureKind.UNPLUGGED)
        await super().recover()
