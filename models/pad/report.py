"""What the cues say, in the terms of ISO/IEC 30107-3; a hook for the finger's cues as well."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class PadMode(StrEnum):
    """What the gate does with a suspicion: not look, tell staff, or refer to the officer."""

    OFF = "off"
    WARN = "warn"
    REFER = "refer"


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue: its name and how much it speaks for an attack, 0 none to 1 strongly."""

    name: str
    suspicion: float


@dataclass(frozen=True, slots=True)
class PadReport:
    """All cues of a capture. Empty: there was too little to see."""

    cues: tuple[Cue, ...] = ()
    limit: float = 0.8

    @property
    def suspicious(self) -> bool:
        """Whether a cue reaches the limit."""
        return any(cue.suspicion >= self.limit for cue in self.cues)


class PadHook(Protocol):
    """A detector over one sample (finger image, grey uint8); the finger's session takes any."""

    def __call__(self, sample: NDArray[np.uint8]) -> PadReport:
        """Report the cues of one sample."""


def no_cues(sample: NDArray[np.uint8]) -> PadReport:
    """The hook of a sensor that has no detector: nothing is claimed."""
    return PadReport()
