"""What holds for any gate, whatever is done to it."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.plant import Crossing, DoorChange, Mode, Plant, PlantParameters
from tests.drivers.plant.scripts import (
    DOORS,
    FAULTS,
    HARMLESS,
    LOOPS_AND_POWER,
    Act,
    discrete,
    parameters,
    perform,
    scripts,
)

MANY_STEPS = 0.037


@settings(max_examples=150)
@given(parameters, scripts)
def test_one_step_equals_many(gate: PlantParameters, script: list[Act]) -> None:
    """Advancing in one step or in many small ones gives the same truth and the same log."""
    leap, creep, now_s = Plant(gate), Plant(gate), 0.0
    for act in [*script, Act(10.0, "set_tamper", (False,))]:
        until_s = now_s + act.after_s
        while now_s < until_s:
            now_s = min(now_s + MANY_STEPS, until_s)
            creep.advance(now_s)
        perform(leap, act, now_s)
        perform(creep, act, now_s)
    assert leap.truth() == creep.truth()
    assert leap.drain_log() == creep.drain_log()


@settings(max_examples=150)
@given(parameters, scripts)
def test_nothing_changes_before_next_change(gate: PlantParameters, script: list[Act]) -> None:
    """Between now and `next_change` nothing changes in steps, and time never stands still."""
    plant, now_s = Plant(gate), 0.0
    for act in script:
        for _ in range(200):
            due_s = plant.next_change()
            assert due_s is None or due_s >= plant.now_s
            until_s = now_s + act.after_s if due_s is None else min(due_s, now_s + act.after_s)
            before = discrete(plant)
            plant.advance(plant.now_s + (until_s - plant.now_s) * 0.999)
            if plant.now_s < until_s:
                assert discrete(plant) == before
            plant.advance(until_s)
            if due_s is None or due_s > now_s + act.after_s:
                break
        else:
            raise AssertionError("200 changes without reaching the next act")
        now_s += act.after_s
        perform(plant, act, now_s)


@settings(max_examples=200)
@given(parameters, scripts)
def test_no_leaf_closes_on_a_body(gate: PlantParameters, script: list[Act]) -> None:
    """While a body stands in a threshold, its leaf never moves towards shut, and is passable."""
    plant, now_s = Plant(gate), 0.0
    for act in script:
        now_s += act.after_s
        while (due_s := plant.next_change()) is not None and due_s <= now_s:
            plant.advance(due_s)
            _assert_nobody_is_crushed(plant)
        perform(plant, act, now_s)
        _assert_nobody_is_crushed(plant)


def _assert_nobody_is_crushed(plant: Plant) -> None:
    truth = plant.truth()
    for body in truth.bodies.values():
        if body.on_threshold is not None:
            door = truth.doors[body.on_threshold]
            assert door.velocity >= 0
            assert door.position >= plant.parameters.leaf.passable_at - 1e-9


@settings(max_examples=100)
@given(parameters, st.lists(st.one_of(*HARMLESS, *LOOPS_AND_POWER), max_size=20))
def test_contacts_tell_where_the_leaf_is(gate: PlantParameters, script: list[Act]) -> None:
    """Of sound contacts never both are made; settled, each says exactly whether the leaf is there."""
    plant, now_s = Plant(gate), 0.0
    for act in script:
        now_s += act.after_s
        while (due_s := plant.next_change()) is not None and due_s <= now_s:
            plant.advance(due_s)
            _assert_contacts(plant)
        perform(plant, act, now_s)
        _assert_contacts(plant)
    if gate.sensor_lag_s == 0.0:
        plant.advance(now_s)
        for name, truth in plant.truth().doors.items():
            wires = plant.inputs()
            assert wires[f"{name}_closed"] is (truth.mode is Mode.CLOSED)
            assert wires[f"{name}_open"] is (truth.mode is Mode.OPEN)


def _assert_contacts(plant: Plant) -> None:
    wires = plant.inputs()
    for name in DOORS:
        assert not (wires[f"{name}_closed"] and wires[f"{name}_open"])


@settings(max_examples=100)
@given(parameters, st.lists(st.one_of(*HARMLESS, *LOOPS_AND_POWER), max_size=20))
def test_an_interrupted_loop_opens_all_doors(gate: PlantParameters, script: list[Act]) -> None:
    """Fire opens every sound door within its travel time, with or without power and coils."""
    plant, now_s = Plant(gate), 0.0
    for act in script:
        now_s += act.after_s
        perform(plant, act, now_s)
    plant.set_loop("fire", False, now_s)
    for door in DOORS:
        plant.set_coil(door, False, now_s)
    plant.advance(now_s + gate.leaf.open_s + 1e-9)
    assert {d.mode for d in plant.truth().doors.values()} == {Mode.OPEN}


@settings(max_examples=100)
@given(st.lists(st.one_of(*HARMLESS, *FAULTS), max_size=25))
def test_a_wired_interlock_holds_whatever_is_commanded(script: list[Act]) -> None:
    """With contacts in the release circuits no two doors are off their frames outside a loop."""
    plant, now_s = Plant(PlantParameters(wired_interlock=True)), 0.0
    for act in script:
        now_s += act.after_s
        perform(plant, act, now_s)
    mode = dict.fromkeys(DOORS, Mode.CLOSED)
    for event in plant.drain_log():
        if isinstance(event, DoorChange):
            mode[event.door] = event.mode
            assert Mode.CLOSED in mode.values()


@settings(max_examples=100)
@given(parameters, scripts)
def test_the_log_agrees_with_itself(gate: PlantParameters, script: list[Act]) -> None:
    """Events are in order; nobody crosses a shut door's line; crossings of a line alternate."""
    plant, now_s = Plant(gate), 0.0
    for act in script:
        now_s += act.after_s
        perform(plant, act, now_s)
    log = plant.drain_log()
    assert all(a.at_s <= b.at_s for a, b in itertools.pairwise(log))
    mode = dict.fromkeys(DOORS, Mode.CLOSED)
    for event in log:
        if isinstance(event, DoorChange):
            mode[event.door] = event.mode
        if isinstance(event, Crossing):
            assert mode[event.door] is not Mode.CLOSED
    for door in DOORS:
        by_body: dict[str, list[int]] = {}
        removed = any(act.method == "remove_body" for act in script)
        for event in log:
            if isinstance(event, Crossing) and event.door == door:
                by_body.setdefault(event.body, []).append(event.direction)
        if not removed:
            for directions in by_body.values():
                assert all(a == -b for a, b in itertools.pairwise(directions))
