"""Several emulated devices in one process, one plant behind them, each under a stable name.

A device kind is one line of `KINDS`. A bench file lists the devices:

    folder = "/run/egate/by-id"          # where the names appear
    control = "/run/egate/control"       # Unix socket; see gate.bench.control
    [plant]                              # optional: any of PLANT_KEYS
    open_s = 0.6
    [[device]]
    name = "doors"
    kind = "door-board"
    baud = 9600
"""

from __future__ import annotations

import asyncio
import dataclasses
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivers.document_reader.emulator import ElyctisEmulator, LineEmulator, Misread, RteEmulator
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.door_relay.emulator_simple import KmtronicEmulator, LcusEmulator, NumatoEmulator
from drivers.door_relay.kinds import OSDP_MISSING
from drivers.faults import ScriptedFaults
from drivers.line import Emulator, PtyLine
from drivers.plant import LeafParameters, Obstacle, Plant, PlantParameters, Unpowered
from gate.bench.fault_desk import FaultDesk, Planned
from gate.bench.fault_words import OnWire, ThePlant, own_words

LEAF_KEYS = frozenset(f.name for f in dataclasses.fields(LeafParameters))
PLANT_KEYS = LEAF_KEYS | frozenset(
    {"sensor_lag_s", "battery_s", "unpowered", "walking_m_per_s", "wired_interlock"}
)


GATE = "gate"
"""The plant's name among the devices of a bench, in plans and on pages."""


class BenchError(Exception):
    """A bench file or control word is wrong; the text says where and what."""


@dataclass(frozen=True)
class DeviceSettings:
    """One device of a bench."""

    name: str
    kind: str
    path: Path
    baud: int
    unit: int = 1
    key: bytes = dataclasses.field(default=b"", repr=False)
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)


Hand = Callable[[Any, list[str], float], None]
"""What a control word does to an emulator: (emulator, words after it, now)."""


@dataclass(frozen=True)
class Kind:
    """A kind of device: how to make its emulator, and what hands can do to it."""

    help: str
    baud: int
    make: Callable[[DeviceSettings, Plant], Emulator]
    any_baud: bool = False
    hands: Mapping[str, Hand] = field(default_factory=dict)
    options: Mapping[str, type] = field(default_factory=dict)
    """What a bench file or `--set` may say of it beside speed and unit."""


def _lay(emulator: Any, words: list[str], now_s: float) -> None:
    emulator.lay(tuple(" ".join(words).split("|")), now_s)


def _withdraw(emulator: Any, words: list[str], now_s: float) -> None:
    emulator.withdraw(now_s)


def _misread(emulator: Any, words: list[str], now_s: float) -> None:
    emulator.misread(Misread(words[0].lower()), int(words[1]) if len(words) > 1 else 1)


def _place(emulator: Any, words: list[str], now_s: float) -> None:
    """PLACE picture [normal|dry|wet|moving]: lay a finger."""
    import cv2

    from drivers.fingerprint_reader.emulator import Skin

    picture = cv2.imread(words[0], cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError(f"{words[0]} is no picture: give a PNG, BMP or TIFF of a finger")
    emulator.place(picture, Skin(words[1].lower()) if words[1:] else Skin.NORMAL)


def _lift(emulator: Any, words: list[str], now_s: float) -> None:
    emulator.lift()


def _osdp(settings: DeviceSettings, plant: Plant) -> Emulator:
    try:
        from drivers.door_relay.emulator_osdp import DEFAULT_KEY, OsdpEmulator
    except ModuleNotFoundError:
        raise ValueError(OSDP_MISSING) from None
    return OsdpEmulator(plant, address=settings.unit, key=settings.key or DEFAULT_KEY)


def _card(emulator: Any, words: list[str], now_s: float) -> None:
    """CARD hex [bits]: hold a card to the reader."""
    emulator.hold_card(bytes.fromhex(words[0]), int(words[1]) if words[1:] else None)


def _finger_sensor(model: str) -> Callable[[DeviceSettings, Plant], Emulator]:
    def make(settings: DeviceSettings, plant: Plant) -> Emulator:
        from drivers.fingerprint_reader import emulator  # numpy: only where such a sensor is

        baud_n = min(12, max(1, settings.baud // 9600))
        return emulator.FingerSensorEmulator(
            getattr(emulator, model), baud_n=baud_n, **settings.options
        )

    return make


OPTION_CHARS_MAX = 8
SENSOR_OPTIONS: Mapping[str, type] = {"password": int}
FINGER_HANDS: Mapping[str, Hand] = {"PLACE": _place, "LIFT": _lift}
READER_HANDS: Mapping[str, Hand] = {"LAY": _lay, "WITHDRAW": _withdraw, "MISREAD": _misread}
KINDS: Mapping[str, Kind] = {
    "door-board": Kind(
        "Modbus-RTU relays and inputs, with the gate behind them",
        9600,
        lambda s, plant: ModbusBoardEmulator(plant, baud=s.baud, unit=s.unit),
    ),
    "lcus": Kind("LCUS relays that tell nothing", 9600, lambda s, plant: LcusEmulator(plant)),
    "lcus-query": Kind(
        "LCUS relays that answer FFh",
        9600,
        lambda s, plant: LcusEmulator(plant, answers_query=True),
    ),
    "lcus-feedback": Kind(
        "LCUS clone that answers commands",
        9600,
        lambda s, plant: LcusEmulator(plant, feedback=True),
    ),
    "kmtronic": Kind("KMtronic USB relays", 9600, lambda s, plant: KmtronicEmulator(plant)),
    "numato": Kind(
        "Numato USB relays and GPIO",
        9600,
        lambda s, plant: NumatoEmulator(plant),
        any_baud=True,
    ),
    "osdp": Kind(
        "OSDP relays, inputs and card reader, secure channel", 9600, _osdp, hands={"CARD": _card}
    ),
    "elyctis": Kind(
        "document reader, Elyctis TLV",
        115200,
        lambda s, plant: ElyctisEmulator(**s.options),
        any_baud=True,
        hands=READER_HANDS,
        options={"presence": bool},
    ),
    "rte": Kind(
        "document reader, 3M RTE native", 9600, lambda s, plant: RteEmulator(), hands=READER_HANDS
    ),
    "lines": Kind(
        "document reader, plain lines",
        9600,
        lambda s, plant: LineEmulator(**{k: v.encode("ascii") for k, v in s.options.items()}),
        hands=READER_HANDS,
        options=dict.fromkeys(("prefix", "terminator", "suffix"), str),
    ),
    "fingerprint": Kind(
        "fingerprint sensor ZFM-20 / R30x",
        57600,
        _finger_sensor("ZFM20"),
        False,
        FINGER_HANDS,
        SENSOR_OPTIONS,
    ),
    "r503": Kind(
        "fingerprint sensor R503",
        57600,
        _finger_sensor("R503"),
        False,
        FINGER_HANDS,
        SENSOR_OPTIONS,
    ),
}


@dataclass
class Device:
    """A running emulator and its line."""

    settings: DeviceSettings
    emulator: Emulator
    line: PtyLine
    faults: ScriptedFaults

    @property
    def hands(self) -> Mapping[str, Hand]:
        """Control words of this kind of device."""
        return KINDS[self.settings.kind].hands

    def breakable(self) -> OnWire:
        """What can be wrong with it."""
        is_reader = self.hands is READER_HANDS
        stranger = (lambda: LcusEmulator(Plant())) if is_reader else ElyctisEmulator
        return OnWire(self.line, self.faults, stranger, own_words(self.emulator))


class EmulatedBench:
    """All devices of a bench, in the running loop. Start it, close it."""

    def __init__(
        self,
        devices: Sequence[DeviceSettings],
        parameters: PlantParameters | None = None,
        plan: Sequence[Planned] = (),
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._plan = plan
        self.plant = Plant(parameters, self.now_s)
        self.devices = {settings.name: self._device(settings) for settings in devices}
        things = {name: device.breakable() for name, device in self.devices.items()}
        self.desk = FaultDesk({**things, GATE: ThePlant(self.plant)}, self.settle)

    @property
    def now_s(self) -> float:
        """The loop's time, which is that of plant and lines."""
        return self._loop.time()

    def start(self) -> None:
        """Let every device appear under its name and the plan begin. Raises OSError, FaultError."""
        for device in self.devices.values():
            device.line.start()
        self.desk.follow(self._plan)

    def close(self) -> None:
        """Let all of them vanish."""
        for device in self.devices.values():
            device.line.close()

    def settle(self) -> None:
        """Bring lines and plant up to now; call it around any act on them."""
        for device in self.devices.values():
            device.line.poke()
        self.plant.advance(self.now_s)

    def _device(self, settings: DeviceSettings) -> Device:
        kind, faults = KINDS[settings.kind], ScriptedFaults([])
        emulator = kind.make(settings, self.plant)
        line = PtyLine(emulator, settings.path, settings.baud, faults, any_baud=kind.any_baud)
        return Device(settings, emulator, line, faults)


@dataclass(frozen=True)
class BenchFile:
    """A bench file, read and checked."""

    devices: tuple[DeviceSettings, ...]
    plant: PlantParameters
    control: Path | None


def read_bench_file(file: Path) -> BenchFile:
    """Read a bench file. Raises BenchError naming the key and what is possible."""
    content = _toml(file)
    _only(content, {"folder", "control", "plant", "device"}, str(file))
    folder = Path(str(content.get("folder", ".")))
    devices = tuple(_settings(entry, folder) for entry in content.get("device", []))
    names = [device.name for device in devices]
    if not devices or len(set(names)) != len(names):
        raise BenchError(f"{file}: one [[device]] or more, each with a name of its own")
    control = content.get("control")
    return BenchFile(devices, plant_parameters(content.get("plant", {})), control and Path(control))


def plant_parameters(table: Mapping[str, Any]) -> PlantParameters:
    """Make plant parameters of a [plant] table. Raises BenchError."""
    _only(table, PLANT_KEYS, "[plant]")
    leaf = {key: value for key, value in table.items() if key in LEAF_KEYS}
    rest = {key: value for key, value in table.items() if key not in LEAF_KEYS}
    try:
        if "unpowered" in rest:
            rest["unpowered"] = Unpowered(rest["unpowered"])
        if "obstacle" in leaf:
            leaf["obstacle"] = Obstacle(leaf["obstacle"])
        return PlantParameters(leaf=LeafParameters(**leaf), **rest)
    except (TypeError, ValueError) as error:
        raise BenchError(f"[plant]: {error}") from None


def _settings(entry: Mapping[str, Any], folder: Path) -> DeviceSettings:
    where = f"[[device]] {entry.get('name', '?')}"
    name, kind = str(_needed(entry, "name", where)), str(_needed(entry, "kind", where))
    if name == GATE:
        raise BenchError(f"{where}: that is the plant's own name; give the device another")
    if kind not in KINDS:
        raise BenchError(f"{where}: no kind {kind!r}; there are {', '.join(KINDS)}")
    own = KINDS[kind].options
    _only(entry, {"name", "kind", "baud", "unit", "key", *own}, where)
    options = checked_options(kind, {k: v for k, v in entry.items() if k in own}, where)
    baud, unit = entry.get("baud", KINDS[kind].baud), entry.get("unit", 1)
    if not isinstance(baud, int) or not 300 <= baud <= 4_000_000:
        raise BenchError(f"{where}: baud is a whole number from 300 to 4000000")
    if not isinstance(unit, int) or not 1 <= unit <= 247:
        raise BenchError(f"{where}: unit is a whole number from 1 to 247")
    try:
        key = base_key(str(entry.get("key", "")))
    except ValueError as error:
        raise BenchError(f"{where}: {error}") from None
    return DeviceSettings(name, kind, folder / name, baud, unit, key, options)


def checked_options(kind: str, told: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The options of a kind, each of its type. Raises BenchError."""
    own = KINDS[kind].options
    _only(told, set(own), where)
    for name, value in told.items():
        text = isinstance(value, str) and value.isascii() and len(value) <= OPTION_CHARS_MAX
        if type(value) is not own[name] or not (text or own[name] is not str):
            words = {str: "ASCII text in quotes", bool: "true or false", int: "a whole number"}
            raise BenchError(f"{where}: {name} is {words[own[name]]}")
    return dict(told)


def base_key(text: str) -> bytes:
    """An OSDP base key of 32 hexadecimal digits; empty: the bench's. Raises ValueError."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b"?"
    if len(key) not in (0, 16):
        raise ValueError("key is 32 hexadecimal digits")
    return key


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BenchError(f"{file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BenchError(f"{file} is not TOML: {error}") from None


def _only(table: Mapping[str, Any], keys: frozenset[str] | set[str], where: str) -> None:
    unknown = set(table) - keys
    if unknown:
        raise BenchError(
            f"{where}: unknown {', '.join(sorted(unknown))}; possible: {', '.join(sorted(keys))}"
        )


def _needed(table: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in table:
        raise BenchError(f"{where}: {key} is missing")
    return table[key]
