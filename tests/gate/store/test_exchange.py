"""Files of records: judged line by line, resumed where they were cut, told what was refused."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from gate.store import Record, Store
from gate.store.exchange import ImportReport, Refusal, export_file, import_file
from gate.vocabulary.parameters import parameters_from
from tests.gate.store.world import NAME, NOON, PASSPORT, World, ban, enrolment, traveller

PARAMETERS = parameters_from(files("gate.law").joinpath("parameters.toml").read_text("utf-8"))
ROOT = Path(__file__).parents[3]


def line_of(record: Record, **more: Any) -> str:
    """The record as one JSON line."""
    stated = {"kind": record.kind, "person_id": record.person_id, "content": record.content}
    return json.dumps({**stated, **more}) + "\n"


def taken(store: Store, path: Path) -> tuple[ImportReport, list[Refusal]]:
    """Import a file; return the report and what was refused."""
    refusals: list[Refusal] = []
    report = import_file(store, path, PARAMETERS, on_refusal=refusals.append)
    return report, refusals


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A traveller with a ban, and between them lines that are wrong in different ways."""
    path = tmp_path / "records.jsonl"
    bad = [
        "{not json}\n",
        '["a list"]\n',
        line_of(ban("B-9", "P-77")),
        line_of(ban("B-3", last_day="2026-02-30")),
        line_of(ban("B-4"), record_id="B-5"),
        line_of(ban("B-1", last_day="2026-12-01")),
        line_of(ban("B-6", decided_at="2026-03-01T10:00:00")),
        line_of(ban("B-7", unit="month")),
        json.dumps({"kind": "nonsense", "person_id": "P-1", "content": {}}) + "\n",
        json.dumps({"kind": "person", "name": NAME}) + "\n",
    ]
    good = [*map(line_of, traveller()), line_of(ban("B-1")), line_of(ban("B-1"))]
    torn = line_of(ban("B-8"))[:-20]
    path.write_text("".join([*good, *bad, line_of(ban("B-2")), torn]))
    return path


def test_good_lines_are_taken_and_bad_ones_told(world: World, lines: Path) -> None:
    """Each refused line has its number and its reason; everything else is kept."""
    with world.open() as store:
        report, refusals = taken(store, lines)
        held = {found.ban_id for found in store.load_facts(PASSPORT, NOON).facts.departure_bans}
    assert held == {"B-1", "B-2"}
    assert (report.lines, report.accepted, report.rejected) == (17, 6, 11)
    assert [refusal.line for refusal in refusals] == [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17]
    assert "middle of this line" in refusals[-1].reason
    assert not [refusal for refusal in refusals if NAME in refusal.reason]


def test_an_update_states_its_version(world: World, tmp_path: Path) -> None:
    """Other content under a held id is refused without a version and taken with a later one."""
    path = tmp_path / "records.jsonl"
    changed = ban("B-1", last_day="2026-07-01")
    with world.open() as store:
        store.append_records([*traveller(), ban("B-1")])
        path.write_text(line_of(changed))
        _, (refusal,) = taken(store, path)
        assert "held with other content" in refusal.reason
        path.write_text(line_of(changed, version=2))
        assert taken(store, path)[1] == []
        (held,) = store.load_facts(PASSPORT, NOON).facts.departure_bans
    assert str(held.last_day) == "2026-07-01"


def test_an_emergency_request_sent_again_undoes_nothing(world: World, tmp_path: Path) -> None:
    """What became of a request is not replaced by its form."""
    form = {
        "request_id": "E-1",
        "crime_id": "C-1",
        "requested_at": "2026-03-01T10:00:00+09:00",
        "max_penalty_years": 10,
        **dict.fromkeys(("urgent", "evidence_risk", "written_request", "grounds_stated"), True),
        "intended_period_stated": True,
    }
    request = line_of(Record("emergency_request", form, "P-1"))
    path = tmp_path / "records.jsonl"
    with world.open() as store:
        store.append_records(traveller())
        path.write_text(request)
        assert taken(store, path)[0].rejected == 0
        (held,) = store.load_facts(PASSPORT, NOON).facts.emergency_bans
        over = {"revoked_at": "2026-03-01T17:00:00+09:00", "revoked_basis": "4-3"}
        content = {
            "request_id": "E-1",
            "crime_id": "C-1",
            "requested_at": "2026-03-01T10:00:00+09:00",
            "intake_state": held.intake_state.value,
            **over,
        }
        store.append_records([Record("emergency_ban", content, "P-1")])
        path.write_text(request + "\n")
        assert taken(store, path)[0].rejected == 1
        (held,) = store.load_facts(PASSPORT, NOON).facts.emergency_bans
    assert held.revoked_at is not None


def test_the_same_file_again_takes_nothing_twice(world: World, lines: Path) -> None:
    """How far a file was read is committed with its records."""
    with world.open() as store:
        taken(store, lines)
        before = store.verify()
        report, refusals = taken(store, lines)
        assert report.resumed_at == 17
        assert refusals == []
        assert store.verify() == before


def test_the_law_refuses_flags_and_quarantines(world: World, tmp_path: Path) -> None:
    """A request out of form is refused, a decision out of form is kept and blocks."""
    too_long = {"start_date": "2026-03-01", "last_day": "2027-12-01"}
    request = Record("departure_ban", {**(ban("B-1").content or {}), **too_long}, "P-1")
    decision = Record(
        "departure_ban", {**(ban("B-2").content or {}), **too_long, "ban_id": "B-2"}, "P-1"
    )
    first = {"request_id": "E-1", "crime_id": "C-1", "requested_at": "2026-03-01T10:00:00+09:00"}
    over = {"revoked_at": "2026-03-01T17:00:00+09:00", "revoked_basis": "4-6(4)"}
    again = {"request_id": "E-2", "crime_id": "C-1", "requested_at": "2026-03-02T10:00:00+09:00"}
    path = tmp_path / "records.jsonl"
    asked = {**(request.content or {}), "record_type": "request"}
    path.write_text(
        "".join(
            [
                *map(line_of, traveller()),
                line_of(Record("departure_ban", asked, "P-1")),
                line_of(decision),
                line_of(Record("emergency_ban", {**first, **over}, "P-1")),
                line_of(Record("emergency_ban", again, "P-1")),
                line_of(Record("emergency_request", {**again, "request_id": "E-3"}, "P-1")),
            ]
        )
    )
    with world.open() as store:
        report, refusals = taken(store, path)
        facts = store.load_facts(PASSPORT, NOON).facts
        flags = [
            record["content"]["rules"]
            for record in store.export_person("P-1")["records"]
            if record["kind"] == "record_flagged"
        ]
    told = [(refusal.line, refusal.outcome) for refusal in refusals]
    assert told == [
        (4, "record_rejected"),
        (5, "record_flagged"),
        (7, "record_quarantined"),
        (8, "record_quarantined"),
    ]
    assert [held.ban_id for held in facts.departure_bans] == ["B-2"]
    assert {held.request_id: held.intake_state.value for held in facts.emergency_bans} == {
        "E-1": "active",
        "E-2": "quarantined",
        "E-3": "quarantined",
    }
    assert (report.for_review, report.rejected) == (3, 1)
    assert flags[0] == ["DEP-BAN-13"]
    assert all("DEP-EMB-06" in rules for rules in flags[1:])


def test_a_request_never_reaches_the_gate(world: World) -> None:
    """What an agency only asks for is stored, and the law does not see it."""
    with world.open() as store:
        store.append_records([*traveller(), ban("B-1", record_type="request")])
        assert store.load_facts(PASSPORT, NOON).facts.departure_bans == ()


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_what_is_exported_comes_back_the_same(world: World, tmp_path: Path, suffix: str) -> None:
    """Every record survives the way out and in; the file is its owner's alone."""
    path = tmp_path / f"out{suffix}"
    extended = ban("B-1", extensions=[{"last_day": "2026-09-01"}], amounts={"fine": 20_000_000})
    with world.open() as store:
        store.append_records([*traveller(), extended])
        store.append_records(
            [
                enrolment(status="cancelled"),
                Record("biometric_source", {"value": "ses"}, "P-1"),
                Record("penalty", {"amount_krw": 5, "decided_on": "2026-01-01"}, "P-1"),
                Record("permit", {"kind": "visa", "used": 2}, "P-1"),
                Record("policy", {"max_age_min": 3}),
            ]
        )
        count = export_file(store, path)
        before = list(store.latest_records())
    assert count == len(before) == 8
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with World(tmp_path / "other.db").open() as other:
        _, refusals = taken(other, path)
        assert [refusal for refusal in refusals if refusal.outcome == "record_rejected"] == []
        key = json.dumps
        assert sorted(map(key, other.latest_records())) == sorted(map(key, before))


def test_a_torn_csv_keeps_what_came_before(world: World, tmp_path: Path) -> None:
    """The last line of a cut file is told, the earlier ones are held."""
    path = tmp_path / "records.csv"
    path.write_text(
        "kind,person_id,source,content.mou_gate,content.nationality\n"
        "country_policy,,agency,,UTO\n"
        'country_policy,,agency,,"RG'
    )
    with world.open() as store:
        _, refusals = taken(store, path)
        assert [row["content"]["nationality"] for row in store.latest_records()] == ["UTO"]
    assert [refusal.line for refusal in refusals] == [3]


def test_a_killed_import_loses_nothing_and_ends_where_it_would_have(
    world: World, tmp_path: Path
) -> None:
    """Kill -9 in the middle, then the same command again: the same store as without the kill."""
    path = tmp_path / "records.jsonl"
    with path.open("w") as file:
        file.writelines(map(line_of, traveller()))
        file.writelines(line_of(ban(f"B-{number}")) for number in range(700))
        for number in range(700):
            file.writelines(map(line_of, traveller(f"Q-{number}", ("KOR", f"N{number:08d}"))))
    environment = {**os.environ, "EGATE_STATE": str(world.path.parent)}
    command = [sys.executable, "-m", "gate.cli", "store"]
    subprocess.run([*command, "create"], check=True, env=environment, cwd=ROOT, capture_output=True)
    importer = subprocess.Popen(
        [*command, "import", str(path)], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    while not _wal_holds(world.path, 150_000):
        time.sleep(0.02)
    importer.send_signal(signal.SIGKILL)
    importer.wait()
    done = subprocess.run(
        [*command, "import", str(path)], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert "2803 lines" in done.stdout
    assert "0 refused" in done.stdout
    verified = subprocess.run(
        [sys.executable, "-m", "gate.cli", "audit", "verify"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert verified.returncode == 0, verified.stdout
    assert "2803 events" in verified.stdout


def _wal_holds(path: Path, size: int) -> bool:
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size >= size
