"""A capture from the first frame to the verdict, as a reducer without clock or I/O.

The evidence is the fused embedding of the usable frames so far; it is looked at after certain
numbers of frames, and an attempt that ends without a match may be repeated. Every look is one more
chance for an impostor, so the configured FMR, which holds for the passage, is shared among all
looks of all attempts (Bonferroni: never more than configured, whatever their dependence).
A face that was lost, or that does not resemble the frames before it, starts the evidence anew and
uses up an attempt: nobody may change places half way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from models.face.calibration import Calibration
from models.face.embed import fuse
from models.face.observe import Observation
from models.face.values import Detection, Embedding, Finding


class VerdictKind(StrEnum):
    """How a capture ends."""

    MATCH = "match"
    NON_MATCH = "non_match"
    FAILURE_TO_ACQUIRE = "failure_to_acquire"
    CAMERA_FAILED = "camera_failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one result of a capture; scores are None where nothing was compared.

    `score_at_end`: the best of the face that was there at the end, and not of one that was lost before.
    """

    kind: VerdictKind
    comparison_score: float | None
    threshold: float | None
    frames: int
    attempts: int
    took_s: float
    findings: tuple[Finding, ...] = ()
    score_at_end: float | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the traveller should change; None: keep looking at the camera."""

    finding: Finding | None
    attempt: int


Answer = Verdict | Feedback

LOOKS = (3, 6, 10)
ATTEMPTS = 2
CHANCES = len(LOOKS) * ATTEMPTS
"""How often a passage compares at most."""

# Of the capture's own eye contrast; 14 rendered heads kept 0.1 to 0.55 of it with closed eyes.
_BLINK = 0.56
_FORGETTING = 0.97  # a frame: after twenty the level is half


@dataclass(frozen=True)
class Settings:
    """Rules of a capture. `looks` are numbers of usable frames at which the evidence is judged."""

    fmr: float
    threshold: float
    same_face_score: float
    looks: tuple[int, ...] = LOOKS
    attempts: int = ATTEMPTS
    within_s: float = 15.0
    frozen_frames: int = 8


@dataclass(frozen=True)
class SessionState:
    """Everything a capture remembers; embeddings stay in here and die with it."""

    started_s: float | None = None
    attempt: int = 1
    frames: int = 0
    repeated: int = 0
    checksum: int | None = None
    last: Detection | None = None
    evidence: tuple[Embedding, ...] = field(default=(), repr=False)
    weights: tuple[float, ...] = ()
    eye_contrast: float = 0.0
    best_score: float | None = None
    score_at_end: float | None = None
    findings: tuple[Finding, ...] = ()


def make_settings(
    calibration: Calibration,
    fmr: float,
    looks: tuple[int, ...] = LOOKS,
    attempts: int = ATTEMPTS,
    within_s: float = 15.0,
) -> Settings:
    """Return the settings that keep `fmr` over a passage with all its looks and attempts.

    :raises CalibrationError: the data does not support the FMR that is left for one look.
    """
    if not looks or min(looks) < 1 or list(looks) != sorted(set(looks)) or attempts < 1:
        raise ValueError("looks are rising numbers of frames, and there is one attempt at least")
    each = fmr / (len(looks) * attempts)
    threshold = calibration.stricter_threshold(each)
    return Settings(fmr, threshold, calibration.threshold(0.01), looks, attempts, within_s)


def reduce_frame(
    state: SessionState, seen: Observation, reference: Embedding, settings: Settings
) -> tuple[SessionState, Answer]:
    """Take in one frame; a `Verdict` ends the capture and later frames must not be given."""
    state, seen = _eyes_open(_counted(state, seen), seen)
    if state.repeated >= settings.frozen_frames:
        return state, _verdict(state, seen, settings, VerdictKind.CAMERA_FAILED, (Finding.FROZEN,))
    state, fresh = _same_traveller(state, seen, settings)
    if state.attempt > settings.attempts:
        return state, _ending(state, seen, settings)
    if fresh and seen.embedding is not None and state.repeated == 0:
        state = _with_evidence(state, seen)
        state, answer = _look(state, seen, reference, settings)
        if answer is not None:
            return state, answer
    if seen.at_s - (state.started_s or 0.0) >= settings.within_s:
        return state, _ending(state, seen, settings)
    return state, Feedback(seen.findings[0] if seen.findings else None, state.attempt)


def give_up(state: SessionState, at_s: float, settings: Settings) -> Verdict:
    """Return the verdict where the frames ended early: a video at its end, a camera unplugged."""
    return _ending(state, Observation(at_s, 0, ()), settings)


def _counted(state: SessionState, seen: Observation) -> SessionState:
    repeated = state.repeated + 1 if seen.checksum == state.checksum else 0
    return replace(
        state,
        started_s=seen.at_s if state.started_s is None else state.started_s,
        frames=state.frames + 1,
        repeated=repeated,
        checksum=seen.checksum,
        findings=seen.findings or state.findings,
    )


def _eyes_open(state: SessionState, seen: Observation) -> tuple[SessionState, Observation]:
    """Leave out a frame in which the eyes show much less than in the frames before: a blink."""
    closed = seen.embedding is not None and seen.eye_contrast < _BLINK * state.eye_contrast
    # The level is forgotten slowly, so that whoever comes next is not held to it for ever.
    level = max(seen.eye_contrast, _FORGETTING * state.eye_contrast)
    if closed:
        seen = replace(seen, embedding=None, findings=(Finding.EYES_CLOSED,))
    return replace(state, eye_contrast=level), seen


def _same_traveller(
    state: SessionState, seen: Observation, settings: Settings
) -> tuple[SessionState, bool]:
    """Drop the evidence when the face was lost or is another one; True: the frame may count."""
    detection = seen.face.detection if seen.face is not None else None
    if not state.evidence:
        return replace(state, last=detection), True
    lost = detection is None or not seen.followed
    other = (
        seen.embedding is not None and resemblance(state, seen.embedding) < settings.same_face_score
    )
    if not lost and not other and Finding.TWO_FACES not in seen.findings:
        return replace(state, last=detection), True
    reason = Finding.OTHER_FACE if other else (seen.findings or (Finding.NO_FACE,))[0]
    # Evidence that was never judged gave nobody a chance: it costs no attempt.
    judged = len(state.evidence) >= settings.looks[0]
    anew = _next_attempt(state) if judged else replace(state, evidence=(), weights=())
    return replace(anew, last=detection, findings=(reason,), score_at_end=None), lost


def resemblance(state: SessionState, embedding: Embedding) -> float:
    """The score of one more frame against the evidence so far."""
    return float(fuse(np.array(state.evidence)) @ embedding)


def _with_evidence(state: SessionState, seen: Observation) -> SessionState:
    assert seen.embedding is not None
    weight = float(seen.quality.score if seen.quality else 50) + 10.0
    return replace(
        state,
        evidence=(*state.evidence, seen.embedding),
        weights=(*state.weights, weight),
        # Between two attempts nobody is watched: what the one before reached may be another's.
        score_at_end=state.score_at_end if state.evidence else None,
    )


def _look(
    state: SessionState, seen: Observation, reference: Embedding, settings: Settings
) -> tuple[SessionState, Answer | None]:
    if len(state.evidence) not in settings.looks:
        return state, None
    score = float(fuse(np.array(state.evidence), state.weights) @ reference)
    state = replace(
        state,
        best_score=_better(score, state.best_score),
        score_at_end=_better(score, state.score_at_end),
    )
    if score >= settings.threshold:
        return state, _verdict(state, seen, settings, VerdictKind.MATCH)
    if len(state.evidence) < settings.looks[-1]:
        return state, None
    state = _next_attempt(state)
    if state.attempt > settings.attempts:
        return state, _verdict(state, seen, settings, VerdictKind.NON_MATCH)
    return state, None


def _better(score: float, before: float | None) -> float:
    return score if before is None else max(score, before)


def _next_attempt(state: SessionState) -> SessionState:
    return replace(state, attempt=state.attempt + 1, evidence=(), weights=())


def _ending(state: SessionState, seen: Observation, settings: Settings) -> Verdict:
    """Compared but never alike is a non-match; never compared is a failure to acquire."""
    compared = state.best_score is not None
    kind = VerdictKind.NON_MATCH if compared else VerdictKind.FAILURE_TO_ACQUIRE
    return _verdict(state, seen, settings, kind, state.findings)


def _verdict(
    state: SessionState,
    seen: Observation,
    settings: Settings,
    kind: VerdictKind,
    findings: Sequence[Finding] = (),
) -> Verdict:
    return Verdict(
        kind=kind,
        comparison_score=state.best_score,
        threshold=None if state.best_score is None else settings.threshold,
        frames=state.frames,
        attempts=min(state.attempt, settings.attempts),
        took_s=seen.at_s - (state.started_s if state.started_s is not None else seen.at_s),
        findings=tuple(findings),
        score_at_end=state.score_at_end,
    )
