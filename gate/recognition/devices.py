"""What the captures need of devices and store, and how a driver's error becomes the gate's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

from drivers.errors import DriverError, LinkLost, ProtocolViolation, ReplyTimeout
from drivers.face_camera.shots import Camera
from drivers.fingerprint_reader.captures import FingerprintReader
from gate.ports import DeviceError
from gate.vocabulary.passages import CaptureKind, Device, FailureKind, PassageId

T = TypeVar("T")

OpenCamera = Callable[[], Awaitable[Camera]]
OpenSensor = Callable[[], Awaitable[FingerprintReader]]
OnFeedback = Callable[[PassageId, CaptureKind, str], None]
"""Told what the traveller should change, at most five times a second."""

_KINDS: tuple[tuple[type[DriverError], FailureKind], ...] = (
    (LinkLost, FailureKind.UNPLUGGED),
    (ReplyTimeout, FailureKind.SILENT),
    (ProtocolViolation, FailureKind.GARBLED),
)


class Compute(Protocol):
    """How work that takes a processor is run: in place, or beside the loop."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """Run it and give its result."""
        ...


class References(Protocol):
    """Where enrolled templates come from."""

    async def templates_of(self, person_id: str) -> Mapping[str, bytes]:
        """A person's templates by `CaptureKind` value; none for strangers. Raises DeviceError."""
        ...


async def in_place(work: Callable[[], T], /) -> T:
    """Compute while the loop, and with it a virtual clock, stands still."""
    return work()


def translated(error: DriverError, what: str) -> DeviceError:
    """The recognition device's failure, naming camera or sensor."""
    kind = next((kind for cls, kind in _KINDS if isinstance(error, cls)), FailureKind.FAULTY)
    return failure(kind, f"{what}: {error}")


def failure(kind: FailureKind, message: str) -> DeviceError:
    """A failure of recognition."""
    return DeviceError(Device.RECOGNITION, kind, message)
