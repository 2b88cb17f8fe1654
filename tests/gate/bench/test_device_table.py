"""The table of real boards, tried at emulated ones: addresses are all that differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.plant import Plant
from gate.bench.device_table import tried
from tests.drivers.served import served


def bench_file(folder: Path, model: str, address: str) -> Path:
    """A bench file with one board."""
    file = folder / "bench.toml"
    file.write_text(
        f'[[device]]\nkind = "door_relay"\nmodel = "{model}"\naddress = "{address}"\nbaud = 115200\n',
        encoding="utf-8",
    )
    return file


def test_a_board_is_tried_and_described(tmp_path: Path) -> None:
    """What it can and how long it took; the last relay is off again."""
    emulators: list[ModbusBoardEmulator] = []

    def make(start_s: float) -> ModbusBoardEmulator:
        emulators.append(ModbusBoardEmulator(Plant(start_s=start_s), baud=115_200))
        return emulators[0]

    with served(make, tmp_path / "doors", 115_200):
        (row,) = tried(bench_file(tmp_path, "modbus", f"pty:{tmp_path}/doors"))
    assert not row.problem
    assert "8 relays, 16 inputs, reads back, acknowledges, pulse in firmware" in str(row)
    assert not any(emulators[0].terminals.relays)


@pytest.mark.parametrize(
    ("model", "address", "told"),
    [
        ("toaster", "pty:/dev/absent", "kmtronic"),
        ("modbus", "pty:/dev/absent", "cannot be opened"),
        ("modbus", "absent", "serial:"),
    ],
)
def test_a_board_that_fails_is_a_row_of_its_own(
    tmp_path: Path, model: str, address: str, told: str
) -> None:
    """The problem stands in the table and says what to do."""
    (row,) = tried(bench_file(tmp_path, model, address))
    assert told in row.problem
    assert "FAILED" in str(row)


@pytest.mark.parametrize("text", ["", "[[device]]\nkind = 'document_reader'", "[["])
def test_a_file_without_boards_is_refused(tmp_path: Path, text: str) -> None:
    """ValueError names the file."""
    file = tmp_path / "bench.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"bench\.toml"):
        tried(file)
