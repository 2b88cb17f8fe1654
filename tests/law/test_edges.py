"""The ends of the calendar, and input of any shape: an answer or a reason, never an accident."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.cli.law_cases import score
from gate.law.periods import (
    anniversary,
    corresponding_day,
    days_on,
    end_of_month,
    month_period_end,
    next_working_day,
)
from gate.vocabulary.decisions import RecordOutcome
from gate.vocabulary.parameters import parameters_from
from tests.law.world import NOON, alien, ban, emergency, ids, national, permit, store

NUMBERS = parameters_from(files("gate.law").joinpath("parameters.toml").read_text("utf-8"))
FOREVER = "9999-12-31"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"last_day": FOREVER}, ["DEP-BAN-10"]),
        (
            {"last_day": FOREVER, "extensions": [{"unit": "month", "length": 1}]},
            ["DEP-BAN-10"],
        ),
        ({"last_day": None, "unit": "month", "length": 10**9}, ["DEP-BAN-10"]),
        ({"last_day": None, "unit": "day", "length": 10**12}, ["DEP-BAN-10"]),
        ({"start_date": "9999-12-01", "last_day": None, "unit": "month", "length": 1}, []),
        ({"start_date": "0001-01-01"}, ["DEP-BAN-10"]),
    ],
)
def test_a_ban_without_end_blocks_as_any_other(
    changes: dict[str, Any], expected: list[str]
) -> None:
    """Agencies write 9999-12-31 for "until further notice"; the arithmetic stops there."""
    assert ids(national(departure_bans=[ban(**changes)])) == expected


def test_permits_and_registrations_without_end_work() -> None:
    """The same day as the end of what an alien holds."""
    endless = alien(
        alien_registration__valid_until=FOREVER,
        stay__stay_until=FOREVER,
        permits=[permit("reentry", valid_until=FOREVER)],
    )
    assert ids(endless) == []
    deported = alien(deportations=[{"departed_on": "9998-01-01", "order_id": "d-1"}])
    assert ids(deported) == ["ENT-BAN-06"]


def test_days_end_with_the_calendar() -> None:
    """A day, a month or a year past the last day is the last day; below the first, the first."""
    assert days_on(date.max, 1) == date.max
    assert days_on(date(2031, 3, 1), -1) == date(2031, 2, 28)
    assert days_on(date(1, 1, 2), -3) == date.min
    assert corresponding_day(date(9999, 12, 5), 1) is None
    assert corresponding_day(date(9999, 11, 5), 1) == date(9999, 12, 5)
    assert end_of_month(date(9999, 12, 5), 1) == date.max
    assert end_of_month(date(9999, 11, 5), 0) == date(9999, 11, 30)
    assert month_period_end(date(9999, 12, 1), 1) == date.max
    assert anniversary(date(9998, 2, 3), 1) == date(9999, 2, 3)
    assert anniversary(date(9998, 2, 3), 2) == date.max
    assert next_working_day(date.max, (date.max,)) == date.max


@pytest.mark.parametrize(
    "question",
    [
        {"operation": "extension_request", "last_day": "0001-01-02", "filed_at": NOON},
        {"operation": "objection_filing", "aware_on": FOREVER, "filed_at": NOON},
        {"operation": "objection_decision_deadline", "filed_on": FOREVER},
        {
            "operation": "validate_extension",
            "ban": ban(last_day=FOREVER),
            "extension": {"unit": "day", "length": 500},
        },
    ],
)
def test_operations_reach_the_end_of_the_calendar(question: dict[str, Any]) -> None:
    """Deadlines counted from the calendar's ends are answered."""
    name = question["operation"]
    inputs = {key: value for key, value in question.items() if key != "operation"}
    assert store(name, **inputs).outcome in RecordOutcome


def _case(direction: str, facts: dict[str, Any]) -> dict[str, Any]:
    facts = {key: value for key, value in facts.items() if key != "direction"}
    return {
        "id": "x-1",
        "direction": direction,
        "now": NOON,
        "facts": facts,
        "expected": {"outcome": "admit", "rule_ids": [], "values": {"last_day": "2031-03-10"}},
    }


CASES = [
    _case(
        "departure",
        national(
            departure_bans=[ban(unit="month", length=1, extensions=[{"last_day": "2031-04-01"}])],
            emergency_bans=[emergency(approval_lodged_at=NOON)],
            transaction={"entry_check_at": NOON, "started_at": NOON},
        ),
    ),
    _case(
        "entry",
        alien(
            penalties=[{"amount_krw": 6_000_000, "decided_on": "2030-01-01"}],
            landing={"permit_kind": "crew_multi", "permit_issued_on": "2031-01-01", "days": 3},
            deportations=[{"departed_on": "2020-02-29"}],
            permits=[permit("alien_entry_permit"), permit("visa")],
        ),
    ),
    _case("enrolment", national(None, enrolment=None, live=None, documents={"id_card": True})),
]
VALUES: list[Any] = [
    None, [], {}, "x", "", -1, 1.5, True, 10**12, 10**20, float("nan"), [None], [{}], {"a": 1},
    FOREVER, "0001-01-01", "2031-02-29", "2031-03-10T09:00:00", "9999-12-31T23:59:59+09:00",
    "0001-01-01T00:00:00+00:00", "2031-03-10T12:00:00+23:59",
]  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else ()
    for key, part in enumerate(value) if isinstance(value, list) else inside:
        yield from _places(part, (*path, key))


def _put(case: dict[str, Any], place: tuple[Any, ...], value: Any) -> None:
    """Put a value where it does not belong; nothing where the place is gone already."""
    target: Any = case
    with suppress(KeyError, IndexError, TypeError):
        for key in place[:-1]:
            target = target[key]
        target[place[-1]] = value


PLACES = [list(_places(case)) for case in CASES]


@given(st.sampled_from(range(len(CASES))), st.data())
def test_spoilt_cases_are_answered_or_refused(number: int, data: st.DataObject) -> None:
    """Whatever stands where in a case: an answer, or the fault in words; no accident."""
    case = copy.deepcopy(CASES[number])
    for _ in range(data.draw(st.integers(1, 2))):
        _put(case, data.draw(st.sampled_from(PLACES[number])), data.draw(st.sampled_from(VALUES)))
    result = score(case, NUMBERS)
    assert result.got is not None or result.fault


def test_a_verdict_that_is_not_stated_is_no_match() -> None:
    """An absent verdict of one modality counts as failed."""
    assert ids(national(live={"face_match": True})) == ["GATE-BIO-01"]


def test_late_extension_requests_are_not_seen() -> None:
    """A request to extend that reached the store after the check did not stand then."""
    late = datetime.fromisoformat(NOON).replace(second=1).isoformat()
    request = {"filed_at": "2031-03-05T10:00:00+09:00", "status": "pending"}
    over = ban(last_day="2031-03-09", extension_request=request)
    assert ids(national(departure_bans=[over])) == ["DEP-EXT-04"]
    over["extension_request"] = {**request, "received_at": late}
    assert ids(national(departure_bans=[over])) == []
