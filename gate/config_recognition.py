"""How a gate.toml says who captures and compares, how strictly, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gate.config_reading import home_expanded, key

Contradiction = tuple[tuple[str, ...], str]

FACE_PROFILES = {"frontex": 1e-3, "ees": 5e-4}
"""As `models.face.calibration.PROFILES`, which a test compares with it."""

_RATE = r"frontex|ees|0\.0*[1-9]\d{0,8}|[1-9](\.\d+)?e-[1-9]"

_FROM_FILE = ("onnx", "sface")


class RecognitionMode(Enum):
    """Who compares faces and fingers: a scripted stand-in, or the recognition worker."""

    EMULATED = "emulated"
    WORKER = "worker"


class PadMode(Enum):
    """What a suspicion of a presentation attack does: nothing, tell staff, or refer."""

    OFF = "off"
    WARN = "warn"
    REFER = "refer"


@dataclass(frozen=True, slots=True)
class Recognition:
    """[recognition]: who captures and compares."""

    mode: RecognitionMode = key(RecognitionMode.EMULATED, "Stand-in, or the worker process.")
    address: str = key(
        "",
        "The worker's socket; empty: recognition.sock in the state directory.",
        pattern=r"|unix:/.+",
        example='"unix:/run/egate/recognition.sock"',
    )
    passage_fmr: str = key(
        "frontex",
        "False matches that a passage allows by face and finger together: a profile or a rate.",
        pattern=_RATE,
        example='"frontex" (0.1 %), "ees" (0.05 %) or "0.0002"',
    )
    floor_fmr: float = key(
        0.05,
        "False matches that a passage allows by either of them, however good the other.",
        1e-6,
        0.05,
    )
    face_fmr: str = key(
        "frontex",
        "The same by a face to which there is no finger.",
        pattern=_RATE,
        example='"frontex" (0.1 %), "ees" (0.05 %) or "0.0002"',
    )
    finger_fmr: float = key(
        0.0, "The same by a finger to which there is no face; 0: never a match alone.", 0.0, 0.1
    )
    pad: PadMode = key(PadMode.WARN, "A suspicion of a photo or screen in the camera.")
    pad_challenge: bool = key(False, "Whether a match has to blink or turn the head as asked.")
    face_engine: str = key(
        "dlib-net",
        "What embeds a face; onnx and sface take a network of your own.",
        pattern=r"dlib-net|dlib-ort|dlib-cv2|dlib|onnx|sface",
        example='"dlib-net", "dlib" or "onnx"',
    )
    face_network: str = key("", "The network's file for onnx and sface.")
    face_calibration: str = key("", "What its scores mean; empty: the file for dlib's network.")
    finger_calibration: str = key("", "What finger scores mean; empty: the file that comes along.")

    @property
    def face_fmr_rate(self) -> float:
        """The FMR behind the profile's name, or the rate itself."""
        return _rate(self.face_fmr)

    @property
    def passage_fmr_rate(self) -> float:
        """The same of face and finger together."""
        return _rate(self.passage_fmr)


def _rate(told: str) -> float:
    return FACE_PROFILES.get(told) or float(told)


def contradictions(recognition: Recognition) -> list[Contradiction]:
    """What no single key of [recognition] can be blamed for."""
    found: list[Contradiction] = []
    for name in ("face_network", "face_calibration", "finger_calibration"):
        value = getattr(recognition, name)
        if recognition.face_engine in _FROM_FILE and not value and name.startswith("face"):
            what = f"the engine {recognition.face_engine} needs it: give the file's path"
        elif value and not home_expanded(value).is_file():
            what = "is no file: correct the path, or leave it empty for what comes along"
        else:
            continue
        found.append((("recognition", name), f"recognition.{name}: {what}"))
    if recognition.face_fmr_rate > 0.1:
        what = "recognition.face_fmr lets more than one impostor in ten pass: at most 0.1"
        found.append((("recognition", "face_fmr"), what))
    if recognition.passage_fmr_rate > recognition.floor_fmr:
        what = "recognition.passage_fmr is above recognition.floor_fmr: give a lower one"
        found.append((("recognition", "passage_fmr"), what))
    return found
