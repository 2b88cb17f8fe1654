"""The door boards in a gate.toml: which kinds there are, what each can, and what cannot work.

What a kind can do is told here a second time, without its driver; a test compares the two.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from enum import Enum

from gate.config_reading import home_expanded, key

LINE_ADDRESS = r"(serial|pty):/.+|null:[\w.-]+"
LINE_EXAMPLE = '"serial:/dev/serial/by-id/...", "pty:/run/egate/reader" or "null:reader"'

Contradiction = tuple[tuple[str, ...], str]
"""Where it stands, and what is wrong with its mend."""


class DoorsKind(Enum):
    """The door boards with a driver."""

    MODBUS = "modbus"
    MODBUS_PLAIN = "modbus-plain"
    LCUS = "lcus"
    LCUS_QUERY = "lcus-query"
    LCUS_FEEDBACK = "lcus-feedback"
    KMTRONIC = "kmtronic"
    NUMATO = "numato"
    OSDP = "osdp"


class SensorsKind(Enum):
    """The boards that can read contacts beside a door board without inputs."""

    NONE = "none"
    MODBUS = "modbus"
    NUMATO = "numato"


@dataclass(frozen=True, slots=True)
class BoardAbility:
    """What a kind of board can do. `relays`: the numbers it is sold with, empty for any;
    `usual_relays` where the configuration says 0, which is 0 where only the wired ones count.
    """

    usual_relays: int
    relays: tuple[int, ...]
    inputs: int
    reads_back: bool = True
    ends_pulse: bool = False


_UP_TO_8 = tuple(range(1, 9))
_LCUS = BoardAbility(4, _UP_TO_8, 0)
BOARD_ABILITIES = {
    DoorsKind.MODBUS: BoardAbility(0, (), 255, ends_pulse=True),
    DoorsKind.MODBUS_PLAIN: BoardAbility(0, (), 255),
    DoorsKind.LCUS: BoardAbility(4, _UP_TO_8, 0, reads_back=False),
    DoorsKind.LCUS_QUERY: _LCUS,
    DoorsKind.LCUS_FEEDBACK: _LCUS,
    DoorsKind.KMTRONIC: BoardAbility(4, (1, 2, 4, 8), 0),
    DoorsKind.NUMATO: BoardAbility(8, tuple(range(1, 33)), 32),
    DoorsKind.OSDP: BoardAbility(4, tuple(range(1, 65)), 64, ends_pulse=True),
}
SENSOR_INPUTS = {SensorsKind.NONE: 0, SensorsKind.MODBUS: 255, SensorsKind.NUMATO: 32}
NOT_WIRED = -1
OSDP_ADDRESS_MAX = 126


@dataclass(frozen=True, slots=True)
class Coils:
    """[doors.coils]: the relay, counted from 0, that releases each door; -1: not wired."""

    entry: int = key(0, "Releases the entry door.", 0, 255)
    exit: int = key(1, "Releases the exit door.", 0, 255)
    lamp: int = key(NOT_WIRED, "Lights the officer's lamp while one is called; -1: none.", -1, 255)
    buzzer: int = key(NOT_WIRED, "Sounds once when an officer is called; -1: none.", -1, 255)

    def wired(self) -> dict[str, int]:
        """The relays that something hangs on."""
        return {name: relay for name, relay in asdict(self).items() if relay != NOT_WIRED}


@dataclass(frozen=True, slots=True)
class Inputs:
    """[doors.inputs]: the discrete input, counted from 0, of each contact.

    Loops, mains and tamper are normally closed: an input that reads 0 is an alarm, and so is a
    broken wire.
    """

    entry_closed: int = key(0, "Made when the entry leaf is fully closed.", 0, 255)
    entry_open: int = key(1, "Made when the entry leaf is fully open.", 0, 255)
    exit_closed: int = key(2, "Made when the exit leaf is fully closed.", 0, 255)
    exit_open: int = key(3, "Made when the exit leaf is fully open.", 0, 255)
    entry_beam: int = key(4, "Made while the beam in the entry doorway is broken.", 0, 255)
    exit_beam: int = key(5, "Made while the beam in the exit doorway is broken.", 0, 255)
    presence_1: int = key(6, "Made while somebody or something is inside.", 0, 255)
    presence_2: int = key(7, "Made while there are two or more inside.", 0, 255)
    approach: int = key(8, "Made while somebody stands before the gate.", 0, 255)
    fire_loop_ok: int = key(9, "Made while the fire loop is closed.", 0, 255)
    estop_loop_ok: int = key(10, "Made while the emergency-stop loop is closed.", 0, 255)
    mains_ok: int = key(11, "Made while mains power is there.", 0, 255)
    tamper_ok: int = key(12, "Made while the housing is closed.", 0, 255)


@dataclass(frozen=True, slots=True)
class SensorBoard:
    """[doors.sensors]: a second board, which reads [doors.inputs] where the first has none."""

    kind: SensorsKind = key(SensorsKind.NONE, "Its protocol; none: the door board reads them.")
    address: str = key(
        "", "Where it is.", pattern=f"|{LINE_ADDRESS}", example='"serial:/dev/serial/by-id/..."'
    )
    baud: int = key(115_200, "Line speed in bits per second, 8N1.", 1200, 921_600)
    unit: int = key(1, "Its Modbus unit address.", 1, 247)


@dataclass(frozen=True, slots=True)
class Doors:
    """[doors]: the relay board with the doors' contacts."""

    kind: DoorsKind = key(DoorsKind.MODBUS, "The board's protocol.")
    address: str = key(
        "null:doors",
        "Where the door board is.",
        pattern=LINE_ADDRESS,
        example=LINE_EXAMPLE,
    )
    baud: int = key(115_200, "Line speed in bits per second, 8N1.", 1200, 921_600)
    unit: int = key(1, "The board's Modbus or OSDP address.", 1, 247)
    key_file: str = key("", "osdp: file with the device's base key (SCBK), 32 hex digits.")
    relays: int = key(0, "How many relays it has; 0: as its kind usually has.", 0, 255)
    # The board ends the pulse itself if the host dies; the gate ends it as soon as somebody is
    # through. A lane that runs by itself on a short pulse (PG300 p. 17) takes 0.5.
    pulse_s: float = key(8.0, "Longest length of a release pulse.", 0.1, 60.0)
    poll_s: float = key(0.05, "How often the inputs are read.", 0.01, 1.0)
    coils: Coils = field(default_factory=Coils)
    inputs: Inputs = field(default_factory=Inputs)
    sensors: SensorBoard = field(default_factory=SensorBoard)

    @property
    def relay_count(self) -> int:
        """How many relays the driver has to know of."""
        wired = max(self.coils.wired().values()) + 1
        return self.relays or BOARD_ABILITIES[self.kind].usual_relays or wired

    @property
    def input_count(self) -> int:
        """How many inputs are read, on whichever board."""
        last: int = max(asdict(self.inputs).values())
        return last + 1


def osdp_key(path: str) -> bytes:
    """The base key in a key file. Raises ValueError with the rest of a sentence."""
    file = home_expanded(path)
    try:
        mode, text = file.stat().st_mode, file.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror}): correct the path") from None
    if mode & 0o077:
        raise ValueError(f"may be read by others: chmod 600 {file}")
    if not re.fullmatch(rb"[0-9A-Fa-f]{32}\s*", text):
        raise ValueError("holds no base key: 32 hexadecimal digits are needed")
    return bytes.fromhex(text.decode("ascii"))


def door_contradictions(doors: Doors) -> list[Contradiction]:
    """What no single key of [doors] can be blamed for."""
    found = _relays(doors) + _sensors(doors) + _osdp(doors)
    for table, channels in (("coils", doors.coils.wired()), ("inputs", asdict(doors.inputs))):
        found += _shared_channels(table, channels)
    return found


def door_notes(doors: Doors) -> list[str]:
    """What this board cannot do and somebody must have seen to; no reason to refuse."""
    able, kind, notes = BOARD_ABILITIES[doors.kind], doors.kind.value, []
    if not able.ends_pulse:
        notes.append(
            f"a {kind} board does not end a release by itself: with the host dead the door stays "
            "released. Put a watchdog relay into the coils' supply"
        )
    if not able.reads_back:
        notes.append(
            f"a {kind} board cannot tell its relays' positions: they are as commanded, unconfirmed"
        )
    return notes


def _relays(doors: Doors) -> list[Contradiction]:
    sold = BOARD_ABILITIES[doors.kind].relays
    if doors.relays and sold and doors.relays not in sold:
        listed = ", ".join(map(str, sold))
        what = f"doors.relays is {doors.relays}: a {doors.kind.value} board has {listed}"
        return [(("doors", "relays"), what)]
    last = doors.relay_count - 1
    return [
        (
            ("doors", "coils", name),
            f"doors.coils.{name} is {relay}: the board has relays 0 to {last}. "
            "Correct it, or set doors.relays",
        )
        for name, relay in doors.coils.wired().items()
        if relay > last
    ]


def _osdp(doors: Doors) -> list[Contradiction]:
    if doors.kind is not DoorsKind.OSDP:
        return []
    found: list[Contradiction] = []
    if doors.unit > OSDP_ADDRESS_MAX:
        what = f"doors.unit is {doors.unit}: OSDP addresses end at {OSDP_ADDRESS_MAX}"
        found.append((("doors", "unit"), what))
    try:
        if not doors.key_file:
            raise ValueError(
                "is missing: a gate speaks OSDP over the secure channel only. Give a file with "
                "the device's base key as 32 hexadecimal digits"
            )
        osdp_key(doors.key_file)
    except ValueError as error:
        found.append((("doors", "key_file"), f"doors.key_file {error}"))
    return found


def _sensors(doors: Doors) -> list[Contradiction]:
    at, own = ("doors", "sensors"), BOARD_ABILITIES[doors.kind].inputs
    second = doors.sensors.kind is not SensorsKind.NONE
    if not own and not second:
        what = (
            f'doors.kind is "{doors.kind.value}", a board without inputs: it may drive doors only '
            "where another board reads the sensors. Name that one in [doors.sensors] with kind "
            '"modbus" or "numato" and its address, or take a board with inputs'
        )
        return [(("doors", "kind"), what)]
    if second and not doors.sensors.address:
        what = "doors.sensors.address is missing: say where the board that reads the contacts is"
        return [((*at, "address"), what)]
    if not second and doors.sensors.address:
        what = 'doors.sensors.kind is "none": say "modbus" or "numato", or leave out the address'
        return [((*at, "kind"), what)]
    if second and doors.sensors.address == doors.address:
        what = "doors.sensors.address is the door board's as well: give each board its own port"
        return [((*at, "address"), what)]
    return _too_high(doors, SENSOR_INPUTS[doors.sensors.kind] if second else own)


def _too_high(doors: Doors, inputs: int) -> list[Contradiction]:
    return [
        (
            ("doors", "inputs", name),
            f"doors.inputs.{name} is {number}: the board that reads them has 0 to {inputs - 1}",
        )
        for name, number in asdict(doors.inputs).items()
        if number >= inputs
    ]


def _shared_channels(table: str, channels: dict[str, int]) -> list[Contradiction]:
    by_channel: dict[int, list[str]] = {}
    for name, channel in channels.items():
        by_channel.setdefault(channel, []).append(name)
    return [
        (
            ("doors", table, names[-1]),
            f"doors.{table}: {' and '.join(names)} share channel {channel}: give each its own",
        )
        for channel, names in by_channel.items()
        if len(names) > 1
    ]
