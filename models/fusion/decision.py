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
    """The best comparison of one characteristic in a passage, and among how many attempts it is the best.

    Where a capture ends as soon as a score is good, `attempts` are those that were allowed: counting only those that
    were used would let k attempts through up to 1 + 1/2 + ... + 1/k times as often as promised.
    """

    comparison_score: float
    attempts: int = 1


@dataclass(frozen=True)
class FusionPlan:
    """`total_fmr` of a whole passage and the floor of each part, both with retries counted in.

    `product` is the largest product of both shares whose fused share is within the total FMR.
    """

    face: ScoreCalibration
    finger: ScoreCalibration
    total_fmr: float
    floor_fmr: float
    product: float

    def needed_share(self, other_share: float) -> float:
        """Largest share of impostors that matches beside the other part's share (0..1)."""
        return min(self.floor_fmr, self.product / other_share)


@dataclass(frozen=True)
class Verdicts:
    """The two booleans that the law knows, the fused share of impostors and each part's own."""

    face_match: bool
    finger_match: bool
    fused_fmr: float
    face_fmr: float
    finger_fmr: float


def plan_fusion(
    face: ScoreCalibration,
    finger: ScoreCalibration,
    total_fmr: float,
    floor_fmr: float = FLOOR_FMR,
    face_attempts: int = 1,
    finger_attempts: int = 1,
) -> FusionPlan:
    """Check the rates once, for as many attempts as a passage allows.

    Raises ValueError unless 0 < total_fmr <= floor_fmr < 1, or if no score of a part can reach its floor, or if the
    best scores of both together cannot reach the total.
    """
    if not 0 < total_fmr <= floor_fmr < 1:
        raise ValueError(
            f"0 < total FMR <= floor FMR < 1 is needed, not {total_fmr:g} and {floor_fmr:g}"
        )
    best = (best_share(face, face_attempts), best_share(finger, finger_attempts))
    for part, share in zip(("face", "finger"), best, strict=True):
        if share > floor_fmr:
            raise ValueError(
                f"a floor of FMR {floor_fmr:g} cannot be shown: the calibration of the {part} supports {share:.2g} "
                "in a passage. Calibrate on more people, allow fewer attempts, or ask for a higher floor FMR"
            )
    if fused_fmr(best) > total_fmr:
        raise ValueError(
            f"a total FMR of {total_fmr:g} cannot be shown: the calibrations support {fused_fmr(best):.2g} together. "
            "Calibrate on more people, or ask for a higher FMR"
        )
    return FusionPlan(face, finger, total_fmr, floor_fmr, _largest_product(total_fmr))


def best_share(calibration: ScoreCalibration, attempts: int = 1) -> float:
    """The lowest share of impostors that a calibration can show for the best of so many attempts."""
    return passage_share(calibration.fmr(math.inf), attempts)


def _largest_product(total_fmr: float) -> float:
    """The product of two shares whose fused share is `total_fmr`, by bisection, never above it."""
    low, high = 0.0, total_fmr
    while (middle := (low + high) / 2) not in (low, high):
        if fused_fmr([middle, 1.0]) <= total_fmr:
            low = middle
        else:
            high = middle
    return low


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


def attempt_share(share: float, attempts: int) -> float:
    """What each of `attempts` may have for all of them together to have `share`: `passage_share` turned round."""
    return -math.expm1(math.log1p(-share) / attempts)


def decide(plan: FusionPlan, face: Attempted | None, finger: Attempted | None) -> Verdicts:
    """The verdicts of a passage. A part without a comparison (None) does not match, and nor does the other by it.

    Each boolean is: fused share within the total FMR, and the part's own share within the floor.
    """
    face_share = share_of(plan.face, face)
    finger_share = share_of(plan.finger, finger)
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
    return fused_fmr([share_of(calibration, finger) for finger in fingers])


def share_of(calibration: ScoreCalibration, attempted: Attempted | None) -> float:
    """Share of impostors who reach in a passage what was reached; 1 where nothing was compared."""
    if attempted is None:
        return 1.0
    return passage_share(calibration.fmr(attempted.comparison_score), attempted.attempts)
