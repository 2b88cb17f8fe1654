"""`ports.EnrolmentStation`: several frames and images of one applicant made into references."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

import numpy as np

from drivers.errors import DriverError
from drivers.face_camera.shots import BadFrame, Camera, Frame, FrameFault
from drivers.fingerprint_reader.captures import FingerImage, FingerprintReader
from gate.ports import Captured
from gate.recognition.camera_health import SILENT_S
from gate.recognition.comparers import Comparers
from gate.recognition.devices import (
    Compute,
    OpenCamera,
    OpenSensor,
    failure,
    in_place,
    translated,
)
from gate.vocabulary.passages import CaptureKind, FailureKind
from models.face.enrol import EnrolmentRefused
from models.face.enrol import enrol as enrol_face
from models.face.identify import Gallery
from models.face.template import Template, TemplateError, encode_template
from models.face.values import Embedding, Picture
from models.fingerprint.comparison import prepare
from models.fingerprint.identification import build_index, identify
from models.fingerprint.records import decode, to_template
from models.fingerprint.refusal import RetryReason
from models.fingerprint.session import enrol as enrol_finger
from models.fingerprint.values import Gray

FRAMES = 6
FRAME_EVERY_S = 0.35
IMAGES = 3
FINGER_WITHIN_S = 10.0
LIFT_S = 1.5
TRIES = 3
SAME_PERSON_FMR = 0.01
"""At which the samples of one sitting must resemble each other."""

Everybody = Callable[[CaptureKind], Mapping[str, bytes]]
"""Enrolled templates of a kind by person id; raises StoreError."""


class Station:
    """Camera and sensor of a desk. Samples live as long as one call."""

    def __init__(
        self,
        comparers: Comparers,
        everybody: Everybody,
        *,
        open_camera: OpenCamera,
        open_sensor: OpenSensor,
        compute: Compute = in_place,
        strict: bool = True,
    ) -> None:
        """`strict` False: a picture that a gate's camera may give is good enough (own webcam)."""
        self._strict = strict
        self._comparers = comparers
        self._everybody = everybody
        self._open_camera = open_camera
        self._open_sensor = open_sensor
        self._compute = compute

    async def capture(self, on: date) -> Captured:
        """See `ports.EnrolmentStation`."""
        face, finger = await self.capture_face(on), await self.capture_finger()
        return Captured({**face.templates, **finger.templates}, face.findings + finger.findings)

    async def capture_face(self, on: date) -> Captured:
        """The face alone. Raises DeviceError."""
        face = await self._face(on)
        if isinstance(face, Template):
            return Captured({CaptureKind.FACE.value: encode_template(face)})
        return Captured({}, tuple(finding.value for finding in face.findings))

    async def capture_finger(self) -> Captured:
        """The finger alone. Raises DeviceError."""
        finger = await self._finger()
        if isinstance(finger, bytes):
            return Captured({CaptureKind.FINGER.value: finger})
        return Captured({}, (finger.name.lower(),))

    async def duplicates(self, captured: Captured, person_id: str) -> tuple[str, ...]:
        """See `ports.EnrolmentStation`. Each comparison is held to the lowest supported FMR."""
        alike = [
            *await self._compute(lambda: self._faces_like(captured, person_id)),
            *await self._compute(lambda: self._fingers_like(captured, person_id)),
        ]
        return tuple(dict.fromkeys(alike))

    async def _face(self, on: date) -> Template | EnrolmentRefused:
        same = self._comparers.face.threshold(SAME_PERSON_FMR)
        engine = self._comparers.engine
        try:
            camera = await self._open_camera()
            try:
                for _ in range(TRIES):
                    pictures = await _pictures(camera)
                    make = partial(enrol_face, pictures, engine, same, on, strict=self._strict)
                    made = await self._compute(make)
                    if isinstance(made, Template):
                        break
                return made
            finally:
                await camera.close()
        except DriverError as error:
            raise translated(error, "enrolment camera") from None

    async def _finger(self) -> bytes | RetryReason:
        calibration = self._comparers.finger
        try:
            sensor = await self._open_sensor()
            try:
                for _ in range(TRIES):
                    images = await _images(sensor)
                    made = await self._compute(
                        partial(enrol_finger, images, SAME_PERSON_FMR, calibration)
                    )
                    if isinstance(made, bytes):
                        break
                return made
            finally:
                await sensor.close()
        except DriverError as error:
            raise translated(error, "enrolment fingerprint sensor") from None

    def _others(self, kind: CaptureKind, person_id: str) -> dict[str, bytes]:
        return {who: held for who, held in self._everybody(kind).items() if who != person_id}

    def _faces_like(self, captured: Captured, person_id: str) -> list[str]:
        others = self._others(CaptureKind.FACE, person_id)
        if not others:
            return []
        held = self._comparable(others)
        if not held:
            return []
        gallery = Gallery(np.array(list(held.values())))
        own = captured.templates[CaptureKind.FACE.value]
        probe = self._comparers.face_template(own).embedding
        curve = self._comparers.face
        found = gallery.search(probe, curve.threshold(curve.smallest_fmr, fused=True))
        names = list(held)
        return [names[candidate.row] for candidate in found]

    def _comparable(self, others: Mapping[str, bytes]) -> dict[str, Embedding]:
        """Embeddings of the engine in use; whoever has another one has to be enrolled again."""
        held: dict[str, Embedding] = {}
        for who, data in others.items():
            try:
                held[who] = self._comparers.face_template(data).embedding
            except TemplateError:
                continue
        if len(held) < len(others):
            import structlog  # as in `gate.runner`: 10 MB that are rarely needed

            structlog.get_logger(__name__).warning(
                "duplicate_search_incomplete", enrol_again=len(others) - len(held)
            )
        return held

    def _fingers_like(self, captured: Captured, person_id: str) -> list[str]:
        others = self._others(CaptureKind.FINGER, person_id)
        if not others:
            return []
        index = build_index([prepare(to_template(decode(held), 0)) for held in others.values()])
        probe = prepare(to_template(decode(captured.templates[CaptureKind.FINGER.value]), 0))
        curve = self._comparers.finger
        found = identify(index, probe, curve.threshold(curve.smallest_fmr))
        names = list(others)
        return [names[one.place] for one in found]


async def _pictures(camera: Camera) -> list[Picture]:
    """Frames of one sitting, some time apart so that they differ. Raises DeviceError."""
    loop = asyncio.get_running_loop()
    taken: list[Picture] = []
    useless: FrameFault | None = None
    next_s, ends_s = loop.time(), loop.time() + FRAMES * FRAME_EVERY_S * TRIES
    while len(taken) < FRAMES and loop.time() < ends_s:
        shot = await camera.next_shot(SILENT_S)
        if isinstance(shot, Frame) and shot.taken_s >= next_s:
            taken.append(np.ascontiguousarray(shot.pixels[..., ::-1]))
            next_s = shot.taken_s + FRAME_EVERY_S
        elif isinstance(shot, BadFrame) and shot.fault is not FrameFault.DROPPED:
            useless = shot.fault
    if not taken and useless is not None:
        raise failure(
            FailureKind.FAULTY,
            f"enrolment camera: the picture is {useless.value}; open its cover, make light, "
            "or unplug it and plug it back in",
        )
    return taken


async def _images(sensor: FingerprintReader) -> list[Gray]:
    """Images of one finger that is lifted in between."""
    taken: list[Gray] = []
    for number in range(IMAGES):
        if number:
            await asyncio.sleep(LIFT_S)
        got = await sensor.capture(FINGER_WITHIN_S)
        if isinstance(got, FingerImage):
            taken.append(got.pixels)
    return taken
