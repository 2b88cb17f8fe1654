"""One suite for every camera that needs no hand: emulated, from a file, over HTTP, and the bench's own."""

import asyncio
import http.server
import itertools
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.errors import LinkLost
from drivers.face_camera.driver import OpenCvCamera, PacedCamera, open_camera
from drivers.face_camera.emulator import CameraEmulator
from drivers.face_camera.shots import BadFrame, Camera, Frame, Pixels
from drivers.face_camera.sources import CameraSettings
from tests.drivers.document_reader.bench import BenchDevice, bench_devices
from tests.drivers.face_camera.rtsp_server import rtsp_camera

SIZE = (64, 96)
FRAMES_PER_S = 25.0


def scene(at_s: float) -> Pixels:
    """A bright field with a bar that moves."""
    picture = np.full((*SIZE, 3), 120, np.uint8)
    left = int(at_s * 40) % (SIZE[1] - 16)
    picture[:, left : left + 16] = 220
    return picture


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of one second."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    fourcc = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), fourcc, FRAMES_PER_S, (SIZE[1], SIZE[0]))
    for number in range(25):
        writer.write(scene(number / FRAMES_PER_S))
    writer.release()
    return path


class _Mjpeg(http.server.BaseHTTPRequestHandler):
    """A network camera: JPEGs without end."""

    stop = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=cut")
        self.end_headers()
        number = 0
        try:
            while not self.stop.wait(1 / FRAMES_PER_S):
                number += 1
                jpeg = cv2.imencode(".jpg", scene(number / FRAMES_PER_S))[1].tobytes()
                head = f"--cut\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self.wfile.write(head.encode() + jpeg + b"\r\n")
        except OSError:
            return

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@pytest.fixture
def stream() -> Iterator[str]:
    """The address of an MJPEG stream."""
    _Mjpeg.stop.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Mjpeg)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/video.mjpg"
    _Mjpeg.stop.set()
    server.shutdown()
    thread.join()


@pytest.fixture
def rtsp() -> Iterator[str]:
    """The address of an RTSP camera."""
    with rtsp_camera(_jpeg, FRAMES_PER_S) as address:
        yield address


def _jpeg(number: int) -> bytes:
    return cv2.imencode(".jpg", scene(number / FRAMES_PER_S))[1].tobytes()


@pytest.mark.parametrize("kind", ["emulated", "file", "stream", "rtsp"])
def test_frames_come_new_and_in_order(
    kind: str, recording: Path, request: pytest.FixtureRequest
) -> None:
    """Shots have growing numbers and times, and look like the scene."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Camera]:
        if kind == "emulated":
            camera: Camera = PacedCamera(CameraEmulator(scene, FRAMES_PER_S))
        elif kind == "file":
            camera = await open_camera(CameraSettings(f"file:{recording}"))
        else:
            address = request.getfixturevalue(kind)
            camera = await open_camera(CameraSettings(address, warm_up_s=0.2))
        try:
            yield camera
        finally:
            await camera.close()

    async def story() -> None:
        async with opened() as camera:
            shots = [await camera.next_shot(8.0) for _ in range(5)]
            assert camera.latest() is not None
        frames = [shot for shot in shots if isinstance(shot, Frame)]
        assert frames, "a slow machine may drop some, not all"
        numbers = [shot.number for shot in shots]
        assert numbers == sorted(set(numbers))
        assert all(a.taken_s < b.taken_s for a, b in itertools.pairwise(shots))
        assert frames[0].pixels.shape == (*SIZE, 3)
        assert 100 < frames[0].pixels.mean() < 180
        assert "pixels" not in repr(frames[0])

    if kind in ("stream", "rtsp"):
        request.getfixturevalue(kind)  # set up outside the loop
    asyncio.run(story())


async def exhaust(camera: Camera) -> None:
    """Take more shots than the recording has."""
    for _ in range(100):
        await camera.next_shot(8.0)


def test_the_end_of_a_recording_is_a_lost_link(recording: Path) -> None:
    """After the last frame the camera is gone, as if unplugged."""

    async def story() -> None:
        camera = await open_camera(CameraSettings(f"file:{recording}"))
        try:
            with pytest.raises(LinkLost, match="no more frames"):
                await exhaust(camera)
        finally:
            await camera.close()

    asyncio.run(story())


def test_a_network_camera_that_dies_is_a_lost_link() -> None:
    """The stream ends: LinkLost, whose text shows no password of the address."""

    async def story() -> None:
        with rtsp_camera(_jpeg, FRAMES_PER_S) as address:
            secret = address.replace("rtsp://", "rtsp://me:secret@")
            camera = await open_camera(CameraSettings(secret, warm_up_s=0.0))
            await camera.next_shot(8.0)
        try:
            with pytest.raises(LinkLost, match="no more frames") as told:
                await exhaust(camera)
            assert "secret" not in str(told.value)
        finally:
            await camera.close()

    asyncio.run(story())


@pytest.mark.parametrize("address", ["v4l2:/dev/video-none", "file:/nowhere.avi"])
def test_a_camera_that_is_not_there(address: str) -> None:
    """The message names the camera and says what to check."""
    with pytest.raises(LinkLost, match="is not there; "):
        asyncio.run(open_camera(CameraSettings(address)))


def test_hardware_on_the_bench(pytestconfig: pytest.Config) -> None:
    """Each camera of the bench gives frames that can be judged; none there is a counted skip."""

    async def check(device: BenchDevice) -> None:
        camera: OpenCvCamera = await open_camera(CameraSettings(device.address))
        try:
            shots = [await camera.next_shot(5.0) for _ in range(10)]
            assert not all(isinstance(shot, BadFrame) for shot in shots)
        finally:
            await camera.close()

    for device in bench_devices(pytestconfig, "face_camera"):
        asyncio.run(check(device))
