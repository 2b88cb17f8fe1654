"""The rules are implemented, not the cases: no id, title or person of one stands in `gate/`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMES = frozenset((ROOT / "fixtures" / "law_cases" / "names.sha256").read_text("utf-8").split())
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
SUFFIXES = (".toml", ".sql", ".js", ".html", ".css", ".json", ".md")


def fingerprint(text: str) -> str:
    """As the names of the cases are kept."""
    return sha256(text.encode()).hexdigest()[:24]


def texts_of(path: Path) -> Iterator[str]:
    """Every string, every line and every word of a file."""
    content = path.read_text("utf-8")
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
                yield from (line.strip() for line in node.value.splitlines())
    yield from (line.strip(" #/*<!->") for line in content.splitlines())
    yield from WORD.findall(content)


def named_in(paths: Iterator[Path]) -> set[str]:
    """The texts of these files that name a case."""
    texts = {text for path in paths for text in texts_of(path)}
    return {text for text in texts if fingerprint(text) in NAMES}


def test_no_name_of_a_case_stands_in_the_gate() -> None:
    """No case id, title or person id is a string, a line or a word of the gate."""
    files = (ROOT / "gate").rglob("*")
    assert named_in(path for path in files if path.suffix in {".py", *SUFFIXES}) == set()


def test_a_name_would_be_found(tmp_path: Path) -> None:
    """The search finds an id that somebody compares with."""
    named = "S-" + "001"
    spoilt = tmp_path / "spoilt.py"
    spoilt.write_text(f"if case_id == {named!r}:\n    pass\n")
    assert named_in(iter([spoilt])) == {named}
    assert len(NAMES) > 490
