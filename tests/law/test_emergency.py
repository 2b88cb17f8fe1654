"""Emergency prohibition: the six and the twelve hours to the second, quarantine, both directions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.law.world import NOON, alien, emergency, ids, national, outcome, store

IN_FORCE = "DEP-EMB-02"
LODGED = "2031-03-10T10:00:00+09:00"


@pytest.mark.parametrize(
    ("changes", "at", "expected"),
    [
        ({}, "2031-03-10T08:59:59+09:00", []),
        ({}, "2031-03-10T09:00:00+09:00", [IN_FORCE]),
        ({}, "2031-03-10T15:00:00+09:00", [IN_FORCE]),
        ({}, "2031-03-10T15:00:01+09:00", [IN_FORCE, "DEP-EMB-04"]),
        ({"approval_lodged_at": LODGED}, "2031-03-10T22:00:00+09:00", [IN_FORCE]),
        (
            {
                "approval_lodged_at": LODGED,
                "approval_decided_at": LODGED,
                "approval_result": "refused",
            },
            LODGED,
            [IN_FORCE, "DEP-EMB-05"],
        ),
        ({"approval_lodged_at": LODGED}, "2031-03-10T22:00:01+09:00", [IN_FORCE, "DEP-EMB-05"]),
        (
            {"approval_lodged_at": "2031-03-10T15:00:00+09:00"},
            "2031-03-10T20:00:00+09:00",
            [IN_FORCE],
        ),
        (
            {"approval_lodged_at": "2031-03-10T15:00:01+09:00"},
            "2031-03-10T20:00:00+09:00",
            [IN_FORCE, "DEP-EMB-04"],
        ),
        (
            {"approval_lodged_at": "2031-03-10T15:00:01+09:00"},
            "2031-03-11T03:00:02+09:00",
            [IN_FORCE, "DEP-EMB-04", "DEP-EMB-05"],
        ),
        (
            {"approval_lodged_at": LODGED, "attachments": False},
            "2031-03-10T20:00:00+09:00",
            [IN_FORCE, "DEP-EMB-04"],
        ),
        (
            {"approval_lodged_at": LODGED, "attachments": True},
            "2031-03-10T20:00:00+09:00",
            [IN_FORCE],
        ),
        ({"approval_lodged_at": NOON}, "2031-03-10T11:00:00+09:00", [IN_FORCE]),
        ({"revoked_at": NOON}, NOON, []),
        ({"revoked_at": "2031-03-10T12:00:01+09:00"}, NOON, [IN_FORCE]),
        ({"intake_state": "quarantined"}, NOON, ["DEP-EMB-06"]),
        ({"intake_state": "quarantined"}, "2031-03-12T12:00:00+09:00", ["DEP-EMB-06"]),
        ({"intake_state": "rejected"}, NOON, []),
        ({"intake_state": "quarantined", "revoked_at": NOON}, NOON, []),
        ({"requested_at": "2031-03-10T12:05:00+09:00", "received_at": NOON}, NOON, [IN_FORCE]),
        ({"requested_at": "2031-03-10T12:05:00+09:00"}, NOON, []),
    ],
)
def test_deadlines(changes: dict[str, Any], at: str, expected: list[str]) -> None:
    """A request blocks from receipt on; a missed deadline is a flag, and only an act lifts it."""
    record = emergency(**changes)
    assert ids(national(emergency_bans=[record]), at) == expected
    assert ids(national("entry", emergency_bans=[record]), at) == (["NGT-05"] if expected else [])
    for direction in ("departure", "entry"):
        answer = ids(alien(direction, emergency_bans=[record]), at)
        assert answer == (["SUS-05"] if expected else [])


def approved(**changes: Any) -> dict[str, Any]:
    """Lodged and approved in time, through the end of March."""
    return emergency(
        approval_lodged_at=LODGED,
        approval_decided_at="2031-03-10T22:00:00+09:00",
        approval_result="approved",
        approved_last_day="2031-03-31",
        **changes,
    )


@pytest.mark.parametrize(
    ("record", "at", "expected"),
    [
        (approved(), "2031-03-31T23:59:59+09:00", [IN_FORCE]),
        (approved(), "2031-04-01T00:00:00+09:00", []),
        ({**approved(), "approved_last_day": None}, "2031-04-01T00:00:00+09:00", [IN_FORCE]),
        (
            {**approved(), "approval_decided_at": "2031-03-10T22:00:01+09:00"},
            "2031-04-01T00:00:00+09:00",
            [IN_FORCE, "DEP-EMB-05"],
        ),
        (
            {**approved(), "approval_result": "refused"},
            "2031-03-10T22:00:00+09:00",
            [IN_FORCE, "DEP-EMB-05"],
        ),
        ({**approved(), "approval_result": "refused"}, "2031-03-10T21:59:59+09:00", [IN_FORCE]),
        (
            {**approved(), "approval_result": "refused"},
            "2031-04-02T00:00:00+09:00",
            [IN_FORCE, "DEP-EMB-05"],
        ),
    ],
)
def test_approval(record: dict[str, Any], at: str, expected: list[str]) -> None:
    """Approved in time it runs through its last day; late approval or refusal does not heal."""
    assert ids(national(emergency_bans=[record]), at) == expected


def test_quarantine_stands_beside_a_running_request() -> None:
    """Two requests are judged each by itself and reported together."""
    records = [emergency(), emergency(request_id="e-2", intake_state="quarantined")]
    assert ids(national(emergency_bans=records)) == [IN_FORCE, "DEP-EMB-06"]


REQUEST = {
    "request_id": "e-9",
    "crime_id": "c-1",
    "max_penalty_years": 3,
    "urgent": True,
    "evidence_risk": True,
    "written_request": True,
    "grounds_stated": True,
    "intended_period_stated": True,
}


@pytest.mark.parametrize(
    ("changes", "history", "expected"),
    [
        ({}, [], []),
        ({"max_penalty_years": 2}, [], ["DEP-EMB-01"]),
        ({"max_penalty_years": 4}, [], []),
        ({"max_penalty_years": "life_or_death"}, [], []),
        ({"max_penalty_years": None}, [], ["DEP-EMB-01"]),
        ({"urgent": False}, [], ["DEP-EMB-01"]),
        ({"evidence_risk": False}, [], ["DEP-EMB-01"]),
        ({"evidence_risk": False, "flight_risk": True}, [], []),
        ({"written_request": False}, [], ["DEP-EMB-07"]),
        ({"grounds_stated": False}, [], ["DEP-EMB-07"]),
        ({"documents": False}, [], ["DEP-EMB-07"]),
        ({"documents": True}, [], []),
        ({"intended_period_stated": False}, [], ["DEP-EMB-07"]),
        ({}, [{"crime_id": "c-1", "revoked_basis": "4-6(4)"}], ["DEP-EMB-06"]),
        ({}, [{"crime_id": "c-1", "revoked_basis": "4-6(4)", "agency": "other"}], ["DEP-EMB-06"]),
        ({}, [{"crime_id": "c-1", "revoked_basis": "4-3"}], []),
        ({}, [{"crime_id": "c-2", "revoked_basis": "4-6(4)"}], []),
        ({}, [{"crime_id": "c-1", "revoked_basis": None}], []),
    ],
)
def test_intake(changes: dict[str, Any], history: list[Any], expected: list[str]) -> None:
    """A request that lacks what it needs, or may not be repeated, is quarantined and still blocks."""
    word = "record_quarantined" if expected else "record_accepted"
    inputs = {"request": {**REQUEST, **changes}, "history": history}
    assert outcome("emergency_intake", **inputs) == (word, expected)
    assert store("emergency_intake", **inputs).gate_blocks is True


@pytest.mark.parametrize(
    ("changes", "at", "word", "rules", "blocks"),
    [
        ({}, "2031-03-10T15:00:00+09:00", "in_force", [], True),
        ({}, "2031-03-10T15:00:01+09:00", "revocation_due", ["DEP-EMB-04"], True),
        (
            {"approval_lodged_at": LODGED},
            "2031-03-10T22:00:01+09:00",
            "revocation_due",
            ["DEP-EMB-05"],
            True,
        ),
        ({"intake_state": "quarantined"}, NOON, "quarantined", ["DEP-EMB-06"], True),
        ({"intake_state": "rejected"}, NOON, "rejected", ["DEP-EMB-06"], False),
        ({"revoked_at": NOON, "revoked_basis": "4-3"}, NOON, "revoked", ["DEP-REV-01"], False),
        (
            {"revoked_at": "2031-03-10T16:00:00+09:00", "revoked_basis": "4-6(4)"},
            "2031-03-10T17:00:00+09:00",
            "revoked",
            ["DEP-EMB-04"],
            False,
        ),
        ({**approved()}, "2031-04-01T00:00:00+09:00", "lapsed", ["DEP-EMB-09"], False),
        ({}, "2031-03-10T08:00:00+09:00", "in_force", [], False),
    ],
)
def test_status(
    changes: dict[str, Any], at: str, word: str, rules: list[str], blocks: bool
) -> None:
    """The status names the state, the rules behind it, and whether the gate refers."""
    inputs = {"emergency_ban": emergency(**changes)}
    assert outcome("emergency_status", at, **inputs) == (word, rules)
    assert store("emergency_status", at, **inputs).gate_blocks is blocks
