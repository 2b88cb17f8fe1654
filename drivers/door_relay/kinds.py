"""The door boards by the names that a configuration or a bench file uses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from drivers.door_relay.board import DoorBoard
from drivers.door_relay.driver import ModbusDoorBoard
from drivers.door_relay.driver_simple import KmtronicBoard, LcusBoard, NumatoBoard
from drivers.link import Link, open_link


@dataclass(frozen=True)
class Fitting:
    """How a board is set up and wired. `coils`, `inputs` 0: the kind's usual numbers. `unit`:
    Modbus or OSDP address, no other board has one. `key`: OSDP's base key, 16 bytes.
    """

    baud: int
    coils: int = 0
    inputs: int = 0
    unit: int = 1
    key: bytes = field(default=b"", repr=False)


Make = Callable[[Link, Fitting], DoorBoard]


@dataclass(frozen=True)
class BoardKind:
    """How to make the driver of a board. `make` raises ValueError for numbers that no such board
    has.
    """

    what: str
    make: Make
    has_inputs: bool


def _modbus(firmware_pulse: bool) -> Make:
    return lambda link, fitting: ModbusDoorBoard(
        link,
        baud=fitting.baud,
        unit=fitting.unit,
        coils=fitting.coils or 8,
        inputs=fitting.inputs or 16,
        firmware_pulse=firmware_pulse,
    )


def _lcus(dialect: str) -> Make:
    return lambda link, fitting: LcusBoard(
        link, baud=fitting.baud, coils=fitting.coils or 4, dialect=dialect
    )


def _osdp(link: Link, fitting: Fitting) -> DoorBoard:
    try:
        from drivers.door_relay.driver_osdp import OsdpBoard
    except ModuleNotFoundError:
        raise ValueError(OSDP_MISSING) from None
    return OsdpBoard(
        link,
        key=fitting.key,
        address=fitting.unit,
        baud=fitting.baud,
        coils=fitting.coils or 4,
        inputs=fitting.inputs,
    )


OSDP_MISSING = (
    "OSDP needs the optional package libosdp: .venv/bin/python -m pip install libosdp==3.2.9"
)
BOARD_KINDS: Mapping[str, BoardKind] = {
    "modbus": BoardKind("Modbus-RTU relays and inputs, pulse in firmware", _modbus(True), True),
    "modbus-plain": BoardKind("the same without a firmware pulse", _modbus(False), True),
    "lcus": BoardKind("LCUS that tells nothing", _lcus("plain"), False),
    "lcus-query": BoardKind("LCUS that answers FFh", _lcus("query"), False),
    "lcus-feedback": BoardKind("LCUS clone that answers commands", _lcus("feedback"), False),
    "kmtronic": BoardKind(
        "KMtronic USB relays",
        lambda link, fitting: KmtronicBoard(link, baud=fitting.baud, coils=fitting.coils or 4),
        False,
    ),
    "numato": BoardKind(
        "Numato USB relays and GPIO",
        lambda link, fitting: NumatoBoard(
            link, baud=fitting.baud, coils=fitting.coils or 8, inputs=fitting.inputs
        ),
        True,
    ),
    "osdp": BoardKind("OSDP outputs and inputs over the secure channel", _osdp, True),
}


async def open_board(kind: str, address: str, fitting: Fitting) -> DoorBoard:
    """Open the line; the state is unknown until `read`. Raises LinkLost, ValueError."""
    link = await open_link(address, baud=fitting.baud)
    return BOARD_KINDS[kind].make(link, fitting)
