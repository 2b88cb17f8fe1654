"""`egate law`: golden cases checked, explained, covered; bad input named, not traced back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gate.cli.law import app
from tests.law.world import NOON, ban, emergency, merged, national

run = CliRunner().invoke


def case(name: str, expected: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A golden case of a departing national in order."""
    facts = {key: value for key, value in national().items() if key != "direction"}
    base = {"id": name, "title": "made here", "direction": "departure", "now": NOON, "why": ""}
    return {**base, "facts": facts, "expected": expected, **parts}


REFERRED = {"outcome": "refer", "rule_ids": ["DEP-BAN-10"], "primary_rule": "DEP-BAN-10"}
GOOD = [
    case("own-1", {"outcome": "admit", "rule_ids": ["any"]}),
    case("own-2", REFERRED, facts=merged(national(None), {"departure_bans": [ban()]})),
    case(
        "own-3",
        {"outcome": "revocation_due", "rule_ids": ["DEP-EMB-04"], "gate_blocks": True},
        direction="store-lifecycle",
        now="2031-03-10T15:00:01+09:00",
        facts={"operation": "emergency_status", "emergency_ban": emergency()},
    ),
    case(
        "own-4",
        {"outcome": "in_force", "values": {"expires_at": "2031-03-11T03:00:00+00:00"}},
        direction="store-lifecycle",
        facts={"operation": "conditional_entry", "granted_at": NOON, "hours": 24},
    ),
    case(
        "own-5",
        {"outcome": "admit", "values": {"first_check": "pass", "exit_door": "open", "post_alert": False}},
        facts={
            **national(None),
            "transaction": {"started_at": NOON, "entry_check_at": NOON},
            "person": {k: v for k, v in national()["person"].items() if k != "military_status"},
        },
    ),
]  # fmt: skip


def written(folder: Path, content: Any) -> str:
    """A case file with this content."""
    path = folder / "cases.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return str(path)


def test_all_pass(tmp_path: Path) -> None:
    """Good cases pass, the last line counts them, and the exit code is 0."""
    result = run(app, ["check", written(tmp_path, GOOD)])
    assert result.output.splitlines()[-1] == "5 passed, 0 failed"
    assert result.exit_code == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {**REFERRED, "primary_rule": "NGT-01"},
        {**REFERRED, "rule_ids": ["DEP-BAN-10", "NGT-01"]},
        {**REFERRED, "traveller_message": "BANNED"},
        {**REFERRED, "outcome": "admit"},
        {**REFERRED, "gate_blocks": False},
        {**REFERRED, "values": {"exit_door": "open"}},
    ],
)
def test_wrong_expectation_fails(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """Outcome, exact ids, primary, message, values: each difference fails and is shown."""
    cases = [GOOD[0], {**GOOD[1], "expected": wrong}]
    result = run(app, ["check", written(tmp_path, cases)])
    assert result.exit_code == 1
    assert "FAILED own-2" in result.output
    assert "expected" in result.output
    assert "got" in result.output
    assert result.output.splitlines()[-1] == "1 passed, 1 failed"


def test_only_and_json(tmp_path: Path) -> None:
    """--only runs one case; --json prints results that a program reads."""
    path = written(tmp_path, GOOD)
    result = run(app, ["check", path, "--only", "own-2", "--json"])
    (entry,) = json.loads(result.stdout)
    assert entry["passed"]
    assert entry["got"]["rule_ids"] == ["DEP-BAN-10"]
    assert run(app, ["check", path, "--only", "none"]).exit_code == 2


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        ({"now": "2031-03-10T12:00:00"}, "offset"),
        ({"now": "yesterday"}, "now: must be a timestamp"),
        ({"facts": {"person": {"person_id": "p", "category": "martian"}}}, "must be one of"),
        ({"facts": {"departure_bans": [ban(start_date="2031-02-30")]}}, "no such day"),
        ({"facts": []}, "facts: must be an object"),
        ({"expected": {}}, "expected: needs an outcome"),
        ({"direction": "sideways"}, "direction"),
        ({"direction": "store-lifecycle", "facts": {"operation": "magic"}}, "operation: must be"),
    ],
)
def test_bad_case_is_named(tmp_path: Path, part: dict[str, Any], complaint: str) -> None:
    """A case that cannot be read fails by name with the reason; the others still run."""
    result = run(app, ["check", written(tmp_path, [{**GOOD[1], **part}, GOOD[0]])])
    assert result.exit_code == 1
    assert "FAILED own-2" in result.output
    assert "bad input" in result.output
    assert complaint in result.output
    assert result.output.splitlines()[-1] == "1 passed, 1 failed"


@pytest.mark.parametrize("content", ["{ not json", '{"a": 1}', "7"])
def test_bad_file_is_named(tmp_path: Path, content: str) -> None:
    """A file that is no list of cases is refused with exit code 2."""
    result = run(app, ["check", written(tmp_path, content)])
    assert result.exit_code == 2
    assert "cases.json" in result.output
    assert run(app, ["check", str(tmp_path / "absent.json")]).exit_code == 2


def test_what_is_no_case_fails_alone(tmp_path: Path) -> None:
    """A number or a case without an outcome between good ones stops neither scoring nor coverage."""
    path = written(tmp_path, [7, GOOD[0], {**GOOD[1], "expected": "refer"}])
    result = run(app, ["check", path])
    assert "FAILED (number 1, no object)" in result.output
    assert result.output.splitlines()[-1] == "1 passed, 2 failed"
    assert run(app, ["coverage", path]).exit_code == 0


def test_explain(tmp_path: Path) -> None:
    """An explanation names outcome, article, facts used and what the traveller sees."""
    path = written(tmp_path, GOOD)
    text = run(app, ["explain", "--case", f"{path}#own-2"]).output
    for part in (
        "refer",
        "DEP-BAN-10",
        "Act 4(4)",
        "departure_bans[b-1]=in force",
        "REFER_GENERIC",
    ):
        assert part in text
    admitted = run(app, ["explain", "--case", f"{path}#own-1"]).output
    assert "It rests on" in admitted
    assert run(app, ["explain", "--case", f"{path}#absent"]).exit_code == 2
    assert run(app, ["explain", "--case", "no-mark"]).exit_code == 2


def test_coverage(tmp_path: Path) -> None:
    """Every rule has its line with its place, and the cases that exercise it."""
    bare = run(app, ["coverage"])
    assert bare.exit_code == 0
    assert len(bare.output.splitlines()) >= 211
    text = run(app, ["coverage", written(tmp_path, GOOD)]).output
    (line,) = [line for line in text.splitlines() if line.startswith("DEP-BAN-10 ")]
    assert "law.departure_bans.prohibited_from_leaving" in line
    assert "[1] own-2" in line


def test_written_documentation_is_fresh() -> None:
    """docs/law/rules.md is what the code says now."""
    path = Path(__file__).parents[2] / "docs" / "law" / "rules.md"
    result = run(app, ["docs", "--check", "--out", str(path)])
    assert result.exit_code == 0, result.output


def test_documentation_is_written(tmp_path: Path) -> None:
    """The documentation lists every rule with its article and every number with its source."""
    path = tmp_path / "rules.md"
    assert run(app, ["docs", "--check", "--out", str(path)]).exit_code == 1
    assert run(app, ["docs", "--out", str(path)]).exit_code == 0
    text = path.read_text("utf-8")
    assert "**DEP-BAN-10** (Act 4(4)" in text
    assert "| bond_krw | 10000000 | won | Act 13(2) |" in text
