"""Travellers in perfect order, to be spoilt one fact at a time, and the law's answers to them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from gate.law import decide, decide_enrolment, operate
from gate.vocabulary.decisions import EnrolmentDecision, ExitDecision, Stage, StoreDecision
from gate.vocabulary.facts import facts_from
from gate.vocabulary.parameters import Parameters, parameters_from
from gate.vocabulary.records_operations import operation_from

NOON = "2031-03-10T12:00:00+09:00"
"""A Monday; the travellers below are in order then."""
TEXT = files("gate.law").joinpath("parameters.toml").read_text("utf-8")
NUMBERS: Parameters = parameters_from(TEXT)


def national(direction: str | None = "departure", /, **changes: Any) -> dict[str, Any]:
    """An adult national, enrolled, without any record against her."""
    identity = {"name": "HONG<<MIRAE", "dob": "1995-05-05", "sex": "F", "nationality": "KOR"}
    return merged(
        {
            "direction": direction,
            "person": {
                "person_id": "n-1",
                "category": "national",
                "resident_registered": True,
                "military_status": "not_liable",
                **identity,
            },
            "passport": _passport(identity, "KOR"),
            **_enrolled(),
        },
        changes,
    )


def alien(direction: str | None = "entry", /, **changes: Any) -> dict[str, Any]:
    """A registered alien with re-entry permission and a live stay."""
    identity = {"name": "ROE<<JAN", "dob": "1990-01-20", "sex": "M", "nationality": "UTO"}
    return merged(
        {
            "direction": direction,
            "person": {"person_id": "a-1", "category": "alien", **identity},
            "passport": _passport(identity, "UTO"),
            "kis_record": {**identity, "passport_number": "Z1"},
            "alien_registration": {"status": "valid", "valid_until": "2033-01-31"},
            "stay": {"status_code": "D-8", "stay_until": "2033-01-31"},
            "permits": [permit("reentry")],
            **_enrolled(),
        },
        changes,
    )


def visitor(direction: str | None = "entry", /, **changes: Any) -> dict[str, Any]:
    """A visa-free national of an agreement state, enrolled, without any record of her own."""
    policy = {
        "nationality": "UTO",
        "mou_gate": {"valid_from": "2020-01-01", "valid_until": "2035-12-31"},
        "visa_exempt": True,
        "grant_policy": {"status_code": "B-1", "days": 90},
    }
    base = alien(
        direction,
        kis_record=None,
        alien_registration=None,
        permits=[],
        stay=None,
        country_policy=policy,
    )
    if direction == "departure":
        base["stay"] = {"status_code": "B-1", "stay_until": "2031-04-30"}
    return merged(base, changes)


def permit(kind: str, **changes: Any) -> dict[str, Any]:
    """A permit that works for several entries."""
    return {
        "kind": kind,
        "valid_from": "2031-01-15",
        "valid_until": "2031-12-31",
        "entries": "multiple",
        **changes,
    }


def ban(**changes: Any) -> dict[str, Any]:
    """A departure ban that runs on `NOON`."""
    return {
        "ban_id": "b-1",
        "ground": "4(1)1",
        "start_date": "2031-03-01",
        "last_day": "2031-03-20",
        **changes,
    }


def emergency(**changes: Any) -> dict[str, Any]:
    """An emergency request of three hours before `NOON`."""
    return {
        "request_id": "e-1",
        "crime_id": "c-1",
        "requested_at": "2031-03-10T09:00:00+09:00",
        **changes,
    }


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with changes; a key `a__b` changes field b of record a, None drops a record."""
    result = copy.deepcopy(dict(base))
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = result
        for parent in parents:
            target = target.setdefault(parent, {})
        target[last] = value
    return result


def exit_decision(facts: Mapping[str, Any], at: str = NOON, **numbers: Any) -> ExitDecision:
    """The answer at the exit door."""
    from dataclasses import replace

    parameters = replace(NUMBERS, **numbers)
    decision = decide(facts_from(facts), datetime.fromisoformat(at), Stage.EXIT, parameters)
    assert isinstance(decision, ExitDecision)
    return decision


def ids(facts: Mapping[str, Any], at: str = NOON, **numbers: Any) -> list[str]:
    """The ids of all findings at the exit door, sorted."""
    return sorted(exit_decision(facts, at, **numbers).rule_ids)


def grounds(facts: Mapping[str, Any], at: str = NOON) -> list[str]:
    """What carries an admission, sorted; asserts that it is one."""
    decision = exit_decision(facts, at)
    assert decision.admitted, decision.rule_ids
    return sorted(finding.rule_id for finding in decision.grounds)


def applicant(facts: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A traveller at the enrolment desk with good samples and an identity card."""
    base = merged(facts, {"direction": None, "enrolment": None, "live": None, "store": None})
    desk = {"capture": {"face_ok": True, "finger_ok": True}, "documents": {"id_card": True}}
    return merged({**base, **desk}, changes)


def enrolment(facts: Mapping[str, Any], at: str = NOON) -> EnrolmentDecision:
    """The answer at the enrolment desk."""
    return decide_enrolment(facts_from(facts), datetime.fromisoformat(at), NUMBERS)


def at_desk(facts: Mapping[str, Any], at: str = NOON) -> tuple[str, list[str]]:
    """Verdict and sorted ids at the enrolment desk."""
    decision = enrolment(facts, at)
    return decision.verdict.value, sorted(decision.rule_ids)


def store(operation: str, at: str = NOON, /, **inputs: Any) -> StoreDecision:
    """The answer to an operation of the store."""
    return operate(
        operation_from({"operation": operation, **inputs}), datetime.fromisoformat(at), NUMBERS
    )


def outcome(operation: str, at: str = NOON, /, **inputs: Any) -> tuple[str, list[str]]:
    """Outcome and sorted ids of an operation of the store."""
    decision = store(operation, at, **inputs)
    return decision.outcome.value, sorted(decision.rule_ids)


def _passport(identity: Mapping[str, Any], state: str) -> dict[str, Any]:
    return {
        "number": "Z1",
        "issuing_state": state,
        "expiry": "2035-06-30",
        "usage": "multiple",
        "status": "valid",
        "mrz_ok": True,
        "authenticity": "ok",
        **identity,
    }


def _enrolled() -> dict[str, Any]:
    return {
        "enrolment": {
            "status": "active",
            "enrolled_at": "2030-02-01T10:00:00+09:00",
            "has_face": True,
            "has_finger": True,
        },
        "consents": [{"kind": "self", "given_at": "2030-02-01T09:00:00+09:00"}],
        "biometric_sources": ["ses"],
        "live": {"face_match": True, "finger_match": True},
        # Fresh whenever the check is: tests of other rules move the instant freely.
        "store": {"synced_at": "2026-01-01T00:00:00+09:00", "max_age_min": 60 * 24 * 365 * 20},
    }
