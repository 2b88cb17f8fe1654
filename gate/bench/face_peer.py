"""face_recognition as its documentation uses it: the peer of the face bench."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.face.evaluation import equal_error, fnmr_at, threshold_at
from models.face.photographs import Embedded, Photographs

Encode = Callable[[Path], list[NDArray[np.float64]]]

DEFAULT_TOLERANCE = 0.6
"""`face_recognition.compare_faces` takes distances up to this for one person."""


def load_peer() -> Encode | None:
    """Return load_image_file, face_locations, face_encodings as one call; None where missing."""
    # Without pkg_resources importing face_recognition ends the process with status 0.
    if find_spec("pkg_resources") is None or find_spec("face_recognition") is None:
        return None
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import face_recognition

    def encode(path: Path) -> list[NDArray[np.float64]]:
        picture = face_recognition.load_image_file(str(path))
        places = face_recognition.face_locations(picture)
        found: list[NDArray[np.float64]] = face_recognition.face_encodings(picture, places)
        return found

    return encode


def peer_name() -> str | None:
    """The peer as it is called: version and call; None where it cannot run."""
    if load_peer() is None:
        return None
    return (
        f"face_recognition {version('face_recognition')}, dlib {version('dlib-bin')}: "
        "load_image_file, face_locations, face_encodings, one thread"
    )


def peer_accuracy(
    photographs: Photographs, embedded: Embedded, people: int
) -> dict[str, Any] | None:
    """Error rates of the peer and of ours over all pairs of the first people's photographs."""
    encode = load_peer()
    who = np.asarray(photographs.identities)
    chosen = np.flatnonzero(np.isin(who, list(dict.fromkeys(photographs.identities))[:people]))
    if encode is None or len(chosen) < 2:
        return None
    codes = [_encoded(encode, photographs.files[row]) for row in chosen]
    theirs = np.array([code is not None for code in codes])
    stack = np.array([code if code is not None else np.zeros(128) for code in codes])
    distances = np.linalg.norm(stack[:, None] - stack[None], axis=2)
    ours = embedded.embeddings[chosen].astype(np.float64)
    report = {
        "call": peer_name(),
        "photographs": len(chosen),
        "identities": len(np.unique(who[chosen])),
        "peer": _rates(-distances, who[chosen], theirs, -DEFAULT_TOLERANCE),
        "ours": _rates(ours @ ours.T, who[chosen], embedded.usable[chosen], None),
    }
    return None if report["peer"] is None or report["ours"] is None else report


def _encoded(encode: Encode, path: Path) -> NDArray[np.float64] | None:
    """The first face's code; the documentation's own examples take the first as well."""
    try:
        found = encode(path)
    except (OSError, ValueError):
        return None
    return found[0] if found else None


def _rates(
    scores: NDArray[np.float64],
    who: NDArray[np.str_],
    usable: NDArray[np.bool_],
    tolerance: float | None,
) -> dict[str, float] | None:
    first, second = np.triu_indices(len(who), 1)
    kept = usable[first] & usable[second]
    same = (who[first] == who[second])[kept]
    values = scores[first, second][kept]
    genuine, impostor = values[same], values[~same]
    if not len(genuine) or not len(impostor):
        return None
    rates = {
        "eer": equal_error(genuine, impostor)[0],
        "fnmr_at_fmr_1e-3": fnmr_at(genuine, threshold_at(impostor, 1e-3)),
        "failures_to_detect": int((~usable).sum()),
    }
    if tolerance is not None:
        rates["fmr_at_0.6"] = float((impostor >= tolerance).mean())
        rates["fnmr_at_0.6"] = fnmr_at(genuine, tolerance)
    return rates
