"""Warm-up: kernels are compiled once for a state directory, and later processes only load them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.fingerprint import warm

ASK = """
import sys
from models.fingerprint.warm import warm_up
warm_up()
print("numba.np.linalg" in sys.modules)
"""


def test_a_second_process_loads_without_the_compiler() -> None:
    """What numba needs only for compiling is not even imported once the kernels are cached."""
    answers = [
        subprocess.run(
            [sys.executable, "-c", ASK],
            capture_output=True,
            text=True,
            check=True,
            env=dict(os.environ),
        ).stdout.strip()
        for _ in range(2)
    ]
    assert answers[1] == "False"


def test_warming_happens_once_and_tells_its_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call goes through all steps, the second does nothing, another source starts again."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    steps: list[int] = []
    warm.warm_if_cold(lambda done, total, what: steps.append(total - done))
    assert (steps[0] > 5, steps[-1]) == (True, 0)
    steps.clear()
    warm.warm_if_cold(lambda done, total, what: steps.append(done))
    assert steps == []
    monkeypatch.setattr(warm, "_digest", lambda: "another")
    warm.warm_if_cold(lambda done, total, what: steps.append(done))
    assert steps
