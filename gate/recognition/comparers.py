"""The models of one worker with their calibrations: an FMR in, sessions out."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from gate.recognition.finger_capture import FingerPad
from gate.recognition.fusing import Part, PassageRules
from gate.vocabulary.passages import CaptureKind
from models.face import calibration as face_calibration
from models.face.detect import find_faces
from models.face.engines import DEFAULT, Engine, load_engine
from models.face.landmarks import find_points
from models.face.session import CHANCES, Settings, make_settings
from models.face.template import Template, TemplateError, decode_template
from models.face.values import Box
from models.face.verify import FaceVerification
from models.fingerprint import calibration as finger_calibration
from models.fingerprint.session import SessionPlan, plan_session
from models.fingerprint.warm import warm_up
from models.fusion import FLOOR_FMR, Attempted, attempt_share, decide, passage_share, plan_fusion
from models.pad.challenge import Challenge
from models.pad.report import PadHook, PadMode, no_cues


@dataclass(frozen=True, slots=True)
class Strictness:
    """False match rates of a whole passage, all looks and attempts counted in.

    `passage_fmr`: of face and finger together, each within `floor_fmr`; `face_fmr`, `finger_fmr`: of
    one without the other, 0: never.
    """

    passage_fmr: float = 1e-3
    floor_fmr: float = FLOOR_FMR
    face_fmr: float = 1e-3
    finger_fmr: float = 0.0
    finger_attempts: int = 3
    pad: PadMode = PadMode.WARN
    pad_challenge: bool = False


_ALONE = {
    "face": "This is the rate of a face without a finger",
    "finger": "0 leaves a finger without a face to an officer",
}


@dataclass(frozen=True, slots=True)
class FaceModel:
    """An engine by name, with its network's and its calibration's files where it has its own."""

    engine: str = DEFAULT
    network: Path | None = None
    calibration: Path | None = None


@dataclass(frozen=True)
class Comparers:
    """Everything that compares. Make it with `load_comparers`; a sensor with a detector brings its hook."""

    engine: Engine
    face: face_calibration.Calibration
    finger: finger_calibration.Calibration
    strictness: Strictness
    finger_hook: PadHook = no_cues

    @property
    def finger_pad(self) -> FingerPad:
        """The finger's detector of attacks, in the mode that holds for the face too."""
        return FingerPad(self.strictness.pad, self.finger_hook)

    @cached_property
    def rules(self) -> PassageRules:
        """How both scores of a passage are decided. Raises ValueError for what cannot be shown."""
        return passage_rules(self.face, self.finger, self.strictness)

    def face_settings(self, within_s: float) -> Settings:
        """The rules of one face capture."""
        each = self.rules.enough_fmr(CaptureKind.FACE)
        return make_settings(self.face, each * CHANCES, within_s=within_s)

    def face_session(self, template: bytes, within_s: float, on: date) -> FaceVerification:
        """A capture against one reference, on a day. Raises TemplateError (ValueError)."""
        reference = self.face_template(template)
        settings = self.face_settings(within_s)
        # Drawn for each capture, and not from a seed: whoever brings a recording must not know it.
        asked = secrets.choice(list(Challenge)) if self.strictness.pad_challenge else None
        return FaceVerification(reference, self.engine, settings, self.strictness.pad, on, asked)

    def face_template(self, template: bytes) -> Template:
        """The stored form of a face. Raises TemplateError (ValueError)."""
        return decode_template(template, self.engine.name, self.engine.size)

    def finger_plan(self, record: bytes) -> SessionPlan:
        """What one finger capture compares with. Raises ValueError for a broken record."""
        attempts = self.strictness.finger_attempts
        enough = passage_share(self.rules.enough_fmr(CaptureKind.FINGER), attempts)
        return plan_session([record], self.finger, enough, attempts)


def passage_rules(
    face: face_calibration.Calibration, finger: finger_calibration.Calibration, told: Strictness
) -> PassageRules:
    """Hold the rates against the calibrations. Raises ValueError for what cannot be shown."""
    alone = {
        "face": Part(face, face.stricter_threshold, CHANCES, told.face_fmr),
        "finger": Part(finger, finger.threshold, told.finger_attempts, told.finger_fmr),
    }
    for name, part in alone.items():
        if not part.alone_fmr:
            continue
        try:
            part.threshold(attempt_share(part.alone_fmr, part.attempts))
        except ValueError as error:
            raise ValueError(f"recognition.{name}_fmr: {error}. {_ALONE[name]}") from None
    plan = plan_fusion(
        face,
        finger,
        told.passage_fmr,
        told.floor_fmr,
        face_attempts=CHANCES,
        finger_attempts=told.finger_attempts,
    )
    if told.face_fmr * told.finger_fmr > plan.product:
        raise ValueError(
            f"recognition.face_fmr {told.face_fmr:g} and finger_fmr {told.finger_fmr:g} each alone allow more "
            f"than passage_fmr {told.passage_fmr:g} of both: lower one of them, or finger_fmr = 0"
        )
    return PassageRules(plan, alone["face"], alone["finger"])


def promise(
    face: face_calibration.Calibration, finger: finger_calibration.Calibration, told: Strictness
) -> str:
    """What a gate may say of itself, and on how much it rests. Raises ValueError as `passage_rules`."""
    rules = passage_rules(face, finger, told)
    shown = decide(
        rules.plan, Attempted(math.inf, CHANCES), Attempted(math.inf, told.finger_attempts)
    )
    alone = f"at FMR {100 * told.finger_fmr:g} %" if told.finger_fmr else "never"
    return (
        f"face and finger together FMR {100 * told.passage_fmr:g} % a passage, each within "
        f"{100 * told.floor_fmr:g} %; a face alone {100 * told.face_fmr:g} %, a finger alone {alone}; "
        f"best that can be shown {100 * shown.fused_fmr:.2g} %; face: {face.subjects} people "
        f"({face.data_set}); finger: {finger.grade}, {finger.finger_pairs} pairs of fingers"
    )


def load_comparers(
    *,
    demo: bool = False,
    own_face: bool = False,
    strictness: Strictness | None = None,
    face: FaceModel | None = None,
    finger_calibration_path: Path | None = None,
) -> Comparers:
    """Load networks, kernels and calibrations, and check that they support the FMRs.

    `demo`: the calibrations on rendered faces and fingers, which nothing else may load;
    `own_face`: in the demo, but with real faces and their calibration.
    Raises CalibrationError, EngineError, ModelFileError (all ValueError).
    """
    cv2.setNumThreads(1)
    rendered_faces = demo and not own_face
    model = face or FaceModel()
    shipped = face_calibration.DEMO if rendered_faces else face_calibration.SHIPPED
    finger_path = finger_calibration.DEMO if demo else finger_calibration.SHIPPED
    comparers = Comparers(
        load_engine(model.engine, model.network),
        face_calibration.load_calibration(model.calibration or shipped, demo=rendered_faces),
        finger_calibration.load_calibration(finger_calibration_path or finger_path, demo=demo),
        strictness or Strictness(),
    )
    comparers.face.check_engine(comparers.engine.name)
    comparers.face_settings(1.0)
    warm_up()
    _warm_face(comparers.engine)
    return comparers


def _warm_face(engine: Engine) -> None:
    """Load detector, landmarks and network now: the first traveller must not wait for files."""
    blank = np.full((240, 320, 3), 128, np.uint8)
    find_faces(blank)
    find_points(blank, Box(100.0, 60.0, 220.0, 180.0))
    engine.embed(np.zeros((1, engine.geometry.side, engine.geometry.side, 3), np.uint8))


__all__ = [
    "Comparers",
    "FaceModel",
    "PadMode",
    "Strictness",
    "TemplateError",
    "load_comparers",
    "passage_rules",
    "promise",
]
