"""Face and finger, or two fingers, together: one false match rate for the passage, and a floor for each.

Calibration turns each score into the share of impostors who reach it. If an impostor's shares are independent and
uniform, the product of k of them has a known distribution (Fisher 1932, Statistical Methods, section 21.1), so the
fused share is exact without any weight to fit. A floor for each part keeps both necessary: a stranger with a stolen
face does not enter on half a finger.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

FLOOR_FMR = 0.05
"""FMR of the floor that each part must reach by itself."""


class ScoreCalibration(Protocol):
    """What fusion needs of a calibration, that of a face or of a finger."""

    def fmr(self, score: float) -> float:
        """Share of impostors that reach `score`, never below what the data support."""
        ...


@dataclass(frozen=True)
class Attempted:
    """The best comparison of one characteristic in a passage, and among how many attempts it is the best."""

    comparison_score: float
    attempts: int = 1


@dataclass(frozen=True)
class FusionPlan:
    """`total_fmr` of a whole passage and the floor of each part, both with retries counted in."""

    face: ScoreCalibration
    finger: ScoreCalibration
    total_fmr: float
    floor_fmr: float = FLOOR_FMR


@dataclass(frozen=True)
class Verdicts:
    """The two booleans that the law knows, the fused share of impostors and each part's own."""

    face_match: bool
    finger_match: bool
    fused_fmr: float
    face_fmr: float
    finger_fmr: float


def plan_fusion(
    face: ScoreCalibration, finger: ScoreCalibration, total_fmr: float, floor_fmr: float = FLOOR_FMR
) -> FusionPlan:
    """Check the rates once. Raises ValueError unless 0 < total_fmr <= floor_fmr < 1, or if no score can reach it."""
    if not 0 < total_fmr <= floor_fmr < 1:
        raise ValueError(
            f"0 < total FMR <= floor FMR < 1 is needed, not {total_fmr:g} and {floor_fmr:g}"
        )
    best = fused_fmr([face.fmr(math.inf), finger.fmr(math.inf)])
    if best > total_fmr:
        raise ValueError(
            f"a total FMR of {total_fmr:g} cannot be shown: the calibrations support {best:.2g} together. "
            "Calibrate on more people, or ask for a higher FMR"
        )
    return FusionPlan(face, finger, total_fmr, floor_fmr)


def fused_fmr(shares: Sequence[float]) -> float:
    """Share of impostors whose product of shares (each 0..1) is as small as this one's. Raises ValueError if empty."""
    if not shares or not all(0 < share <= 1 for share in shares):
        raise ValueError("shares of impostors lie above 0 and up to 1")
    evidence = -sum(math.log(share) for share in shares)
    terms = sum(evidence**k / math.factorial(k) for k in range(len(shares)))
    return min(1.0, math.exp(-evidence) * terms)


def passage_share(share: float, attempts: int) -> float:
    """Share of impostors who reach by their best of `attempts` what one attempt reaches with `share`."""
    if attempts < 1:
        raise ValueError("a score comes from at least one attempt")
    return 1.0 if share >= 1 else -math.expm1(attempts * math.log1p(-share))


def decide(plan: FusionPlan, face: Attempted | None, finger: Attempted | None) -> Verdicts:
    """The verdicts of a passage. A part without a comparison (None) does not match, and nor does the other by it.

    Each boolean is: fused share within the total FMR, and the part's own share within the floor.
    """
    face_share = _share(plan.face, face)
    finger_share = _share(plan.finger, finger)
    fused = fused_fmr([face_share, finger_share])
    enough = fused <= plan.total_fmr
    return Verdicts(
        face_match=face is not None and enough and face_share <= plan.floor_fmr,
        finger_match=finger is not None and enough and finger_share <= plan.floor_fmr,
        fused_fmr=fused,
        face_fmr=face_share,
        finger_fmr=finger_share,
    )


def fuse_fingers(calibration: ScoreCalibration, fingers: Sequence[Attempted]) -> float:
    """Share of impostors who do as well with two fingers or more; one finger that is missing counts as share 1."""
    return fused_fmr([_share(calibration, finger) for finger in fingers])


def _share(calibration: ScoreCalibration, attempted: Attempted | None) -> float:
    if attempted is None:
        return 1.0
    return passage_share(calibration.fmr(attempted.comparison_score), attempted.attempts)
