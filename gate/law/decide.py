"""The law's answer at a gate and at the enrolment desk: all findings, the primary one, the text.

Every rule is evaluated on every check and all findings are reported (C1); nothing here knows
what any single rule says.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from gate.law import alien_departure as _alien_departure  # noqa: F401 - fills the rule tables
from gate.law import alien_entry as _alien_entry  # noqa: F401
from gate.law import aliens as _aliens  # noqa: F401
from gate.law import common as _common  # noqa: F401
from gate.law import departure_bans as _departure_bans  # noqa: F401
from gate.law import emergency as _emergency  # noqa: F401
from gate.law import enrolment as _enrolment  # noqa: F401
from gate.law import entry_bans as _entry_bans  # noqa: F401
from gate.law import membership as _membership  # noqa: F401
from gate.law import nationals as _nationals  # noqa: F401
from gate.law import travel_document as _travel_document  # noqa: F401
from gate.law.check import Check, check_of, is_late, record_lists, single_records
from gate.law.common import neutral_message
from gate.law.primary import staff_order
from gate.law.rule import (
    BLOCKING,
    CARRYING,
    DENYING,
    REFERRING,
    GateRule,
    Role,
    Who,
    note,
)
from gate.vocabulary.decisions import (
    EnrolmentDecision,
    EnrolmentVerdict,
    EntryDecision,
    ExitDecision,
    Finding,
    RecheckReport,
    RuleBase,
    Stage,
    Verdict,
)
from gate.vocabulary.facts import Direction, Facts
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import (
    NOT_YET_CAPTURED,
    Authenticity,
    NotYetCaptured,
    Record,
    Transaction,
)

AnyRecord = TypeVar("AnyRecord", bound=Record)
_LONG_STALE = timedelta(days=36_500)
"""Older than any limit of freshness, and not so old that the calendar ends before."""
RULE_SET_VERSION = "2026.3"
"""Raised with every change of what a rule says, so that a replay can tell."""


def decide(
    facts: Facts, at: datetime, stage: Stage, parameters: Parameters
) -> EntryDecision | ExitDecision:
    """Decide on one traveller at the entry or the exit check of a gate.

    `at`: aware instant of the check; records received later are not seen. `stage`: ENTRY gives
    an `EntryDecision`, EXIT an `ExitDecision`. `facts.direction` says which way the gate leads.
    While `facts.live` is `NOT_YET_CAPTURED` only the rules about live matches are suspended; at
    EXIT it counts as unknown and refers.
    Raises `ValueError`: `at` naive, no direction, or `Stage.ENROLMENT` (see `decide_enrolment`).
    """
    if stage is Stage.ENROLMENT:
        raise ValueError("stage: the enrolment desk is answered by decide_enrolment")
    if stage is Stage.EXIT and isinstance(facts.live, NotYetCaptured):
        facts = replace(facts, live=None)
    check = check_of(facts, at, stage, parameters)
    key = (check.category, check.direction or Direction.DEPARTURE)
    findings = _findings(BLOCKING[key], check)
    findings.sort(key=lambda finding: staff_order(finding.rule_id))
    blocked = bool(findings)
    passport = check.facts.passport
    kind = EntryDecision if stage is Stage.ENTRY else ExitDecision
    return kind(
        verdict=Verdict.REFER if blocked else Verdict.ADMIT,
        findings=tuple(findings),
        primary_rule=findings[0].rule_id if blocked else None,
        grounds=() if blocked else tuple(_findings(CARRYING[key], check)),
        traveller_message=neutral_message(blocked, at_gate=True),
        document_examined=passport is not None
        and passport.authenticity is not Authenticity.NOT_EXAMINED,
        at=at,
        rule_base=_rule_base(parameters),
    )


def decide_enrolment(facts: Facts, at: datetime, parameters: Parameters) -> EnrolmentDecision:
    """Decide whether somebody may be enrolled; deny beats refer, all ids are reported (C19).

    Raises `ValueError` where `at` is naive.
    """
    check = check_of(facts, at, Stage.ENROLMENT, parameters)
    denied = _findings(DENYING[check.category], check)
    referred = _findings(REFERRING[check.category], check)
    verdict = EnrolmentVerdict.ACCEPT
    if denied:
        verdict = EnrolmentVerdict.DENY
    elif referred:
        verdict = EnrolmentVerdict.REFER
    findings = sorted(denied + referred, key=lambda finding: staff_order(finding.rule_id))
    return EnrolmentDecision(
        verdict=verdict,
        findings=tuple(findings),
        grounds=(),
        traveller_message=neutral_message(bool(findings), at_gate=False),
        at=at,
        rule_base=_rule_base(parameters),
    )


@note("GATE-RECHK-01", "project rule; Act 4(4), 4-6(2), 12(3)4", Who.GATE, Role.COMPUTES)
def recheck(facts: Facts, parameters: Parameters) -> RecheckReport:
    """All rules run again at the exit door with the records received by then; each check is
    evaluated as of its own instant (C22). A refusal at the first check stands even if its
    reason ends a second later; a record that comes after the exit check alerts staff and
    changes nothing.

    `facts.transaction` gives the instants. Raises `ValueError` where one is missing.
    """
    transaction = facts.transaction or Transaction()
    if transaction.entry_check_at is None or transaction.exit_check_at is None:
        raise ValueError("transaction, field entry_check_at or exit_check_at: is missing")
    first = _at_entry(facts, transaction.entry_check_at, transaction.started_at, parameters)
    last = _at_exit(facts, transaction.exit_check_at, parameters)
    if first.verdict is Verdict.REFER:
        last = _kept_shut(first, last)
    return RecheckReport(
        first_check=first,
        exit_check=last,
        post_alert=_blocked_later(facts, last, parameters),
    )


def _at_entry(
    facts: Facts, at: datetime, started_at: datetime | None, parameters: Parameters
) -> EntryDecision:
    store = facts.store
    if store is not None and store.synced_at is not None and started_at is not None:
        # The first check sees the store as fresh as it was when the passage started.
        age = max(started_at - store.synced_at, started_at - started_at)
        store = replace(store, synced_at=at - min(age, _LONG_STALE))
    view = replace(facts, live=NOT_YET_CAPTURED, store=store)
    decision = decide(view, at, Stage.ENTRY, parameters)
    assert isinstance(decision, EntryDecision)
    return decision


def _at_exit(facts: Facts, at: datetime, parameters: Parameters) -> ExitDecision:
    decision = decide(facts, at, Stage.EXIT, parameters)
    assert isinstance(decision, ExitDecision)
    return decision


def _kept_shut(first: EntryDecision, last: ExitDecision) -> ExitDecision:
    return replace(
        last,
        verdict=Verdict.REFER,
        findings=first.findings,
        primary_rule=first.primary_rule,
        grounds=(),
        traveller_message=first.traveller_message,
    )


def _blocked_later(facts: Facts, last: ExitDecision, parameters: Parameters) -> bool:
    """Whether records received after the exit check would have blocked, had they been there."""
    known = set(_at_exit(facts, last.at, parameters).rule_ids)
    seen = _at_exit(_all_received(facts, last.at), last.at, parameters)
    return any(rule_id not in known for rule_id in seen.rule_ids)


def _all_received(facts: Facts, at: datetime) -> Facts:
    """The facts as if every record had been received by `at`."""
    changed: dict[str, Any] = {
        name: tuple(_received_by(record, at) for record in records)
        for name, records in record_lists(facts)
    }
    for name, record in single_records(facts):
        changed[name] = None if record is None else _received_by(record, at)
    return replace(facts, **changed)


def _received_by(record: AnyRecord, at: datetime) -> AnyRecord:
    return replace(record, received_at=at) if is_late(record, at) else record


def _findings(rules: list[GateRule], check: Check) -> list[Finding]:
    found = []
    for rule in rules:
        used = rule.evaluate(check)
        if used is not None:
            found.append(rule.finding(used))
    return found


@cache
def _rule_base_of(text_hash: str, version: str) -> RuleBase:
    return RuleBase(text_hash, version, RULE_SET_VERSION)


def _rule_base(parameters: Parameters) -> RuleBase:
    return _rule_base_of(parameters.text_hash, parameters.version)
