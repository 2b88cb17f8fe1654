"""gate.toml and the `EGATE_SECTION__KEY` variables, read and checked once, into frozen values.

Each section below is a table of the file, each field a key with its default. `egate config show`
prints them all, `egate config check FILE` names every line that has to change. Whether a device
is emulated or real is its address and nothing else; a missing one is never replaced.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path

from gate.config_capture import CAMERA_ADDRESS, CAMERA_EXAMPLE, Camera, Sensor
from gate.config_doors import LINE_ADDRESS, LINE_EXAMPLE, Doors, DoorsKind, door_contradictions
from gate.config_paths import state_directory
from gate.config_reading import ConfigError, build, home_expanded, key, read_source
from gate.config_recognition import PadMode, Recognition, RecognitionMode
from gate.config_recognition import contradictions as recognition_contradictions
from gate.vocabulary.facts import Direction
from gate.vocabulary.passages import Topology
from gate.vocabulary.timings import Timings

__all__ = ["Config", "ConfigError", "DoorsKind", "PadMode", "RecognitionMode", "load"]

TIMING_BOUNDS_S = {"entry_answer_s": (0.2, 10.0), "authorise_s": (0.5, 30.0)}
"""Waits with bounds of their own; every other wait lies within OTHER_TIMING_BOUNDS_S."""
OTHER_TIMING_BOUNDS_S = (1.0, 600.0)

MARK = r"[\x00-\x7e]{0,8}"
MARK_EXAMPLE = r'"\r", "\u0002" (at most 8 ASCII characters)'


class ReaderKind(Enum):
    """The document readers with a driver."""

    ELYCTIS = "elyctis"
    RTE = "rte"
    LINES = "lines"
    CAMERA = "camera"


READERS_WITHOUT_PRESENCE = (ReaderKind.RTE, ReaderKind.LINES)
"""They speak once per document and never notice that it is left behind."""


class AuthenticityEvidence(Enum):
    """What vouches for a document being genuine: nothing, the reader's checks, or its chip."""

    NONE = "none"
    READER = "reader"
    CHIP = "chip"


@dataclass(frozen=True, slots=True)
class Gate:
    """[gate]."""

    id: str = key(
        "gate-1",
        "The name of this gate in journal and metrics.",
        pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}",
        example='"gate-1" (letters, digits, . _ -, at most 32)',
    )
    direction: Direction = key(Direction.DEPARTURE, "The border this gate stands at.")
    topology: Topology = key(Topology.INTEGRATED_TWO_STEP, "Where document and face are checked.")


@dataclass(frozen=True, slots=True)
class Reader:
    """[reader]: the document reader."""

    kind: ReaderKind = key(ReaderKind.ELYCTIS, "The reader's protocol.")
    address: str = key(
        "null:reader",
        "Where the document reader is.",
        pattern=LINE_ADDRESS,
        example=LINE_EXAMPLE,
    )
    camera: str = key(
        "",
        "camera: the camera over the tray, which `egate recognise` opens.",
        pattern=rf"|{CAMERA_ADDRESS}",
        example=CAMERA_EXAMPLE,
    )
    baud: int = key(9600, "Line speed in bits per second, 8N1.", 1200, 921_600)
    presence: bool = key(True, "elyctis: whether the unit has its presence sensor.")
    prefix: str = key("", "lines: what it sends before a zone.", pattern=MARK, example=MARK_EXAMPLE)
    terminator: str = key(
        "\r", "lines: what ends each line.", pattern=f"(?=.|\\s){MARK}", example=MARK_EXAMPLE
    )
    suffix: str = key("", "lines: what it sends after a zone.", pattern=MARK, example=MARK_EXAMPLE)


@dataclass(frozen=True, slots=True)
class Store:
    """[store]: the local records and the journal."""

    path: str = key("", "The database; empty: store.db in the state directory.", example="store.db")
    key_file: str = key("", "The site's key file; empty: master.key in the state directory.")
    max_age_min: int = key(60, "Records older than this send everybody to the officer.", 1, 10_080)
    reserve_fraction: float = key(
        0.05, "Free share of the disk below which the gate closes.", 0.01, 0.5
    )
    tasks_every_min: int = key(
        10, "How often a running gate raises what the law's deadlines ask of staff.", 1, 1440
    )


@dataclass(frozen=True, slots=True)
class Law:
    """[law]: amounts, periods and countries by date in force."""

    parameters: str = key("", "A parameter file; empty: the one that comes with the rules.")


@dataclass(frozen=True, slots=True)
class Policy:
    """[policy]: what the operator decides."""

    random_referral_rate: float = key(
        0.0, "Share of clean travellers sent to the officer.", 0.0, 0.5
    )
    authenticity_evidence: AuthenticityEvidence = key(
        AuthenticityEvidence.NONE, "What vouches for a document being genuine."
    )
    commit_slow_s: float = key(1.0, "A commit slower than this refers.", 0.05, 10.0)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """[maintenance]: what the gate does for itself."""

    self_test_at: str = key(
        "",
        "When the gate tests itself each day, Korean time; empty: only when asked.",
        pattern=r"|([01]\d|2[0-3]):[0-5]\d",
        example='"04:30"',
    )


@dataclass(frozen=True, slots=True)
class Metrics:
    """[metrics]: figures for staff and Prometheus."""

    port: int = key(0, "Where /metrics is served, on 127.0.0.1 only; 0: nowhere.", 0, 65_535)


@dataclass(frozen=True, slots=True)
class Web:
    """[web]: the pages for traveller, officer and desk."""

    address: str = key(
        "127.0.0.1:8443",
        "Where the pages are served; empty: nowhere.",
        pattern=r"|unix:/.+|[\w.:\[\]-]+:\d{1,5}",
        example='"127.0.0.1:8443" or "unix:/run/egate/web.sock"',
    )


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that one gate is told before it starts."""

    gate: Gate = field(default_factory=Gate)
    reader: Reader = field(default_factory=Reader)
    doors: Doors = field(default_factory=Doors)
    recognition: Recognition = field(default_factory=Recognition)
    camera: Camera = field(default_factory=Camera)
    sensor: Sensor = field(default_factory=Sensor)
    store: Store = field(default_factory=Store)
    law: Law = field(default_factory=Law)
    timings: Timings = field(default_factory=Timings)
    policy: Policy = field(default_factory=Policy)
    maintenance: Maintenance = field(default_factory=Maintenance)
    metrics: Metrics = field(default_factory=Metrics)
    web: Web = field(default_factory=Web)
    state: str = key("", "State directory; empty: EGATE_STATE, or ~/.local/state/egate.")

    @property
    def state_path(self) -> Path:
        """The directory with the store, keys and sockets of this gate."""
        return home_expanded(self.state) if self.state else Path(state_directory())

    @property
    def store_path(self) -> Path:
        """The database file; a relative path is below the state directory."""
        return self.state_path / home_expanded(self.store.path or "store.db")

    @property
    def store_key_path(self) -> Path:
        """The site's key file; a relative path is below the state directory."""
        return self.state_path / home_expanded(self.store.key_file or "master.key")

    @property
    def control_path(self) -> Path:
        """The socket on which pages and consoles reach the running gate."""
        return self.state_path / "control.sock"

    @property
    def recognition_address(self) -> str:
        """The recognition worker's socket as `unix:PATH`."""
        return self.recognition.address or f"unix:{self.state_path / 'recognition.sock'}"

    @property
    def documents_path(self) -> Path:
        """The worker's socket for its document camera, beside the other."""
        recognition = Path(self.recognition_address.removeprefix("unix:"))
        return recognition.with_name("documents.sock")


def load(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Config:
    """Read `path` (None: defaults) under the variables of `environment`.

    Raises ConfigError naming file, line, key and mend of every problem at once.
    """
    source = read_source(path, environment)
    config = build(Config, source)
    problems = [f"{source.place(at)}: {what}" for at, what in _contradictions(config)]
    if problems:
        raise ConfigError(problems)
    return config


def _contradictions(config: Config) -> list[tuple[tuple[str, ...], str]]:
    """What no single key can be blamed for."""
    found: list[tuple[tuple[str, ...], str]] = []
    for name, wait_s in asdict(config.timings).items():
        low, high = TIMING_BOUNDS_S.get(name, OTHER_TIMING_BOUNDS_S)
        if not low <= wait_s <= high:
            what = f"timings.{name} is {wait_s:g}, must be from {low:g} to {high:g} seconds"
            found.append((("timings", name), what))
    if config.law.parameters and not home_expanded(config.law.parameters).is_file():
        what = "law.parameters is no file: correct the path, or leave it empty for the shipped one"
        found.append((("law", "parameters"), what))
    for at, address in (
        (("doors", "address"), config.doors.address),
        (("doors", "sensors", "address"), config.doors.sensors.address),
    ):
        if address == config.reader.address and config.reader.kind is not ReaderKind.CAMERA:
            what = f"{'.'.join(at)} is the reader's as well: give each device its own port"
            found.append((at, what))
    found += _reader_contradictions(config)
    found += recognition_contradictions(config.recognition)
    return found + door_contradictions(config.doors)


def _reader_contradictions(config: Config) -> list[tuple[tuple[str, ...], str]]:
    told, at = config.reader, ("reader", "camera")
    if told.kind is not ReaderKind.CAMERA:
        what = 'reader.camera is for kind = "camera": set that, or leave it empty'
        return [(at, what)] if told.camera else []
    if not told.camera:
        return [(at, f"reader.camera must say where the document camera is: {CAMERA_EXAMPLE}")]
    if told.camera == config.camera.address:
        return [(at, "reader.camera is the face camera's as well: a page needs its own camera")]
    return []
