"""One face capture: shots from a camera into a session until it has its verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import numpy as np

from drivers.errors import DriverError, ReplyTimeout
from drivers.face_camera.shots import BadFrame, Camera, Frame
from gate.recognition.camera_health import SILENT_S, Health
from gate.recognition.devices import Compute, failure, translated
from gate.recognition.fusing import Taken
from gate.recognition.vault import Samples
from gate.vocabulary.passages import CaptureKind, CaptureResult, CaptureVerdict, Device, FailureKind
from models.face.session import CHANCES, Answer, Verdict, VerdictKind
from models.face.values import Finding
from models.face.verify import FaceVerification
from models.fusion import Attempted

NOBODY_S = 0.2
"""Between two looks for somebody: a face comes into view slowly, a search costs."""

_VERDICTS = {
    VerdictKind.MATCH: CaptureVerdict.MATCH,
    VerdictKind.NON_MATCH: CaptureVerdict.NON_MATCH,
    VerdictKind.FAILURE_TO_ACQUIRE: CaptureVerdict.FAILURE_TO_ACQUIRE,
}


async def capture_face(
    camera: Camera,
    session: FaceVerification,
    samples: Samples,
    compute: Compute,
    within_s: float,
    advise: Callable[[str], None],
) -> Taken:
    """Look until the session ends or `within_s` is over. Raises DeviceError."""
    samples.sessions[CaptureKind.FACE] = session
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + within_s
    health = Health(camera, "face camera", Device.RECOGNITION)
    while (left_s := ends_s - loop.time()) > 0:
        shot = await _next_shot(camera, left_s)
        if shot is None:
            break
        health.judge(shot)
        if not isinstance(shot, Frame):
            continue
        samples.picture = shot.pixels
        answer = await compute(partial(_see, session, shot))
        if isinstance(answer, Verdict):
            return _taken(answer)
        if answer.finding is not None:
            advise(answer.finding.value)
        if answer.finding is Finding.NO_FACE:
            await asyncio.sleep(min(NOBODY_S, max(0.0, ends_s - loop.time())))
    return _taken(session.end(loop.time()))


def _see(session: FaceVerification, frame: Frame) -> Answer:
    return session.see(np.ascontiguousarray(frame.pixels[..., ::-1]), frame.taken_s)


async def _next_shot(camera: Camera, left_s: float) -> Frame | BadFrame | None:
    """The next shot; None when the capture's own time is over."""
    try:
        return await camera.next_shot(min(left_s, SILENT_S))
    except ReplyTimeout as error:
        if left_s <= SILENT_S:
            return None
        raise translated(error, "face camera") from None
    except DriverError as error:
        raise translated(error, "face camera") from None


def _taken(verdict: Verdict) -> Taken:
    if verdict.kind is VerdictKind.CAMERA_FAILED:
        raise failure(FailureKind.FAULTY, "face camera: the picture is frozen; restart it")
    score = verdict.comparison_score
    result = CaptureResult(
        _VERDICTS[verdict.kind],
        None if score is None else round(score, 4),
        None if verdict.threshold is None else round(verdict.threshold, 4),
        verdict.attempts,
        tuple(finding.value for finding in verdict.findings),
    )
    at_end = verdict.score_at_end
    # All the chances that it had: it ends at the first good one.
    return Taken(result, None if at_end is None else Attempted(at_end, CHANCES))
