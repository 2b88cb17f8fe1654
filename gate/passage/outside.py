"""Handlers up to the entry answer: starting, ready, reading, checking, returning."""

from dataclasses import replace

from gate.passage import moves
from gate.passage.commands import Alert, ReadDocument, Record, Show
from gate.passage.events import (
    DeadlineReached,
    DocumentLaid,
    DocumentRead,
    DocumentRemoved,
    DocumentUnreadable,
    FactsLoaded,
    Sensed,
    Started,
)
from gate.passage.judgement import judge_entry, told
from gate.passage.moves import Step
from gate.passage.phases import GateState, Phase
from gate.passage.topologies import first
from gate.passage.watch import power_doubt, shut_doubt
from gate.vocabulary.instants import Instant
from gate.vocabulary.passages import Outcome
from gate.vocabulary.reasons import Reason
from gate.vocabulary.screens import Screen


def started(state: GateState, event: Started, now: Instant) -> Step:
    """Nothing is resumed: lock, read back, tell staff what the last boot left open."""
    state = replace(state, boot=event.boot, last_n=0)
    found = {"interrupted": event.interrupted, "may_have_crossed": event.may_have_crossed}
    alerts = (Alert(Reason.MAY_HAVE_CROSSED, None),) if event.may_have_crossed else ()
    return moves.then(moves.restart(state, now), Record("started", None, found), *alerts)


def starting_sensed(state: GateState, event: Sensed, now: Instant) -> Step:
    """Presence after a start means that somebody is there whom no passage explains."""
    if state.sensors.presence > 0:
        return moves.occupied(state, now, Reason.OCCUPIED_UNKNOWN)
    return moves.back_to_work(state, now) if state.sensors.both_locked else moves.stay(state)


def starting_deadline(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """A door that does not read back as locked keeps the gate shut."""
    return moves.then(moves.back_to_work(state, now), Alert(Reason.DOOR_HELD, None))


def idle_sensed(state: GateState, event: Sensed, now: Instant) -> Step:
    """Out of service heals by itself once the cause is gone and the gate is seen empty."""
    return idle_again(state, now)


def idle_again(state: GateState, now: Instant) -> Step:
    """Leave OUT_OF_SERVICE if nothing stands against it any more."""
    work, commands = moves.back_to_work(state, now)
    return (work, commands) if work.phase is not state.phase else moves.stay(state)


def ready_sensed(state: GateState, event: Sensed, now: Instant) -> Step:
    """Nobody may be inside and no door may move while nobody was let in."""
    if state.sensors.presence > 0:
        return moves.occupied(state, now, Reason.OCCUPIED_UNKNOWN)
    if not state.sensors.both_locked:
        return moves.occupied(state, now, Reason.DOOR_FORCED)
    doubt = power_doubt(state)
    if doubt is not None:
        return moves.then(moves.back_to_work(state, now), Alert(doubt, None))
    one_step = first(state.settings.topology) is Phase.ENTERING
    if one_step and state.sensors.approach:
        return moves.begin(state, now)
    return moves.stay(state)


def ready_laid(state: GateState, event: DocumentLaid, now: Instant) -> Step:
    """A document on the reader begins a passage."""
    return moves.begin(state, now) if _reads_outside(state) else moves.stay(state)


def ready_read(state: GateState, event: DocumentRead, now: Instant) -> Step:
    """A reader without a presence sensor reports the reading at once."""
    if not _reads_outside(state):
        return moves.stay(state)
    state, commands = moves.begin(state, now)
    if state.phase is not Phase.READING:
        return state, commands
    return moves.before(commands, reading_read(state, event, now))


def ready_unreadable(state: GateState, event: DocumentUnreadable, now: Instant) -> Step:
    """The same for a reading that failed."""
    if not _reads_outside(state):
        return moves.stay(state)
    state, commands = moves.begin(state, now)
    if state.phase is not Phase.READING:
        return state, commands
    return moves.before(commands, reading_unreadable(state, event, now))


def _reads_outside(state: GateState) -> bool:
    return first(state.settings.topology) is Phase.READING


def reading_laid(state: GateState, event: DocumentLaid, now: Instant) -> Step:
    """Seen; the reading follows."""
    return moves.stay(state, Show(Screen.WAIT))


def reading_read(state: GateState, event: DocumentRead, now: Instant) -> Step:
    """Read: ask the store. Failed check digits go the same way and refer (GATE-DOC-01)."""
    document = event.document
    state = state.with_passage(document=document)
    assert state.passage is not None
    read = {
        "check_digits_ok": document.check_digits_ok,
        "issuing_state": document.issuing_state,
        "document": document.masked_number,
    }
    record = Record("document_read", state.passage.id, read)
    return moves.before((record,), moves.enter(state, Phase.CHECKING, now))


def reading_unreadable(state: GateState, event: DocumentUnreadable, now: Instant) -> Step:
    """Try again a few times, then the officer."""
    assert state.passage is not None
    attempts = state.passage.read_attempts + 1
    state = state.with_passage(read_attempts=attempts)
    if attempts >= state.settings.read_attempts:
        return moves.refer(state, now, Reason.DOCUMENT_UNREADABLE)
    return moves.stay(state, Show(Screen.LAY_AGAIN), ReadDocument())


def reading_removed(state: GateState, event: DocumentRemoved, now: Instant) -> Step:
    """Withdrawn before it was read: outside, the traveller went away; inside, try again."""
    if state.sensors.presence > 0:
        return moves.stay(state, Show(Screen.LAY_DOCUMENT))
    return moves.finish(state, now, Outcome.ABANDONED)


def reading_deadline(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """A document that cannot be read in time is the officer's."""
    return moves.refer(state, now, Reason.READ_TIMED_OUT)


def checking_facts(state: GateState, event: FactsLoaded, now: Instant) -> Step:
    """Decide, but keep the answer back until its fixed time."""
    decision = judge_entry(state, event.facts, now.utc)
    state = state.with_passage(
        facts=event.facts,
        store_seq=event.store_seq,
        random_referral=event.random_referral,
        entry_decision=decision,
    )
    return moves.stay(state, Record("entry_decision", event.passage, told(decision)))


def checking_answer(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """The entry answer, at the same time after the reading whatever was found (GATE-MSG-01)."""
    assert state.passage is not None
    decision = state.passage.entry_decision
    if decision is None:
        return moves.refer(state, now, Reason.FACTS_TIMED_OUT)
    if not decision.admitted:
        return moves.refer(state, now, Reason.LAW)
    if state.passage.random_referral:
        return moves.refer(state, now, Reason.RANDOM)
    if not state.document_laid:
        return moves.advance(state, now)
    take_s = now.mono_s + state.settings.timings.take_document_s
    return moves.go(state, Phase.RETURNING, take_s, Show(Screen.TAKE_DOCUMENT))


def returning_removed(state: GateState, event: DocumentRemoved, now: Instant) -> Step:
    """The document is back in its holder's hand: the door may open."""
    return moves.advance(state, now)


def returning_deadline(state: GateState, event: DeadlineReached, now: Instant) -> Step:
    """Nobody walks in without their document."""
    return moves.refer(state, now, Reason.DOCUMENT_FORGOTTEN)


def shut_sensed(state: GateState, event: Sensed, now: Instant) -> Step:
    """With both doors shut nothing may move and the count of persons must be right."""
    doubt = shut_doubt(state)
    return moves.refer(state, now, doubt) if doubt is not None else moves.stay(state)
