"""Synthetic travellers: seeded, different, found and told apart."""

from __future__ import annotations

from dataclasses import fields, replace

import cv2
import numpy as np
import pytest

from models.face.detect import find_faces
from models.face.landmarks import find_points
from models.face.synthetic import Scene, Sitter, VirtualCamera, draw_cast, draw_identity
from models.face.synthetic.cast import LIMIT, POOL, far_apart
from models.face.synthetic.population import FIRST_SEED
from models.face.synthetic.render import Light, Pose, render_portrait
from models.face.template import Template


def test_a_seed_is_a_face_for_ever() -> None:
    """The same seed draws the same identity, another seed another one."""
    assert draw_identity(5) == draw_identity(5)
    one, two = draw_identity(5), draw_identity(6)
    assert sum(getattr(one, f.name) != getattr(two, f.name) for f in fields(one)) > 25


def test_a_cast_has_no_two_alike(references: list[Template]) -> None:
    """Members of the cast resemble each other less than the pool's limit."""
    stack = np.array([each.embedding for each in references])
    assert (stack @ stack.T)[np.triu_indices(len(stack), 1)].max() <= LIMIT


def test_a_cast_is_drawn_from_the_seed() -> None:
    """Same seed, same people in the same order; all different; not more than there are."""
    assert draw_cast(3, 6) == draw_cast(3, 6)
    assert draw_cast(3, 6) != draw_cast(4, 6)
    assert len({who.seed for who in draw_cast(3, len(POOL))}) == len(POOL)
    with pytest.raises(ValueError, match="cast"):
        draw_cast(3, len(POOL) + 1)


def test_nobody_in_the_pool_calibrates() -> None:
    """The demo's thresholds come from other faces than the demo's."""
    assert max(POOL) < FIRST_SEED


def test_far_apart_rejects_the_alike() -> None:
    """Of candidates that all look the same to the network, one is taken."""
    alike = np.array([1.0, 0.0], np.float32)
    assert far_apart([1, 1, 1], lambda _sitter: alike) == [1]


def test_a_turn_moves_the_nose_before_the_ears() -> None:
    """The head is solid: a turn is no shift of a flat picture."""
    who = draw_identity(7)
    front = render_portrait(who).colours.sum(axis=2)
    left, right = (render_portrait(who, Pose(yaw=y)).colours.sum(axis=2) for y in (-20, 20))
    assert np.abs(left - front).mean() > 0.01
    assert np.abs(left - right).mean() > np.abs(left - front).mean() * 0.8


def test_light_from_the_other_side_shades_the_other_cheek() -> None:
    """The key light's side is the brighter one."""
    who = draw_identity(2)
    lit = {
        right: render_portrait(who, light=Light(right=right)).colours[150:260, 100:188].sum(axis=2)
        for right in (-50.0, 50.0)
    }
    half = lit[50.0].shape[1] // 2
    assert lit[50.0][:, half:].mean() > lit[-50.0][:, half:].mean()
    assert lit[50.0][:, :half].mean() < lit[-50.0][:, :half].mean()


def test_a_frame_is_pure_in_its_number(sitters: list[Sitter]) -> None:
    """Frame n is the same whenever it is asked for, and no two frames are equal."""
    scene = Scene(sitters[0])
    one, two = VirtualCamera(scene, 4), VirtualCamera(scene, 4)
    last = [one.frame(n) for n in (0, 5, 9)][-1]
    assert (two.frame(9) == last).all()
    assert (two.frame(10) != last).any()


def test_the_traveller_walks_up(sitters: list[Sitter]) -> None:
    """The face grows while the traveller approaches."""
    camera = VirtualCamera(Scene(sitters[0], approach_s=1.0, turn=0), 4)
    far, near = (find_faces(camera.frame(n))[0].box.width for n in (4, 16))
    assert near > 1.2 * far


def test_faults_are_shown_as_a_camera_has_them(sitters: list[Sitter]) -> None:
    """Black is black; frozen repeats to the bit."""
    assert VirtualCamera(Scene(sitters[0], black=True)).frame(3).max() == 0
    frozen = VirtualCamera(Scene(sitters[0], frozen_from=2))
    assert (frozen.frame(2) == frozen.frame(40)).all()


def test_every_style_is_found() -> None:
    """Bald, bearded, scarfed or spectacled: the detector sees a face in each."""
    seeds = (1, 3, 7, 10, 11, 13)
    styles = {draw_identity(seed).hair for seed in seeds}
    assert len(styles) >= 4
    for seed in seeds:
        portrait = render_portrait(draw_identity(seed))
        picture = portrait.colours + 0.5 * (1 - portrait.cover[..., None])
        assert len(find_faces((np.clip(picture, 0, 1) * 255).astype(np.uint8))) == 1, seed


def test_what_moves_is_smeared_while_a_line_is_exposed(sitters: list[Sitter]) -> None:
    """A long exposure blurs a fidgeting traveller and leaves one who stands as sharp as before."""

    def sharpness(motion: float, exposure_s: float) -> float:
        held = Scene(sitters[0], approach_s=0, noise=0, turn=0)
        moving = replace(held, motion=motion, exposure_s=exposure_s)
        camera = VirtualCamera(moving, 1)
        picture = camera.frame(2)
        box = find_faces(picture)[0].box
        rows, columns = slice(int(box.top), int(box.bottom)), slice(int(box.left), int(box.right))
        return float(cv2.Laplacian(picture[rows, columns], cv2.CV_32F).std())

    assert sharpness(motion=6, exposure_s=0.04) < 0.8 * sharpness(motion=6, exposure_s=0.001)
    assert sharpness(motion=1, exposure_s=0.012) == sharpness(motion=1, exposure_s=0.001)


def test_lines_that_are_read_in_turn_slant_what_moves(sitters: list[Sitter]) -> None:
    """A slow read-out shifts the chin against the brow; the middle of the face stays in place."""
    held = Scene(sitters[0], approach_s=0, noise=0, turn=0, motion=6, exposure_s=0.0)
    slow = replace(held, readout_s=0.2)
    points = []
    for scene in (held, slow):
        picture = VirtualCamera(scene, 1).frame(2)
        points.append(find_points(picture, find_faces(picture)[0].box))
    moved = (points[1] - points[0])[:, 0]
    assert abs(moved[8] - moved[[19, 24]].mean()) > 2.0
    assert abs(moved[30]) < 3.0
