"""The unit files and udev rules in deploy/, held against the machine's own checkers."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[1] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
MATCHES = {"==", "!="}
ASSIGNS = {"=", "+=", ":="}
MATCHED_ONLY = {"ACTION", "SUBSYSTEM", "KERNEL", "DRIVER", "ATTRS"}
ASSIGNED_ONLY = {"SYMLINK", "GROUP", "MODE", "GOTO", "LABEL"}
EITHER = {"ENV", "ATTR"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """`systemd-analyze verify` has nothing to say, but that the programs are not installed here."""
    names = []
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(
            "/opt/egate/egate", shutil.which("true") or ""
        )
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
        names.append(str(tmp_path / unit.name.replace("@.", "@one.")))
    for unit in UNITS:  # an instance is checked by its own name
        instance = tmp_path / unit.name.replace("@.", "@one.")
        instance.write_text((tmp_path / unit.name).read_text(encoding="utf-8"), encoding="utf-8")
    said = subprocess.run(
        ["systemd-analyze", "verify", *names], capture_output=True, text=True, check=False
    )
    about_ours = [line for line in said.stderr.splitlines() if "egate" in line]
    assert about_ours == [], said.stderr
    assert said.returncode == 0, said.stderr


def test_the_watchdog_is_longer_than_what_the_controller_calls_healthy() -> None:
    """A controller that pets at all pets in time: the unit gives it more than it gives itself."""
    from gate.watchdog import BEHIND_S

    text = (DEPLOY / "egate@.service").read_text(encoding="utf-8")
    (watchdog_s,) = re.findall(r"^WatchdogSec=(\d+)$", text, re.MULTILINE)
    assert int(watchdog_s) > BEHIND_S
    assert "Type=notify" in text
    for word in ("run", "watch", "recognise"):
        assert any(f"egate {word} " in unit.read_text(encoding="utf-8") for unit in UNITS)


def tokens(line: str) -> list[tuple[str, str, str]]:
    """Key, operator and value of each part of a rule."""
    pattern = r'\s*([A-Z]+)(?:\{[\w.]+\})?\s*(==|!=|\+=|:=|=)\s*"([^"]*)"\s*(?:,|$)'
    found = list(re.finditer(pattern, line))
    assert "".join(match.group(0) for match in found) == line, line
    return [(match[1], match[2], match[3]) for match in found]


def test_every_udev_rule_is_well_formed() -> None:
    """Keys are matched or assigned as udev(7) allows; every jump has its label."""
    lines = (DEPLOY / "70-egate.rules").read_text(encoding="utf-8").splitlines()
    rules = [tokens(line) for line in lines if line and not line.startswith("#")]
    labels = {value for rule in rules for key, _, value in rule if key == "LABEL"}
    for rule in rules:
        for key, operator, value in rule:
            assert key in MATCHED_ONLY | ASSIGNED_ONLY | EITHER
            assert operator in (MATCHES if key in MATCHED_ONLY else MATCHES | ASSIGNS)
            assert key not in ASSIGNED_ONLY or operator in ASSIGNS
            assert key != "GOTO" or value in labels
            assert key != "SYMLINK" or value.startswith("egate/")


@pytest.mark.skipif(shutil.which("udevadm") is None, reason="no udevadm here")
def test_udev_accepts_the_rules() -> None:
    """`udevadm verify` (from systemd 254 on) finds nothing."""
    helps = subprocess.run(["udevadm", "--help"], capture_output=True, text=True, check=False)
    if "verify" not in helps.stdout:
        pytest.skip("this udevadm cannot verify rules")
    rules = DEPLOY / "70-egate.rules"
    said = subprocess.run(
        ["udevadm", "verify", "--no-summary", str(rules)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
