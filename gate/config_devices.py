"""Whether the device behind each address is there, without opening it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gate.config import Config


def absent_devices(config: Config) -> dict[str, str]:
    """Return device -> what is wrong and what to do, for each device that cannot be opened."""
    addresses = {"reader": config.reader.address, "doors": config.doors.address}
    problems = {device: _problem(device, address) for device, address in addresses.items()}
    return {device: problem for device, problem in problems.items() if problem is not None}


def null_devices(config: Config) -> list[str]:
    """Return the devices whose far end would have to live in the controller's own process."""
    addresses = {"reader": config.reader.address, "doors": config.doors.address}
    return [device for device, address in addresses.items() if address.startswith("null:")]


def _problem(device: str, address: str) -> str | None:
    kind, _, rest = address.partition(":")
    if kind == "null":
        return None  # lives in the controller's own process
    path = Path(rest)
    try:
        mode = path.stat().st_mode
    except PermissionError:
        return f"{path} may not be looked at: give the gate's user access to {path.parent}"
    except OSError:
        return f"{path} is not there: {_mend_absent(kind, device, path)}"
    if not stat.S_ISCHR(mode):
        return f"{path} is no serial device: correct {device}.address"
    if not os.access(path, os.R_OK | os.W_OK):
        return f"{path} may not be read and written: add the gate's user to the group `dialout`"
    return None


def _mend_absent(kind: str, device: str, path: Path) -> str:
    if kind == "pty":
        return f"start its emulator first, or correct {device}.address"
    present = sorted(str(entry) for entry in Path("/dev/serial/by-id").glob("*"))
    if present:
        return f"plug it in, or correct {device}.address; there are {', '.join(present)}"
    return f"plug it in, or correct {device}.address; no USB serial device is plugged in"
