"""Random things that happen to a gate, for the plant's properties."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from drivers.plant import Bounce, LeafParameters, Obstacle, Plant, PlantParameters, Unpowered

DOORS = ("entry", "exit")
BODIES = ("a", "b", "c")
PLACES = ("outside", "reader", "inside", "beyond", "entry", "exit")
SENSORS = ("entry_beam", "exit_closed", "presence_1", "entry_open")


@dataclass(frozen=True)
class Act:
    """Something done to the plant `after_s` after the last act."""

    after_s: float
    method: str
    arguments: tuple[Any, ...]


def _act(method: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Act]:
    return st.builds(
        Act, st.floats(0, 4).map(lambda x: round(x, 3)), st.just(method), st.tuples(*arguments)
    )


door, body, place = st.sampled_from(DOORS), st.sampled_from(BODIES), st.sampled_from(PLACES)
on = st.booleans()
HARMLESS = [
    _act("set_coil", door, on),
    _act("set_coil", door, on),
    _act("add_body", body, place),
    _act("walk", body, place),
    _act("walk", body, st.floats(-3, 5)),
    _act("stop", body),
    _act("carry", body, st.just("bag")),
    _act("drop", body),
    _act("remove_body", body),
]
LOOPS_AND_POWER = [
    _act("set_loop", st.sampled_from(["fire", "estop"]), on),
    _act("set_mains", on),
    _act("set_tamper", on),
]
FAULTS = [
    _act("weld", door, on),
    _act("jam", door, on),
    _act("slow", door, st.floats(0.5, 5)),
    _act("stick", st.sampled_from(SENSORS), st.sampled_from([True, False, None])),
    _act("bounce", st.sampled_from(SENSORS), st.sampled_from([Bounce(), None])),
]
scripts = st.lists(st.one_of(*HARMLESS, *LOOPS_AND_POWER, *FAULTS), max_size=25)
parameters = st.builds(
    PlantParameters,
    leaf=st.builds(
        LeafParameters,
        hold_s=st.sampled_from([0.0, 2.0]),
        reclose_delay_s=st.sampled_from([0.0, 0.3]),
        obstacle=st.sampled_from(Obstacle),
        obstacle_wait_s=st.sampled_from([0.0, 3.0]),
        obstacle_tries=st.integers(1, 3),
    ),
    sensor_lag_s=st.sampled_from([0.0, 0.03]),
    battery_s=st.sampled_from([0.0, 2.0, 1800.0]),
    wired_interlock=st.booleans(),
    unpowered=st.sampled_from(Unpowered),
)


def perform(plant: Plant, act: Act, now_s: float) -> None:
    """Do it; what is impossible (no such body) is left out."""
    with contextlib.suppress(ValueError):
        getattr(plant, act.method)(*act.arguments, now_s)


def discrete(plant: Plant) -> tuple[Any, ...]:
    """All that changes in steps."""
    truth = plant.truth()
    doors = tuple((d.released, d.mode, d.velocity) for d in truth.doors.values())
    bodies = tuple(
        (n, b.inside, b.on_threshold, b.waiting_at, b.walking) for n, b in truth.bodies.items()
    )
    return doors, bodies, tuple(truth.inputs.items()), truth.powered
