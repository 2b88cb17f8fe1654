"""What the emulated camera and finger sensor see of the demo's travellers, as time passes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import numpy as np

from drivers.face_camera.driver import PacedCamera
from drivers.face_camera.emulator import CameraEmulator, Pixels
from drivers.face_camera.shots import Camera
from drivers.fingerprint_reader.emulator import FingerSensorEmulator
from gate.bench.actors import Manner
from gate.bench.people import STRANGER
from gate.bench.synthetic_travellers import SyntheticTravellers
from models.face.synthetic import Scene, VirtualCamera
from models.fingerprint.synthetic_impression import Sensor, drawn_condition, impression

FRAMES_PER_S = 15.0
LIES_S = 3.6
"""A finger lies so long: an upload at 115200 baud takes 3.3 s."""
LIFTED_S = 0.3
TIP = 0.15
"""The share of the glass that is touched where only the edge of a finger is on it: 2 mm. Of twice
as much some fingers were rightly known."""
CARE = 0.1
"""Hardness of the demo's impressions: travellers who were shown how."""


class FaceBeforeCamera:
    """Somebody, or nobody, before a camera: `scene` is a `CameraEmulator`'s."""

    def __init__(self, travellers: SyntheticTravellers, seed: int) -> None:
        self._travellers = travellers
        self._seed = seed
        self._visits = 0
        self._before = Scene()
        self._camera: VirtualCamera | None = None  # made when somebody looks: it keeps its hall
        self._since_s = 0.0
        self.emulator = CameraEmulator(self._scene, FRAMES_PER_S, seed=seed)

    def show(self, identity: str | None, now_s: float, manner: Manner = Manner.WELL) -> None:
        """Somebody walks up to the camera, or away from it."""
        sitter = None if identity is None else self._travellers.of(identity).sitter
        beside = self._travellers.of(STRANGER).sitter if manner is Manner.CROWDED else None
        self.set_scene(replace(Scene(), sitter=sitter, beside=beside), now_s)

    def set_scene(self, scene: Scene, now_s: float) -> None:
        """Another scene, of which the time starts now."""
        self._visits += 1
        self._since_s = now_s
        self._before, self._camera = scene, None

    async def open(self) -> Camera:
        """The camera as a driver gives it. Raises LinkLost while it is unplugged."""
        self.emulator.frame(0.0)
        return PacedCamera(self.emulator, "the demo's camera")

    def _scene(self, now_s: float) -> Pixels:
        if self._camera is None:
            # Two halls, not one more with every visit: a new one costs 60 ms and 5 MB.
            hall = self._seed + self._visits % 2
            self._camera = VirtualCamera(self._before, hall, fps=FRAMES_PER_S)
        number = max(0, round((now_s - self._since_s) * FRAMES_PER_S))
        return np.ascontiguousarray(self._camera.frame(number)[..., ::-1])


class FingerOnSensor:
    """A finger that is laid on a sensor, lifted and laid again, each time a little differently."""

    def __init__(
        self, travellers: SyntheticTravellers, sensor: FingerSensorEmulator, seed: int
    ) -> None:
        self._travellers = travellers
        self._sensor = sensor
        self._rng = np.random.default_rng([0xF12, seed])
        self._laying: asyncio.Task[None] | None = None
        self._touching = 1.0

    def show(self, identity: str | None, manner: Manner = Manner.WELL) -> None:
        """Somebody's finger, or none."""
        self._touching = TIP if manner is Manner.HALF else 1.0
        if self._laying is not None:
            self._laying.cancel()
            self._laying = None
        self._sensor.lift()
        if identity is not None:
            self._laying = asyncio.create_task(self._lay(identity))

    async def close(self) -> None:
        """Nobody's finger any more."""
        laying = self._laying
        self.show(None)
        if laying is not None:
            with suppress(asyncio.CancelledError):
                await laying

    async def _lay(self, identity: str) -> None:
        while True:
            self._sensor.place(self.impression(identity))
            await asyncio.sleep(LIES_S)
            self._sensor.lift()
            await asyncio.sleep(LIFTED_S)

    def impression(self, identity: str) -> Pixels:
        """The next impression of somebody's finger."""
        condition = drawn_condition(self._rng, CARE)
        number = int(self._rng.integers(1 << 30))
        finger = self._travellers.of(identity).finger
        picture = impression(finger, number, Sensor.ZFM_256X288, condition)
        if self._touching < 1.0:
            picture[:, round(picture.shape[1] * self._touching) :] = 255  # bare glass
        return picture
