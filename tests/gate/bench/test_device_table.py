"""The table of real boards, tried at emulated ones: addresses are all that differs."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.document_reader.emulator import ElyctisEmulator
from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.fingerprint_reader.emulator import FingerSensorEmulator
from drivers.plant import Plant
from gate.bench.device_table import report, summary, tried
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
    assert ("ABSENT" if row.absent else "FAILED") in str(row)
    assert row.absent is (model == "modbus" and address.startswith("pty:"))


def test_every_kind_of_device_is_tried_and_reported(tmp_path: Path) -> None:
    """Reader, sensor and camera get their rows; the report holds all of them, and is JSON."""
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (96, 64))
    for shade in range(40):
        writer.write(np.full((64, 96, 3), 80 + shade, np.uint8))
    writer.release()
    reader, sensor = tmp_path / "reader", tmp_path / "sensor"
    lines = [
        ("document_reader", "elyctis presence", f"pty:{reader}", 115_200),
        ("fingerprint_reader", "zfm", f"pty:{sensor}", 115_200),
        ("face_camera", "file", f"file:{film}", 0),
        ("door_relay", "modbus", "pty:/dev/absent", 9600),
        ("toaster", "x", "pty:/dev/absent", 9600),
    ]
    entry = '[[device]]\nkind = "{}"\nmodel = "{}"\naddress = "{}"\nbaud = {}\n'
    file = tmp_path / "bench.toml"
    file.write_text("".join(entry.format(*line) for line in lines), encoding="utf-8")
    with (
        served(lambda start_s: ElyctisEmulator(), reader, 115_200),
        served(lambda start_s: FingerSensorEmulator(hurry=50, baud_n=12), sensor, 115_200),
    ):
        rows = tried(file)
    assert [bool(row.problem) for row in rows] == [False, False, False, True, True]
    assert "presence sensor" in rows[0].can
    assert "ID BOX ONE" in rows[0].can
    assert "1000 places, 0 used" in rows[1].can
    assert "10 of 10 frames good" in rows[2].can
    assert summary(rows) == "3 tried and fine, 1 failed, 1 absent"
    told = json.loads(report(rows))
    assert [device["kind"] for device in told["devices"]] == [line[0] for line in lines]
    assert told["devices"][1]["times_ms"]["parameters"] > 0


@pytest.mark.parametrize("text", ["", "device = []", "[["])
def test_a_file_without_devices_is_refused(tmp_path: Path, text: str) -> None:
    """ValueError names the file."""
    file = tmp_path / "bench.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"bench\.toml"):
        tried(file)
