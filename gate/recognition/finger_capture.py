"""One finger capture: images from a sensor into a session until it has its verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from drivers.errors import DriverError
from drivers.fingerprint_reader.captures import Capture, FingerImage, FingerprintReader, NoImage
from gate.recognition.devices import Compute, translated
from gate.recognition.fusing import Taken
from gate.recognition.vault import Samples
from gate.vocabulary.passages import CaptureKind, CaptureResult, CaptureVerdict
from models.face.values import Finding
from models.fingerprint.session import (
    CaptureRetry,
    FingerVerdict,
    SessionPlan,
    SessionState,
    conclude,
    offer,
)
from models.fusion import Attempted
from models.pad.report import PadHook, PadMode, no_cues

AGAIN_S = 0.7
"""A traveller needs so long to lift the finger and lay it down again."""

LAST_WORD_S = 0.3
"""What a sensor needs to say why it has no image."""


@dataclass(frozen=True, slots=True)
class FingerPad:
    """A detector of presentation attacks on finger images, and what its suspicion does."""

    mode: PadMode = PadMode.OFF
    hook: PadHook = no_cues

    def suspects(self, image: FingerImage) -> bool:
        """Whether the detector speaks against this image; not asked where the mode is off."""
        return self.mode is not PadMode.OFF and self.hook(image.pixels).suspicious

    def told(self, taken: Taken) -> Taken:
        """A capture with a suspicious image: staff read it, and where it refers nothing may match."""
        result = taken.result
        result = replace(result, findings=(*result.findings, Finding.PRESENTATION.value))
        if self.mode is not PadMode.REFER:
            return replace(taken, result=result)
        matched = result.verdict is CaptureVerdict.MATCH
        kind = CaptureVerdict.FAILURE_TO_ACQUIRE if matched else result.verdict
        return Taken(replace(result, verdict=kind))


NO_PAD = FingerPad()


class _Judge:
    """The session of one capture, images in; its state lives with the passage's samples."""

    def __init__(self, plan: SessionPlan, samples: Samples, pad: FingerPad) -> None:
        self._samples = samples
        self._pad = pad
        self.plan = plan
        self.suspected = False
        samples.sessions[CaptureKind.FINGER] = SessionState()

    @property
    def state(self) -> SessionState:
        state: SessionState = self._samples.sessions[CaptureKind.FINGER]
        return state

    def __call__(self, image: FingerImage) -> CaptureRetry | FingerVerdict:
        self.suspected = self._pad.suspects(image) or self.suspected
        after, answer = offer(self.plan, self.state, image.pixels, image.resolution_dpi)
        self._samples.sessions[CaptureKind.FINGER] = after
        return answer


async def capture_finger(
    sensor: FingerprintReader,
    plan: SessionPlan,
    samples: Samples,
    compute: Compute,
    within_s: float,
    advise: Callable[[str], None],
    pad: FingerPad = NO_PAD,
) -> Taken:
    """Take images until the session ends or `within_s` is over. Raises DeviceError."""
    judge = _Judge(plan, samples, pad)
    taken = await _session(sensor, judge, compute, within_s, advise)
    return pad.told(taken) if judge.suspected else taken


async def _session(
    sensor: FingerprintReader,
    judge: _Judge,
    compute: Compute,
    within_s: float,
    advise: Callable[[str], None],
) -> Taken:
    reasons: list[str] = []
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + within_s
    while (left_s := ends_s - loop.time()) > 0:
        got = await _image(sensor, left_s)
        if isinstance(got, FingerImage):
            answer = await compute(partial(judge, got))
            if isinstance(answer, FingerVerdict):
                return _taken(judge, answer, reasons)
            reasons.append(answer.reason.name.lower())
        elif got is NoImage.POOR_CONTACT:
            reasons.append(got.value)
        else:
            break
        advise(reasons[-1])
        await asyncio.sleep(min(AGAIN_S, max(0.0, ends_s - loop.time())))
    verdict = conclude(judge.plan, judge.state)
    return _taken(judge, verdict, reasons or [NoImage.NO_FINGER.value])


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


def _taken(judge: _Judge, verdict: FingerVerdict, reasons: list[str]) -> Taken:
    attempts = max(1, judge.state.used)
    if verdict.failure_to_acquire:
        missed = CaptureVerdict.FAILURE_TO_ACQUIRE
        return Taken(
            CaptureResult(missed, attempts=attempts, findings=tuple(dict.fromkeys(reasons)))
        )
    kind = CaptureVerdict.MATCH if verdict.match else CaptureVerdict.NON_MATCH
    told = () if verdict.match else tuple(dict.fromkeys(reasons))
    score, threshold = round(verdict.comparison_score, 2), round(verdict.threshold, 2)
    # All the comparisons that were allowed: it ends at the first good one.
    evidence = Attempted(verdict.comparison_score, judge.plan.chances)
    return Taken(CaptureResult(kind, score, threshold, attempts, told), evidence)
