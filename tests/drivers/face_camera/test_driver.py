"""Dropped, frozen and black frames are seen; settings are checked; secrets stay out of messages."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from drivers.errors import LinkLost, ReplyTimeout
from drivers.face_camera.driver import PacedCamera
from drivers.face_camera.emulator import CameraEmulator
from drivers.face_camera.shots import BadFrame, Frame, FrameFault, FrameWatch, Pixels
from drivers.face_camera.sources import CameraSettings, public_name
from tests.drivers.document_reader.virtual_time import run_virtual


def still(at_s: float) -> Pixels:
    """A wall."""
    return np.full((48, 64, 3), 90, np.uint8)


async def faults_of(camera: PacedCamera, shots: int) -> list[FrameFault | None]:
    """The faults of the next shots, None for a good frame."""
    seen = [await camera.next_shot(1.0) for _ in range(shots)]
    return [shot.fault if isinstance(shot, BadFrame) else None for shot in seen]


def test_a_still_scene_is_not_a_frozen_camera() -> None:
    """A live sensor's noise differs from frame to frame, however still the hall is."""

    async def story() -> None:
        camera = PacedCamera(CameraEmulator(still))
        assert await faults_of(camera, 40) == [None] * 40
        await camera.close()

    run_virtual(story())


def test_a_frozen_camera_is_seen_and_heals() -> None:
    """The same picture for more than eight frames is no picture of now."""

    async def story() -> None:
        unit = CameraEmulator(still)
        camera = PacedCamera(unit)
        unit.freeze()
        faults = await faults_of(camera, 20)
        assert faults[:8] == [None] * 8
        assert set(faults[10:]) == {FrameFault.FROZEN}
        unit.freeze(False)
        assert (await faults_of(camera, 3))[-1] is None
        await camera.close()

    run_virtual(story())


def test_a_covered_lens_is_seen() -> None:
    """Black frames are told at once."""

    async def story() -> None:
        unit = CameraEmulator(still)
        camera = PacedCamera(unit)
        assert await faults_of(camera, 2) == [None, None]
        unit.blacken()
        assert (await faults_of(camera, 2))[-1] is FrameFault.BLACK
        await camera.close()

    run_virtual(story())


def test_dropped_frames_are_counted() -> None:
    """A gap says how many frames are missing."""

    async def story() -> None:
        unit = CameraEmulator(still, 20.0)
        camera = PacedCamera(unit)
        assert await faults_of(camera, 2) == [None, None]
        unit.drop(6)
        shot = await camera.next_shot(1.0)
        assert isinstance(shot, BadFrame)
        assert (shot.fault, shot.missing) == (FrameFault.DROPPED, 6)
        assert isinstance(await camera.next_shot(1.0), Frame)
        await camera.close()

    run_virtual(story())


def test_no_frame_in_time_and_unplugged() -> None:
    """Silence is a timeout, a pulled plug a lost link."""

    async def story() -> None:
        unit = CameraEmulator(still)
        camera = PacedCamera(unit)
        await camera.next_shot(1.0)
        unit.drop(100)
        with pytest.raises(ReplyTimeout):
            await camera.next_shot(0.5)
        unit.unplug()
        with pytest.raises(LinkLost):
            await camera.next_shot(1.0)
        await camera.close()

    run_virtual(story())


def test_a_recording_may_stand_still() -> None:
    """A drawn or recorded picture has no sensor noise and is not called frozen."""
    watch = FrameWatch(0.04, still=True)
    shots = [watch.judge(still(0.0), number * 0.04) for number in range(30)]
    assert all(isinstance(shot, Frame) for shot in shots)


def test_unknown_controls_and_addresses_are_refused() -> None:
    """A wrong setting is named together with what is possible."""
    with pytest.raises(ValueError, match="exposure"):
        CameraSettings("v4l2:/dev/video0", controls={"exposition": 1})


def test_a_password_in_an_address_stays_out_of_messages() -> None:
    """Stream addresses carry credentials; messages do not."""
    assert public_name("rtsp://me:secret@cam:554/x") == "rtsp://cam:554/x"


def test_opencv_is_imported_on_first_use() -> None:
    """Importing the driver costs nothing where no camera is opened."""
    code = "import sys, drivers.face_camera.driver; sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
