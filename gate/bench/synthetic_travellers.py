"""Faces and fingers of the demo's travellers: rendered once, kept on disk, the same for ever.

A person's number picks the identity from pools whose members are told apart well; the last of a
pool is the stranger, whom nobody enrols. Nothing here resembles any real person.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gate.bench.people import STRANGER
from models.face.synthetic import Sitter, draw_cast, let_go, prepare
from models.face.synthetic.cast import POOL as FACES
from models.fingerprint.synthetic import FingerClass, SyntheticFinger, synthetic_finger

FINGERS: tuple[int, ...] = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 29, 31,
    32, 35, 36, 37,
)  # fmt: skip
"""Seeds of made-up fingers of which four careful impressions score 170 and more among themselves
and less than 115 with any other finger of the pool; the demo's floor is at 130, and from 157 one
attempt is enough."""

PLACES = len(FACES) - 1
"""So many different travellers there are; the next one looks like the first."""
MOST_IN_MEMORY = 4
_VERSION = "1"
_STEPS = 127.0


@dataclass(frozen=True)
class Characteristics:
    """What a camera and a sensor can see of somebody."""

    sitter: Sitter
    finger: SyntheticFinger


def place_of(person_id: str) -> int:
    """Which identity of the pools somebody has: by the number in the id, the stranger the last."""
    if person_id == STRANGER:
        return PLACES
    return (int(person_id.rpartition("-")[2]) - 1) % PLACES


class SyntheticTravellers:
    """Identities for a seed. `folder` keeps what took long to render; None renders it anew."""

    def __init__(self, seed: int, folder: Path | None = None) -> None:
        self._folder = folder
        self._faces = draw_cast(seed, len(FACES))
        self._fingers = np.random.default_rng([0xF1A6, seed]).permutation(FINGERS)
        self._known: dict[int, Characteristics] = {}

    def of(self, person_id: str) -> Characteristics:
        """The characteristics of somebody, `STRANGER` included."""
        place = place_of(person_id)
        if place not in self._known:
            if len(self._known) == MOST_IN_MEMORY:
                self._known.pop(next(iter(self._known)))
            self._known[place] = Characteristics(self._sitter(place), self._finger(place))
        return self._known[place]

    def drop(self) -> None:
        """Let the pictures in memory go; they come back from disk, or are made again."""
        self._known.clear()
        let_go()

    def _sitter(self, place: int) -> Sitter:
        identity = self._faces[place]
        kept = self._kept(f"face-{identity.seed}")
        if kept is not None:
            return Sitter(tuple(kept["poses"]), kept["blinking"])
        sitter = prepare.__wrapped__(identity)  # its own cache would keep 10 MB of everybody
        self._keep(f"face-{identity.seed}", poses=np.stack(sitter.poses), blinking=sitter.blinking)
        return sitter

    def _finger(self, place: int) -> SyntheticFinger:
        seed = int(self._fingers[place])
        kept = self._kept(f"finger-{seed}")
        if kept is None:
            finger = synthetic_finger(seed)
            self._keep(
                f"finger-{seed}",
                ridges=np.round(finger.ridges * _STEPS).astype(np.int8),
                period_px=np.float64(finger.period_px),
                kind=np.str_(finger.kind.name),
            )
            kept = {"ridges": np.round(finger.ridges * _STEPS).astype(np.int8)}
            return _finger_of(seed, kept["ridges"], finger.kind, finger.period_px)
        kind = FingerClass[str(kept["kind"])]
        return _finger_of(seed, kept["ridges"], kind, float(kept["period_px"]))

    def _kept(self, name: str) -> dict[str, np.ndarray] | None:
        if self._folder is None:
            return None
        try:
            with np.load(self._folder / f"{name}-{_VERSION}.npz", allow_pickle=False) as held:
                return {key: held[key] for key in held.files}
        except (OSError, ValueError, KeyError, EOFError):
            return None  # not there, or cut short: it is rendered again

    def _keep(self, name: str, **arrays: np.ndarray | np.generic) -> None:
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=self._folder, suffix=".npz")
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        os.replace(fresh, self._folder / f"{name}-{_VERSION}.npz")


def _finger_of(
    seed: int, ridges: np.ndarray, kind: FingerClass, period_px: float
) -> SyntheticFinger:
    """As it comes from disk, so that a first and a second run see the same pixels."""
    return SyntheticFinger(seed, kind, ridges.astype(np.float32) / np.float32(_STEPS), period_px)
