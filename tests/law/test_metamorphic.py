"""What must not matter: the year, the ids, the order of records."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any

import pytest

from tests.law.spoilers import GROUPS, traveller
from tests.law.world import NOON, exit_decision

FOUR_CENTURIES = 400
"""After so many years the calendar repeats, weekdays and leap days included."""


def _shifted(facts: dict[str, Any], years: int) -> dict[str, Any]:
    def later(match: re.Match[str]) -> str:
        return f'"{int(match[1]) + years:04d}-{match[2]}'

    return json.loads(re.sub(r'"(\d{4})-(\d\d-\d\d)', later, json.dumps(facts)))  # type: ignore[no-any-return]


def _renamed(facts: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(facts)
    for name in ("ban_id", "request_id", "crime_id", "person_id"):
        text = re.sub(rf'"{name}": "[^"]+"', rf'"{name}": "zz-{name}"', text)
    return json.loads(text.replace('"id": "x"', '"id": "other"'))  # type: ignore[no-any-return]


def _reversed(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: list(reversed(value)) if isinstance(value, list) else value
        for name, value in reversed(facts.items())
    }


def _all_travellers() -> list[dict[str, Any]]:
    travellers = []
    for group, (_, _, spoilers) in GROUPS.items():
        travellers += [traveller(group, spoiler) for spoiler in spoilers]
        pairs = [(a, b) for a, b in combinations(spoilers, 2) if a.meets(b)]
        travellers += [traveller(group, *pair) for pair in pairs[::5]]
    return travellers


TRAVELLERS = _all_travellers()


@pytest.mark.parametrize("change", [_renamed, _reversed])
def test_ids_and_order_do_not_matter(change: Any) -> None:
    """Other ids or another order of records give the same verdict, rules and primary."""
    for facts in TRAVELLERS:
        before, after = exit_decision(facts), exit_decision(change(facts))
        assert (before.verdict, before.rule_ids) == (after.verdict, after.rule_ids)
        assert before.primary_rule == after.primary_rule


@pytest.mark.parametrize("years", [4, FOUR_CENTURIES])
def test_years_do_not_matter(years: int) -> None:
    """All dates shifted together by whole leap cycles give the same decision."""
    at = f"{int(NOON[:4]) + years:04d}{NOON[4:]}"
    for facts in TRAVELLERS:
        shifted = exit_decision(_shifted(facts, years), at)
        assert shifted.rule_ids == exit_decision(facts).rule_ids
