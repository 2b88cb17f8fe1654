"""`egate config` and `egate doctor` as their users see them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gate.cli.config import app
from gate.config import load
from gate.config_text import as_toml

ROOT = Path(__file__).resolve().parents[3]
runner = CliRunner()


def write(folder: Path, text: str) -> Path:
    """A gate.toml with this text."""
    file = folder / "gate.toml"
    file.write_text(text)
    return file


def test_the_example_is_fine_and_complete() -> None:
    """examples/gate.toml has every key with its default, and passes."""
    example = ROOT / "examples" / "gate.toml"
    assert runner.invoke(app, ["check", str(example)]).exit_code == 0
    assert example.read_text() == as_toml(load(None, {}))


def test_check_exits_2_and_names_every_wrong_line(tmp_path: Path) -> None:
    """All problems come at once, each with its line."""
    file = write(tmp_path, '[reader]\nbaud = "fast"\n[doors]\nunitt = 1\n')
    result = runner.invoke(app, ["check", str(file)])
    assert result.exit_code == 2
    assert f"{file}:2: reader.baud" in result.stderr
    assert 'gate.toml:4: doors.unitt is no key of a gate. Did you mean "unit"?' in result.stderr


@pytest.mark.parametrize(
    ("address", "mend"),
    [
        ("serial:/dev/serial/by-id/absent", "plug it in"),
        ("pty:{folder}/absent", "start its emulator"),
        ("serial:{folder}/gate.toml", "no serial device"),
    ],
)
def test_check_exits_1_for_a_device_that_is_not_there(
    tmp_path: Path, address: str, mend: str
) -> None:
    """A right file with an absent device says which device and what to do."""
    file = write(tmp_path, f'[reader]\naddress = "{address.format(folder=tmp_path)}"\n')
    result = runner.invoke(app, ["check", str(file)])
    assert result.exit_code == 1
    assert "reader: " in result.stderr
    assert mend in result.stderr


def test_check_finds_a_device_that_is_there(tmp_path: Path) -> None:
    """A pseudo-terminal is a device like any other."""
    master, slave = os.openpty()
    try:
        file = write(tmp_path, f'[doors]\naddress = "pty:{os.ttyname(slave)}"\n')
        result = runner.invoke(app, ["check", str(file), "--json"])
    finally:
        os.close(master)
        os.close(slave)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["absent_devices"] == {}


def test_check_says_what_a_board_and_a_reader_cannot_do(tmp_path: Path) -> None:
    """No refusal, but nobody learns it only at the gate."""
    beside = '[doors.sensors]\nkind = "modbus"\naddress = "null:sensors"\n'
    file = write(tmp_path, f'[reader]\nkind = "rte"\n[doors]\nkind = "lcus"\n{beside}')
    result = runner.invoke(app, ["check", str(file)])
    assert result.exit_code == 0
    assert "doors: a lcus board does not end a release by itself" in result.stdout
    assert "doors: a lcus board cannot tell its relays' positions" in result.stdout
    assert "reader: a rte reader cannot tell a forgotten document" in result.stdout
    silent = runner.invoke(app, ["check", str(write(tmp_path, ""))])
    assert "note" not in silent.stdout


def test_check_says_how_to_get_a_missing_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OSDP without its package: the device is absent, with the command that installs it."""
    key = tmp_path / "osdp.key"
    key.touch(0o600)
    key.write_text("00" * 16)
    file = write(tmp_path, f'[doors]\nkind = "osdp"\nkey_file = "{key}"\n')
    assert runner.invoke(app, ["check", str(file)]).exit_code == 0
    monkeypatch.setattr("gate.config_devices.find_spec", lambda name: None)
    result = runner.invoke(app, ["check", str(file)])
    assert result.exit_code == 1
    assert "pip install libosdp==3.2.9" in result.stderr


def test_show_prints_a_file_that_reads_back(tmp_path: Path) -> None:
    """What `show` prints is the same configuration again."""
    file = write(tmp_path, '[gate]\nid = "B-12"\n[doors.inputs]\nentry_beam = 20\n[policy]\n')
    shown = write(tmp_path, runner.invoke(app, ["show", str(file)]).stdout)
    assert load(shown, {}).gate.id == "B-12"
    assert load(shown, {}).doors.inputs.entry_beam == 20
