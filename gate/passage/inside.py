"""Handlers between the doors: captures, the exit decision and its commit."""

from gate.passage import moves
from gate.passage.commands import AuthoriseExit, LoadFacts, Record
from gate.passage.events import (
    CaptureFinished,
    DeadlineReached,
    ExitAuthorised,
    FactsLoaded,
    FactsStale,
)
from gate.passage.judgement import judge_exit, told
from gate.passage.moves import Step
from gate.passage.phases import GateState, Phase
from gate.passage.watch import shut_doubt
from gate.vocabulary.instants import Instant
from gate.vocabulary.passages import CaptureKind, CaptureResult, CaptureVerdict
from gate.vocabulary.reasons import Reason


def capture_finished(state: GateState, event: CaptureFinished, now: Instant) -> Step:
    """Both run to their end before anything is decided, so that no reason shows in the time."""
    assert state.passage is not None
    if state.passage.capture(event.kind) is not None:
        return moves.stay(state)
    state = state.with_passage(captures=(*state.passage.captures, (event.kind, event.result)))
    record = Record("capture", event.passage, _captured(event.kind, event.result))
    assert state.passage is not None
    if len(state.passage.captures) < len(CaptureKind):
        return moves.stay(state, record)
    return moves.before((record,), moves.advance(state, now))


def captures_deadline(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """A capture that did not come counts as failed; the law then refers (GATE-BIO-01)."""
    assert state.passage is not None
    done = dict(state.passage.captures)
    missing = CaptureResult(CaptureVerdict.FAILURE_TO_ACQUIRE)
    records = tuple(
        Record("capture", state.passage.id, _captured(kind, missing))
        for kind in CaptureKind
        if kind not in done
    )
    captures = tuple((kind, done.get(kind, missing)) for kind in CaptureKind)
    return moves.before(records, moves.advance(state.with_passage(captures=captures), now))


def _captured(kind: CaptureKind, result: CaptureResult) -> dict[str, object]:
    told = {"findings": list(result.findings)} if result.findings else {}
    return {
        **told,
        "kind": kind.value,
        "verdict": result.verdict.value,
        "comparison_score": result.comparison_score,
        "threshold": result.threshold,
        "attempts": result.attempts,
    }


def authorising_facts(state: GateState, event: FactsLoaded, now: Instant) -> Step:
    """Every rule again, with the facts as they are now (GATE-RECHK-01)."""
    passage = state.passage
    assert passage is not None
    if passage.officer_id is not None:
        return moves.stay(state)
    decision = judge_exit(state, passage, event.facts, now.utc)
    state = state.with_passage(facts=event.facts, store_seq=event.store_seq, exit_decision=decision)
    if not decision.admitted:
        record = Record("exit_check", passage.id, told(decision))
        return moves.before((record,), moves.refer(state, now, Reason.LAW))
    return moves.stay(state, AuthoriseExit(passage.id, decision, event.store_seq))


def authorising_stale(state: GateState, event: FactsStale, now: Instant) -> Step:
    """A record came in between: load and decide again, a few times, then the officer."""
    passage = state.passage
    assert passage is not None
    assert passage.document is not None
    rounds = passage.authorise_rounds + 1
    state = state.with_passage(authorise_rounds=rounds, exit_decision=None)
    if rounds >= state.settings.authorise_rounds:
        return moves.refer(state, now, Reason.FACTS_KEPT_CHANGING)
    return moves.stay(state, LoadFacts(passage.id, passage.document))


def exit_authorised(state: GateState, event: ExitAuthorised, now: Instant) -> Step:
    """Committed and synced: the door may open, if the gate still looks as it must."""
    passage = state.passage
    assert passage is not None
    if passage.exit_decision is None and passage.officer_id is None:
        return moves.stay(state)
    state = state.with_passage(exit_authorised=True)
    doubt = shut_doubt(state)
    if doubt is not None:
        return moves.refer(state, now, doubt)
    return moves.enter(state, Phase.LEAVING, now)


def authorising_deadline(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """A commit that does not come in time refers; if it comes later it opens nothing."""
    return moves.refer(state, now, Reason.AUTHORISATION_TIMED_OUT)
