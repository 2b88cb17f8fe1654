"""The only place where samples are: sessions and pictures by passage, gone at its outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from gate.vocabulary.passages import CaptureKind, PassageId

Pixels = npt.NDArray[np.uint8]


@dataclass
class Samples:
    """What is held of one passage. Nothing of it has a `repr`."""

    sessions: dict[CaptureKind, Any] = field(default_factory=dict, repr=False)
    picture: Pixels | None = field(default=None, repr=False)


class Vault:
    """Samples by passage."""

    def __init__(self) -> None:
        self._held: dict[PassageId, Samples] = {}

    def open(self, passage: PassageId) -> Samples:
        """The samples of a passage, none at first."""
        return self._held.setdefault(passage, Samples())

    def picture(self, passage: PassageId) -> Pixels | None:
        """The newest frame (BGR) for the officer whom the passage is referred to, handed out once."""
        held = self._held.get(passage)
        if held is None:
            return None
        picture, held.picture = held.picture, None
        return picture

    def forget(self, passage: PassageId) -> None:
        """Drop everything of a passage: pixels are overwritten, sessions emptied."""
        held = self._held.pop(passage, None)
        if held is None:
            return
        if held.picture is not None and held.picture.flags.writeable:
            held.picture.fill(0)
        held.sessions.clear()

    def __len__(self) -> int:
        return len(self._held)
