"""Fusion of face and finger, and of fingers."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fusion import Attempted, decide, fuse_fingers, fused_fmr, plan_fusion
from models.fusion.decision import attempt_share, passage_share


@dataclass(frozen=True)
class Shares:
    """A calibration whose score is minus the logarithm of the share of impostors."""

    smallest: float = 1e-6

    def fmr(self, score: float) -> float:
        """Share of impostors."""
        return max(self.smallest, min(1.0, math.exp(-score)))


def at(share: float, attempts: int = 1) -> Attempted:
    """A comparison that this share of impostors reaches."""
    return Attempted(-math.log(share), attempts)


PLAN = plan_fusion(Shares(), Shares(), total_fmr=0.001)


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_impostors_reach_a_fused_share_as_often_as_it_says(parts: int) -> None:
    """For uniform independent impostors the fused share is uniform again."""
    drawn = np.random.default_rng(1).random((20000, parts))
    fused = np.array([fused_fmr(list(row)) for row in drawn])
    for share in (0.5, 0.1, 0.01):
        assert (fused <= share).mean() == pytest.approx(share, rel=0.15)


def test_both_parts_must_match() -> None:
    """A perfect face does not carry a finger that is below its floor, and the other way round."""
    good, poor = at(1e-6), at(0.2)
    both = decide(PLAN, good, good)
    assert (both.face_match, both.finger_match) == (True, True)
    one, other = decide(PLAN, good, poor), decide(PLAN, poor, good)
    assert (one.face_match, one.finger_match) == (True, False)
    assert (other.face_match, other.finger_match) == (False, True)


def test_two_fair_parts_help_each_other() -> None:
    """Shares that would not do alone do together."""
    fair = decide(PLAN, at(0.009), at(0.009))
    assert fair.fused_fmr < 0.001 < fair.face_fmr
    assert (fair.face_match, fair.finger_match) == (True, True)


def test_a_missing_part_matches_nothing() -> None:
    """Without a finger there is no finger match, and the face must carry the whole by itself."""
    alone = decide(PLAN, at(0.01), None)
    assert (alone.face_match, alone.finger_match, alone.finger_fmr) == (False, False, 1.0)


@given(st.floats(1e-6, 1), st.floats(1e-6, 1), st.integers(1, 5))
def test_retries_never_help(face: float, finger: float, attempts: int) -> None:
    """The same scores reached by more attempts are worth less."""
    once, often = (
        decide(PLAN, at(face), at(finger)),
        decide(PLAN, at(face, attempts), at(finger, attempts)),
    )
    assert often.fused_fmr >= once.fused_fmr - 1e-12
    assert once.face_match or not often.face_match


@given(st.floats(1e-9, 1), st.integers(1, 20))
def test_a_share_of_attempts_is_a_share(share: float, attempts: int) -> None:
    """Between the share of one attempt and the sum of all."""
    total = passage_share(share, attempts)
    assert share - 1e-12 <= total <= min(1.0, attempts * share) + 1e-12


def test_two_fingers_beat_one() -> None:
    """Two good fingers are rarer among impostors than either; a missing one weakens."""
    assert fuse_fingers(Shares(), [at(0.01), at(0.01)]) < 0.01
    assert fuse_fingers(Shares(), [at(0.01), Attempted(0.0)]) > 0.01


@given(st.floats(1e-6, 1), st.floats(1e-6, 1))
def test_the_needed_share_is_the_rule_read_backwards(face: float, finger: float) -> None:
    """A face matches beside a finger exactly if it is within what the finger leaves it."""
    needed = PLAN.needed_share(finger)
    if abs(face - needed) > 1e-9 * needed:
        assert decide(PLAN, at(face), at(finger)).face_match is (face < needed)


@given(st.floats(1e-6, 0.9), st.integers(1, 20))
def test_attempts_share_what_a_passage_may(share: float, attempts: int) -> None:
    """So many attempts at the share of one make the share of the passage again."""
    assert passage_share(attempt_share(share, attempts), attempts) == pytest.approx(share)


def test_what_cannot_be_shown_is_refused() -> None:
    """A total FMR below what both calibrations support is an error in the configuration, not a silent guess."""
    with pytest.raises(ValueError, match="cannot be shown"):
        plan_fusion(Shares(0.01), Shares(0.01), total_fmr=1e-5)
    with pytest.raises(ValueError, match="floor"):
        plan_fusion(Shares(), Shares(), total_fmr=0.2)
    with pytest.raises(ValueError, match="calibration of the finger supports"):
        plan_fusion(Shares(), Shares(0.01), total_fmr=0.001, finger_attempts=6)
    with pytest.raises(ValueError, match="shares"):
        fused_fmr([])
