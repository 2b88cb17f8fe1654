"""What a gate needs from its machine: there or not, what its absence switches off, the mend.

Looks and never changes anything; imports none of the libraries it looks for.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gate.config import AuthenticityEvidence, Config
from gate.config_devices import absent_devices, device_addresses


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for. `required`: a gate of this configuration needs it."""

    group: str
    name: str
    there: bool
    detail: str
    required: bool = True
    switches_off: str = ""
    mend: str = ""


def examine(config: Config) -> list[Finding]:
    """Look for everything, in the order in which a new machine is set up."""
    checks: tuple[Callable[[Config], Iterator[Finding]], ...] = (
        _system_packages,
        _python_packages,
        _models,
        _devices,
        _clock,
        _disk,
        _store,
        _policy,
    )
    return [finding for check in checks for finding in check(config)]


# --- packages ---------------------------------------------------------------------------------

_LIBRARIES = (("libgl1", "libGL.so.1"), ("libglib2.0-0", "libgthread-2.0.so.0"))
_PROGRAMS = (
    ("chromium", ("chromium", "chromium-browser"), "browser tests of the pages"),
    ("tesseract-ocr", ("tesseract",), "the passporteye comparison in `egate bench`"),
)
_PYTHON_PACKAGES = (
    ("cv2", "opencv-python", "face, fingerprint and passport images"),
    ("numba", "numba", "fast fingerprint kernels"),
    ("onnxruntime", "onnxruntime", "the face network at two thirds of OpenCV's time"),
    ("dlib", "dlib-bin", "the dlib face engine"),
    ("face_recognition_models", "face_recognition_models", "the dlib face engine"),
    ("passporteye", "passporteye", "the passporteye MRZ engine"),
    ("serial", "pyserial", "every device on a serial line"),
    ("cryptography", "cryptography", "the store"),
    ("starlette", "starlette", "the pages"),
)


def _system_packages(_: Config) -> Iterator[Finding]:
    for package, library in _LIBRARIES:
        try:
            ctypes.CDLL(library)
            there = True
        except OSError:
            there = False
        yield Finding(
            "system",
            package,
            there,
            library,
            switches_off="everything with images",
            mend=_apt(package),
        )
    for package, names, use in _PROGRAMS:
        path = next(filter(None, map(shutil.which, names)), None)
        yield Finding(
            "system",
            package,
            path is not None,
            path or "not on PATH",
            required=False,
            switches_off=use,
            mend=_apt(package),
        )


def _apt(package: str) -> str:
    return f"sudo apt-get install -y {package}"


def _python_packages(_: Config) -> Iterator[Finding]:
    for module, package, use in _PYTHON_PACKAGES:
        there = importlib.util.find_spec(module) is not None
        yield Finding(
            "python",
            package,
            there,
            "installed" if there else "not installed",
            switches_off=use,
            mend="rm -r .venv && ./egate --version",
        )


# --- models -----------------------------------------------------------------------------------

_DLIB_WEIGHTS = (
    "dlib_face_recognition_resnet_model_v1.dat",
    "shape_predictor_5_face_landmarks.dat",
    "shape_predictor_68_face_landmarks.dat",
    "mmod_human_face_detector.dat",
)
_LEAST_WEIGHT_BYTES = 1_000  # an interrupted copy or a pointer file is shorter


def _models(_: Config) -> Iterator[Finding]:
    spec = importlib.util.find_spec("face_recognition_models")
    places = spec.submodule_search_locations if spec else None
    folder = Path(next(iter(places), "")) / "models" if places else Path("absent")
    for name in _DLIB_WEIGHTS:
        yield _weight(folder / name, "the dlib face engine", "rm -r .venv && ./egate --version")
    root = Path(__file__).resolve().parent.parent / "models"
    for path in sorted(root.glob("*/weights/*")):
        if path.suffix not in (".md", ".toml", ".py"):
            use = f"{path.parent.parent.name} recognition"
            yield _weight(path, use, f"git checkout -- {path.relative_to(root.parent)}")


def _weight(path: Path, use: str, mend: str) -> Finding:
    size = path.stat().st_size if path.is_file() else 0
    there = size >= _LEAST_WEIGHT_BYTES
    detail = f"{size / 1e6:.1f} MB" if size else "not there"
    return Finding("model", path.name, there, detail, switches_off=use, mend=mend)


# --- devices, clock, disk, store ----------------------------------------------------------------


def _devices(config: Config) -> Iterator[Finding]:
    absent = absent_devices(config)
    uses = {"reader": "reading documents: every gate stays closed"}
    for device, address in device_addresses(config).items():
        problem, _, mend = absent.get(device, "").partition(": ")
        emulated = " (emulated in the gate's own process)" if address.startswith("null:") else ""
        yield Finding(
            "device",
            device,
            device not in absent,
            problem or address + emulated,
            switches_off=uses.get(device, "the whole gate"),
            mend=mend,
        )


_TIMEX_BYTES = 208  # struct timex on 64-bit Linux, <sys/timex.h>
_STATUS_AT, _MAX_ERROR_AT = 40, 24
_STA_UNSYNC = 0x40


def _clock(config: Config) -> Iterator[Finding]:
    status = _kernel_clock()
    there = status is not None and not status[0] & _STA_UNSYNC
    if status is None:
        detail = "the kernel does not say whether it is synchronised"
    elif there:
        detail = f"synchronised, error at most {status[1] / 1000:.1f} ms"
    else:
        detail = "not synchronised"
    yield Finding(
        "clock",
        "synchronisation",
        there,
        detail,
        # Emulated doors keep nobody out; real ones need the right day for every ban.
        required=config.doors.address.startswith("serial:"),
        switches_off="trust in the first and last days of bans and in the age of the records",
        mend="sudo apt-get install -y chrony && sudo systemctl enable --now chrony",
    )


def _kernel_clock() -> tuple[int, int] | None:
    """Return adjtimex's (status bits, largest error in microseconds), None where refused."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        if ctypes.CDLL(None).adjtimex(buffer) < 0:
            return None
    except (OSError, AttributeError):
        return None
    status = ctypes.c_int.from_buffer(buffer, _STATUS_AT).value
    return status, ctypes.c_long.from_buffer(buffer, _MAX_ERROR_AT).value


def _disk(config: Config) -> Iterator[Finding]:
    place = config.state_path
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    free = usage.free / usage.total
    yield Finding(
        "disk",
        "free space",
        free >= config.store.reserve_fraction,
        f"{free:.0%} of {usage.total / 1e9:.0f} GB free at {place}",
        switches_off=f"the gate: below {config.store.reserve_fraction:.0%} it closes",
        mend="free space on that disk, or set `state` to a directory on another one",
    )
    yield Finding(
        "disk",
        "state directory",
        os.access(place, os.W_OK | os.X_OK),
        str(config.state_path) + ("" if place == config.state_path else " (made at first use)"),
        switches_off="the store: nothing can be recorded, the gate stays closed",
        mend=f"sudo chown $USER {place}",
    )


def _store(config: Config) -> Iterator[Finding]:
    store, key = config.store_path, config.store_key_path
    yield Finding(
        "store",
        "records and journal",
        store.is_file(),
        str(store) if store.is_file() else f"{store} is not there yet",
        required=False,
        switches_off="admission: without records everybody is referred",
        mend="./egate store create",
    )
    if not key.exists():
        detail, private = f"{key} is not there yet", not store.is_file()
        mend = f"put the key file back at {key} from its safe copy"
    else:
        mode = stat.S_IMODE(key.stat().st_mode)
        detail, private = f"{key} has mode {mode:04o}", not mode & 0o077
        mend = f"chmod 600 {key}"
    yield Finding(
        "store", "key", private, detail, switches_off="the store: it is not opened", mend=mend
    )


# --- policy -------------------------------------------------------------------------------------


def _policy(config: Config) -> Iterator[Finding]:
    """A passport that nothing examines is only a key to the enrolment; fit for a demo alone."""
    evidence = config.policy.authenticity_evidence
    yield Finding(
        "policy",
        "authenticity evidence",
        evidence is not AuthenticityEvidence.NONE,
        f"policy.authenticity_evidence is {evidence.value}",
        required=not _emulated(config),
        switches_off="finding forged passports: whoever matches the enrolment passes",
        mend="use a reader that examines documents, and demand it by policy.authenticity_evidence",
    )
    yield Finding(
        "policy",
        "document examination",
        evidence is AuthenticityEvidence.NONE,
        f"{config.reader.kind.value} hands over the printed lines and examines nothing",
        required=not _emulated(config),
        switches_off="every passage: less examined than demanded refers (GATE-DOC-01)",
        mend='use a reader that examines documents, or set policy.authenticity_evidence = "none"',
    )


def _emulated(config: Config) -> bool:
    return not any(at.startswith("serial:") for at in device_addresses(config).values())
