"""What a driver's errors are called in the gate."""

from drivers.errors import DriverError, LinkLost, ProtocolViolation, ReplyTimeout
from gate.ports import DeviceError
from gate.vocabulary.passages import Device, FailureKind

_KINDS: tuple[tuple[type[DriverError], FailureKind], ...] = (
    (LinkLost, FailureKind.UNPLUGGED),
    (ReplyTimeout, FailureKind.SILENT),
    (ProtocolViolation, FailureKind.GARBLED),
)


def device_error(device: Device, error: DriverError) -> DeviceError:
    """The driver's error as the port's; its text names the address and what to check."""
    kinds = (kind for cls, kind in _KINDS if isinstance(error, cls))
    return DeviceError(device, next(kinds, FailureKind.FAULTY), str(error))
