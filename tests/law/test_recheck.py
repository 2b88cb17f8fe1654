"""GATE-RECHK-01: both checks of a passage, each as of its own instant."""

from __future__ import annotations

from typing import Any

import pytest

from gate.law import recheck
from gate.vocabulary.decisions import RecheckReport, Verdict
from gate.vocabulary.facts import facts_from
from tests.law.world import NUMBERS, alien, ban, national

STARTED = "2031-03-10T11:59:50+09:00"
ENTERED = "2031-03-10T11:59:55+09:00"
LEFT = "2031-03-10T12:00:30+09:00"


def passage(**changes: Any) -> RecheckReport:
    """Both checks of a passage that starts, enters and leaves at the instants above."""
    instants = {"started_at": STARTED, "entry_check_at": ENTERED, "exit_check_at": LEFT}
    facts = national(
        **{"transaction": instants, "store": {"synced_at": STARTED, "max_age_min": 10}, **changes}
    )
    return recheck(facts_from(facts), NUMBERS)


def test_clean_passage() -> None:
    """Both checks pass and nothing comes after."""
    report = passage()
    assert report.first_check.admitted
    assert report.exit_check.admitted
    assert not report.post_alert


@pytest.mark.parametrize(
    ("received_at", "first", "last", "alert"),
    [
        (ENTERED, False, False, False),
        ("2031-03-10T11:59:55.000001+09:00", True, False, False),
        (LEFT, True, False, False),
        ("2031-03-10T12:00:31+09:00", True, True, True),
    ],
)
def test_ban_received_during_the_passage(
    received_at: str, first: bool, last: bool, alert: bool
) -> None:
    """A record counts at each check from its receipt on; a later one alerts and changes nothing."""
    report = passage(departure_bans=[ban(received_at=received_at)])
    assert (report.first_check.admitted, report.exit_check.admitted) == (first, last)
    assert report.post_alert is alert


def test_emergency_and_entry_records_alert_too() -> None:
    """Any kind of blocking record that comes too late alerts, one that would not block does not."""
    late = "2031-03-10T12:00:31+09:00"
    request = {"request_id": "e", "requested_at": LEFT, "received_at": late}
    assert passage(emergency_bans=[request]).post_alert
    record = {"id": "x", "ground": "11(1)3", "from": "2031-01-01", "received_at": late}
    assert passage(direction="entry", entry_bans=[record]).post_alert
    assert not passage(departure_bans=[ban(received_at=late, revoked_at=ENTERED)]).post_alert
    later = {**request, "requested_at": late}
    assert passage(emergency_bans=[later]).post_alert
    deported = {"departed_on": "2031-01-01", "received_at": late}
    assert passage(direction="entry", deportations=[deported]).post_alert is False
    penalty = {"amount_krw": 6_000_000, "decided_on": "2031-01-01", "received_at": late}
    assert passage(**{**alien("departure"), "penalties": [penalty]}).post_alert
    permit = {"granted_at": ENTERED, "hours": 72, "received_at": late}
    assert passage(**{**alien("departure"), "conditional_entry": permit}).post_alert
    known = {**request, "received_at": None, "requested_at": ENTERED}
    report = passage(emergency_bans=[known])
    assert not report.post_alert


def test_refusal_at_the_first_check_stands() -> None:
    """A ban that ends at midnight between the checks still keeps the door shut."""
    instants = {
        "started_at": "2031-03-20T23:59:50+09:00",
        "entry_check_at": "2031-03-20T23:59:59+09:00",
        "exit_check_at": "2031-03-21T00:00:10+09:00",
    }
    store = {"synced_at": "2031-03-20T23:59:50+09:00", "max_age_min": 10}
    report = passage(transaction=instants, store=store, departure_bans=[ban()])
    assert report.first_check.rule_ids == ("DEP-BAN-10",)
    assert report.exit_check.verdict is Verdict.REFER
    assert report.exit_check.rule_ids == ("DEP-BAN-10",)
    assert report.exit_check.primary_rule == "DEP-BAN-10"
    assert report.exit_check.traveller_message is not None


def test_ban_that_starts_at_midnight_is_seen_at_the_exit() -> None:
    """Midnight may fall inside a passage."""
    instants = {
        "started_at": "2031-02-28T23:59:40+09:00",
        "entry_check_at": "2031-02-28T23:59:59+09:00",
        "exit_check_at": "2031-03-01T00:00:00+09:00",
    }
    store = {"synced_at": "2031-02-28T23:59:40+09:00", "max_age_min": 10}
    report = passage(transaction=instants, store=store, departure_bans=[ban()])
    assert report.first_check.admitted
    assert report.exit_check.rule_ids == ("DEP-BAN-10",)


@pytest.mark.parametrize(
    ("synced_at", "first", "last"),
    [
        ("2031-03-10T11:49:50+09:00", True, False),
        ("2031-03-10T11:49:49+09:00", False, False),
        ("2031-03-10T11:50:30+09:00", True, True),
        ("2031-03-10T12:00:20+09:00", True, True),
    ],
)
def test_freshness_of_the_first_check_is_that_of_the_start(
    synced_at: str, first: bool, last: bool
) -> None:
    """The first check sees the store as fresh as when the passage started, the exit as it is."""
    report = passage(store={"synced_at": synced_at, "max_age_min": 10})
    assert (report.first_check.admitted, report.exit_check.admitted) == (first, last)


def test_failed_captures_concern_the_exit_only() -> None:
    """At the first check nothing was captured yet."""
    report = passage(live={"face_match": True, "finger_match": False})
    assert report.first_check.admitted
    assert report.exit_check.rule_ids == ("GATE-BIO-01",)


def test_unknown_sync_refers_at_both_checks() -> None:
    """A store that was never synchronised decides nothing, and a missing start changes nothing."""
    report = passage(store={"max_age_min": 10})
    assert report.first_check.rule_ids == ("GATE-DATA-01",)
    report = passage(
        transaction={"entry_check_at": ENTERED, "exit_check_at": LEFT},
        store={"synced_at": "2031-03-10T11:49:55+09:00", "max_age_min": 10},
    )
    assert report.first_check.admitted
    assert passage(store=None).first_check.rule_ids == ("GATE-DATA-01",)


def test_instants_are_needed() -> None:
    """Without the instants of both checks there is nothing to evaluate."""
    for missing in ("entry_check_at", "exit_check_at"):
        instants = {"started_at": STARTED, "entry_check_at": ENTERED, "exit_check_at": LEFT}
        del instants[missing]
        with pytest.raises(ValueError, match="entry_check_at or exit_check_at"):
            passage(transaction=instants)
    with pytest.raises(ValueError, match="entry_check_at or exit_check_at"):
        passage(transaction=None)
