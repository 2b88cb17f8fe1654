"""Which driver stands behind each device of the configuration."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date

from drivers.document_reader.driver import ElyctisReader
from drivers.document_reader.driver_swipe import LineReader, RteReader
from drivers.document_reader.reader import DocumentReader
from drivers.document_reader.wire_lines import LineFormat
from drivers.door_relay.kinds import Fitting, open_board
from drivers.link import open_link
from gate.adapters.camera_reader import WorkerReader
from gate.adapters.document_reader import DocumentReaderAdapter
from gate.adapters.door_board import DoorBoardAdapter, DoorWiring
from gate.adapters.mrz_text import document_parser
from gate.adapters.two_boards import Board, TwoBoards
from gate.config import Config, Reader, ReaderKind
from gate.config_doors import NOT_WIRED, Doors, DoorsKind, SensorsKind, osdp_key
from gate.vocabulary.passages import Door


def reader(config: Config, today: Callable[[], date]) -> DocumentReaderAdapter | WorkerReader:
    """The document reader, closed."""
    if config.reader.kind is ReaderKind.CAMERA:
        return WorkerReader(config.documents_path)
    told, baud = config.reader, config.reader.baud
    drivers: dict[ReaderKind, Callable[[], DocumentReader]] = {
        ReaderKind.ELYCTIS: lambda: ElyctisReader(baud, presence=told.presence),
        ReaderKind.RTE: lambda: RteReader(baud),
        ReaderKind.LINES: lambda: LineReader(baud, _line_format(told)),
    }
    return DocumentReaderAdapter(
        drivers[config.reader.kind](),
        lambda: open_link(config.reader.address, baud=baud),
        document_parser(today),
    )


def door_board(config: Config) -> DoorBoardAdapter:
    """The door board, or the two that share its work, closed."""
    doors = config.doors
    wiring = DoorWiring(
        coils={Door.ENTRY: doors.coils.entry, Door.EXIT: doors.coils.exit},
        inputs=asdict(doors.inputs),
        pulse_s=doors.pulse_s,
        poll_s=doors.poll_s,
        lamp=_wired(doors.coils.lamp),
        buzzer=_wired(doors.coils.buzzer),
    )
    two = doors.sensors.kind is not SensorsKind.NONE
    return DoorBoardAdapter(lambda: _two_boards(doors) if two else _one_board(doors), wiring)


async def _one_board(doors: Doors) -> Board:
    return await open_board(doors.kind.value, doors.address, _fitting(doors, doors.input_count))


def _fitting(doors: Doors, inputs: int) -> Fitting:
    key = osdp_key(doors.key_file) if doors.kind is DoorsKind.OSDP else b""
    return Fitting(doors.baud, doors.relay_count, inputs, doors.unit, key)


async def _two_boards(doors: Doors) -> Board:
    behind = doors.sensors
    reads = Fitting(behind.baud, coils=1, inputs=doors.input_count, unit=behind.unit)
    relays = await open_board(doors.kind.value, doors.address, _fitting(doors, 0))
    try:
        sensors = await open_board(behind.kind.value, behind.address, reads)
    except BaseException:
        await relays.close()
        raise
    return TwoBoards(relays, sensors)


def _line_format(told: Reader) -> LineFormat:
    marks = (mark.encode("ascii") for mark in (told.prefix, told.terminator, told.suffix))
    return LineFormat(*marks)


def _wired(relay: int) -> int | None:
    return None if relay == NOT_WIRED else relay
