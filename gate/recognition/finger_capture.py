"""One finger capture: images from a sensor into a session until it has its verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from drivers.errors import DriverError
from drivers.fingerprint_reader.captures import Capture, FingerImage, FingerprintReader, NoImage
from gate.recognition.devices import Compute, translated
from gate.recognition.fusing import Taken
from gate.recognition.vault import Samples
from gate.vocabulary.passages import CaptureKind, CaptureResult, CaptureVerdict
from models.fingerprint.session import (
    CaptureRetry,
    FingerVerdict,
    SessionPlan,
    SessionState,
    conclude,
    offer,
)
from models.fusion import Attempted

AGAIN_S = 0.7
"""A traveller needs so long to lift the finger and lay it down again."""

LAST_WORD_S = 0.3
"""What a sensor needs to say why it has no image."""


async def capture_finger(
    sensor: FingerprintReader,
    plan: SessionPlan,
    samples: Samples,
    compute: Compute,
    within_s: float,
    advise: Callable[[str], None],
) -> Taken:
    """Take images until the session ends or `within_s` is over. Raises DeviceError."""
    samples.sessions[CaptureKind.FINGER] = SessionState()
    reasons: list[str] = []

    def judge(image: FingerImage) -> CaptureRetry | FingerVerdict:
        state = samples.sessions[CaptureKind.FINGER]
        samples.sessions[CaptureKind.FINGER], answer = offer(
            plan, state, image.pixels, image.resolution_dpi
        )
        return answer

    loop = asyncio.get_running_loop()
    ends_s = loop.time() + within_s
    while (left_s := ends_s - loop.time()) > 0:
        got = await _image(sensor, left_s)
        if isinstance(got, FingerImage):
            answer = await compute(partial(judge, got))
            if isinstance(answer, FingerVerdict):
                return _taken(plan, answer, samples.sessions[CaptureKind.FINGER], reasons)
            reasons.append(answer.reason.name.lower())
        elif got is NoImage.POOR_CONTACT:
            reasons.append(got.value)
        else:
            break
        advise(reasons[-1])
        await asyncio.sleep(min(AGAIN_S, max(0.0, ends_s - loop.time())))
    state = samples.sessions[CaptureKind.FINGER]
    return _taken(plan, conclude(plan, state), state, reasons or [NoImage.NO_FINGER.value])


async def _image(sensor: FingerprintReader, left_s: float) -> Capture:
    """An image, or why there is none. An upload that the deadline cuts off is none."""
    try:
        async with asyncio.timeout(left_s):
            # The sensor's own last word (a finger that slid) comes before the deadline cuts it off.
            return await sensor.capture(max(left_s - LAST_WORD_S, left_s / 2))
    except TimeoutError:
        return NoImage.NO_FINGER
    except DriverError as error:
        raise translated(error, "fingerprint sensor") from None


def _taken(
    plan: SessionPlan, verdict: FingerVerdict, state: SessionState, reasons: list[str]
) -> Taken:
    attempts = max(1, state.used)
    if verdict.failure_to_acquire:
        missed = CaptureVerdict.FAILURE_TO_ACQUIRE
        return Taken(
            CaptureResult(missed, attempts=attempts, findings=tuple(dict.fromkeys(reasons)))
        )
    kind = CaptureVerdict.MATCH if verdict.match else CaptureVerdict.NON_MATCH
    told = () if verdict.match else tuple(dict.fromkeys(reasons))
    score, threshold = round(verdict.comparison_score, 2), round(verdict.threshold, 2)
    # All the comparisons that were allowed: it ends at the first good one.
    evidence = Attempted(verdict.comparison_score, plan.attempts * len(plan.references))
    return Taken(CaptureResult(kind, score, threshold, attempts, told), evidence)
