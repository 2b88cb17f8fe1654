"""`egate replay` and `egate export` on what a real run left behind: every story of the demo."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gate.bench import world
from gate.bench.actors import KINDS
from gate.bench.stories import Told, tell
from gate.cli.main import root_app
from gate.cli.state import open_store
from gate.store import Record, SiteKeys, StoreError


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    """The state directory of a run of every story."""
    place = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.TemporaryDirectory", lambda **_: nullcontext(str(place)))
        keys = SiteKeys.from_file(place / "master.key", create=True)
        patch.setattr(world, "SiteKeys", lambda _: keys)
        told = tell(list(KINDS), seed=11, say=lambda _: None)
    return place, told


@pytest.fixture
def state(run: tuple[Path, Told], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that directory to be changed."""
    place = tmp_path / "state"
    shutil.copytree(run[0], place)
    monkeypatch.setenv("EGATE_STATE", str(place))
    return place


def egate(*words: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(root_app(list(words)), list(words))


def admitted(told: Told) -> str:
    """The passage that was let out by the law."""
    found = [entry for entry in told.journal if entry["kind"] == "exit_decision"]
    return str(found[0]["passage"])


@pytest.mark.usefixtures("state")
def test_every_recorded_decision_comes_out_again(run: tuple[Path, Told]) -> None:
    """Admissions and referrals, at both doors, with the rules that were named then."""
    result = egate("replay", "all", "--json")
    assert result.exit_code == 0, result.output
    checks = [json.loads(line) for line in result.stdout.splitlines()]
    kinds = {"entry_decision", "exit_check", "exit_decision"}
    assert len(checks) == sum(entry["kind"] in kinds for entry in run[1].journal)
    assert {check["stage"] for check in checks} == {"entry", "exit"}
    assert {check["recorded"]["verdict"] for check in checks} == {"admit", "refer"}
    for check in checks:
        assert check["again"] == check["recorded"]
        assert check["today"] == check["recorded"]


def test_later_records_and_numbers_change_no_past_decision(
    run: tuple[Path, Told], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy of today differs only in the line about today, and fails nothing."""
    passage = admitted(run[1])
    with open_store() as store:
        store.append_records([Record("policy", {"authenticity_evidence": "chip"})])
    assert egate("replay", passage).exit_code == 0
    from gate.cli import law
    from gate.vocabulary.parameters import with_least_evidence
    from gate.vocabulary.records import Evidence

    shipped = law.shipped_parameters()
    strict = with_least_evidence(shipped, Evidence.CHIP, "a stricter policy of today")
    monkeypatch.setattr(law, "shipped_parameters", lambda: strict)
    result = egate("replay", passage)
    assert result.exit_code == 0, result.output
    assert "again       the same" in result.output
    assert "today       DIFFERS: refer: GATE-DOC-01" in result.output


def test_a_changed_rule_is_noticed(
    run: tuple[Path, Told], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code that decides otherwise under the same rule set fails; under a later one it is told."""
    from gate.store import rejudge

    passage = admitted(run[1])
    from gate.law import decide

    def forgetful(facts: object, at: object, stage: object, parameters: object) -> object:
        from dataclasses import replace

        return decide(replace(facts, enrolment=None), at, stage, parameters)  # type: ignore[arg-type, type-var]

    monkeypatch.setattr(rejudge, "decide", forgetful)
    result = egate("replay", passage)
    assert result.exit_code == 1
    assert "again       DIFFERS: refer" in result.output
    monkeypatch.setattr(rejudge, "RULE_SET_VERSION", "9999.1")
    later = egate("replay", passage)
    assert later.exit_code == 0
    assert "DIFFERS (the rule set has changed since)" in later.output


def test_after_an_erasure_a_replay_says_why_it_cannot(run: tuple[Path, Told], state: Path) -> None:
    """The recorded decision is told, the facts are gone, and the exit code says so."""
    with open_store() as store:
        people = [record for record in store.latest_records() if record["kind"] == "person"]
        for one in people:
            with suppress(StoreError):  # whoever is banned stays
                store.erase_person(one["person_id"], "OFF-1", "request")
    result = egate("replay", admitted(run[1]))
    assert result.exit_code == 1
    assert "recorded    admit" in result.output
    assert "NOT POSSIBLE: what was held about this person then was erased" in result.output


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("passage", ["", "3", "a.b", "1.x", "1.2.3"])
def test_what_is_no_passage_is_said(passage: str) -> None:
    """A wrong word is a wrong call, not a missing passage."""
    result = egate("replay", passage)
    assert result.exit_code == 2
    assert "is no passage" in result.output
    assert egate("export", "--passage", passage).exit_code == 2


@pytest.mark.usefixtures("state")
def test_a_passage_that_never_was_is_said() -> None:
    """Neither a traceback nor an empty success."""
    result = egate("replay", "9999.1")
    assert result.exit_code == 1
    assert "holds no decision" in result.output


@pytest.mark.usefixtures("state")
def test_the_journal_is_exported_by_pseudonym(run: tuple[Path, Told]) -> None:
    """Every entry a line; no number, name or birth date, not even masked."""
    result = egate("export")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(lines) == len(run[1].journal)
    read = [line for line in lines if line["kind"] == "document_read"]
    assert read
    assert all("document" not in line["data"] for line in read)
    with open_store() as store:
        held = [record["content"] for record in store.latest_records()]
    secrets = {
        content[key] for content in held for key in ("number", "name", "dob") if key in content
    }
    assert secrets
    assert not [secret for secret in secrets if secret in result.stdout]


@pytest.mark.usefixtures("state")
def test_an_export_is_filtered(run: tuple[Path, Told], tmp_path: Path) -> None:
    """By passage, by kind and by a half-open span of time."""
    passage = admitted(run[1])
    lines = [json.loads(line) for line in egate("export", "--passage", passage).stdout.splitlines()]
    assert lines
    assert {line["passage"] for line in lines} == {passage}
    first, last = lines[0]["at"], lines[-1]["at"]
    file = tmp_path / "out.jsonl"
    span = egate("export", str(file), "--from", first, "--until", last, "--kind", "capture")
    assert span.exit_code == 0, span.output
    captures = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert {line["kind"] for line in captures} == {"capture"}
    assert all(first <= line["at"] < last for line in captures)


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("at", ["2026-03-02T09:00:00", "2026-02-30T09:00:00+09:00", "noon"])
def test_an_export_refuses_a_time_that_is_none(at: str) -> None:
    """Naive and impossible timestamps name the option and the mend."""
    result = egate("export", "--from", at)
    assert result.exit_code == 2
    assert "--from" in result.output
    assert "timestamp" in result.output


@pytest.mark.usefixtures("state")
def test_an_export_overwrites_nothing(tmp_path: Path) -> None:
    """An existing file is left alone; an unwritable place is named."""
    file = tmp_path / "kept.jsonl"
    file.write_text("mine")
    assert egate("export", str(file)).exit_code == 2
    assert file.read_text() == "mine"
    assert egate("export", str(tmp_path / "absent" / "x.jsonl")).exit_code == 2
