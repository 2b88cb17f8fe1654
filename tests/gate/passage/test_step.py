"""The core over the whole product of phases and events, and along random walks."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.passage import interlock
from gate.passage.commands import ClosePassage, Command, LockDoor, OpenPassage, ReleaseDoor
from gate.passage.events import DeadlineReached, Event, OfficerReset, OfPassage, Sensed
from gate.passage.interlock import Interlock
from gate.passage.phases import GateState, Phase
from gate.passage.step import ALWAYS, ROWS, TABLE, step
from gate.passage.topologies import ORDER
from gate.vocabulary.passages import Door, DoorState, Outcome, Topology
from tests.gate.passage.states import EVENTS, SETTINGS, at, reached

ANYWHERE = {phase for _, phases in ALWAYS for phase in phases}


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_answers_every_event_within_its_table(phase: Phase) -> None:
    """`step` is total, and leads only where the table says."""
    for event in EVENTS:
        for mono_s in (7.0, 10_000.0):
            after, _ = step(reached(phase), event, at(mono_s))
            row = TABLE.get((phase, type(event)))
            allowed = {phase, *(row.leads_to if row else ())}
            assert after.phase in allowed or after.phase in ANYWHERE, (phase, event, after.phase)


@pytest.mark.parametrize("phase", Phase)
def test_the_same_question_gets_the_same_answer(phase: Phase) -> None:
    """`step` is a function: nothing but its arguments decides."""
    for event in EVENTS:
        assert step(reached(phase), event, at(50.0)) == step(reached(phase), event, at(50.0))


def test_no_row_is_written_twice() -> None:
    """Each phase answers an event in one way."""
    assert len(TABLE) == len(ROWS)


@pytest.mark.parametrize("phase", [p for p in Phase if p is not Phase.EVACUATING])
def test_an_interrupted_loop_outranks_every_phase(phase: Phase) -> None:
    """Fire and emergency stop evacuate from anywhere, and close the passage as evacuated."""
    state = reached(phase)
    fire = replace(state.sensors, fire_loop_ok=False)
    after, commands = step(state, Sensed(fire), at(8.0))
    assert after.phase is Phase.EVACUATING
    assert after.passage is None
    closed = [c for c in commands if isinstance(c, ClosePassage)]
    assert len(closed) == (1 if state.passage is not None else 0)


def test_nothing_is_locked_and_nobody_but_an_officer_ends_an_evacuation() -> None:
    """In EVACUATING only an officer's reset leads away, with loops whole and nobody inside."""
    state = reached(Phase.EVACUATING)
    for event in EVENTS:
        after, commands = step(state, event, at(60.0))
        assert not any(isinstance(c, LockDoor) for c in commands), event
        assert after.phase is Phase.EVACUATING, event
    whole = replace(state.sensors, fire_loop_ok=True)
    state, _ = step(state, Sensed(whole), at(61.0))
    inside, _ = step(state, Sensed(replace(whole, presence=1)), at(62.0))
    assert step(inside, OfficerReset("o1"), at(63.0))[0].phase is Phase.EVACUATING
    assert step(state, OfficerReset("o1"), at(63.0))[0].phase is Phase.STARTING


@pytest.mark.parametrize("phase", Phase)
def test_a_result_of_another_passage_changes_nothing(phase: Phase) -> None:
    """A late result of an earlier traveller opens no door and moves no phase."""
    state = reached(phase)
    for event in EVENTS:
        other = isinstance(event, OfPassage) and (
            state.passage is None or event.passage != state.passage.id
        )
        if other:
            after, commands = step(state, event, at(8.0))
            assert after == state
            assert not any(isinstance(c, ReleaseDoor) for c in commands)


@pytest.mark.parametrize("phase", Phase)
def test_a_deadline_that_has_not_passed_is_none(phase: Phase) -> None:
    """An early timer changes nothing: the state's own deadline decides."""
    state = reached(phase)
    early_s = (state.deadline_s or 1.0) - 0.001
    assert step(state, DeadlineReached(), at(early_s)) == (state, ())


@pytest.mark.parametrize("phase", Phase)
def test_whoever_waits_waits_for_something(phase: Phase) -> None:
    """Every phase with a passage, and every phase that waits for an officer, has a deadline."""
    state = reached(phase)
    waits = state.passage is not None or phase in (Phase.EVACUATING, Phase.OCCUPIED_UNKNOWN)
    assert not waits or state.deadline_s is not None


def test_topologies_hold_the_same_check_points() -> None:
    """The three topologies differ in order only; the exit decision always comes last but one."""
    orders = [ORDER[topology] for topology in Topology]
    assert all(set(a) == set(b) for a, b in pairwise(orders))
    assert all(order[-2:] == (Phase.AUTHORISING, Phase.LEAVING) for order in orders)


class Walk:
    """A run of events through interlock and step, as the runner does it."""

    def __init__(self, topology: Topology) -> None:
        self.state = GateState(replace(SETTINGS, topology=topology))
        self.lock = Interlock()
        self.seen: list[Command] = []
        self.let_out = 0
        self.authorised = False
        self.outcomes: dict[object, Outcome] = {}
        self.opened: set[object] = set()

    def take(self, event: Event, mono_s: float) -> None:
        """One turn, with what must hold after it."""
        self.lock = interlock.observe(self.lock, event)
        self.state, commands = step(self.state, event, at(mono_s))
        for command in commands:
            if interlock.refusal(self.lock, command) is None:
                self._holds(command)
                self.lock = interlock.permitted(self.lock, command)

    def _holds(self, command: Command) -> None:
        if isinstance(command, OpenPassage):
            assert command.passage not in self.opened
            self.opened.add(command.passage)
        if isinstance(command, ClosePassage):
            assert command.passage in self.opened
            assert command.passage not in self.outcomes
            self.outcomes[command.passage] = command.outcome
        if isinstance(command, ReleaseDoor) and not self.lock.evacuating:
            opposite = Door.EXIT if command.door is Door.ENTRY else Door.ENTRY
            assert self.lock.sensors.door(opposite) is DoorState.LOCKED


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(EVENTS), st.floats(0.0, 20.0)), max_size=80),
    st.sampled_from(list(Topology)),
)
def test_random_walks_keep_one_outcome_and_one_door(
    walk: list[tuple[Event, float]], topology: Topology
) -> None:
    """Whatever happens in whatever order: one outcome a passage, never a second door released."""
    run, now_s = Walk(topology), 0.0
    for event, wait_s in walk:
        now_s += wait_s
        run.take(event, now_s)
    present = {run.state.passage.id} if run.state.passage else set()
    assert run.opened - present == set(run.outcomes)
