"""Fusion: comparison scores and their calibrations in, match booleans at a total FMR out."""

from models.fusion.decision import (
    Attempted,
    FusionPlan,
    Verdicts,
    decide,
    fuse_fingers,
    fused_fmr,
    plan_fusion,
)

__all__ = [
    "Attempted",
    "FusionPlan",
    "Verdicts",
    "decide",
    "fuse_fingers",
    "fused_fmr",
    "plan_fusion",
]
