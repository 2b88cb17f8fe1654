"""Memory that is handed back, and what must not change by it."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
RESIDENT = """
import re
import dlib
from gate.bench.memory import give_back

def resident_kib():
    text = open("/proc/self/smaps").read()
    blocks = re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", text)
    code = [b for b in blocks[1:] if "dlib" in b.splitlines()[0] and " r-xp " in b.splitlines()[0]]
    return sum(int(re.search(r"Rss: +(\\d+)", b)[1]) for b in code)

def area():
    return dlib.rectangle(1, 2, 11, 22).area()

before = area(), resident_kib()
give_back()
left = resident_kib()
print(before[1], left, before[0] == area() == 231)
"""


def test_code_that_ran_is_handed_back_and_runs_again() -> None:
    """The pages of a library's code go, and its next call answers as before."""
    said = subprocess.run(
        [sys.executable, "-c", RESIDENT], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    before, left, same = re.match(r"(\d+) (\d+) (\w+)", said).groups()  # type: ignore[union-attr]
    assert int(left) < int(before) / 2
    assert same == "True"
