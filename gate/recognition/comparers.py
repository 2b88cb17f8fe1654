"""The models of one worker with their calibrations: an FMR in, sessions out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import cv2
import numpy as np

from models.face import calibration as face_calibration
from models.face.detect import find_faces
from models.face.engines import DEFAULT, Engine, load_engine
from models.face.landmarks import find_points
from models.face.session import Settings, make_settings
from models.face.template import Template, TemplateError, decode_template
from models.face.values import Box
from models.face.verify import FaceVerification
from models.fingerprint import calibration as finger_calibration
from models.fingerprint.session import SessionPlan, plan_session
from models.fingerprint.warm import warm_up
from models.pad.challenge import Challenge
from models.pad.report import PadMode


@dataclass(frozen=True, slots=True)
class Strictness:
    """False match rates of a whole passage, all looks and attempts counted in."""

    face_fmr: float = 1e-3
    finger_fmr: float = 3e-3
    finger_attempts: int = 3
    pad: PadMode = PadMode.WARN
    pad_challenge: bool = False


@dataclass(frozen=True, slots=True)
class FaceModel:
    """An engine by name, with its network's and its calibration's files where it has its own."""

    engine: str = DEFAULT
    network: Path | None = None
    calibration: Path | None = None


@dataclass(frozen=True)
class Comparers:
    """Everything that compares. Make it with `load_comparers`."""

    engine: Engine
    face: face_calibration.Calibration
    finger: finger_calibration.Calibration
    strictness: Strictness

    def face_settings(self, within_s: float) -> Settings:
        """The rules of one face capture."""
        return make_settings(self.face, self.strictness.face_fmr, within_s=within_s)

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
        rules = self.strictness
        return plan_session([record], self.finger, rules.finger_fmr, rules.finger_attempts)


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
    rules = comparers.strictness
    comparers.finger.threshold(1 - (1 - rules.finger_fmr) ** (1 / rules.finger_attempts))
    warm_up()
    _warm_face(comparers.engine)
    return comparers


def _warm_face(engine: Engine) -> None:
    """Load detector, landmarks and network now: the first traveller must not wait for files."""
    blank = np.full((240, 320, 3), 128, np.uint8)
    find_faces(blank)
    find_points(blank, Box(100.0, 60.0, 220.0, 180.0))
    engine.embed(np.zeros((1, engine.geometry.side, engine.geometry.side, 3), np.uint8))


__all__ = ["Comparers", "FaceModel", "PadMode", "Strictness", "TemplateError", "load_comparers"]
