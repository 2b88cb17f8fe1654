"""Two captures of one passage, two verdicts: what each score has to be beside the other's.

`face_match` and `finger_match` each need the fused share of impostors within the FMR of the passage
and the own share within a floor, so that both still have to match. A score that is good enough by
itself, at the FMR of that characteristic alone, matches whatever the other is: staff read who is not
the one, and no passage more is let through, as both by themselves lie within what both together may.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from gate.vocabulary.passages import CaptureKind, CaptureResult, CaptureVerdict
from models.fusion import (
    Attempted,
    FusionPlan,
    ScoreCalibration,
    attempt_share,
    best_share,
    decide,
    share_of,
)

_OTHER = {CaptureKind.FACE: CaptureKind.FINGER, CaptureKind.FINGER: CaptureKind.FACE}
_DIGITS = {CaptureKind.FACE: 4, CaptureKind.FINGER: 2}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a capture came to, and the score that may decide. Without `evidence` it is no match."""

    result: CaptureResult
    evidence: Attempted | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One characteristic. `threshold`: the score for an FMR of one comparison; `attempts` of a passage.

    `alone_fmr`: FMR of a passage without the other characteristic; 0: never a match alone.
    """

    calibration: ScoreCalibration
    threshold: Callable[[float], float]
    attempts: int
    alone_fmr: float


@dataclass(frozen=True, slots=True)
class PassageRules:
    """The rates of a passage, checked against the calibrations."""

    plan: FusionPlan
    face: Part
    finger: Part

    def part(self, kind: CaptureKind) -> Part:
        """What is known of one characteristic."""
        return self.face if kind is CaptureKind.FACE else self.finger

    def enough_fmr(self, kind: CaptureKind) -> float:
        """FMR of one comparison at which a capture may end before its attempts are used up.

        Then it matches alone and beside any other part within its floor, or no score could say more.
        """
        part = self.part(kind)
        wanted = self.plan.needed_share(self.plan.floor_fmr)
        wanted = min(wanted, part.alone_fmr or wanted)
        share = max(wanted, best_share(part.calibration, part.attempts))
        return attempt_share(share, part.attempts)

    def judged(self, kind: CaptureKind, taken: Taken, other: Attempted | None) -> CaptureResult:
        """The verdict of a capture beside the other's evidence; which of them came first is all one."""
        mine = taken.evidence
        if mine is None:
            unproven = taken.result.verdict is CaptureVerdict.MATCH
            return (
                replace(taken.result, verdict=CaptureVerdict.NON_MATCH)
                if unproven
                else taken.result
            )
        matched = self._matches(kind, mine, other)
        threshold = self._threshold(kind, mine.attempts, other)
        return replace(
            taken.result,
            verdict=CaptureVerdict.MATCH if matched else CaptureVerdict.NON_MATCH,
            comparison_score=round(mine.comparison_score, _DIGITS[kind]),
            threshold=None if threshold is None else round(threshold, _DIGITS[kind]),
        )

    def _matches(self, kind: CaptureKind, mine: Attempted, other: Attempted | None) -> bool:
        alone = share_of(self.part(kind).calibration, mine) <= self._alone(kind)
        if alone or other is None:
            return alone
        if kind is CaptureKind.FACE:
            return decide(self.plan, mine, other).face_match
        return decide(self.plan, other, mine).finger_match

    def _alone(self, kind: CaptureKind) -> float:
        return min(self.part(kind).alone_fmr, self.plan.floor_fmr)

    def _threshold(self, kind: CaptureKind, attempts: int, other: Attempted | None) -> float | None:
        """The score that was needed; None where no score would have done."""
        part, needed = self.part(kind), self._alone(kind)
        if other is not None:
            share = share_of(self.part(_OTHER[kind]).calibration, other)
            needed = max(needed, self.plan.needed_share(share))
        if needed < best_share(part.calibration, attempts) * (1 - 1e-9):
            return None
        return part.threshold(attempt_share(needed, attempts))


class Pair:
    """The captures of one passage that run side by side: whichever ends first waits for the other."""

    def __init__(self) -> None:
        self._evidence: dict[CaptureKind, Attempted] = {}
        self._ended: dict[CaptureKind, asyncio.Event] = {}

    async def take(
        self, kind: CaptureKind, capture: Awaitable[Taken]
    ) -> tuple[Taken, Attempted | None]:
        """Run a capture, and then give it with the evidence of the other. Raises DeviceError."""
        ended = self._ended[kind] = asyncio.Event()
        try:
            taken = await capture
            if taken.evidence is not None:
                self._evidence[kind] = taken.evidence
        finally:
            ended.set()
        if (other := self._ended.get(_OTHER[kind])) is not None:
            await other.wait()
        return taken, self._evidence.get(_OTHER[kind])
