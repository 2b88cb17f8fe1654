"""`egate face`: its answers, exit codes and refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from gate.cli.face import app
from models.face.synthetic import Scene, VirtualCamera, draw_cast, prepare

runner = CliRunner()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two frames of one traveller, one of another, one of nobody, and a short video."""
    folder = tmp_path_factory.mktemp("faces")
    one, two = (prepare(who) for who in draw_cast(6, 2))
    cameras = {"a": (one, 1), "b": (one, 2), "other": (two, 1), "nobody": (None, 1)}
    made = {}
    for name, (sitter, seed) in cameras.items():
        made[name] = folder / f"{name}.png"
        frame = VirtualCamera(Scene(sitter, approach_s=0.0), seed).frame(4)
        assert cv2.imwrite(str(made[name]), frame[..., ::-1])
    made["video"] = folder / "walk.avi"
    writer = cv2.VideoWriter(str(made["video"]), cv2.VideoWriter.fourcc(*"MJPG"), 15, (640, 480))
    camera = VirtualCamera(Scene(one, approach_s=0.3), 1)
    for number in range(6):
        writer.write(np.ascontiguousarray(camera.frame(number)[..., ::-1]))
    writer.release()
    return made


def test_verify_answers_in_json(pictures: dict[str, Path]) -> None:
    """One person's two frames match; score, threshold and FMR stand beside it."""
    done = runner.invoke(app, ["verify", str(pictures["a"]), str(pictures["b"]), "--json"])
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["match"]) == (0, True)
    assert answer["comparison_score"] >= answer["threshold"]
    assert answer["fmr"] == 1e-3


def test_verify_refuses_where_nobody_is(pictures: dict[str, Path]) -> None:
    """No face is exit code 1 and the reason, not a comparison."""
    done = runner.invoke(app, ["verify", str(pictures["a"]), str(pictures["nobody"])])
    assert done.exit_code == 1
    assert "no_face" in done.stdout


@pytest.mark.parametrize("fmr", ["1e-9", "often", "2"])
def test_an_fmr_without_support_is_a_wrong_call(pictures: dict[str, Path], fmr: str) -> None:
    """The rule of three holds at the command line as well."""
    done = runner.invoke(app, ["verify", str(pictures["a"]), str(pictures["b"]), "--fmr", fmr])
    assert done.exit_code == 2
    assert "FMR" in done.stderr or "--fmr" in done.stderr


def test_quality_of_a_picture_and_of_a_video(pictures: dict[str, Path]) -> None:
    """Every component is listed; a video gives its best frame and how many were usable."""
    picture = json.loads(runner.invoke(app, ["quality", str(pictures["a"]), "--json"]).stdout)
    assert len(picture["components"]) == 15
    video = json.loads(runner.invoke(app, ["quality", str(pictures["video"]), "--json"]).stdout)
    assert video["frames"] == 6
    assert 0 <= video["usable"] <= 6


def test_a_damaged_picture_or_video_is_a_wrong_call(tmp_path: Path) -> None:
    """What cannot be read is told in one line."""
    for name in ("bad.jpg", "bad.mp4"):
        (tmp_path / name).write_bytes(b"nothing")
        done = runner.invoke(app, ["quality", str(tmp_path / name)])
        assert done.exit_code == 2
        assert done.stderr.startswith("egate: ")


@pytest.mark.parametrize("scene", [{"frozen_from": 0}, {"black": True}])
def test_a_frozen_or_black_camera_is_told(tmp_path: Path, scene: dict[str, Any]) -> None:
    """A recording that repeats one picture has no usable frame, however good the picture is."""
    path = tmp_path / "camera.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (640, 480))
    camera = VirtualCamera(Scene(prepare(draw_cast(6, 1)[0]), approach_s=0.0, **scene), 1)
    for number in range(5):
        writer.write(np.ascontiguousarray(camera.frame(number)[..., ::-1]))
    writer.release()
    done = runner.invoke(app, ["quality", str(path), "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert told["usable"] == 0
    assert told["findings"][0] == "frozen"
    assert ("dark" in told["findings"]) == ("black" in scene)


def test_a_refusal_is_json_where_json_is_awaited(pictures: dict[str, Path], tmp_path: Path) -> None:
    """A program that reads the output gets a non-match with the error, not an empty line."""
    (tmp_path / "bad.jpg").write_bytes(b"nothing")
    done = runner.invoke(app, ["verify", str(pictures["a"]), str(tmp_path / "bad.jpg"), "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout) == {"match": False, "error": done.stderr[7:].strip()}


def test_calibrate_needs_named_data(tmp_path: Path) -> None:
    """Neither nothing, nor a folder without the data set's name."""
    assert runner.invoke(app, ["calibrate"]).exit_code == 2
    assert runner.invoke(app, ["calibrate", str(tmp_path)]).exit_code == 2


def test_a_demo_calibration_is_refused_for_real_pictures(pictures: dict[str, Path]) -> None:
    """Thresholds of rendered faces do not verify anybody's photographs."""
    from models.face.calibration import DEMO

    call = ["verify", str(pictures["a"]), str(pictures["b"]), "--calibration", str(DEMO)]
    done = runner.invoke(app, call)
    assert done.exit_code == 2
    assert "demo" in done.stderr
