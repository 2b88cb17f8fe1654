"""The interlock alone, against a core that asks for anything at any time."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gate.passage.commands import HoldOpenForEvacuation, LockDoor, OpenPassage, ReleaseDoor
from gate.passage.events import (
    DeviceFailed,
    Event,
    ExitAuthorised,
    LockAcknowledged,
    OfficerReset,
    Sensed,
)
from gate.passage.interlock import Interlock, observe, permitted, refusal
from gate.vocabulary.passages import Device, Door, DoorState, FailureKind, PassageId
from tests.gate.passage.states import EMPTY, ENTRY_OPEN, EVENTS, FIRE, P1


def seen(*events: Event, lock: Interlock | None = None) -> Interlock:
    """The interlock after some events."""
    lock = lock or Interlock()
    for event in events:
        lock = observe(lock, event)
    return lock


QUIET = seen(
    LockAcknowledged(Door.ENTRY), LockAcknowledged(Door.EXIT), Sensed(EMPTY), Sensed(EMPTY)
)


def with_passage(lock: Interlock, *, authorised: bool) -> Interlock:
    """A passage under way."""
    lock = permitted(lock, OpenPassage(P1))
    return observe(lock, ExitAuthorised(P1)) if authorised else lock


def test_nothing_is_released_before_the_doors_were_read_back() -> None:
    """After a start no door is known to be locked."""
    assert refusal(Interlock(), ReleaseDoor(Door.ENTRY)) is not None
    assert refusal(seen(Sensed(EMPTY)), ReleaseDoor(Door.ENTRY)) is not None


def test_the_entry_is_released_over_a_locked_exit() -> None:
    """The ordinary case."""
    assert refusal(QUIET, ReleaseDoor(Door.ENTRY)) is None


def test_the_exit_needs_an_authorised_exit_of_the_passage_and_takes_it_once() -> None:
    """No decision, a decision of another passage, or a second use: refused."""
    assert refusal(with_passage(QUIET, authorised=False), ReleaseDoor(Door.EXIT)) is not None
    other = observe(with_passage(QUIET, authorised=False), ExitAuthorised(PassageId(1, 9)))
    assert refusal(other, ReleaseDoor(Door.EXIT)) is not None
    lock = with_passage(QUIET, authorised=True)
    assert refusal(lock, ReleaseDoor(Door.EXIT)) is None
    assert refusal(permitted(lock, ReleaseDoor(Door.EXIT)), ReleaseDoor(Door.EXIT)) is not None


def test_a_new_passage_inherits_no_authorisation() -> None:
    """An exit that was authorised and not used is void once the next passage begins."""
    lock = permitted(with_passage(QUIET, authorised=True), OpenPassage(PassageId(1, 2)))
    assert refusal(lock, ReleaseDoor(Door.EXIT)) is not None


def test_a_release_on_its_way_blocks_the_other_door() -> None:
    """The contact may still say locked while the command travels."""
    lock = permitted(with_passage(QUIET, authorised=True), ReleaseDoor(Door.ENTRY))
    stale = observe(lock, Sensed(EMPTY))
    assert refusal(stale, ReleaseDoor(Door.EXIT)) is not None
    over = seen(Sensed(ENTRY_OPEN), Sensed(EMPTY), lock=lock)
    assert refusal(over, ReleaseDoor(Door.EXIT)) is None


def test_a_lost_board_makes_both_doors_unknown() -> None:
    """A lost reply is not a lost command: nothing is released until it was locked and read."""
    lock = observe(
        with_passage(QUIET, authorised=True), DeviceFailed(Device.DOORS, FailureKind.SILENT)
    )
    assert refusal(lock, ReleaseDoor(Door.EXIT)) is not None
    assert refusal(observe(lock, Sensed(EMPTY)), ReleaseDoor(Door.EXIT)) is not None


def test_in_an_evacuation_nothing_is_locked() -> None:
    """Until an officer resets, with the loops whole and nobody inside."""
    lock = seen(Sensed(FIRE), lock=QUIET)
    assert refusal(lock, LockDoor(Door.EXIT)) is not None
    assert refusal(lock, HoldOpenForEvacuation()) is None
    whole = seen(Sensed(EMPTY), lock=lock)
    assert refusal(whole, LockDoor(Door.EXIT)) is not None
    occupied = seen(Sensed(replace(EMPTY, presence=1)), OfficerReset("o1"), lock=whole)
    assert refusal(occupied, LockDoor(Door.EXIT)) is not None
    assert refusal(observe(whole, OfficerReset("o1")), LockDoor(Door.EXIT)) is None


@given(
    st.lists(
        st.one_of(
            st.sampled_from(EVENTS),
            st.sampled_from([ReleaseDoor(Door.ENTRY), ReleaseDoor(Door.EXIT), OpenPassage(P1)]),
        ),
        max_size=60,
    )
)
def test_no_core_however_wrong_releases_over_an_unlocked_door(asked: list[object]) -> None:
    """Any mixture of events and requests: a release only over a confirmed locked door."""
    lock = Interlock()
    for thing in asked:
        if isinstance(thing, Event):
            lock = observe(lock, thing)
            continue
        assert isinstance(thing, ReleaseDoor | OpenPassage)
        if refusal(lock, thing) is None:
            if isinstance(thing, ReleaseDoor) and not lock.evacuating:
                opposite = Door.EXIT if thing.door is Door.ENTRY else Door.ENTRY
                assert lock.sensors.door(opposite) is DoorState.LOCKED
                assert thing.door is Door.ENTRY or lock.authorised
            lock = permitted(lock, thing)
