"""A recorded check decided again: with the parameters of its day, and with today's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gate.law import RULE_SET_VERSION, decide
from gate.store.replay import RecordedCheck, Said
from gate.vocabulary.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Rejudged:
    """One check, decided again by the code of today.

    `again`: with the parameters of then; None where facts or parameters cannot be had any more
    (`why_not`). `today`: with today's parameters, on the facts of then. `same_rules`: the rule
    set that decided is the one that decides now.
    """

    check: RecordedCheck
    again: Said | None
    today: Said | None
    same_rules: bool
    why_not: str = ""

    @property
    def reproduced(self) -> bool:
        """Whether the decision is the one that was recorded."""
        return self.again == self.check.said

    @property
    def differs_today(self) -> bool:
        """Whether today's code and parameters would decide otherwise."""
        return self.today is not None and self.today != self.check.said


def rejudge(check: RecordedCheck, then: Mapping[str, Parameters], today: Parameters) -> Rejudged:
    """Decide a recorded check again. `then`: parameters by their hash."""
    same_rules = check.rule_set in (None, RULE_SET_VERSION)
    parameters = then.get(check.parameters_hash or "")
    if parameters is None and check.parameters_hash == today.text_hash:
        parameters = today
    if check.facts is None:
        return Rejudged(check, None, None, same_rules, check.why_not)
    why_not = "" if parameters is not None else "the numbers of then are not held here"
    again = None if parameters is None else _said(check, parameters)
    return Rejudged(check, again, _said(check, today), same_rules, why_not)


def _said(check: RecordedCheck, parameters: Parameters) -> Said:
    assert check.facts is not None
    decision = decide(check.facts, check.at, check.stage, parameters)
    return Said(
        verdict=decision.verdict.value,
        primary_rule=decision.primary_rule,
        rule_ids=frozenset(decision.rule_ids),
        document_examined=decision.document_examined,
    )
