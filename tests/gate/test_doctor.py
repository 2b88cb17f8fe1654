"""`egate doctor`: each thing there or not, what its absence switches off, the mend."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gate import doctor
from gate.config import AuthenticityEvidence, Config, load
from gate.doctor import Finding, examine


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A gate whose state lies in an empty folder."""
    return replace(load(None, {}), state=str(tmp_path))


def find(config: Config, name: str) -> Finding:
    """The finding of this name."""
    return next(finding for finding in examine(config) if finding.name == name)


def test_every_absence_says_what_it_switches_off_and_its_mend(config: Config) -> None:
    """Nobody is left with a bare `missing`."""
    for finding in examine(config):
        assert finding.switches_off
        if not finding.there:
            assert finding.mend, finding


def test_an_absent_device_makes_the_gate_unfit(config: Config) -> None:
    """A device with a path that is not there is required, and told apart from an emulated one."""
    assert find(config, "reader").there
    gone = replace(config, reader=replace(config.reader, address="serial:/dev/absent"))
    finding = find(gone, "reader")
    assert (finding.there, finding.required) == (False, True)
    assert finding.detail == "/dev/absent is not there"


@pytest.mark.parametrize(("mode", "there"), [(0o600, True), (0o644, False), (0o660, False)])
def test_the_key_must_be_private(config: Config, mode: int, there: bool) -> None:
    """A key that others can read is found, with the chmod that mends it."""
    config.store_key_path.write_bytes(b"k" * 32)
    config.store_key_path.chmod(mode)
    finding = find(config, "key")
    assert finding.there is there
    assert finding.mend == f"chmod 600 {config.store_key_path}"


def test_a_store_without_its_key_is_unfit(config: Config) -> None:
    """A missing key matters as soon as there is a store that needs it."""
    assert find(config, "key").there
    config.store_path.write_bytes(b"")
    assert not find(config, "key").there


def test_too_little_disk_is_found(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the reserve the gate closes, and the doctor says so before."""
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=usage.total // 100))
    assert not find(config, "free space").there


@pytest.mark.parametrize(("address", "required"), [("null:doors", False), ("serial:/dev/x", True)])
def test_the_clock_matters_to_real_doors(
    config: Config, monkeypatch: pytest.MonkeyPatch, address: str, required: bool
) -> None:
    """An unsynchronised clock makes a gate with real doors unfit."""
    monkeypatch.setattr(doctor, "_kernel_clock", lambda: (doctor._STA_UNSYNC, 0))
    moved = replace(config, doors=replace(config.doors, address=address))
    finding = find(moved, "synchronisation")
    assert (finding.there, finding.required) == (False, required)


def test_the_kernel_is_asked() -> None:
    """The status that the kernel gives has only bits that exist (STA_* are 16 bits)."""
    answer = doctor._kernel_clock()
    assert answer is None or (0 <= answer[0] < 1 << 16 and answer[1] >= 0)


def test_an_interrupted_model_file_is_found(tmp_path: Path) -> None:
    """A weight file that is empty or a pointer is not there."""
    path = tmp_path / "weights.onnx"
    path.write_bytes(b"version")
    assert not doctor._weight(path, "", "").there
    path.write_bytes(bytes(2000))
    assert doctor._weight(path, "", "").there


def test_json_and_exit_code(tmp_path: Path) -> None:
    """`--json` carries every finding, and the exit code says fit or not."""
    import typer

    from gate.cli.doctor import command

    app = typer.Typer()
    app.command()(command)
    file = tmp_path / "gate.toml"
    file.write_text(f'state = "{tmp_path}"\n[doors]\naddress = "pty:{tmp_path}/absent"\n')
    result = CliRunner().invoke(app, ["--config", str(file), "--json"])
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["fit"] is False
    doors = next(finding for finding in told["findings"] if finding["name"] == "doors")
    assert doors["mend"].startswith("start its emulator")
    assert CliRunner().invoke(app, ["--config", str(file)]).stdout.endswith("MISSING\n")


def test_a_passport_that_nothing_examines_is_red_outside_the_demo(config: Config) -> None:
    """Explicit policy allows it; a real gate with it is told so and counts as unfit."""
    name = "authenticity evidence"
    assert (find(config, name).there, find(config, name).required) == (False, False)
    real = replace(config, doors=replace(config.doors, address="serial:/dev/absent"))
    assert (find(real, name).there, find(real, name).required) == (False, True)
    policy = replace(real.policy, authenticity_evidence=AuthenticityEvidence.READER)
    assert find(replace(real, policy=policy), name).there


def test_a_demand_that_no_device_meets_is_red(config: Config) -> None:
    """Whoever demands an examination that the reader does not make refers everybody, and is told."""
    name = "document examination"
    assert find(config, name).there
    policy = replace(config.policy, authenticity_evidence=AuthenticityEvidence.CHIP)
    finding = find(replace(config, policy=policy), name)
    assert (finding.there, "GATE-DOC-01" in finding.switches_off) == (False, True)
