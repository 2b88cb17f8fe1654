"""The emulated far ends of the lines that a configuration names, one plant behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from drivers.document_reader.emulator import ElyctisEmulator, LineEmulator, RteEmulator
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.door_relay.emulator_simple import KmtronicEmulator, LcusEmulator, NumatoEmulator
from drivers.line import Emulator
from drivers.plant import Plant
from gate.config import Reader, ReaderKind
from gate.config_doors import Doors, DoorsKind, SensorsKind, osdp_key

DOOR_BOARDS: Mapping[DoorsKind, Callable[[Doors, Plant], Emulator]] = {
    DoorsKind.MODBUS: lambda d, plant: ModbusBoardEmulator(plant, baud=d.baud, unit=d.unit),
    DoorsKind.MODBUS_PLAIN: lambda d, plant: ModbusBoardEmulator(plant, baud=d.baud, unit=d.unit),
    DoorsKind.LCUS: lambda d, plant: LcusEmulator(plant),
    DoorsKind.LCUS_QUERY: lambda d, plant: LcusEmulator(plant, answers_query=True),
    DoorsKind.LCUS_FEEDBACK: lambda d, plant: LcusEmulator(plant, feedback=True),
    DoorsKind.KMTRONIC: lambda d, plant: KmtronicEmulator(plant),
    DoorsKind.NUMATO: lambda d, plant: NumatoEmulator(plant),
    DoorsKind.OSDP: lambda d, plant: _osdp(d, plant),
}
"""What answers a driver of each kind; a board whose firmware pulse is not used is the same board."""


def _osdp(doors: Doors, plant: Plant) -> Emulator:
    from drivers.door_relay.emulator_osdp import OsdpEmulator  # needs the extra `osdp`

    return OsdpEmulator(plant, address=doors.unit, key=osdp_key(doors.key_file))


def sensor_board(doors: Doors, plant: Plant) -> Emulator:
    """The second board, which reads the contacts."""
    behind = doors.sensors
    if behind.kind is SensorsKind.NUMATO:
        return NumatoEmulator(plant)
    return ModbusBoardEmulator(plant, baud=behind.baud, unit=behind.unit)


def document_reader(reader: Reader) -> ElyctisEmulator | RteEmulator | LineEmulator:
    """The document reader."""
    if reader.kind is ReaderKind.RTE:
        return RteEmulator()
    if reader.kind is ReaderKind.LINES:
        return LineEmulator(
            prefix=reader.prefix.encode("ascii"),
            terminator=reader.terminator.encode("ascii"),
            suffix=reader.suffix.encode("ascii"),
        )
    return ElyctisEmulator(presence=reader.presence)
