"""What holds for every tracked file: its length, and what must not stand in it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, modules

MOST_LINES = 400
# Tables may be longer: path -> why it is a table.
TABLES: dict[str, str] = {}

# Spelled in pieces, so that this file does not contain them.
REGISTRIES = re.compile(r"\b(pypi|pythonhosted|npmjs|rubygems|crates)" + r"\.(org|com|io)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root|home/\w+|" + r"Users/\w+)/[\w.]")
BINARY = {".png", ".jpg", ".jpeg", ".wsq", ".bin", ".npz", ".npy", ".onnx", ".gz", ".woff2", ".mp3"}


def tracked() -> list[Path]:
    """The files under version control; all of them where there is no git (a source archive)."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        return [module.path for module in modules()]
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_is_too_long() -> None:
    """A Python file has at most 400 lines, unless it is a table with its reason above."""
    lengths = {
        str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in tracked()
        if path.suffix == ".py" or path.name == "egate"
    }
    assert {p: n for p, n in lengths.items() if n > MOST_LINES and p not in TABLES} == {}


@pytest.mark.parametrize(
    ("pattern", "what"), [(REGISTRIES, "a package registry"), (MACHINE_PATHS, "a machine's path")]
)
def test_nothing_names_a_place_of_one_machine(pattern: re.Pattern[str], what: str) -> None:
    """No tracked text names the host of a registry or a path of the machine it was made on."""
    found = [
        f"{path}:{number}: {what}"
        for path in tracked()
        if path.suffix not in BINARY
        for number, line in enumerate(_lines(ROOT / path), start=1)
        if pattern.search(line)
    ]
    assert found == []


def _lines(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8", errors="ignore").splitlines()


def test_the_patterns_find_what_they_should() -> None:
    """The two searches cannot pass by finding nothing at all."""
    assert REGISTRIES.search("see https://" + "pypi" + ".org/project/x")
    assert MACHINE_PATHS.search("open('/" + "root/data')")
    assert not MACHINE_PATHS.search("examples/work/here")
