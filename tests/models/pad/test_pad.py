"""Presentation attack cues: the plumbing works; nothing is claimed of attacks made elsewhere."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.face.values import Box, Detection, Face
from models.pad.challenge import Challenge, answered
from models.pad.cues import bezel, planarity, screen_grid
from models.pad.report import Cue, PadMode, PadReport, no_cues
from models.pad.session import PadState, pad_report, pad_watch


def skin(side: int = 200, seed: int = 1) -> np.ndarray:
    """Grey, rough and noisy as skin is."""
    rng = np.random.default_rng(seed)
    rough = cv2.GaussianBlur(rng.normal(0, 60, (side, side)).astype(np.float32), (0, 0), 3)
    noisy = np.clip(130 + rough + rng.normal(0, 3, rough.shape), 0, 255)
    return np.asarray(noisy, np.uint8)


def head_points(seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """68 points on a plane and how far each stands out of it."""
    rng = np.random.default_rng(seed)
    flat = rng.uniform(-50, 50, (68, 2))
    flat[36], flat[45], flat[30] = (-45, -20), (45, -20), (0, 10)
    depth = 40 * np.exp(-(flat**2).sum(axis=1) / 1500)
    return flat, depth


def turned(flat: np.ndarray, depth: np.ndarray, degrees: float) -> np.ndarray:
    """The points after a turn of the head."""
    angle = np.radians(degrees)
    x = flat[:, 0] * np.cos(angle) + depth * np.sin(angle)
    return np.stack([x + 100, flat[:, 1] + 100], axis=1).astype(np.float32)


def test_the_grid_of_a_screen_stands_out() -> None:
    """A periodic pattern over a face is suspicious, the face alone is not."""
    face = skin()
    y, x = np.mgrid[:200, :200]
    screen = np.clip(face + 14 * np.sin(x * 1.9) * np.sin(y * 1.7), 0, 255).astype(np.uint8)
    assert screen_grid(screen) > 0.8
    assert screen_grid(face) < 0.3
    assert screen_grid(face[:40, :40]) == 0.0


def test_a_photo_that_turns_is_flat_and_a_head_is_not() -> None:
    """Parallax of nose against cheeks over 16 degrees tells paper from a head."""
    flat, depth = head_points()
    angles = [-8.0, 0.0, 8.0]
    head = planarity([turned(flat, depth, each) for each in angles], angles)
    photo = planarity([turned(flat, 0 * depth, each) for each in angles], angles)
    assert head is not None
    assert photo is not None
    assert photo > 0.8 > 0.2 > head


def test_without_a_turn_nothing_is_said_about_depth() -> None:
    """A still head is not called flat."""
    flat, depth = head_points()
    assert planarity([turned(flat, depth, 0)] * 5, [0.0] * 5) is None


def test_a_frame_around_the_face_is_seen() -> None:
    """Straight edges on all sides around the face are a bezel; a plain wall has none."""
    wall = np.full((480, 640), 150, np.uint8)
    framed = cv2.rectangle(wall.copy(), (200, 90), (440, 390), 10, 14)
    assert bezel(np.asarray(framed, np.uint8), 260, 170, 380, 310) >= 0.5
    assert bezel(wall, 260, 170, 380, 310) == 0.0


def test_a_blink_is_open_closed_open() -> None:
    """Eyes that stay open, or stay closed, answer no challenge."""
    assert answered(Challenge.BLINK, [0.30, 0.31, 0.12, 0.11, 0.29, 0.30], [])
    assert not answered(Challenge.BLINK, [0.30] * 8, [])
    assert not answered(Challenge.BLINK, [0.3, 0.3, 0.3, 0.1, 0.1], [])
    assert not answered(Challenge.BLINK, [], [])


@pytest.mark.parametrize(
    ("challenge", "yaws", "done"),
    [
        (Challenge.TURN_LEFT, [0, 4, 12], True),
        (Challenge.TURN_LEFT, [0, -4, -12], False),
        (Challenge.TURN_RIGHT, [0, -4, -12], True),
        (Challenge.TURN_RIGHT, [-15, -15], False),
        (Challenge.TURN_LEFT, [], False),
    ],
)
def test_a_turn_starts_at_the_front(challenge: Challenge, yaws: list[float], done: bool) -> None:
    """The side asked for, from the front: a picture of a turned head is no turn."""
    assert answered(challenge, [], yaws) is done


def test_cues_are_gathered_over_a_capture() -> None:
    """A capture of a screen is reported; no face, no cue."""
    y, x = np.mgrid[:300, :300]
    grey = np.clip(skin(300) + 14 * np.sin(x * 1.9) * np.sin(y * 1.7), 0, 255).astype(np.uint8)
    picture = np.dstack([grey] * 3)
    flat, depth = head_points()
    face = Face(Detection(Box(40, 40, 260, 260), 1.0), turned(flat, depth, 0))
    state = PadState()
    for _ in range(5):
        state = pad_watch(state, picture, face)
    assert pad_report(state).suspicious
    assert pad_watch(PadState(), picture, None) == PadState()
    assert pad_report(PadState()) == PadReport()


def test_a_suspicion_reaches_its_limit() -> None:
    """One cue at the limit is enough, several below it are not."""
    assert PadReport((Cue("a", 0.8),)).suspicious
    assert not PadReport((Cue("a", 0.79), Cue("b", 0.79))).suspicious


def test_the_fingers_hook_claims_nothing_by_itself() -> None:
    """Without a detector no suspicion and no cue; the modes are those of the config."""
    assert no_cues(np.zeros((10, 10), np.uint8)) == PadReport()
    assert [mode.value for mode in PadMode] == ["off", "warn", "refer"]
