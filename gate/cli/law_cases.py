"""Golden cases of the law: read, decided by the code the gate uses, scored.

A case has id, title, direction, now, facts, expected, why. What is normative: for referrals,
denials and store outcomes with rule ids the outcome, the exact set of ids and the primary rule
where one is expected; for admissions, acceptances and computations the outcome and the values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from gate.law import decide, decide_enrolment, operate, recheck
from gate.vocabulary.decisions import (
    EnrolmentDecision,
    ExitDecision,
    Finding,
    Stage,
    StoreDecision,
    Verdict,
)
from gate.vocabulary.facts import Facts, facts_from
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records_operations import operation_from

EXPLANATORY = {"admit", "accept_enrolment", "computed"}
"""Outcomes whose rule ids only explain."""
STORE, ENROLMENT = "store-lifecycle", "enrolment"


class BadCase(ValueError):
    """A case file, or one case in it, that cannot be read; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Got:
    """What the law answered to a case, in the words of a case."""

    outcome: str
    rule_ids: tuple[str, ...] = ()
    primary_rule: str | None = None
    traveller_message: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    gate_blocks: bool | None = None
    findings: tuple[Finding, ...] = ()
    grounds: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One case scored; `fault` says what was wrong with the case itself."""

    case: Mapping[str, Any]
    passed: bool
    got: Got | None = None
    fault: str | None = None

    @property
    def name(self) -> str:
        """The case's own id."""
        return str(self.case.get("id", "(no id)"))


def read_cases(path: Path) -> list[Mapping[str, Any]]:
    """Return the cases of a JSON file; raises `BadCase` where it cannot be read as such.

    What is no case stands in its place as an empty one, and fails alone.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadCase(f"{path}: cannot be read: {error.strerror}") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadCase(f"{path}: is not JSON: {error}") from None
    if isinstance(content, dict) and isinstance(content.get("cases"), list):
        content = content["cases"]
    if not isinstance(content, list):
        raise BadCase(f"{path}: must be a list of cases, each an object")
    return [
        case if isinstance(case, dict) else {"id": f"(number {number}, no object)"}
        for number, case in enumerate(content, start=1)
    ]


def score(case: Mapping[str, Any], parameters: Parameters) -> Result:
    """Decide one case and compare; a case that cannot be read fails with its fault."""
    try:
        got = answer(case, parameters)
        expected = _expected(case)
    except ValueError as error:
        return Result(case, passed=False, fault=str(error))
    return Result(case, passed=_agree(expected, got), got=got)


def answer(case: Mapping[str, Any], parameters: Parameters) -> Got:
    """What the law says to a case; raises `ValueError` naming what is wrong with the case."""
    at = _instant(case)
    facts = case.get("facts")
    if not isinstance(facts, Mapping):
        raise BadCase("facts: must be an object")
    direction = case.get("direction")
    if direction == STORE:
        return _of_store(operate(operation_from(facts), at, parameters))
    folded = facts_from(_with_case_defaults(facts, direction))
    if direction == ENROLMENT:
        return _of_enrolment(decide_enrolment(folded, at, parameters))
    if folded.transaction is not None and folded.transaction.entry_check_at is not None:
        return _of_both_checks(folded, at, parameters)
    decision = decide(folded, at, Stage.EXIT, parameters)
    assert isinstance(decision, ExitDecision)
    return _of_gate(decision)


def _with_case_defaults(facts: Mapping[str, Any], direction: object) -> dict[str, Any]:
    """Fill in what a case may leave out: liability for service counts as known there."""
    filled = dict(facts)
    if isinstance(filled.get("person"), Mapping):
        filled["person"] = {"military_status": "not_liable", **filled["person"]}
    if direction != ENROLMENT:
        filled["direction"] = direction
    return filled


def _instant(case: Mapping[str, Any]) -> datetime:
    try:
        at = datetime.fromisoformat(str(case["now"]))
    except KeyError:
        raise BadCase("now: is missing") from None
    except ValueError:
        raise BadCase("now: must be a timestamp such as 2025-06-02T09:00:00+09:00") from None
    if at.tzinfo is None:
        raise BadCase("now: a timestamp needs its offset (for Seoul +09:00)")
    return at


def _expected(case: Mapping[str, Any]) -> Mapping[str, Any]:
    expected = case.get("expected")
    if not isinstance(expected, Mapping) or not isinstance(expected.get("outcome"), str):
        raise BadCase("expected: needs an outcome")
    ids = expected.get("rule_ids") or []
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise BadCase("expected, field rule_ids: must be a list of rule ids")
    if not isinstance(expected.get("values") or {}, Mapping):
        raise BadCase("expected, field values: must be an object")
    return expected


def _of_gate(decision: ExitDecision) -> Got:
    message = decision.traveller_message
    return Got(
        outcome=decision.verdict.value,
        rule_ids=decision.rule_ids,
        primary_rule=decision.primary_rule,
        traveller_message=message.value if message is not None else None,
        values={"exit_door": "open" if decision.admitted else "closed"},
        findings=decision.findings,
        grounds=decision.grounds,
    )


def _of_both_checks(facts: Facts, at: datetime, parameters: Parameters) -> Got:
    assert facts.transaction is not None
    timed = replace(facts, transaction=replace(facts.transaction, exit_check_at=at))
    report = recheck(timed, parameters)
    got = _of_gate(report.exit_check)
    passed = report.first_check.verdict is Verdict.ADMIT
    values = {
        **got.values,
        "first_check": "pass" if passed else "refer",
        "post_alert": report.post_alert,
    }
    return replace(got, values=values)


def _of_enrolment(decision: EnrolmentDecision) -> Got:
    message = decision.traveller_message
    return Got(
        outcome=decision.verdict.value,
        rule_ids=decision.rule_ids,
        traveller_message=message.value if message is not None else None,
        findings=decision.findings,
        grounds=decision.grounds,
    )


def _of_store(decision: StoreDecision) -> Got:
    return Got(
        outcome=decision.outcome.value,
        rule_ids=decision.rule_ids,
        values=dict(decision.values),
        gate_blocks=decision.gate_blocks,
        findings=decision.findings,
    )


def _agree(expected: Mapping[str, Any], got: Got) -> bool:
    if expected["outcome"] != got.outcome:
        return False
    for name, value in (expected.get("values") or {}).items():
        if not _same_value(value, got.values.get(name)):
            return False
    ids = expected.get("rule_ids") or ()
    if ids and got.outcome not in EXPLANATORY and set(ids) != set(got.rule_ids):
        return False
    return all(
        expected[name] == getattr(got, name)
        for name in ("primary_rule", "traveller_message", "gate_blocks")
        if expected.get(name) is not None
    )


def _same_value(expected: object, got: object) -> bool:
    if expected == got:
        return True
    try:
        return datetime.fromisoformat(str(expected)) == datetime.fromisoformat(str(got))
    except (TypeError, ValueError):  # no instants, or one of them without its offset
        return False
