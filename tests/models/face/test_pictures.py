"""One picture through the stages: found, measured, enrolled, or refused with the reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import cv2
import numpy as np
import pytest

from models.face.detect import find_faces, find_others, track
from models.face.engines import Engine
from models.face.enrol import EnrolmentRefused, enrol
from models.face.measures import head_angles
from models.face.pipeline import Description, Refusal, describe, measure, rivals
from models.face.quality import assess, in_order
from models.face.session import Settings
from models.face.synthetic import Scene, Sitter, VirtualCamera, enrolment_frames
from models.face.template import Template
from models.face.values import Face, Finding, Picture


def shot(sitter: Sitter | None, seed: int = 5, **scene: Any) -> Picture:
    """A frame of a scene, near and without blinking."""
    return VirtualCamera(Scene(sitter, approach_s=0.0, blinks=False, **scene), seed).frame(2)


def findings_of(picture: Picture, engine: Engine) -> tuple[Finding, ...]:
    """Why a picture is refused; nothing if it is not."""
    seen = describe(picture, engine)
    return seen.findings if isinstance(seen, Refusal) else ()


def test_a_good_picture_is_described(portrait: Picture, engine: Engine) -> None:
    """A unit embedding and every component of the quality between 0 and 100."""
    seen = describe(portrait, engine)
    assert isinstance(seen, Description)
    assert np.linalg.norm(seen.embedding) == pytest.approx(1.0, abs=1e-5)
    assert all(0 <= each.score <= 100 for each in seen.quality.components)
    assert seen.quality.score == min(each.score for each in seen.quality.components if each.counted)


def test_the_face_is_found_where_it_stands(portrait: Picture) -> None:
    """The box lies on the head, in the middle of the frame, at any resolution."""
    for factor in (0.5, 1.0, 2.5):
        picture = np.asarray(cv2.resize(portrait, None, fx=factor, fy=factor), np.uint8)
        found = find_faces(picture)
        assert len(found) == 1
        x, y = found[0].box.centre
        assert abs(x / picture.shape[1] - 0.5) < 0.08
        assert abs(y / picture.shape[0] - 0.5) < 0.12


def test_a_face_is_tracked_until_it_goes(portrait: Picture, nobody: Picture) -> None:
    """The next frame's face is found near the last; in an empty hall nothing is."""
    first = find_faces(portrait)[0]
    followed = track(portrait, first)
    assert followed is not None
    assert followed.box.overlap(first.box) > 0.7
    assert track(nobody, first) is None


def test_others_are_seen_down_to_the_size_asked_for(sitters: list[Sitter]) -> None:
    """Somebody beside is found, somebody far behind is not asked for."""
    beside = shot(sitters[0], beside=sitters[1])
    assert rivals(beside, find_faces(beside)[0])
    behind = shot(sitters[0], behind=(sitters[1],))
    assert not rivals(behind, find_faces(behind)[0])
    assert find_others(behind, find_faces(behind)[0], 0.3)


@pytest.mark.parametrize(
    ("scene", "finding"),
    [
        ({"gain": 0.15}, Finding.DARK),
        ({"gain": 3.5, "defocus": 0.0}, Finding.BRIGHT),
        ({"distance": 2.5}, Finding.FAR),
        ({"defocus": 6.0}, Finding.BLURRED),
    ],
)
def test_each_trouble_has_its_reason(
    sitters: list[Sitter], engine: Engine, scene: dict[str, Any], finding: Finding
) -> None:
    """The trouble that was made is the one that is told (or the face is not even found)."""
    found = findings_of(shot(sitters[2], turn=0, **scene), engine)
    assert finding in found or found == (Finding.NO_FACE,)


def test_a_cut_off_face_is_told(portrait: Picture, engine: Engine) -> None:
    """A head that leaves the picture is not compared."""
    box = find_faces(portrait)[0].box
    cut = portrait[:, int(box.left + 0.27 * box.width) :]
    assert findings_of(np.ascontiguousarray(cut), engine) in (
        (Finding.CUT_OFF,),
        (Finding.NO_FACE,),
    )


def test_two_faces_are_no_face(sitters: list[Sitter], engine: Engine) -> None:
    """Nobody chooses which of two is compared."""
    assert findings_of(shot(sitters[0], beside=sitters[1]), engine) == (Finding.TWO_FACES,)


def test_nobody_is_no_face(nobody: Picture, engine: Engine) -> None:
    """An empty hall is refused as such, with no quality to report."""
    assert findings_of(nobody, engine) == (Finding.NO_FACE,)
    assert measure(nobody) == (None, (Finding.NO_FACE,))


def test_one_hue_over_the_mouth_is_covered(portrait: Picture, engine: Engine) -> None:
    """A mask of another colour over mouth and chin is told."""
    box = find_faces(portrait)[0].box
    masked = portrait.copy()
    top, bottom = int(box.top + 0.62 * box.height), int(box.top + 1.05 * box.height)
    masked[top:bottom, int(box.left) : int(box.right)] = (60, 120, 230)
    found = findings_of(masked, engine)
    assert Finding.COVERED in found or found == (Finding.NO_FACE,)


def test_a_reference_is_held_to_more(sitters: list[Sitter]) -> None:
    """What passes as a probe may be refused as a reference, never the other way round."""
    picture = shot(sitters[1], turn=0, distance=1.6)
    found = find_faces(picture)[0]
    from models.face.landmarks import find_points

    face = Face(found, find_points(picture, found.box))
    assert set(assess(picture, face).findings) <= set(assess(picture, face, True).findings)


def test_findings_come_in_the_order_to_be_told() -> None:
    """No face before darkness before distance, each once."""
    given = [Finding.FAR, Finding.DARK, Finding.FAR, Finding.NO_FACE]
    assert in_order(given) == (Finding.NO_FACE, Finding.DARK, Finding.FAR)


def test_head_angles_follow_the_points() -> None:
    """A nose moved towards one eye is a turn to that side; turned points are a roll."""
    points = np.zeros((68, 2), np.float32)
    points[36], points[45], points[30], points[48], points[54] = (
        (0, 0),
        (90, 0),
        (45, 40),
        (20, 80),
        (70, 80),
    )
    assert abs(head_angles(points).yaw) < 0.1
    points[30, 0] = 60
    assert head_angles(points).yaw > 8
    assert head_angles(points[:, ::-1] * (1, 1)).roll == pytest.approx(90, abs=0.1)


def test_enrolment_fuses_one_person(references: list[Template]) -> None:
    """A reference says how many frames stand behind it."""
    assert references[0].frames >= 3
    assert references[0].quality > 0


def test_enrolment_refuses_two_people(
    sitters: list[Sitter], engine: Engine, settings: Settings
) -> None:
    """Frames of two people make no reference."""
    mixed = [*enrolment_frames(sitters[0])[:2], *enrolment_frames(sitters[1])[:2]]
    made = enrol(mixed, engine, settings.same_face_score, date(2026, 1, 1))
    assert made == EnrolmentRefused((Finding.OTHER_FACE,), 4)


def test_enrolment_refuses_poor_frames(
    sitters: list[Sitter], engine: Engine, settings: Settings
) -> None:
    """Too few good frames: refused with the reasons, and no template."""
    dark = [shot(sitters[0], turn=0, gain=0.15)] * 3
    made = enrol(dark, engine, settings.same_face_score, date(2026, 1, 1))
    assert isinstance(made, EnrolmentRefused)
    assert made.usable_frames == 0
    assert made.findings
