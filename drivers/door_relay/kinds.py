"""The door boards by the names that a configuration or a bench file uses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drivers.door_relay.board import DoorBoard
from drivers.door_relay.driver import ModbusDoorBoard
from drivers.door_relay.driver_simple import KmtronicBoard, LcusBoard, NumatoBoard
from drivers.link import Link


@dataclass(frozen=True)
class BoardKind:
    """How to make the driver of a board: `make(link, baud, coils, inputs)`; with 0 for coils or
    inputs the kind's usual numbers. Raises ValueError for numbers that no such board has.
    """

    what: str
    make: Callable[[Link, int, int, int], DoorBoard]
    has_inputs: bool


def _modbus(firmware_pulse: bool) -> Callable[[Link, int, int, int], DoorBoard]:
    return lambda link, baud, coils, inputs: ModbusDoorBoard(
        link, baud=baud, coils=coils or 8, inputs=inputs or 16, firmware_pulse=firmware_pulse
    )


def _lcus(dialect: str) -> Callable[[Link, int, int, int], DoorBoard]:
    return lambda link, baud, coils, inputs: LcusBoard(
        link, baud=baud, coils=coils or 4, dialect=dialect
    )


BOARD_KINDS: Mapping[str, BoardKind] = {
    "modbus": BoardKind("Modbus-RTU relays and inputs, pulse in firmware", _modbus(True), True),
    "modbus-plain": BoardKind("the same without a firmware pulse", _modbus(False), True),
    "lcus": BoardKind("LCUS that tells nothing", _lcus("plain"), False),
    "lcus-query": BoardKind("LCUS that answers FFh", _lcus("query"), False),
    "lcus-feedback": BoardKind("LCUS clone that answers commands", _lcus("feedback"), False),
    "kmtronic": BoardKind(
        "KMtronic USB relays",
        lambda link, baud, coils, inputs: KmtronicBoard(link, baud=baud, coils=coils or 4),
        False,
    ),
    "numato": BoardKind(
        "Numato USB relays and GPIO",
        lambda link, baud, coils, inputs: NumatoBoard(
            link, baud=baud, coils=coils or 8, inputs=inputs
        ),
        True,
    ),
}
