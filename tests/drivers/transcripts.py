"""Reads golden wire transcripts: lines of `> hex` (host to device), `< hex`, and `# what`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "fixtures" / "wire"


@dataclass
class Turn:
    """A question and its answer; an empty answer is silence."""

    what: str
    request: bytes
    reply: bytes = b""


def turns(name: str) -> list[Turn]:
    """All turns of `fixtures/wire/NAME`, in order."""
    found: list[Turn] = []
    what = ""
    for line in (FIXTURES / name).read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            what = line[1:].strip()
        elif line.startswith(">"):
            found.append(Turn(what, bytes.fromhex(line[1:])))
        elif line.startswith("<"):
            found[-1].reply += bytes.fromhex(line[1:])
    return found
