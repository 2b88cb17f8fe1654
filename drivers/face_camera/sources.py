"""Where OpenCV gets frames from: V4L2 devices, video files, MJPEG and RTSP addresses. Blocking; cv2 on first use."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from drivers.errors import LinkLost
from drivers.face_camera.shots import Pixels

OPEN_TIMEOUT_MS = 5000
READ_TIMEOUT_MS = 2000
CONTROLS: Mapping[str, str] = MappingProxyType(
    {
        "auto_exposure": "CAP_PROP_AUTO_EXPOSURE",  # V4L2: 1 manual, 3 automatic
        "exposure": "CAP_PROP_EXPOSURE",  # V4L2: units of 100 microseconds
        "gain": "CAP_PROP_GAIN",
        "brightness": "CAP_PROP_BRIGHTNESS",
        "contrast": "CAP_PROP_CONTRAST",
        "auto_white_balance": "CAP_PROP_AUTO_WB",
        "white_balance": "CAP_PROP_WB_TEMPERATURE",
        "autofocus": "CAP_PROP_AUTOFOCUS",
        "focus": "CAP_PROP_FOCUS",
    }
)


@dataclass(frozen=True)
class CameraSettings:
    """How to open a camera.

    address: ``v4l2:/dev/...``, ``file:PATH``, ``http(s)://...`` (MJPEG) or ``rtsp://...``.
    controls: names of `CONTROLS` to values. warm_up_s: frames of this time are dropped while exposure settles.
    repeat: a file begins anew at its end, as it must where it stands in for a camera.
    """

    address: str
    width: int = 1280
    height: int = 720
    frames_per_s: float = 30.0
    controls: Mapping[str, float] = field(default_factory=dict)
    warm_up_s: float = 1.0
    repeat: bool = False

    def __post_init__(self) -> None:
        unknown = set(self.controls) - set(CONTROLS)
        if unknown:
            raise ValueError(
                f"unknown camera controls {', '.join(sorted(unknown))}; there are {', '.join(CONTROLS)}"
            )

    @property
    def is_file(self) -> bool:
        """Whether frames come from a recording, which must be paced here and may stand still."""
        return self.address.startswith("file:")


class OpenCvSource:
    """An open capture. Raises LinkLost when it cannot be opened, ValueError for an address of no known kind."""

    def __init__(self, settings: CameraSettings) -> None:
        import cv2

        self._name = public_name(settings.address)
        self._repeat = settings.is_file and settings.repeat
        why_not = absent(settings.address)
        if why_not is not None:
            raise LinkLost(why_not)
        self._capture: Any = _open(cv2, settings)
        if not self._capture.isOpened():
            raise LinkLost(
                f"camera {self._name} cannot be opened; end other programs that use it, check cable and name"
            )
        self.refused = (
            () if settings.is_file else tuple(_control(cv2, self._capture, settings.controls))
        )
        rate = float(self._capture.get(cv2.CAP_PROP_FPS))
        self.interval_s = 1.0 / (rate if 1.0 <= rate <= 240.0 else settings.frames_per_s)

    def read(self) -> Pixels:
        """Wait for the next frame. Raises LinkLost at the end of a file or when the camera is gone."""
        good, pixels = self._capture.read()
        if not good and self._repeat:
            import cv2

            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            good, pixels = self._capture.read()
        if not good or pixels is None:
            raise LinkLost(
                f"camera {self._name} gives no more frames; end other programs that use it, "
                "plug it back in or restart the stream"
            )
        return np.asarray(pixels, dtype=np.uint8)

    def close(self) -> None:
        """Let the device go."""
        self._capture.release()


def absent(address: str) -> str | None:
    """What is wrong with a `v4l2:` or `file:` address, and what to do; None where it may be opened."""
    kind, _, rest = address.partition(":")
    if kind not in ("v4l2", "file"):
        return None
    path = Path(rest)
    if not path.exists():
        there = ", ".join(sorted(str(found) for found in Path("/dev").glob("video*")))
        other = f"; there are {there}" if there else "; no camera is plugged in"
        return f"camera {rest} is not there{other if kind == 'v4l2' else '; correct the path'}"
    if kind == "v4l2" and not stat.S_ISCHR(path.stat().st_mode):
        return f"{rest} is no camera; give its number, or file:{rest} for a video"
    if not os.access(path, os.R_OK if kind == "file" else os.R_OK | os.W_OK):
        group = "; add this user to the group `video`" if kind == "v4l2" else ""
        return f"camera {rest} may not be opened{group}"
    return None


def public_name(address: str) -> str:
    """The address without user and password, fit for messages."""
    parts = urlsplit(address)
    if "@" not in parts.netloc:
        return address
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _open(cv2: Any, settings: CameraSettings) -> Any:
    kind, _, rest = settings.address.partition(":")
    if kind == "v4l2" and rest:
        return cv2.VideoCapture(
            rest,
            cv2.CAP_V4L2,
            [cv2.CAP_PROP_FRAME_WIDTH, settings.width, cv2.CAP_PROP_FRAME_HEIGHT, settings.height,
             cv2.CAP_PROP_FPS, round(settings.frames_per_s)],
        )  # fmt: skip
    if kind == "file" and rest:
        return cv2.VideoCapture(rest, cv2.CAP_FFMPEG)
    if kind in ("http", "https", "rtsp", "rtsps"):
        limits = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            OPEN_TIMEOUT_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            READ_TIMEOUT_MS,
        ]
        return cv2.VideoCapture(settings.address, cv2.CAP_FFMPEG, limits)
    raise ValueError(
        f"camera address {public_name(settings.address)!r} is none of v4l2:/dev/..., file:PATH, http://, rtsp://"
    )


def _control(cv2: Any, capture: Any, controls: Mapping[str, float]) -> list[str]:
    """Set each control; give the names of those that the camera did not take."""
    refused = []
    for name, value in controls.items():
        number = getattr(cv2, CONTROLS[name])
        if not capture.set(number, value) or abs(capture.get(number) - value) > 0.5:
            refused.append(name)
    return refused
