"""Alignment: the least-squares similarity and the chip it cuts."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.face.align import cut_chip, find_similarity, with_mirrors
from models.face.detect import find_faces
from models.face.engines import Engine
from models.face.landmarks import find_points
from models.face.values import Picture

angles = st.floats(-180, 180)


@given(angles, st.floats(0.2, 5), st.floats(-200, 200), st.floats(-200, 200), st.integers(0, 99))
def test_a_similarity_is_found_again(
    angle: float, scale: float, right: float, down: float, seed: int
) -> None:
    """Points moved by a turn, scale and shift give exactly that back."""
    points = np.random.default_rng(seed).uniform(0, 100, (5, 2)).astype(np.float32)
    turn = np.radians(angle)
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = points @ matrix.T + (right, down)
    found = find_similarity(points, moved.astype(np.float32))
    assert np.allclose(points @ found[:, :2].T + found[:, 2], moved, atol=0.05)


def test_coinciding_points_are_refused() -> None:
    """One point five times has no direction."""
    with pytest.raises(ValueError, match="points"):
        find_similarity(np.ones((5, 2), np.float32), np.zeros((5, 2), np.float32))


def test_the_chip_does_not_depend_on_resolution(portrait: Picture, engine: Engine) -> None:
    """Four times the pixels show the same chip: shrinking is by area, without aliasing."""
    points = find_points(portrait, find_faces(portrait)[0].box)
    large = np.asarray(
        cv2.resize(portrait, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), np.uint8
    )
    small_chip = cut_chip(portrait, points, engine.geometry).astype(int)
    large_chip = cut_chip(large, (points + 0.5) * 4 - 0.5, engine.geometry).astype(int)
    assert np.abs(small_chip - large_chip).mean() < 3.0


def test_a_shift_moves_the_face_in_the_chip(portrait: Picture, engine: Engine) -> None:
    """A tenth of the side to the right shows the same face fifteen pixels further right."""
    points = find_points(portrait, find_faces(portrait)[0].box)
    there = cut_chip(portrait, points, engine.geometry).astype(int)
    moved = cut_chip(portrait, points, engine.geometry, (0.1, 0.0)).astype(int)
    assert np.abs(moved[:, 15:] - there[:, :-15]).mean() < 2.0


def test_a_face_outside_of_the_picture_is_black(portrait: Picture, engine: Engine) -> None:
    """Points far outside give a black chip, not an error."""
    points = find_points(portrait, find_faces(portrait)[0].box) + np.float32(5000)
    assert cut_chip(portrait, points, engine.geometry).max() == 0


def test_mirrors_follow_the_originals(portrait: Picture) -> None:
    """The second half of the stack is the first half mirrored."""
    stack = with_mirrors([portrait, portrait // 2])
    assert (stack[2] == portrait[:, ::-1]).all()
    assert (stack[1] == portrait // 2).all()
