"""The demo as processes: worker and page killed, and one's own face with nothing left of it."""

import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from gate.bench.demo_kill import kill_in
from gate.bench.demo_own import NUMBER
from gate.bench.rendered import rendered_folder
from gate.bench.running_demo import RunningDemo
from gate.bench.synthetic_travellers import SyntheticTravellers
from gate.store import SiteKeys, Store
from models.face.synthetic import Scene, VirtualCamera

FPS = 15
YOU = f"person-{NUMBER:05d}"


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered face that stands in for somebody before a webcam."""
    path = tmp_path_factory.mktemp("webcam") / "me.avi"
    sitter = SyntheticTravellers(7, rendered_folder()).of("person-00020").sitter
    camera = VirtualCamera(Scene(sitter, approach_s=0.0), 11, fps=FPS)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 480))
    for number in range(3 * FPS):
        writer.write(np.ascontiguousarray(camera.frame(number)[..., ::-1]))
    writer.release()
    return path


@pytest.fixture
def own(video: Path) -> Iterator[RunningDemo]:
    """`egate demo --camera`."""
    running = RunningDemo("--camera", str(video), "--speed", "8")
    yield running
    running.stop()


def state_is(demo: RunningDemo, state: str) -> bool:
    """Wait until the page says so."""
    return demo.until(lambda view: bool(view.get("me")) and view["me"]["state"] == state)


def preview(demo: RunningDemo) -> tuple[int, str]:
    """What the page gets of the camera: status, and whether it may be kept."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/own-camera.jpg") as answer:
            return answer.status, answer.headers["cache-control"]
    except urllib.error.HTTPError as error:
        return error.code, error.headers["cache-control"]


def seen_while_enrolling(demo: RunningDemo) -> tuple[int, str]:
    """The mirror's answer as soon as the camera is open, or the last one before it closed."""
    answer = preview(demo)
    while answer[0] != 200 and not demo.until(lambda v: v["me"]["state"] == "enrolled", 0.2):
        answer = preview(demo)
    return answer


def files_with(canaries: list[bytes], *folders: Path) -> list[str]:
    """Which files hold one of the canaries."""
    found = []
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                held = path.read_bytes()
                found += [str(path) for canary in canaries if canary in held]
    return found


def open_store(folder: Path) -> Store:
    """As another process of the gate."""
    return Store.open(folder / "store.db", keys=SiteKeys.from_file(folder / "master.key"))


def test_your_own_face_walks_through_and_is_erased(own: RunningDemo, video: Path) -> None:
    """Enrolled through the desk, admitted, referred with a borrowed passport; then nothing is left:
    not the template, not its key, not a frame, not the folder.
    """
    assert own.until_calm()
    assert preview(own)[0] == 404
    own.send(me="enrol")
    assert state_is(own, "enrolling")
    assert seen_while_enrolling(own) == (200, "no-store")
    assert own.view["me"]["state"] == "enrolled" or state_is(own, "enrolled")
    assert preview(own)[0] == 404
    for kind, outcome in (("yourself", "admit"), ("borrowed_passport", "refer")):
        own.send(send=kind)
        assert own.until(lambda view, o=outcome: view["demo"]["outcomes"].get(o) == 1)  # type: ignore[misc]
        assert own.until_calm()

    folder = own.folder
    with open_store(folder) as store:
        templates = store.templates_of(YOU)
    assert set(templates) == {"face", "finger"}
    with sqlite3.connect(f"file:{folder}/store.db?mode=ro", uri=True) as rows:
        wrapped = {bytes(row[0]) for row in rows.execute("SELECT wrapped FROM keys") if row[0]}
    pixels = cv2.VideoCapture(str(video)).read()[1][240].tobytes()
    clear = [*templates.values(), pixels]
    assert not files_with(clear, folder, Path("/dev/shm")), "in clear even before the erasure"

    own.send(me="erase")
    assert state_is(own, "nobody")
    with open_store(folder) as store:
        assert store.templates_of(YOU) == {}
        assert store.verify().holds
    with sqlite3.connect(f"file:{folder}/store.db?mode=ro", uri=True) as rows:
        kept = {bytes(row[0]) for row in rows.execute("SELECT wrapped FROM keys") if row[0]}
    destroyed = list(wrapped - kept)
    assert destroyed
    assert not files_with([*clear, *destroyed], folder, Path("/dev/shm"))
    own.stop()
    assert not folder.exists()
    assert not list(Path("/dev/shm").glob(f"*{folder.name}*"))


def test_a_black_camera_is_said_and_enrols_nobody(tmp_path: Path) -> None:
    """The page says what is wrong with the camera and what to do."""
    path = tmp_path / "black.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (640, 480))
    for _ in range(FPS):
        writer.write(np.zeros((480, 640, 3), np.uint8))
    writer.release()
    demo = RunningDemo("--camera", str(path))
    try:
        assert demo.until_calm()
        demo.send(me="enrol")
        assert demo.until(lambda view: "open its cover" in (view.get("me") or {}).get("said", ""))
        assert demo.view["me"]["state"] == "nobody"
    finally:
        demo.stop()


def test_worker_page_and_gate_are_killed_while_somebody_is_captured() -> None:
    """Neutral to the traveller, referred, healed by itself; the next traveller is admitted. A gate
    that comes back knows its records: its clock goes on where they end.
    """
    demo = RunningDemo("--speed", "8")
    try:
        assert demo.until_calm()
        for victim in ("worker", "web", "gate"):
            assert kill_in(demo, victim, "capturing").wrong == ()
    finally:
        demo.stop()
