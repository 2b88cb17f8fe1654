"""What can go wrong on a wire, in the four kinds that a caller treats differently."""


class DriverError(Exception):
    """A device could not do, or could not confirm, what was asked. The message never carries
    what a device read (an MRZ line, a template), only which device and what to do.
    """


class LinkLost(DriverError):
    """The port is gone or cannot be opened: unplugged, renamed, in use by another process.
    The state of every output behind it is unknown until the link is back and read again.
    """


class ReplyTimeout(DriverError):
    """The device did not answer in time. The command may still have been carried out."""


class ProtocolViolation(DriverError):
    """Bytes arrived that the device's manual does not allow: line noise, a wrong device on the
    path, a wrong baud rate. The only exception that a codec raises for received bytes.
    """


class DeviceFault(DriverError):
    """The device answered, and said no: an exception reply, a refused command, contacts that
    contradict each other.
    """
