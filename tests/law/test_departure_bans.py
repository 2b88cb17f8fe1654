"""Departure bans and suspensions at the gate: days, months, extensions, revocation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.law.world import NOON, alien, ban, exit_decision, ids, national

BAN = "DEP-BAN-10"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2031-02-28T23:59:59+09:00", []),
        ("2031-03-01T00:00:00+09:00", [BAN]),
        ("2031-02-28T15:30:00+00:00", [BAN]),
        ("2031-03-20T23:59:59+09:00", [BAN]),
        ("2031-03-21T00:00:00+09:00", []),
    ],
)
def test_both_days_count_in_seoul(at: str, expected: list[str]) -> None:
    """A ban runs from 00:00 of its first to 24:00 of its last day, in Seoul."""
    assert ids(national(departure_bans=[ban()]), at) == expected


@pytest.mark.parametrize(
    ("unit", "length", "start", "day", "expected"),
    [
        ("day", 1, "2031-03-10", "2031-03-10", [BAN]),
        ("day", 1, "2031-03-10", "2031-03-11", []),
        ("day", 10, "2031-03-01", "2031-03-10", [BAN]),
        ("day", 10, "2031-03-01", "2031-03-11", []),
        ("month", 1, "2031-01-15", "2031-02-14", [BAN]),
        ("month", 1, "2031-01-15", "2031-02-15", ["DEP-PER-04"]),
        ("month", 1, "2031-01-15", "2031-02-16", []),
        ("month", 1, "2031-01-31", "2031-02-28", [BAN]),
        ("month", 1, "2031-01-31", "2031-03-01", []),
        ("month", 1, "2032-01-30", "2032-02-29", [BAN]),
        ("month", 1, "2032-01-30", "2032-03-01", []),
        ("month", 12, "2031-12-31", "2032-12-30", [BAN]),
        ("month", 12, "2031-12-31", "2032-12-31", ["DEP-PER-04"]),
        ("month", 2, "2031-11-10", "2032-01-09", [BAN]),
        ("month", 2, "2031-11-10", "2032-01-10", ["DEP-PER-04"]),
        ("month", 2, "2031-11-10", "2032-01-11", []),
    ],
)
def test_counted_periods(unit: str, length: int, start: str, day: str, expected: list[str]) -> None:
    """Days count the first; months run to the eve of the corresponding day, which is disputed."""
    record = ban(start_date=start, last_day=None, unit=unit, length=length)
    assert ids(national(departure_bans=[record]), f"{day}T12:00:00+09:00") == expected


def test_explicit_last_day_governs() -> None:
    """A stated last day leaves nothing to dispute, whatever the counted period says."""
    record = ban(start_date="2031-01-15", last_day="2031-02-14", unit="month", length=1)
    assert ids(national(departure_bans=[record]), "2031-02-15T10:00:00+09:00") == []


def test_ban_without_period_blocks_and_says_so() -> None:
    """Without a period a ban blocks until it is mended."""
    record = ban(last_day=None)
    assert ids(national(departure_bans=[record])) == [BAN, "GATE-DATA-01"]
    assert ids(national("entry", departure_bans=[record])) == ["GATE-DATA-01", "NGT-04"]
    assert ids(national(departure_bans=[ban(last_day=None, revoked_at=NOON)])) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"revoked_at": NOON}, []),
        ({"revoked_at": "2031-03-10T12:00:01+09:00"}, [BAN]),
        ({"revocation_requested_at": "2031-03-05T10:00:00+09:00"}, [BAN]),
        ({"objection": {"filed_at": "2031-03-05T10:00:00+09:00"}}, [BAN]),
        ({"record_type": "request"}, []),
        ({"amounts": {"fine": 0}, "ground": "4(1)3"}, [BAN]),
        ({"last_day": "2033-12-31"}, [BAN]),
        ({"notice": {"excluded_ground": "4-4(3)2"}}, [BAN]),
        ({"warrant_valid_until": "2031-03-05", "ground": "4(2)2"}, [BAN]),
        ({"kind": "suspension"}, [BAN]),
    ],
)
def test_only_revocation_lifts(changes: dict[str, Any], expected: list[str]) -> None:
    """Only the Minister's act lifts a decided ban; a request never blocks."""
    assert ids(national(departure_bans=[ban(**changes)])) == expected


def extended(*extensions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A ban to 5 March with extensions."""
    return ban(last_day="2031-03-05", extensions=list(extensions), **changes)


IN_TIME = {"decided_at": "2031-03-05T23:59:59+09:00", "last_day": "2031-03-31"}
TOO_LATE = {"decided_at": "2031-03-06T00:00:00+09:00", "last_day": "2031-03-31"}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (extended(), []),
        (extended(IN_TIME), [BAN]),
        (extended(TOO_LATE), ["DEP-EXT-05"]),
        (extended({**IN_TIME, "last_day": "2031-03-09"}), []),
        (extended({**IN_TIME, "last_day": "2031-03-10"}), [BAN]),
        (extended({**TOO_LATE, "last_day": "2031-03-10"}), ["DEP-EXT-05"]),
        (extended({**TOO_LATE, "last_day": "2031-03-09"}), []),
        (extended({**IN_TIME, "decided_at": None}), [BAN]),
        (extended({**IN_TIME, "record_type": "request"}), []),
        (extended({**TOO_LATE, "decided_at": "2031-03-10T12:00:01+09:00"}), []),
        (extended({**TOO_LATE, "decided_at": NOON}), ["DEP-EXT-05"]),
        (extended({**IN_TIME, "received_at": "2031-03-10T12:00:01+09:00"}), []),
        (extended({**IN_TIME, "received_at": NOON}), [BAN]),
        (extended({"decided_at": IN_TIME["decided_at"], "unit": "day", "length": 5}), [BAN]),
        (extended({"decided_at": IN_TIME["decided_at"], "unit": "day", "length": 4}), []),
        (extended({"decided_at": IN_TIME["decided_at"]}), [BAN, "GATE-DATA-01"]),
        (
            extended(
                {**IN_TIME, "last_day": "2031-03-07"},
                {"decided_at": "2031-03-07T10:00:00+09:00", "last_day": "2031-03-12"},
            ),
            [BAN],
        ),
        (
            extended(
                {**TOO_LATE, "last_day": "2031-03-07"},
                {"decided_at": "2031-03-07T10:00:00+09:00", "last_day": "2031-03-12"},
            ),
            ["DEP-EXT-05"],
        ),
    ],
)
def test_extensions(record: dict[str, Any], expected: list[str]) -> None:
    """An extension chains from the previous last day; decided after it, an officer clarifies."""
    assert ids(national(departure_bans=[record])) == expected
    other_way = [{BAN: "NGT-04"}.get(rule_id, rule_id) for rule_id in expected]
    assert ids(national("entry", departure_bans=[record])) == sorted(other_way)


def pending(filed_at: str, status: str = "pending", **changes: Any) -> dict[str, Any]:
    """A ban to 5 March with a request to extend it."""
    return extended(extension_request={"filed_at": filed_at, "status": status}, **changes)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (pending("2031-03-05T23:59:59+09:00"), ["DEP-EXT-04"]),
        (pending("2031-03-06T00:00:00+09:00"), []),
        (pending("2031-03-05T10:00:00+09:00", "refused"), []),
        (pending("2031-03-05T10:00:00+09:00", "granted"), []),
        (pending("2031-03-05T10:00:00+09:00", revoked_at=NOON), []),
        (pending("2031-03-20T10:00:00+09:00"), []),
    ],
)
def test_pending_extension_request(record: dict[str, Any], expected: list[str]) -> None:
    """A request filed while the ban ran, and still open, refers in both directions."""
    assert ids(national(departure_bans=[record])) == expected
    assert ids(national("entry", departure_bans=[record])) == expected


def test_request_filed_on_the_disputed_day_is_in_time() -> None:
    """The later reading of a period of months decides whether a request came in time."""
    record = ban(
        start_date="2031-01-15",
        last_day=None,
        unit="month",
        length=1,
        extension_request={"filed_at": "2031-02-15T10:00:00+09:00", "status": "pending"},
    )
    facts = national(departure_bans=[record])
    assert ids(facts, "2031-02-15T11:00:00+09:00") == ["DEP-PER-04"]
    assert ids(facts, "2031-02-16T11:00:00+09:00") == ["DEP-EXT-04"]
    assert ids(facts, "2031-02-15T09:00:00+09:00") == ["DEP-PER-04"]
    future = {**record["extension_request"], "filed_at": "2031-02-15T10:00:00+09:00"}
    assert ids(
        national(
            departure_bans=[{**record, "last_day": "2031-02-15", "extension_request": future}]
        ),
        "2031-02-16T00:00:00+09:00",
    ) == ["DEP-EXT-04"]


def test_entry_closes_the_lane_under_its_own_id() -> None:
    """A banned national who comes home is referred as NGT-04, on the disputed day by its own id."""
    assert ids(national("entry", departure_bans=[ban()])) == ["NGT-04"]


@pytest.mark.parametrize(
    ("record", "leaving", "entering"),
    [
        (ban(kind="suspension", ground="29(1)"), ["SUS-01"], ["SUS-03"]),
        (ban(), ["SUS-01"], ["SUS-03"]),
        (ban(last_day=None), ["GATE-DATA-01", "SUS-01"], ["GATE-DATA-01", "SUS-03"]),
        (extended(TOO_LATE), ["SUS-01"], ["SUS-03"]),
        (pending("2031-03-05T10:00:00+09:00"), ["SUS-01"], ["SUS-03"]),
        (
            ban(start_date="2031-02-10", last_day=None, unit="month", length=1),
            ["SUS-04"],
            ["SUS-04"],
        ),
        (ban(last_day="2031-03-09"), [], []),
    ],
)
def test_suspension_of_aliens(
    record: dict[str, Any], leaving: list[str], entering: list[str]
) -> None:
    """The same record on an alien is a suspension, both ways, with one id on the disputed day."""
    assert ids(alien("departure", departure_bans=[record])) == leaving
    assert ids(alien("entry", departure_bans=[record])) == entering


def test_each_record_counts_by_itself() -> None:
    """A revoked ban beside a running one lifts nothing."""
    records = [ban(revoked_at=NOON), ban(ban_id="b-2")]
    decision = exit_decision(national(departure_bans=records))
    assert decision.rule_ids == (BAN,)
    assert decision.findings[0].facts_used == ("departure_bans[b-2]=in force",)


@pytest.mark.parametrize(
    "extension",
    [
        {"decided_at": NOON, "last_day": "2031-03-05"},
        {"decided_at": NOON, "last_day": "2031-03-20"},
    ],
)
def test_an_extension_never_shortens(extension: dict[str, str]) -> None:
    """Only a revocation ends a ban before its last day."""
    record = ban(extensions=[extension])
    assert ids(national(departure_bans=[record]), "2031-03-20T12:00:00+09:00") == [BAN]
    assert ids(national(departure_bans=[record]), "2031-03-21T12:00:00+09:00") == []
    later = ban(extensions=[extension, {"decided_at": NOON, "last_day": "2031-03-25"}])
    assert ids(national(departure_bans=[later]), "2031-03-25T12:00:00+09:00") == [BAN]


def test_an_extension_to_the_same_day_settles_no_disputed_day() -> None:
    """It extends nothing: the corresponding day of the counted month stays disputed."""
    counted = {"start_date": "2031-01-15", "last_day": None, "unit": "month", "length": 1}
    same = {"decided_at": "2031-02-01T10:00:00+09:00", "last_day": "2031-02-14"}
    record = ban(**counted, extensions=[same])
    assert ids(national(departure_bans=[record]), "2031-02-15T12:00:00+09:00") == ["DEP-PER-04"]
