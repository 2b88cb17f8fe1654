"""Cameras and sensors by their address, as the configuration of a worker names them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from drivers.face_camera.driver import PacedCamera, open_camera
from drivers.face_camera.shots import Camera, Pixels
from drivers.face_camera.sources import CameraSettings
from drivers.fingerprint_reader.captures import FingerprintReader
from drivers.fingerprint_reader.driver import ZfmSensor
from drivers.fingerprint_reader.folder import ImageFolder
from drivers.link import open_link
from gate.recognition.devices import OpenCamera, OpenSensor
from gate.recognition.frames import SharedFrameSource
from models.fingerprint.image import load


def camera_address(words: str) -> str:
    """A camera as people name it: a number is a V4L2 device, a plain path a video file."""
    if words.isdecimal():
        return f"v4l2:/dev/video{words}"
    return words if ":" in words else f"file:{words}"


def camera_at(
    words: str, *, repeat: bool = False, like: CameraSettings | None = None
) -> OpenCamera:
    """`shm:NAME`, `v4l2:/dev/...`, `file:PATH`, `http(s)://...`, `rtsp://...`, or what
    `camera_address` takes. `repeat`: a file has no end. `like`: everything but the address.
    The opener raises LinkLost, ValueError.
    """
    address = camera_address(words)
    settings = replace(like or CameraSettings(address), address=address, repeat=repeat)

    async def opened() -> Camera:
        if address.startswith("shm:"):
            return PacedCamera(SharedFrameSource(address.removeprefix("shm:")), address)
        return await open_camera(settings)

    return opened


def sensor_at(address: str, baud: int) -> OpenSensor:
    """A ZFM-20 / R30x at `serial:/dev/...` or `pty:/path`, or the images of `folder:/path`.
    The opener raises DriverError.
    """

    async def opened() -> FingerprintReader:
        if address.startswith("folder:"):
            return ImageFolder(Path(address.removeprefix("folder:")), _finger_pixels)
        driver = ZfmSensor()
        await driver.open(await open_link(address, baud=baud))
        return driver

    return opened


def _finger_pixels(data: bytes) -> Pixels:
    return load(data).pixels
