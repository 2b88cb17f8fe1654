"""The capture as a reducer: what ends it, what it costs, and who may not change places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.face.calibration import SHIPPED, load_calibration
from models.face.compare import normalise
from models.face.observe import Observation
from models.face.session import (
    Answer,
    Feedback,
    SessionState,
    Settings,
    Verdict,
    VerdictKind,
    give_up,
    make_settings,
    reduce_frame,
)
from models.face.values import Box, Detection, Face, Finding

SETTINGS = Settings(fmr=1e-3, threshold=0.9, same_face_score=0.6, looks=(3, 5), attempts=2)
FACE = Face(Detection(Box(0, 0, 100, 100), 1.0), np.zeros((68, 2), np.float32))


def direction(angle_deg: float) -> np.ndarray:
    """A unit embedding at an angle."""
    angle = np.radians(angle_deg)
    return normalise(np.array([np.cos(angle), np.sin(angle)], np.float32))


REFERENCE = direction(0)


def frame(
    number: int, angle_deg: float | None = 0.0, *findings: Finding, followed: bool = True
) -> Observation:
    """A frame whose face stands at an angle to the reference; None: no usable face."""
    if angle_deg is None:
        return Observation(number / 15, number, findings or (Finding.NO_FACE,))
    embedding = None if findings else direction(angle_deg)
    return Observation(number / 15, number, findings, followed, FACE, None, embedding)


def run(frames: Iterable[Observation], settings: Settings = SETTINGS) -> tuple[Answer, int]:
    """Give frames until the verdict; return the last answer and how many were taken."""
    state, answer, count = SessionState(), Feedback(None, 1), 0
    result: Answer = answer
    for each in frames:
        state, result = reduce_frame(state, each, REFERENCE, settings)
        count += 1
        if isinstance(result, Verdict):
            break
    return result, count


def verdict_of(frames: Iterable[Observation], settings: Settings = SETTINGS) -> Verdict:
    """The verdict of frames that must reach one."""
    result, _ = run(frames, settings)
    assert isinstance(result, Verdict), result
    return result


def test_a_blink_is_no_evidence() -> None:
    """Frames whose eyes show half of what they showed are told and not counted; the rest decide."""
    eyes = [0.4, 0.1, 0.38, 0.15, 0.41]
    seen = [replace(frame(n), eye_contrast=level) for n, level in enumerate(eyes)]
    state, told = SessionState(), []
    for each in seen:
        state, answer = reduce_frame(state, each, REFERENCE, SETTINGS)
        told.append(answer.finding if isinstance(answer, Feedback) else answer.kind)
    closed = Finding.EYES_CLOSED
    assert told == [None, closed, None, closed, VerdictKind.MATCH]


def test_the_next_persons_eyes_are_not_held_to_the_last_ones() -> None:
    """Narrow eyes after wide ones are closed for a moment only: the level is forgotten."""
    wide = [replace(frame(0), eye_contrast=0.5)]
    narrow = [replace(frame(n), eye_contrast=0.2) for n in range(1, 60)]
    assert verdict_of([*wide, *narrow]).kind is VerdictKind.MATCH


def test_the_holder_matches_at_the_first_look() -> None:
    """Three good frames of the right face are enough, and the verdict carries score and threshold."""
    verdict = verdict_of(frame(n) for n in range(20))
    assert verdict.kind is VerdictKind.MATCH
    assert verdict.frames == 3
    assert verdict.comparison_score == pytest.approx(1.0)
    assert verdict.threshold == 0.9


def test_somebody_else_gets_all_attempts_and_no_more() -> None:
    """A non-match falls after both attempts, never earlier and never later."""
    verdict = verdict_of(frame(n, 60) for n in range(50))
    assert verdict.kind is VerdictKind.NON_MATCH
    assert (verdict.frames, verdict.attempts) == (10, 2)


@given(st.lists(st.sampled_from([0.0, 40.0, 80.0, None]), min_size=1, max_size=60))
def test_no_order_of_frames_gets_more_looks_than_are_paid_for(angles: list[float | None]) -> None:
    """Whatever a traveller shows, the evidence is judged at most looks x attempts times."""
    state, looks = SessionState(), 0
    for number, angle in enumerate(angles):
        before = state.best_score, len(state.evidence)
        state, answer = reduce_frame(state, frame(number, angle), REFERENCE, SETTINGS)
        judged = before[1] + 1 in SETTINGS.looks and angle is not None
        looks += judged and (len(state.evidence) != before[1] or isinstance(answer, Verdict))
        if isinstance(answer, Verdict):
            break
    assert looks <= len(SETTINGS.looks) * SETTINGS.attempts


@given(st.lists(st.sampled_from([40.0, 80.0, None]), min_size=1, max_size=80))
def test_nobody_else_ever_matches(angles: list[float | None]) -> None:
    """Faces that stand off the reference, in any order with gaps, never end in a match."""
    result, _ = run(frame(n, angle) for n, angle in enumerate(angles))
    assert not (isinstance(result, Verdict) and result.kind is VerdictKind.MATCH)


def test_changing_places_starts_anew() -> None:
    """Two frames of an impostor and then the holder: the holder's own frames alone decide."""
    frames = [frame(0, 80), frame(1, 80), frame(2, 0), frame(3, 0), frame(4, 0), frame(5, 0)]
    assert verdict_of(frames).frames == 6


def test_a_lost_face_drops_the_evidence() -> None:
    """Whoever leaves the picture after two frames has to show three again."""
    frames = [frame(0), frame(1), frame(2, None), *(frame(n) for n in range(3, 9))]
    assert verdict_of(frames).frames == 6


def test_a_tracking_break_drops_the_evidence() -> None:
    """A face that was found anew, not followed, counts as lost."""
    frames = [frame(0), frame(1), frame(2, followed=False), *(frame(n) for n in range(3, 9))]
    assert verdict_of(frames).frames == 5


def test_a_second_face_drops_the_evidence_and_is_told() -> None:
    """Two people in front of the camera: neither is verified, the traveller hears why."""
    state = SessionState()
    for number in range(2):
        state, _ = reduce_frame(state, frame(number), REFERENCE, SETTINGS)
    state, answer = reduce_frame(state, frame(2, 0.0, Finding.TWO_FACES), REFERENCE, SETTINGS)
    assert answer == Feedback(Finding.TWO_FACES, 1)
    assert state.evidence == ()


def test_leaving_after_a_look_costs_the_attempt() -> None:
    """Nobody gets fresh looks by stepping out and in again."""
    off = [frame(0, 60), frame(1, 60), frame(2, 60), frame(3, None)]
    again = [frame(4, 60), frame(5, 60), frame(6, 60), frame(7, None)]
    verdict = verdict_of([*off, *again, frame(8, 0), frame(9, 0), frame(10, 0)])
    assert verdict.kind is VerdictKind.NON_MATCH
    assert verdict.frames == 8


def test_a_face_that_left_leaves_no_score() -> None:
    """What somebody reached who is no longer there may not be fused with the next one's finger."""
    fair = [frame(n, 30) for n in range(3)]
    gone = verdict_of([*fair, *(frame(n, None) for n in range(3, 400))])
    assert gone.comparison_score == pytest.approx(0.866, abs=0.001)
    assert gone.score_at_end is None


def test_only_the_last_attempts_score_counts() -> None:
    """Between two attempts nobody is watched: the face of the second one has its own score."""
    swapped = verdict_of([*(frame(n, 30) for n in range(5)), *(frame(n, 60) for n in range(5, 10))])
    assert swapped.comparison_score == pytest.approx(0.866, abs=0.001)
    assert swapped.score_at_end == pytest.approx(0.5, abs=0.001)


def test_feedback_names_the_first_trouble() -> None:
    """A frame that cannot be used tells why, within that frame."""
    _, answer = reduce_frame(
        SessionState(), frame(0, 0.0, Finding.DARK, Finding.FAR), REFERENCE, SETTINGS
    )
    assert answer == Feedback(Finding.DARK, 1)


def test_the_deadline_without_a_face_is_no_non_match() -> None:
    """Never compared is a failure to acquire, with the reason for staff."""
    verdict = verdict_of(frame(n, None) for n in range(400))
    assert verdict.kind is VerdictKind.FAILURE_TO_ACQUIRE
    assert verdict.took_s == pytest.approx(15.0, abs=0.1)
    assert verdict.comparison_score is None
    assert verdict.findings == (Finding.NO_FACE,)


def test_a_frozen_camera_is_a_broken_camera() -> None:
    """The same picture again and again ends with the camera, not with the traveller."""
    still = [Observation(n / 15, 7, (), True, FACE, None, direction(60)) for n in range(30)]
    verdict = verdict_of(still)
    assert verdict.kind is VerdictKind.CAMERA_FAILED
    assert verdict.frames == 9


def test_a_repeated_frame_is_no_further_evidence() -> None:
    """One picture of the holder shown thrice is one frame."""
    still = [Observation(n / 15, 7, (), True, FACE, None, direction(0)) for n in range(5)]
    answer, _ = run(still)
    assert isinstance(answer, Feedback)


def test_frames_that_end_leave_a_verdict() -> None:
    """A video at its end after two frames of the holder admits nobody."""
    state = SessionState()
    for number in range(2):
        state, _ = reduce_frame(state, frame(number), REFERENCE, SETTINGS)
    assert give_up(state, 1.0, SETTINGS).kind is VerdictKind.FAILURE_TO_ACQUIRE


def test_the_fmr_is_shared_by_all_looks() -> None:
    """The threshold is the stricter curve's at the FMR divided by looks x attempts."""
    shipped = load_calibration(SHIPPED)
    made = make_settings(shipped, 1e-3, looks=(3, 6), attempts=2)
    each = 1e-3 / 4
    assert made.threshold == max(shipped.threshold(each), shipped.threshold(each, fused=True))


@pytest.mark.parametrize(("looks", "attempts"), [((), 1), ((0,), 1), ((5, 3), 1), ((3,), 0)])
def test_settings_that_make_no_sense_are_refused(looks: tuple[int, ...], attempts: int) -> None:
    """No looks, looks at no frames, falling looks or no attempt."""
    with pytest.raises(ValueError, match="looks"):
        make_settings(load_calibration(SHIPPED), 1e-3, looks, attempts)


def test_a_session_shows_no_embedding() -> None:
    """The state's text form, which a log might take, holds no component."""
    state, _ = reduce_frame(SessionState(), frame(0), REFERENCE, SETTINGS)
    assert "evidence" not in repr(state)
