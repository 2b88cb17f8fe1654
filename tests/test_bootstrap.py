"""`./egate` on a fresh checkout: set-up, healing, two at once, and what it says when it cannot.

Each checkout here is the real script with lock files that hold one tiny wheel, so the real venv
and the real installer run without a network.
"""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "egate"
MAIN = "import sys, tiny\nprint(tiny.VERSION, sys.argv[1:])\n"


def wheel(folder: Path, version: str) -> str:
    """Make a wheel of one module; return its hashed line for a lock file."""
    path = folder / f"tiny-{version}-py3-none-any.whl"
    info = f"tiny-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", f"VERSION = '{version}'\n")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n"
        )
        tags = "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{info}/WHEEL", tags)
        archive.writestr(
            f"{info}/RECORD", f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"tiny @ {path.as_uri()} --hash=sha256:{digest}\n"


def checkout(folder: Path, lock: str) -> Path:
    """A checkout with the real bootstrap, this lock and a command line that prints its words."""
    (folder / "gate" / "cli").mkdir(parents=True)
    (folder / "gate" / "__init__.py").touch()
    (folder / "gate" / "cli" / "__init__.py").touch()
    (folder / "gate" / "cli" / "__main__.py").write_text(MAIN)
    (folder / "requirements").mkdir()
    (folder / "requirements" / "run.txt").write_text(lock)
    (folder / "requirements" / "dev.txt").write_text("")
    shutil.copy(SCRIPT, folder / "egate")
    return folder


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Begin a call of `./egate` from another folder."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.Popen(
        [sys.executable, str(folder / "egate"), *words],
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def call(folder: Path, *words: str) -> tuple[int, str, str]:
    """Run `./egate`; return exit code, standard output, standard error."""
    process = start(folder, *words)
    out, err = process.communicate()
    return process.returncode, out, err


@pytest.fixture(scope="module")
def first_calls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str]]]:
    """A checkout after two first calls at once, and what each wrote to its two outputs."""
    folder = tmp_path_factory.mktemp("ready")
    checkout(folder, wheel(folder, "1.0"))
    both = [start(folder, "one", "--flag"), start(folder, "two")]
    return folder, [process.communicate() for process in both]


def test_two_first_calls_set_up_once(first_calls: tuple[Path, list[tuple[str, str]]]) -> None:
    """One sets up, the other waits, both run with their own words; progress is no output."""
    _, ((out_one, err_one), (out_two, err_two)) = first_calls
    assert out_one == "1.0 ['one', '--flag']\n"
    assert out_two == "1.0 ['two']\n"
    assert (err_one + err_two).count("setting up") == 1


def test_a_warm_call_says_nothing(first_calls: tuple[Path, list[tuple[str, str]]]) -> None:
    """Once set up, only the command speaks."""
    assert call(first_calls[0], "--system", "demo") == (0, "1.0 ['demo']\n", "")


def test_a_changed_lock_is_followed(first_calls: tuple[Path, list[tuple[str, str]]]) -> None:
    """After a change of the lock the next call installs it, into the same environment."""
    folder = first_calls[0]
    lock = folder / "requirements" / "run.txt"
    before = lock.read_text()
    lock.write_text(wheel(folder, "2.0"))
    assert call(folder, "x")[:2] == (0, "2.0 ['x']\n")
    lock.write_text(before)
    assert call(folder, "x")[:2] == (0, "1.0 ['x']\n")


def test_a_wrong_hash_changes_nothing(first_calls: tuple[Path, list[tuple[str, str]]]) -> None:
    """A package that is not the pinned one is refused with its message; the old set-up stays."""
    folder = first_calls[0]
    lock = folder / "requirements" / "run.txt"
    before = lock.read_text()
    lock.write_text(before.replace("sha256:", "sha256:0")[:-2] + "\n")
    code, out, err = call(folder, "x")
    assert (code, out) == (2, "")
    assert "hash" in err.lower()
    assert "run the command again" in err
    lock.write_text(before)
    assert call(folder, "x") == (0, "1.0 ['x']\n", "")


def test_a_killed_set_up_heals(tmp_path: Path) -> None:
    """After kill -9 in the first call the next one throws the rest away, sets up and runs."""
    checkout(tmp_path, wheel(tmp_path, "1.0"))
    process = start(tmp_path, "x")
    while not (tmp_path / ".venv" / "egate-setup-unfinished").exists():
        assert process.poll() is None
    process.kill()
    process.communicate()
    (tmp_path / ".venv" / "left-over").touch()
    code, out, err = call(tmp_path, "x")
    assert (code, out) == (0, "1.0 ['x']\n")
    assert "cut off" in err
    assert not (tmp_path / ".venv" / "left-over").exists()


def load() -> ModuleType:
    """The script as a module."""
    loader = importlib.machinery.SourceFileLoader("egate_bootstrap", str(SCRIPT))
    spec = importlib.util.spec_from_loader("egate_bootstrap", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_missing_system_packages_are_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All missing packages stand in one apt line, and nothing is installed unasked."""
    bootstrap = load()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as stopped:
        bootstrap._ensure_system_packages(["libgl1", "libglib2.0-0", "python3-venv"], False)
    assert stopped.value.code == 2
    line = "sudo apt-get install -y --no-install-recommends libgl1 libglib2.0-0 python3-venv"
    assert line in capsys.readouterr().err
    with pytest.raises(SystemExit):
        bootstrap._ensure_system_packages(["libgl1"], True)
    assert "--system needs root" in capsys.readouterr().err


def test_debians_python_without_venv_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ensurepip the package python3-venv is asked for, unless uv makes the environment."""
    bootstrap = load()
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ensurepip" else real(name)
    )
    assert "python3-venv" in bootstrap._missing_system_packages(None)
    assert "python3-venv" not in bootstrap._missing_system_packages("/usr/bin/uv")


def test_libraries_that_are_not_there_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that cannot be loaded names the Debian package that has it."""
    import ctypes

    def refuse(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert load()._missing_system_packages("/usr/bin/uv") == ["libgl1", "libglib2.0-0"]
