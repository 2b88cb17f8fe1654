"""The law called with what this passage knows, and its answer in the journal's words."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from gate.law import decide
from gate.passage.phases import GateState, Passage
from gate.vocabulary.decisions import EntryDecision, ExitDecision, Stage
from gate.vocabulary.facts import Facts
from gate.vocabulary.passages import CaptureKind, CaptureVerdict
from gate.vocabulary.records import NOT_YET_CAPTURED, Live


def judge_entry(state: GateState, facts: Facts, at: datetime) -> EntryDecision:
    """The first check: everything but the live captures."""
    facts = replace(facts, live=NOT_YET_CAPTURED)
    decision = decide(facts, at, Stage.ENTRY, state.settings.parameters)
    assert isinstance(decision, EntryDecision)
    return decision


def judge_exit(state: GateState, passage: Passage, facts: Facts, at: datetime) -> ExitDecision:
    """The second check, at the exit door's instant, with the live captures (GATE-RECHK-01)."""
    facts = replace(facts, live=live_of(passage))
    decision = decide(facts, at, Stage.EXIT, state.settings.parameters)
    assert isinstance(decision, ExitDecision)
    return decision


def live_of(passage: Passage) -> Live:
    """A capture that failed or never came is no match (GATE-BIO-01)."""
    return Live(
        face_match=_matched(passage, CaptureKind.FACE),
        finger_match=_matched(passage, CaptureKind.FINGER),
    )


def _matched(passage: Passage, kind: CaptureKind) -> bool:
    result = passage.capture(kind)
    return result is not None and result.verdict is CaptureVerdict.MATCH


def told(decision: EntryDecision | ExitDecision) -> dict[str, Any]:
    """The decision as staff read it: outcome, primary rule, findings with articles and facts."""
    return {
        "outcome": decision.verdict.value,
        "primary_rule": decision.primary_rule,
        "document_examined": decision.document_examined,
        "findings": [
            {"rule_id": f.rule_id, "article": f.article, "facts_used": list(f.facts_used)}
            for f in decision.findings
        ],
    }
