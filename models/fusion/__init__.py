"""Fusion: comparison scores and their calibrations in, match booleans at a total FMR out."""

from models.fusion.decision import (
    FLOOR_FMR,
    Attempted,
    FusionPlan,
    ScoreCalibration,
    Verdicts,
    attempt_share,
    best_share,
    decide,
    fuse_fingers,
    fused_fmr,
    passage_share,
    plan_fusion,
    share_of,
)

__all__ = [
    "FLOOR_FMR",
    "Attempted",
    "FusionPlan",
    "ScoreCalibration",
    "Verdicts",
    "attempt_share",
    "best_share",
    "decide",
    "fuse_fingers",
    "fused_fmr",
    "passage_share",
    "plan_fusion",
    "share_of",
]
