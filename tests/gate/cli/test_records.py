"""The record commands: what they say, what they store, how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gate.cli import audit, records, store
from gate.cli.state import open_store
from gate.store import Store
from tests.gate.store.world import NOON, PASSPORT, traveller


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory with a store that knows one traveller."""
    monkeypatch.setenv("EGATE_STATE", str(tmp_path))
    with open_store(create=True) as opened:
        opened.append_records(traveller())
    return tmp_path


def run(app: object, *words: str) -> Result:
    """Run one command."""
    return CliRunner().invoke(app, list(words))  # type: ignore[arg-type]


def opened() -> Store:
    """The store of the state directory."""
    return open_store()


BAN = (
    *("add", "--person", "P-1", "--id", "B-1", "--ground", "4(1)1", "--source", "prosecution"),
    *("--start", "2026-03-01", "--decided", "2026-03-01T10:00:00+09:00"),
)


@pytest.mark.usefixtures("state")
def test_a_ban_is_entered_extended_and_lifted() -> None:
    """Three versions of one record; the gate sees the last."""
    assert run(records.ban_app, *BAN, "--last-day", "2026-06-01").exit_code == 0
    named = ("--person", "P-1", "--id", "B-1", "--source", "moj")
    extended = run(
        records.ban_app,
        *("extend", *named, "--last-day", "2026-08-01"),
        *("--decided", "2026-05-20T10:00:00+09:00"),
    )
    assert "record_accepted" in extended.stdout
    lifted = run(records.ban_app, "lift", *named, "--at", "2026-06-10T10:00:00+09:00")
    assert lifted.exit_code == 0
    with opened() as held:
        (ban,) = held.load_facts(PASSPORT, NOON).facts.departure_bans
    assert ban.version == 3
    assert ban.revoked_at is not None
    assert len(ban.extensions) == 1


@pytest.mark.usefixtures("state")
def test_a_request_without_a_period_is_refused_with_its_rule() -> None:
    """Exit 1, the rule, nothing stored."""
    result = run(records.ban_app, *BAN, "--request")
    assert result.exit_code == 1
    assert "record_rejected: record B-1: refused under DEP-BAN-11" in result.stdout
    with opened() as held:
        assert held.verify().events == 3


@pytest.mark.usefixtures("state")
def test_a_ban_is_entered_once_and_with_one_period() -> None:
    """A second period would be dropped, a second ban under the id would replace the first."""
    two = run(records.ban_app, *BAN, "--months", "3", "--days", "4")
    assert two.exit_code == 2
    assert "one of" in two.output
    assert run(records.ban_app, *BAN, "--months", "3").exit_code == 0
    assert run(records.ban_app, *BAN, "--months", "3").exit_code == 0
    other = run(records.ban_app, *BAN, "--days", "3")
    assert other.exit_code == 1
    assert "held with other content" in other.stdout
    with opened() as held:
        (ban,) = held.load_facts(PASSPORT, NOON).facts.departure_bans
    assert (ban.version, ban.length) == (1, 3)


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("wrong", ["2026-06-01T10:00:00", "2026-02-30", "soon"])
def test_no_command_takes_a_time_that_is_none(wrong: str) -> None:
    """Naive or impossible: exit 1, the field and the mend, nothing stored."""
    assert run(records.ban_app, *BAN, "--months", "3").exit_code == 0
    named = ("--person", "P-1", "--id", "B-1", "--source", "moj")
    for words in (
        ("lift", *named, "--at", wrong),
        ("extend", *named, "--last-day", "2026-09-01", "--decided", wrong),
    ):
        result = run(records.ban_app, *words)
        assert result.exit_code == 1
        assert "timestamp" in result.stdout or "offset" in result.stdout
    with opened() as held:
        (ban,) = held.load_facts(PASSPORT, NOON).facts.departure_bans
    assert ban.version == 1


@pytest.mark.usefixtures("state")
def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A wrong path is a wrong call: exit 2, the reason, no traceback."""
    absent = str(tmp_path / "absent" / "file")
    for app, words in (
        (store.app, ("export", absent)),
        (store.app, ("backup", absent)),
        (records.member_app, ("export", "--person", "P-1", absent)),
    ):
        result = run(app, *words)
        assert result.exit_code == 2, result.output
        assert "No such file" in result.output
    nobody = run(records.member_app, "export", "--person", "P-9", str(tmp_path / "x"))
    assert nobody.exit_code == 1
    assert not (tmp_path / "x").exists()


@pytest.mark.usefixtures("state")
def test_an_unknown_record_or_person_is_said() -> None:
    """No traceback, exit 1."""
    result = run(
        records.ban_app,
        *("lift", "--person", "P-1", "--id", "B-9", "--source", "moj"),
        *("--at", "2026-06-10T10:00:00+09:00"),
    )
    assert result.exit_code == 1
    assert "no departure_ban B-9 is held" in result.stdout
    unknown = run(records.ban_app, *("P-9" if word == "P-1" else word for word in BAN))
    assert unknown.exit_code == 1
    assert "unknown" in unknown.stdout


def test_an_emergency_request_is_kept_in_quarantine_when_repeated(state: Path) -> None:
    """In force at first; the same crime again after a missed deadline waits for an officer."""
    form = {
        "request_id": "E-1",
        "crime_id": "C-1",
        "max_penalty_years": 5,
        "requested_at": "2026-03-01T10:00:00+09:00",
        "agency": "police",
        **dict.fromkeys(("urgent", "flight_risk", "written_request", "grounds_stated"), True),
        "intended_period_stated": True,
    }
    path = state / "form.json"
    person = ("--person", "P-1", "--source", "police")
    path.write_text(json.dumps(form))
    first = run(records.emergency_app, "request", *person, "--form", str(path))
    assert "record_accepted: " in first.stdout
    ended = ("--revoked", "2026-03-01T17:00:00+09:00", "--basis", "4-6(4)")
    assert run(records.emergency_app, "update", *person, "--id", "E-1", *ended).exit_code == 0
    path.write_text(json.dumps({**form, "request_id": "E-2"}))
    second = run(records.emergency_app, "request", *person, "--form", str(path))
    assert "record_quarantined under DEP-EMB-06" in second.stdout
    with opened() as held:
        bans = held.load_facts(PASSPORT, NOON).facts.emergency_bans
    assert [ban.intake_state.value for ban in bans] == ["active", "quarantined"]


@pytest.mark.usefixtures("state")
def test_a_membership_ends_in_person_only() -> None:
    """By telephone it is refused, at the centre it ends."""
    named = ("--person", "P-1", "--source", "desk")
    refused = run(records.member_app, "cancel", *named, "--no-in-person")
    assert refused.exit_code == 1
    assert "SES-MEM-01" in refused.stdout
    assert run(records.member_app, "cancel", *named).exit_code == 0
    with opened() as held:
        enrolment = held.load_facts(PASSPORT, NOON).facts.enrolment
    assert enrolment is not None
    assert enrolment.status.value == "cancelled"


@pytest.mark.usefixtures("state")
def test_a_permit_is_entered_and_ended_by_the_id_that_was_printed() -> None:
    """The store gives the id, the officer uses it."""
    person = ("--person", "P-1", "--source", "moj")
    added = run(records.permit_app, "add", *person, "--kind", "visa", "--valid-until", "2027-01-01")
    record_id = added.stdout.split("permit ")[1].split(",")[0]
    assert run(records.permit_app, "end", *person, "--id", record_id).exit_code == 0
    with opened() as held:
        (permit,) = held.load_facts(PASSPORT, NOON).facts.permits
    assert permit.status.value == "revoked"


def test_a_member_is_exported_and_erased(state: Path) -> None:
    """Everything in one file, then nothing."""
    file = state / "held.json"
    assert run(records.member_app, "export", "--person", "P-1", str(file)).exit_code == 0
    assert len(json.loads(file.read_text())["records"]) == 3
    words = ("erase", "--person", "P-1", "--officer", "OFF-1", "--reason", "asked for")
    assert run(records.member_app, *words).exit_code == 0
    with opened() as held:
        assert held.load_facts(PASSPORT, NOON).facts.person is None


def test_audit_says_the_first_broken_event(state: Path) -> None:
    """Exit 0 and 1."""
    import sqlite3

    assert run(audit.app, "verify").exit_code == 0
    with sqlite3.connect(state / "store.db") as raw:
        raw.execute("DROP TRIGGER events_are_never_changed")
        raw.execute("UPDATE events SET version = 9 WHERE sequence = 2")
    broken = run(audit.app, "verify")
    assert broken.exit_code == 1
    assert "broken at event 2" in broken.stdout


def test_back_up_restore_and_rebuild(state: Path) -> None:
    """The commands and what they prove."""
    copy = state / "copy.db"
    assert "the chain holds" in run(store.app, "backup", str(copy)).stdout
    assert "the chain holds" in run(store.app, "restore", str(copy)).stdout
    assert "were right" in run(store.app, "rebuild").stdout
    assert run(store.app, "create").exit_code == 1


def test_the_master_key_is_changed(state: Path) -> None:
    """The store opens with the new key file; the old one is kept aside."""
    before = (state / "master.key").read_bytes()
    assert run(store.app, "rotate-key").exit_code == 0
    assert (state / "master.key").read_bytes() != before
    assert (state / "master.key.old").read_bytes() == before
    with opened() as held:
        assert held.load_facts(PASSPORT, NOON).facts.person is not None
