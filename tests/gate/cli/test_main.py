"""The root of the command line: families on demand, completion, exit codes, no tracebacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gate.cli.lazy import Family, first_word
from gate.cli.main import FAMILIES

ROOT = Path(__file__).resolve().parents[3]
HEAVY = {"cv2", "numba", "numpy", "dlib", "matplotlib", "starlette", "cryptography", "pydantic"}


def egate(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "gate.cli", *words],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
    )


def complete(line: str) -> list[str]:
    """What bash would offer at the end of a line."""
    words = line.split(" ")
    result = egate(_EGATE_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    return result.stdout.split()


def test_help_imports_nothing_heavy() -> None:
    """The list of families comes from a table: no library of a family is loaded for it."""
    script = (
        "import json, sys, contextlib\n"
        "sys.argv = ['egate', '--help']\n"
        "from gate.cli import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main()\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(result.stdout.splitlines()[-1]))
    assert not HEAVY & loaded
    assert not [name for name in loaded if name.startswith("gate.cli.doctor")]


def test_help_lists_present_families_only() -> None:
    """A family is listed exactly when its module is there."""
    listed = egate("--help").stdout.partition("Commands:")[2]
    names = {line.split()[0] for line in listed.splitlines() if line.startswith("  ")}
    assert {family.name for family in FAMILIES if family.present} <= names
    assert not {family.name for family in FAMILIES if not family.present} & names
    assert not Family("absent", "gate.cli.absent_module", "").present


@pytest.mark.parametrize("family", [family.name for family in FAMILIES if family.present])
def test_every_family_answers_help(family: str) -> None:
    """Each listed family loads and explains itself."""
    result = egate(family, "--help")
    assert result.returncode == 0, result.stderr
    assert f"Usage: egate {family}" in result.stdout


def test_every_bench_answers_help() -> None:
    """Each listed bench loads and explains itself."""
    listed = egate("bench", "--help").stdout.partition("Commands:")[2]
    for line in listed.splitlines():
        if line.startswith("  ") and not line.startswith("   "):
            name = line.split()[0]
            assert egate("bench", name, "--help").returncode == 0, name


@pytest.mark.parametrize(
    "words", [("nonsense",), ("doctor", "--nonsense"), ("config", "nonsense"), ("bench", "nope")]
)
def test_a_wrong_call_exits_2_without_a_traceback(words: tuple[str, ...]) -> None:
    """A wrong word is a usage error, told in a line."""
    result = egate(*words)
    assert result.returncode == 2
    assert "Error" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_configuration_exits_2_without_a_traceback(tmp_path: Path) -> None:
    """Any command that loads a broken gate.toml says which line, in plain words."""
    file = tmp_path / "gate.toml"
    file.write_text('[gate]\nidd = "a"\n')
    result = egate("doctor", "--config", str(file))
    assert result.returncode == 2
    assert f"{file}:2: gate.idd" in result.stderr
    assert "Traceback" not in result.stderr


def test_completion_offers_families_and_their_words() -> None:
    """Completion knows the families at once and a family's own words behind it."""
    assert "doctor" in complete("egate d")
    assert complete("egate conf") == ["config"]
    assert set(complete("egate config ")) == {"check", "show"}
    assert "--json" in complete("egate doctor --j")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    """`egate completion SHELL` prints a script that calls egate back."""
    script = egate("completion", shell)
    assert script.returncode == 0
    assert "_EGATE_COMPLETE=complete_" + shell in script.stdout


def test_bash_completes_with_the_script(tmp_path: Path) -> None:
    """A real bash with the printed script fills in the word, also when called by a path."""
    command = tmp_path / "egate"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m gate.cli "$@"\n')
    command.chmod(0o755)
    lines = (
        f"{egate('completion', 'bash').stdout}\n"
        "COMP_WORDS=(egate conf); COMP_CWORD=1\n"
        f"_egate_completion {command}; echo ${{COMPREPLY[*]}}\n"
    )
    result = subprocess.run(["bash", "-c", lines], cwd=ROOT, capture_output=True, text=True)
    assert result.stdout.split() == ["config"], result.stderr


def test_version() -> None:
    """`--version` prints one line."""
    result = egate("--version")
    assert result.returncode == 0
    assert result.stdout.startswith("0.1.0")


def test_first_word_skips_options() -> None:
    """Options before the family do not hide it."""
    assert first_word(["--x", "bench", "torture", "--y"]) == ("bench", ["torture", "--y"])
    assert first_word(["--help"]) == (None, [])
