"""A skip without a written reason fails the run that forbids it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ALLOWED, allowed_patterns

HERE = Path(__file__).parent
SUITE = "import pytest\n@pytest.mark.skip(reason='no bench')\ndef test_x() -> None: ...\n"


def outcome(folder: Path, allowed: str, forbid: str) -> tuple[int, str]:
    """Run a suite of one skipped test under this project's conftest."""
    shutil.copy(HERE / "conftest.py", folder)
    (folder / "test_one.py").write_text(SUITE)
    (folder / "allowed_skips.txt").write_text(allowed)
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "."],
        cwd=folder,
        env={**os.environ, "EGATE_FORBID_SKIPS": forbid},
        capture_output=True,
        text=True,
    )
    return result.returncode, result.stdout


@pytest.mark.parametrize(
    ("allowed", "forbid", "code"),
    [
        ("", "1", 1),
        ("", "", 0),
        ("test_one.py::* | needs a bench\n", "1", 0),
        ("other | x", "1", 1),
    ],
)
def test_a_skip_needs_its_line(tmp_path: Path, allowed: str, forbid: str, code: int) -> None:
    """Only a skip that the list names passes, and only where skips are forbidden."""
    returned, out = outcome(tmp_path, allowed, forbid)
    assert returned == code
    assert ("SKIP NOT ALLOWED test_one.py::test_x" in out) is (code == 1)


def test_the_list_gives_reasons() -> None:
    """Every line of the committed list has a reason; one without is refused."""
    assert list(allowed_patterns(ALLOWED.read_text(encoding="utf-8")))
    with pytest.raises(ValueError, match="reason"):
        list(allowed_patterns("tests/x.py::*\n"))
