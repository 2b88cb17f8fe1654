"""Whole captures on rendered travellers, and what a camera can do wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from models.face.engines import Engine
from models.face.session import Feedback, Settings, Verdict, VerdictKind
from models.face.synthetic import Scene, Sitter, VirtualCamera
from models.face.template import EngineChanged, Template
from models.face.values import BadImage, Finding, Picture
from models.face.verify import FaceVerification
from models.pad.challenge import Challenge
from models.pad.report import PadMode


def captured(
    scene: Scene, reference: Template, engine: Engine, settings: Settings, frames: int = 60
) -> tuple[Verdict | None, list[Finding | None]]:
    """Run a capture over a scene; the verdict and what was told before it."""
    capture = FaceVerification(reference, engine, settings)
    camera = VirtualCamera(scene, seed=3)
    told: list[Finding | None] = []
    for number in range(frames):
        answer = capture.see(camera.frame(number), number / 15)
        if isinstance(answer, Verdict):
            return answer, told
        told.append(answer.finding)
    return None, told


def test_each_traveller_matches_only_their_own_reference(
    sitters: list[Sitter], references: list[Template], engine: Engine, settings: Settings
) -> None:
    """Swap the reference and the outcome changes: no constant answer is recognition."""
    for mine, (sitter, own) in enumerate(zip(sitters, references, strict=True)):
        scene = Scene(sitter, approach_s=0.3)
        match, _ = captured(scene, own, engine, settings)
        assert match is not None
        assert match.kind is VerdictKind.MATCH
        other, _ = captured(scene, references[mine - 1], engine, settings)
        assert other is not None
        assert other.kind is VerdictKind.NON_MATCH


def test_somebody_beside_the_traveller_is_refused(
    sitters: list[Sitter], references: list[Template], engine: Engine, settings: Settings
) -> None:
    """Exactly one face: a second one as near keeps the verdict from falling."""
    scene = Scene(sitters[0], approach_s=0.0, beside=sitters[1])
    verdict, told = captured(scene, references[0], engine, settings, frames=12)
    assert verdict is None or verdict.kind is not VerdictKind.MATCH
    assert Finding.TWO_FACES in told


def test_people_further_behind_do_not_disturb(
    sitters: list[Sitter], references: list[Template], engine: Engine, settings: Settings
) -> None:
    """Those who wait in line are small and stay out of it."""
    scene = Scene(sitters[0], approach_s=0.0, behind=(sitters[1], sitters[2]))
    verdict, _ = captured(scene, references[0], engine, settings)
    assert verdict is not None
    assert verdict.kind is VerdictKind.MATCH


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"gain": 0.12}, Finding.DARK),
        ({"distance": 2.6}, Finding.FAR),
        ({"defocus": 6.0}, Finding.BLURRED),
        ({"black": True}, Finding.DARK),
    ],
)
def test_poor_frames_tell_what_to_change(
    sitters: list[Sitter],
    references: list[Template],
    engine: Engine,
    settings: Settings,
    change: dict[str, Any],
    finding: Finding,
) -> None:
    """Dark, far, blurred, black: the first frame already says so and nothing is compared."""
    scene = Scene(sitters[0], approach_s=0.0, **change)
    verdict, told = captured(scene, references[0], engine, settings, frames=2)
    assert verdict is None
    assert told[0] in (finding, Finding.NO_FACE)
    assert None not in told


def test_a_rendered_blink_is_seen_as_closed_eyes(
    sitters: list[Sitter], references: list[Template], engine: Engine, settings: Settings
) -> None:
    """Closed lids after open ones are told to the traveller and give no evidence."""
    for sitter, reference in zip(sitters, references, strict=True):
        capture = FaceVerification(reference, engine, settings)
        still = Scene(sitter, approach_s=0.0, blinks=False, turn=0)
        lids = Sitter((sitter.blinking,), sitter.blinking)
        assert capture.see(VirtualCamera(still, 3).frame(0), 0.0) == Feedback(None, 1)
        closed = VirtualCamera(replace(still, sitter=lids), 3).frame(1)
        assert capture.see(closed, 1 / 15) == Feedback(Finding.EYES_CLOSED, 1)


def behind_a_grid(frame: Picture) -> Picture:
    """The frame as a screen would show it."""
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]]
    grid = 14 * np.sin(x * 1.9) * np.sin(y * 1.7)
    return np.asarray(np.clip(frame + grid[..., None], 0, 255), np.uint8)


@pytest.mark.parametrize(
    ("mode", "kind", "told"),
    [
        (PadMode.OFF, VerdictKind.MATCH, ()),
        (PadMode.WARN, VerdictKind.MATCH, (Finding.PRESENTATION,)),
        (PadMode.REFER, VerdictKind.FAILURE_TO_ACQUIRE, (Finding.PRESENTATION,)),
    ],
)
def test_a_suspected_attack_is_ignored_told_or_referred(
    sitters: list[Sitter],
    references: list[Template],
    engine: Engine,
    settings: Settings,
    mode: PadMode,
    kind: VerdictKind,
    told: tuple[Finding, ...],
) -> None:
    """The right face behind a screen's grid: what follows is the configured mode's."""
    capture = FaceVerification(references[0], engine, settings, mode)
    camera = VirtualCamera(Scene(sitters[0], approach_s=0.0, blinks=False), seed=3)
    answers = (capture.see(behind_a_grid(camera.frame(n)), n / 15) for n in range(60))
    verdict = next(each for each in answers if isinstance(each, Verdict))
    assert (verdict.kind, verdict.findings) == (kind, told)
    assert (verdict.score_at_end is None) is (mode is PadMode.REFER)


@pytest.mark.parametrize("challenge", [None, Challenge.BLINK])
def test_a_face_that_falls_short_is_not_fused_where_attacks_refer(
    sitters: list[Sitter],
    references: list[Template],
    engine: Engine,
    settings: Settings,
    challenge: Challenge | None,
) -> None:
    """Below the threshold a suspicion, or a challenge that was never put, leaves no score to fuse."""
    above = replace(settings, threshold=1.1)
    capture = FaceVerification(references[0], engine, above, PadMode.REFER, challenge=challenge)
    camera = VirtualCamera(Scene(sitters[0], approach_s=0.0, blinks=False), seed=3)
    shown = (camera.frame(n) for n in range(60))
    pictures = shown if challenge else map(behind_a_grid, shown)
    answers = (capture.see(picture, n / 15) for n, picture in enumerate(pictures))
    verdict = next(each for each in answers if isinstance(each, Verdict))
    assert verdict.kind is VerdictKind.NON_MATCH
    assert verdict.comparison_score is not None
    assert verdict.score_at_end is None


def asked_to_blink(
    sitter: Sitter, reference: Template, engine: Engine, settings: Settings, blinks: bool
) -> tuple[Verdict, set[Finding | None]]:
    """A capture with a challenge, before somebody who answers it or does not."""
    mode, within = PadMode.REFER, replace(settings, within_s=4.0)
    capture = FaceVerification(reference, engine, within, mode, challenge=Challenge.BLINK)
    scene = Scene(sitter, approach_s=0.0, turn=0 if not blinks else None, blinks=blinks)
    camera = VirtualCamera(scene, 3)
    told: set[Finding | None] = set()
    for number in range(90):
        answer = capture.see(camera.frame(number), number / 15)
        if isinstance(answer, Verdict):
            return answer, told
        told.add(answer.finding)
    raise AssertionError("no verdict")


def test_a_match_waits_for_the_blink_that_was_asked_for(
    sitters: list[Sitter], references: list[Template], engine: Engine, settings: Settings
) -> None:
    """Who blinks is let through; a face that never does is no bona fide presentation."""
    args = (sitters[0], references[0], engine, settings)
    blinked, told = asked_to_blink(*args, blinks=True)
    assert Finding.BLINK in told
    assert (blinked.kind, blinked.findings) == (VerdictKind.MATCH, ())
    stared, _ = asked_to_blink(*args, blinks=False)
    assert stared.kind is VerdictKind.FAILURE_TO_ACQUIRE
    assert stared.findings == (Finding.PRESENTATION,)
    assert stared.took_s >= 4.0


def test_nobody_else_answers_the_challenge(
    sitters: list[Sitter], references: list[Template], engine: Engine, settings: Settings
) -> None:
    """Who changes places after the match and then blinks is not let through."""
    capture = FaceVerification(
        references[0], engine, settings, PadMode.REFER, challenge=Challenge.BLINK
    )
    still = Scene(sitters[0], approach_s=0.0, turn=0, blinks=False)
    first, second = VirtualCamera(still, 3), VirtualCamera(replace(still, sitter=sitters[1]), 3)
    number = 0
    while capture.see(first.frame(number), number / 15) != Feedback(Finding.BLINK, 1):
        number += 1
    answers = (capture.see(second.frame(n), n / 15) for n in range(number + 1, number + 30))
    verdict = next(each for each in answers if isinstance(each, Verdict))
    assert verdict.kind is VerdictKind.FAILURE_TO_ACQUIRE
    assert verdict.findings == (Finding.PRESENTATION,)


def test_an_aged_reference_is_told_with_the_verdict(
    sitters: list[Sitter], references: list[Template], engine: Engine, settings: Settings
) -> None:
    """Five years and a day after the enrolment staff read that a fresh capture is due."""
    for on, told in ((date(2030, 12, 1), ()), (date(2031, 1, 3), (Finding.AGED,))):
        capture = FaceVerification(references[0], engine, settings, PadMode.OFF, on)
        assert capture.end(0.1).findings == told


def test_an_empty_hall_is_no_face(
    nobody: Picture, references: list[Template], engine: Engine, settings: Settings
) -> None:
    """Where nobody stands, nobody is found."""
    answer = FaceVerification(references[0], engine, settings).see(nobody, 0.0)
    assert answer == Feedback(Finding.NO_FACE, 1)


def test_a_frozen_camera_ends_the_capture(
    sitters: list[Sitter], references: list[Template], engine: Engine, settings: Settings
) -> None:
    """The camera's last frame for ever is a device failure."""
    scene = Scene(sitters[1], approach_s=0.0, frozen_from=1)
    verdict, _ = captured(scene, references[0], engine, settings)
    assert verdict is not None
    assert verdict.kind is VerdictKind.CAMERA_FAILED


def test_a_video_that_ends_has_a_verdict(
    portrait: Picture, references: list[Template], engine: Engine, settings: Settings
) -> None:
    """One frame and then nothing admits nobody."""
    capture = FaceVerification(references[0], engine, settings)
    capture.see(portrait, 0.0)
    assert capture.end(0.1).kind is VerdictKind.FAILURE_TO_ACQUIRE
    with pytest.raises(RuntimeError):
        capture.see(portrait, 0.2)


def test_a_frame_that_is_no_picture_is_refused(
    references: list[Template], engine: Engine, settings: Settings
) -> None:
    """NaN from a broken driver is an error of the camera, not a face."""
    with pytest.raises(BadImage):
        FaceVerification(references[0], engine, settings).see(
            np.full((480, 640, 3), np.nan),
            0.0,
        )


def test_a_reference_of_another_engine_is_refused(
    references: list[Template], engine: Engine, settings: Settings
) -> None:
    """The capture does not even begin."""
    with pytest.raises(EngineChanged, match="enrol again"):
        FaceVerification(replace(references[0], engine="older-v0"), engine, settings)
