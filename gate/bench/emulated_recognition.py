"""A recognition worker without recognition: compares identities instead of samples.

It serves where nothing is to be recognised (torture, stories without cameras): what the traveller
presents is an identity, and a capture matches if it is the one asked for.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gate.bench.actors import Manner
from gate.bench.fault_words import WORKER_WORDS
from gate.ports import DeviceError
from gate.vocabulary.passages import (
    CaptureKind,
    CaptureResult,
    CaptureVerdict,
    Device,
    FailureKind,
    PassageId,
)

THRESHOLD = 0.5


class _Plug:
    """`fault_words.Breakable`: the worker is there or it is not."""

    words = WORKER_WORDS
    parts: Mapping[str, tuple[str, ...]] = {}

    def __init__(self, recognition: "EmulatedRecognition") -> None:
        self._recognition = recognition

    def break_(self, breakage: object, now_s: float) -> Callable[[], None]:
        """See `Breakable`."""
        self._recognition.plugged = False
        return lambda: setattr(self._recognition, "plugged", True)


SHORTEST_S = {CaptureKind.FACE: 0.4, CaptureKind.FINGER: 0.9}
LONGEST_S = {CaptureKind.FACE: 1.6, CaptureKind.FINGER: 2.8}


@dataclass
class EmulatedRecognition:
    """`presented[kind]`: whose characteristic is held before the sensor; None, nobody's."""

    rng: Random
    presented: dict[CaptureKind, str | None] = field(default_factory=dict)
    plugged: bool = True

    async def recover(self) -> None:
        """Answer, if plugged in. Raises DeviceError."""
        if not self.plugged:
            raise DeviceError(Device.RECOGNITION, FailureKind.UNPLUGGED)

    async def capture(
        self, kind: CaptureKind, passage: PassageId, person_id: str, within_s: float
    ) -> CaptureResult:
        """Take as long as a capture takes; nobody there is a failure to acquire."""
        await self.recover()
        took_s = self.rng.uniform(SHORTEST_S[kind], LONGEST_S[kind])
        await asyncio.sleep(min(took_s, within_s))
        await self.recover()
        shown = self.presented.get(kind)
        if shown is None:
            await asyncio.sleep(within_s - min(took_s, within_s))
            return CaptureResult(CaptureVerdict.FAILURE_TO_ACQUIRE)
        return self._compared(shown == person_id)

    async def forget(self, passage: PassageId) -> None:
        """Nothing is kept."""

    def present(self, kind: CaptureKind, identity: str | None, manner: Manner) -> None:
        """Whose face or finger is held before the sensor; badly held ones are never acquired."""
        self.presented[kind] = identity if manner is Manner.WELL else None

    async def enrol(self, cast: object, parameters: object, now: object) -> None:
        """Nobody needs to be enrolled where identities are compared."""

    def breakables(self) -> dict[str, "_Plug"]:
        """The worker as a whole: there are no devices."""
        return {"recognition": _Plug(self)}

    async def close_world(self) -> None:
        """Nothing is open."""

    def take(self, message: dict[str, Any]) -> None:
        """`{"present": {"face": IDENTITY or null, "finger": ...}}`; ValueError for anything else."""
        shown = message.get("present")
        if not isinstance(shown, dict) or not shown.keys() <= {k.value for k in CaptureKind}:
            raise ValueError("a message has an `act`, or `present` with face and finger")
        self.presented.update({CaptureKind(kind): identity for kind, identity in shown.items()})

    def _compared(self, same: bool) -> CaptureResult:
        score = self.rng.uniform(0.6, 0.95) if same else self.rng.uniform(0.05, 0.4)
        verdict = CaptureVerdict.MATCH if same else CaptureVerdict.NON_MATCH
        return CaptureResult(verdict, round(score, 3), THRESHOLD)
