"""How the law answers a store operation: findings by id, values by name."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from gate.law.periods import SEOUL
from gate.law.rule import RULES
from gate.vocabulary.decisions import Finding, RecordOutcome, StoreDecision


def finding(rule_id: str, *used: str) -> Finding:
    """The finding of a rule that is written down in the rule tables."""
    return Finding(rule_id, article_of(rule_id), used)


@cache
def article_of(rule_id: str) -> str:
    """The article that the rule tables give for an id; raises `KeyError` where it has none."""
    for rule in RULES:
        if rule.rule_id == rule_id:
            return rule.article
    raise KeyError(rule_id)


def answer(
    outcome: RecordOutcome,
    *findings: Finding,
    gate_blocks: bool | None = None,
    **values: date | datetime | None,
) -> StoreDecision:
    """A store decision; values that are None are left out, instants are written for Seoul."""
    texts = tuple((name, _text(value)) for name, value in values.items() if value is not None)
    return StoreDecision(outcome, findings, texts, gate_blocks)


def _text(value: date | datetime) -> str:
    if isinstance(value, datetime):
        return value.astimezone(SEOUL).isoformat()
    return value.isoformat()
