"""The camera and the fingerprint sensor in a gate.toml, as the recognition worker opens them."""

from __future__ import annotations

from dataclasses import dataclass

from gate.config_reading import key

CAMERA_ADDRESS = r"(v4l2|file):/.+|(https?|rtsps?)://.+|shm:.+"
CAMERA_EXAMPLE = '"v4l2:/dev/v4l/by-id/...", "http://..." (MJPEG), "rtsp://..." or "file:/path"'
CONTROLS_EXAMPLE = "auto_exposure=1 exposure=120"


@dataclass(frozen=True, slots=True)
class Camera:
    """[camera]: the face camera. `egate recognise --camera` outranks the address."""

    address: str = key(
        "",
        "Where it is; empty: as the command line says.",
        pattern=rf"|{CAMERA_ADDRESS}",
        example=CAMERA_EXAMPLE,
    )
    width: int = key(1280, "Pixels a line, V4L2.", 160, 7680)
    height: int = key(720, "Lines, V4L2.", 120, 4320)
    frames_per_s: float = key(30.0, "Frames a second, V4L2.", 1.0, 240.0)
    warm_up_s: float = key(1.0, "Frames dropped at first, while exposure settles.", 0.0, 30.0)
    controls: str = key(
        "",
        "V4L2 controls, name=value: auto_exposure exposure gain brightness contrast "
        "auto_white_balance white_balance autofocus focus.",
        pattern=r"(|[a-z_]+=-?\d+(\.\d+)?( [a-z_]+=-?\d+(\.\d+)?)*)",
        example=f'"{CONTROLS_EXAMPLE}"',
    )

    def control_values(self) -> dict[str, float]:
        """The controls by name."""
        pairs = (word.partition("=") for word in self.controls.split())
        return {name: float(value) for name, _, value in pairs}


@dataclass(frozen=True, slots=True)
class Sensor:
    """[sensor]: the fingerprint sensor. `egate recognise --sensor` outranks the address."""

    address: str = key(
        "",
        "Where it is; empty: as the command line says. folder: gives each image of a folder once.",
        pattern=r"|(serial|pty|folder):/.+",
        example='"serial:/dev/serial/by-id/...", "pty:/run/egate/finger" or "folder:/path"',
    )
    baud: int = key(115_200, "Line speed in bits per second, 8N1.", 9600, 115_200)
