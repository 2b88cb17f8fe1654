"""`egate emulate` as a process: appears, serves a third-party master, vanishes when told."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import minimalmodbus
import pytest

EGATE = [sys.executable, "-m", "gate.cli", "emulate"]


def test_a_door_board_serves_a_third_party_master(tmp_path: Path) -> None:
    """The process says ready, answers minimalmodbus, and removes its name when terminated."""
    link = tmp_path / "doors"
    process = subprocess.Popen(
        [*EGATE, "door-board", "--link", str(link), "--baud", "115200"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(2)]
        assert said == [f"doors: pty:{link} (door-board, 115200 Bd)\n", "ready\n"]
        master = minimalmodbus.Instrument(str(link), 1)
        master.serial.baudrate = 115200
        master.serial.timeout = 2.0
        master.write_bit(2, 1, functioncode=5)
        assert master.read_bits(0, 8, functioncode=1) == [0, 0, 1, 0, 0, 0, 0, 0]
        master.serial.close()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not link.is_symlink()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["bench", "absent.toml"], "cannot be read"),
        (["door-board", "--link", "taken"], "another name"),
        (["lines", "--link", "x", "--set", "prefix=2"], "prefix is ASCII text in quotes"),
        (["lines", "--link", "x", "--set", 'perfix="x"'], "unknown perfix; possible: prefix"),
        (["elyctis", "--link", "x", "--set", "presence"], "--set 'presence=false'"),
        (["osdp", "--link", "x", "--key", "12"], "--key is 32 hexadecimal digits"),
        (["door-board", "--link", "x", "--faults", "absent.toml"], "give the path of a fault plan"),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_why(tmp_path: Path, words: list[str], told: str) -> None:
    """One line on stderr, no traceback, exit code 2."""
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [*EGATE, *words],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
