"""Whether the device behind each address is there, without opening it."""

from __future__ import annotations

import os
import stat
from importlib.util import find_spec
from pathlib import Path

from gate.config import READERS_WITHOUT_PRESENCE, Config, ReaderKind
from gate.config_doors import DoorsKind, door_notes

INSTALL_OSDP = ".venv/bin/python -m pip install libosdp==3.2.9 (the extra egate[osdp])"


def device_addresses(config: Config) -> dict[str, str]:
    """Return table of gate.toml -> address, for each device that this gate has."""
    by_camera = config.reader.kind is ReaderKind.CAMERA
    reader = config.reader.camera if by_camera else config.reader.address
    addresses = {"reader": reader, "doors": config.doors.address}
    if config.doors.sensors.address:
        addresses["doors.sensors"] = config.doors.sensors.address
    return addresses


def absent_devices(config: Config) -> dict[str, str]:
    """Return device -> what is wrong and what to do, for each device that cannot be opened."""
    addresses = device_addresses(config)
    if config.sensor.address.startswith(("serial:", "pty:")):
        addresses["sensor"] = config.sensor.address
    problems = {device: _problem(device, address) for device, address in addresses.items()}
    if config.doors.kind is DoorsKind.OSDP and find_spec("osdp") is None:
        problems["doors"] = f"libosdp is not installed: {INSTALL_OSDP}"
    return {device: problem for device, problem in problems.items() if problem is not None}


def device_notes(config: Config) -> list[str]:
    """What the devices of this gate cannot do, which is no reason to refuse them."""
    notes = [f"doors: {note}" for note in door_notes(config.doors)]
    told = config.reader
    if told.kind is ReaderKind.CAMERA:
        notes.append(
            "reader: the document camera is opened by `egate recognise` with this configuration; "
            "keep it running, and put a plain, matte, evenly lit tray under the camera"
        )
    deaf = told.kind is ReaderKind.ELYCTIS and not told.presence
    if told.kind in READERS_WITHOUT_PRESENCE or deaf:
        notes.append(
            f"reader: a {config.reader.kind.value} reader cannot tell a forgotten document: "
            "put a light barrier at its slot, or leave it to the officer's eyes"
        )
    return notes


def null_devices(config: Config) -> list[str]:
    """Return the devices whose far end would have to live in the controller's own process."""
    addresses = device_addresses(config)
    return [device for device, address in addresses.items() if address.startswith("null:")]


def _problem(device: str, address: str) -> str | None:
    kind, _, rest = address.partition(":")
    if kind == "null":
        return None  # lives in the controller's own process
    if kind in ("http", "https", "rtsp", "rtsps", "shm"):
        return None  # the worker says so when nobody answers there
    path = Path(rest)
    try:
        mode = path.stat().st_mode
    except PermissionError:
        return f"{path} may not be looked at: give the gate's user access to {path.parent}"
    except OSError:
        return f"{path} is not there: {_mend_absent(kind, device, path)}"
    if kind == "file":
        return None
    if not stat.S_ISCHR(mode):
        what, key = ("camera", "camera") if kind == "v4l2" else ("serial device", "address")
        return f"{path} is no {what}: correct {device}.{key}"
    if not os.access(path, os.R_OK | os.W_OK):
        group = "video" if kind == "v4l2" else "dialout"
        return f"{path} may not be read and written: add the gate's user to the group `{group}`"
    return None


def _mend_absent(kind: str, device: str, path: Path) -> str:
    if kind == "pty":
        return f"start its emulator first, or correct {device}.address"
    if kind in ("v4l2", "file"):
        there = sorted(str(entry) for entry in Path("/dev").glob("video*"))
        seen = f"; there are {', '.join(there)}" if there and kind == "v4l2" else ""
        return f"correct {device}.camera{seen}"
    present = sorted(str(entry) for entry in Path("/dev/serial/by-id").glob("*"))
    if present:
        return f"plug it in, or correct {device}.address; there are {', '.join(present)}"
    return f"plug it in, or correct {device}.address; no USB serial device is plugged in"
