"""A capture session: finger images in, feedback or one verdict out. No clock, no devices, no stored samples.

The worker that owns the sensor calls `offer` for each image that it reads; the state is a value, so that a session
can be dropped at any moment. Matching is decided at an FMR for the whole passage, shared out over its attempts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.fingerprint.calibration import Calibration
from models.fingerprint.comparison import Prepared, compare, prepare
from models.fingerprint.extraction import Extraction, extract
from models.fingerprint.formats import templates
from models.fingerprint.image import at_500_dpi
from models.fingerprint.records import Standard, encode, from_template
from models.fingerprint.refusal import RetryReason, retry_reason
from models.fingerprint.values import Gray

_MOVED_SHARE = 0.55
"""Correlation of two frames of one finger, below which it did not lie still."""


@dataclass(frozen=True)
class Quality:
    """`value` 0 useless .. 100 full and clear; `minutiae` found."""

    value: int
    minutiae: int


@dataclass(frozen=True)
class CaptureRetry:
    """This image cannot be used; the traveller is told why and tries again."""

    reason: RetryReason
    attempts_left: int


@dataclass(frozen=True)
class FingerVerdict:
    """The end of a session.

    `match` is the decision at the configured FMR; `comparison_score` and `threshold` are for staff, `fmr` is what the
    score is worth. `failure_to_acquire` says that no usable image came: then `match` is False and the score 0.
    """

    match: bool
    comparison_score: float
    threshold: float
    fmr: float
    quality: Quality
    failure_to_acquire: bool = False


@dataclass(frozen=True)
class SessionPlan:
    """What a session compares with and how strictly; made once per passage by `plan_session`."""

    references: tuple[Prepared, ...]
    calibration: Calibration
    threshold: float
    attempts: int

    @property
    def chances(self) -> int:
        """How often a passage compares at most."""
        return self.attempts * len(self.references)


@dataclass(frozen=True)
class SessionState:
    """Attempts used, and the last usable comparison that did not match, if any."""

    used: int = 0
    best: FingerVerdict | None = None


def plan_session(
    records: Sequence[bytes], calibration: Calibration, fmr: float, attempts: int = 3
) -> SessionPlan:
    """Prepare enrolled references (minutiae records, see `formats`) for one passage.

    `fmr` is that of the whole passage: with k attempts against r references each comparison gets its share. Raises
    CalibrationError if the calibration does not support that, ValueError for a broken record.
    """
    if attempts < 1 or not records:
        raise ValueError("a session needs at least one attempt and one reference")
    references = tuple(prepare(template) for record in records for template in templates(record))
    share = 1 - (1 - fmr) ** (1 / (attempts * len(references)))
    return SessionPlan(references, calibration, calibration.threshold(share), attempts)


def offer(
    plan: SessionPlan, state: SessionState, image: Gray, dpi: float = 500
) -> tuple[SessionState, CaptureRetry | FingerVerdict]:
    """One captured image: a verdict (match, or the attempts are used up), or what to do better."""
    used = state.used + 1
    found = _usable(image, dpi)
    if isinstance(found, RetryReason):
        return _next(plan, replace(state, used=used), found)
    verdict = _judged(plan, found)
    best = (
        verdict
        if state.best is None or verdict.comparison_score > state.best.comparison_score
        else state.best
    )
    after = SessionState(used, best)
    return (after, verdict) if verdict.match else _next(plan, after, RetryReason.LOW_QUALITY)


def conclude(plan: SessionPlan, state: SessionState) -> FingerVerdict:
    """The verdict when time is up: the best comparison so far, or a failure to acquire."""
    nothing = FingerVerdict(False, 0.0, plan.threshold, 1.0, Quality(0, 0), failure_to_acquire=True)
    return state.best or nothing


def still(first: Gray, second: Gray) -> bool:
    """Did the finger lie still between two frames of equal size? A moved one smears and is captured again."""
    a, b = first.astype(np.float32), second.astype(np.float32)
    a, b = a - a.mean(), b - b.mean()
    power = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return power < 1e-6 or float((a * b).sum()) / power >= _MOVED_SHARE


def enrol(
    images: Sequence[Gray], fmr: float, calibration: Calibration, position: int = 0
) -> bytes | RetryReason:
    """An ISO record of one finger from two or more captures: the best one, if it matches another of them.

    Returns the reason where no two usable captures agree.
    """
    found = [_usable(image, 500) for image in images]
    usable = [one for one in found if not isinstance(one, RetryReason)]
    if len(usable) < 2:
        return next((one for one in found if isinstance(one, RetryReason)), RetryReason.LOW_QUALITY)
    usable.sort(key=lambda one: -one.template.quality)
    best, threshold = usable[0], calibration.threshold(fmr)
    prepared = prepare(best.template)
    if all(
        compare(prepared, prepare(one.template)).comparison_score < threshold for one in usable[1:]
    ):
        return RetryReason.LOW_QUALITY
    return encode(from_template(best.template, Standard.ISO_19794_2_2005, position))


def _usable(image: Gray, dpi: float) -> Extraction | RetryReason:
    found = extract(at_500_dpi(image, dpi))
    return retry_reason(found) or found


def _judged(plan: SessionPlan, found: Extraction) -> FingerVerdict:
    probe = prepare(found.template)
    score = max(compare(probe, reference).comparison_score for reference in plan.references)
    quality = Quality(found.template.quality, len(found.template.minutiae))
    return FingerVerdict(
        score >= plan.threshold, score, plan.threshold, plan.calibration.fmr(score), quality
    )


def _next(
    plan: SessionPlan, state: SessionState, reason: RetryReason
) -> tuple[SessionState, CaptureRetry | FingerVerdict]:
    left = plan.attempts - state.used
    return (state, CaptureRetry(reason, left)) if left > 0 else (state, conclude(plan, state))
