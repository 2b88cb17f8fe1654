"""dlib's detector and shape predictors, loaded when first used.

The files come from the distribution face_recognition_models; its package is never imported,
because its import needs pkg_resources and quits the process where that is missing.
"""

from __future__ import annotations

import importlib.util
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from models.face.engines.dlib_format import ModelFileError

DETECTOR_WINDOW = 80
"""Side in pixels of the smallest face that dlib's frontal detector can find."""


def model_path(name: str) -> Path:
    """Path of one of the .dat files.

    :raises ModelFileError: the distribution, or the file in it, is missing.
    """
    spec = importlib.util.find_spec("face_recognition_models")
    places = spec.submodule_search_locations if spec else None
    path = Path(next(iter(places))) / "models" / name if places else None
    if path is None or not path.is_file():
        raise ModelFileError(f"{name} is missing: install face_recognition_models")
    return path


@cache
def detector() -> Any:
    """Dlib's HOG detector of frontal faces.

    dlib builds it in a third of a second and reads a saved one in a millisecond, so it is kept
    below the state directory after the first time.
    """
    import dlib

    kept = _kept(f"frontal-face-{dlib.__version__}.svm")
    if kept.is_file():
        with suppress(RuntimeError):  # damaged: built anew
            return dlib.fhog_object_detector(str(kept))
    made = dlib.get_frontal_face_detector()
    with suppress(OSError, RuntimeError):  # nowhere to keep it: only the next start is slower
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_name(f"{kept.name}.{os.getpid()}")
        made.save(str(part))
        part.replace(kept)
    return made


def _kept(name: str) -> Path:
    """Where something made once is kept: as `gate.config_paths.state_directory`, without the gate."""
    base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(os.environ.get("EGATE_STATE") or f"{base}/egate").expanduser() / "face" / name


@cache
def predictor() -> Any:
    """Dlib's regression-tree landmarks, 68 points (Kazemi and Sullivan 2014)."""
    import dlib

    return dlib.shape_predictor(str(model_path("shape_predictor_68_face_landmarks.dat")))


def rectangle(left: float, top: float, right: float, bottom: float) -> Any:
    """The rectangle as dlib's type, whose right and bottom edges belong to it."""
    import dlib

    return dlib.rectangle(round(left), round(top), round(right) - 1, round(bottom) - 1)
