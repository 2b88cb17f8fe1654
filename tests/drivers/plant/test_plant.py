"""Single behaviours of the gate, each with its figures."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from drivers.plant import (
    Bounce,
    Crossing,
    LeafParameters,
    Mode,
    Obstacle,
    Plant,
    PlantParameters,
    Unpowered,
)

NO_LAG = PlantParameters(sensor_lag_s=0.0)


def door(plant: Plant, name: str = "entry") -> Mode:
    """The mode of a door."""
    return plant.truth().doors[name].mode


def crossings(plant: Plant) -> list[tuple[str, str, int]]:
    """Who crossed what, in which direction."""
    log = [event for event in plant.drain_log() if isinstance(event, Crossing)]
    return [(event.body, event.door, event.direction) for event in log]


def test_a_released_door_opens_in_its_travel_time() -> None:
    """0.6 s after the coil the leaf is open, half way at 0.3 s, and then stays open."""
    plant = Plant()
    plant.set_coil("entry", True, 1.0)
    plant.advance(1.3)
    assert plant.truth().doors["entry"].position == pytest.approx(0.5)
    plant.advance(1.59)
    assert door(plant) is Mode.OPENING
    plant.advance(1.6)
    assert door(plant) is Mode.OPEN
    plant.advance(500.0)
    assert door(plant) is Mode.OPEN
    assert door(plant, "exit") is Mode.CLOSED


def test_a_dropped_coil_closes_and_locks() -> None:
    """After the coil drops, the leaf closes in 0.9 s behind the delay, and nothing releases it."""
    plant = Plant()
    plant.set_coil("entry", True, 0.0)
    plant.set_coil("entry", False, 5.0)
    plant.advance(5.3 + 0.89)
    assert door(plant) is Mode.CLOSING
    assert plant.truth().doors["entry"].released
    plant.advance(5.3 + 0.91)
    assert door(plant) is Mode.CLOSED
    assert not plant.truth().doors["entry"].released


def test_locking_a_door_that_opens_turns_it_back() -> None:
    """A coil that drops while the leaf opens closes it from where it is: no detour over open."""
    plant = Plant()
    plant.set_coil("entry", True, 0.0)
    plant.set_coil("entry", False, 0.3)
    assert door(plant) is Mode.CLOSING
    plant.advance(0.3 + 0.45 + 0.001)
    assert door(plant) is Mode.CLOSED


def test_a_short_pulse_holds_as_long_as_the_leaf_is_set_to() -> None:
    """With hold_s, a pulse of 0.1 s keeps the door released for that time."""
    plant = Plant(PlantParameters(leaf=LeafParameters(hold_s=8.0)))
    plant.set_coil("entry", True, 0.0)
    plant.set_coil("entry", False, 0.1)
    plant.advance(7.9)
    assert door(plant) is Mode.OPEN
    plant.advance(8.0 + 0.3 + 0.91)
    assert door(plant) is Mode.CLOSED


def test_contacts_are_both_false_while_the_leaf_moves_and_late_by_the_lag() -> None:
    """Closed goes 30 ms after the leaf left its frame, open comes 30 ms after it arrived."""
    plant = Plant()
    plant.set_coil("entry", True, 0.0)
    seen = []
    for at_s in (0.02, 0.04, 0.62, 0.64):
        plant.advance(at_s)
        inputs = plant.inputs()
        seen.append((inputs["entry_closed"], inputs["entry_open"]))
    assert seen == [(True, False), (False, False), (False, False), (False, True)]


def test_a_traveller_walks_through() -> None:
    """The whole way: approach, wait at the leaf, entry, presence, exit, beyond."""
    plant = Plant(NO_LAG)
    plant.add_body("a", "outside", 0.0)
    plant.walk("a", "inside", 0.0)
    plant.advance(1.2)
    assert plant.inputs()["approach"]
    plant.advance(5.0)
    assert plant.truth().bodies["a"].waiting_at == "entry"
    assert not plant.inputs()["entry_beam"]
    plant.set_coil("entry", True, 5.0)
    plant.advance(5.0 + 0.48 + 0.01)
    assert plant.inputs()["entry_beam"]
    plant.advance(10.0)
    assert plant.inputs()["presence_1"]
    assert not plant.inputs()["presence_2"]
    assert not plant.inputs()["entry_beam"]
    plant.set_coil("entry", False, 10.0)
    plant.set_coil("exit", True, 12.0)
    plant.walk("a", "beyond", 12.0)
    plant.advance(20.0)
    assert crossings(plant) == [("a", "entry", 1), ("a", "exit", 1)]
    assert not plant.inputs()["presence_1"]


def test_who_turns_back_crosses_back() -> None:
    """A body that turns round behind the line crosses it again the other way."""
    plant = Plant(NO_LAG)
    plant.set_coil("entry", True, 0.0)
    plant.add_body("a", "outside", 0.0)
    plant.walk("a", 0.1, 0.0)
    plant.walk("a", "outside", 10.0)
    plant.advance(20.0)
    assert crossings(plant) == [("a", "entry", 1), ("a", "entry", -1)]


def test_two_bodies_are_counted() -> None:
    """Two inside raise both presence inputs."""
    plant = Plant(NO_LAG)
    plant.add_body("a", "inside", 0.0)
    plant.add_body("b", 1.2, 0.0)
    assert plant.inputs()["presence_1"]
    assert plant.inputs()["presence_2"]


def test_an_object_left_behind_is_seen() -> None:
    """A carried bag is no presence of its own; dropped inside it stays when its bearer leaves."""
    plant = Plant(NO_LAG)
    plant.add_body("a", "inside", 0.0)
    plant.carry("a", "bag", 0.0)
    assert not plant.inputs()["presence_2"]
    plant.drop("a", 1.0)
    plant.set_coil("exit", True, 1.0)
    plant.walk("a", "beyond", 1.0)
    plant.advance(10.0)
    assert plant.inputs()["presence_1"]
    plant.walk("a", 0.9, 10.0)
    plant.advance(20.0)
    plant.carry("a", "bag", 20.0)
    assert "bag" not in plant.truth().bodies


def test_a_closing_leaf_that_meets_a_body_stops_waits_and_opens() -> None:
    """Obstacle: at once still, open again after the wait, shut at reduced speed when free."""
    leaf = LeafParameters(obstacle_wait_s=3.0, obstacle_speed=0.5)
    plant = Plant(PlantParameters(leaf=leaf))
    plant.set_coil("entry", True, 0.0)
    plant.add_body("a", -0.36, 0.9)
    plant.set_coil("entry", False, 1.0)
    plant.walk("a", "entry", 1.35)
    plant.advance(1.4)
    assert door(plant) is Mode.STOPPED
    plant.advance(4.3)
    assert door(plant) is Mode.STOPPED
    plant.advance(5.5)
    assert door(plant) is Mode.OPEN
    plant.walk("a", "outside", 6.0)
    plant.advance(6.31)
    plant.advance(7.0)
    assert door(plant) is Mode.CLOSING
    assert plant.truth().doors["entry"].velocity == pytest.approx(-0.5 / 0.9)


def test_a_leaf_that_resumes_goes_on_slower_and_gives_up_after_its_tries() -> None:
    """Obstacle `resume`: goes on when free, waits again while it is not, opens after the tries."""
    leaf = LeafParameters(obstacle=Obstacle.RESUME, obstacle_wait_s=3.0, obstacle_tries=3)
    plant = Plant(PlantParameters(leaf=leaf))
    plant.set_coil("entry", True, 0.0)
    plant.add_body("a", -0.36, 0.9)
    plant.set_coil("entry", False, 1.0)
    plant.walk("a", "entry", 1.35)
    plant.advance(1.4)
    assert door(plant) is Mode.STOPPED
    plant.walk("a", "outside", 2.0)
    plant.advance(4.5)
    assert door(plant) is Mode.CLOSING, "free when the wait was over: it goes on"
    assert plant.truth().doors["entry"].velocity == pytest.approx(-0.5 / 0.9)

    plant = Plant(PlantParameters(leaf=leaf))
    plant.set_coil("entry", True, 0.0)
    plant.add_body("a", -0.36, 0.9)
    plant.set_coil("entry", False, 1.0)
    plant.walk("a", "entry", 1.35)
    plant.advance(1.4 + 2 * 3.0)
    assert door(plant) is Mode.STOPPED, "two waits, two tries left behind"
    plant.advance(1.4 + 3 * 3.0 + 1.0)
    assert door(plant) is Mode.OPEN, "met three times: it opens"


def test_the_loops_open_without_the_controller_and_let_go_again() -> None:
    """An interrupted loop overrules a dropped coil; when it returns, the doors shut again."""
    for loop in ("fire", "estop"):
        plant = Plant()
        plant.set_loop(loop, False, 1.0)
        plant.set_coil("entry", False, 1.1)
        plant.advance(1.6)
        truth = plant.truth()
        assert {d.mode for d in truth.doors.values()} == {Mode.OPEN}
        assert all(d.emergency for d in truth.doors.values())
        assert not plant.inputs()[f"{loop}_loop_ok"] or plant.now_s < 1.03
        plant.set_loop(loop, True, 5.0)
        plant.advance(6.3)
        assert {d.mode for d in plant.truth().doors.values()} == {Mode.CLOSED}


def test_the_battery_carries_the_gate_for_its_time() -> None:
    """Mains gone is an input at once; the doors still obey until the battery is empty."""
    plant = Plant(PlantParameters(battery_s=100.0))
    plant.set_mains(False, 0.0)
    plant.set_coil("entry", True, 50.0)
    plant.advance(51.0)
    assert door(plant) is Mode.OPEN
    assert not plant.inputs()["mains_ok"]
    plant.set_coil("entry", False, 99.9)
    plant.advance(200.0)
    assert not plant.powered
    assert door(plant) is Mode.OPEN
    plant.set_mains(True, 300.0)
    plant.advance(302.0)
    assert door(plant) is Mode.CLOSED


@pytest.mark.parametrize(
    ("unpowered", "gets_out"), [(Unpowered.FREE, True), (Unpowered.HOLD, False)]
)
def test_without_power_a_free_leaf_can_be_pushed(unpowered: Unpowered, gets_out: bool) -> None:
    """FREE lets a body push the leaf open; HOLD keeps a shut leaf locked."""
    plant = Plant(PlantParameters(battery_s=0.0, unpowered=unpowered))
    plant.add_body("a", "inside", 0.0)
    plant.set_mains(False, 1.0)
    plant.walk("a", "beyond", 2.0)
    plant.advance(20.0)
    assert (("a", "exit", 1) in crossings(plant)) is gets_out
    assert plant.truth().doors["exit"].released is gets_out


def test_a_welded_relay_releases_though_the_coil_is_off() -> None:
    """Welded: the truth says released, the coil says off."""
    plant = Plant()
    plant.weld("exit", True, 0.0)
    plant.advance(1.0)
    truth = plant.truth().doors["exit"]
    assert (truth.released, truth.coil, truth.mode) == (True, False, Mode.OPEN)


def test_a_stuck_beam_keeps_a_door_from_closing() -> None:
    """A beam that always reports blocked lets no leaf close."""
    plant = Plant()
    plant.set_coil("entry", True, 0.0)
    plant.stick("entry_beam", True, 1.0)
    plant.set_coil("entry", False, 1.0)
    plant.advance(30.0)
    assert door(plant) is Mode.OPEN
    plant.stick("entry_beam", None, 30.0)
    plant.advance(32.0)
    assert door(plant) is Mode.CLOSED


def test_a_broken_wire_reads_false() -> None:
    """A cut contact wire makes a shut door look neither shut nor open."""
    plant = Plant()
    plant.break_wire("entry_closed", 0.0)
    inputs = plant.inputs()
    assert (inputs["entry_closed"], inputs["entry_open"]) == (False, False)


def test_both_contacts_true_can_be_made() -> None:
    """A contact bridged to the supply: both true, which no sound door shows."""
    plant = Plant()
    plant.stick("entry_open", True, 0.0)
    inputs = plant.inputs()
    assert (inputs["entry_closed"], inputs["entry_open"]) == (True, True)


def test_a_bouncing_contact_chatters_and_settles() -> None:
    """Three extra pairs of changes, then the true value."""
    plant = Plant()
    plant.bounce("entry_closed", Bounce(times=3, gap_s=0.004), 0.0)
    plant.set_coil("entry", True, 0.0)
    seen = [True]
    while plant.now_s < 0.2 and (due_s := plant.next_change()) is not None:
        plant.advance(due_s)
        seen.append(plant.inputs()["entry_closed"])
    changes = sum(a != b for a, b in itertools.pairwise(seen))
    assert changes == 7
    assert seen[-1] is False


def test_a_contact_that_changes_while_it_chatters_settles_on_the_last_change() -> None:
    """Chatter about an earlier change never outlasts a later one."""
    plant = Plant()
    plant.bounce("tamper_ok", Bounce(times=5, gap_s=0.01), 0.0)
    plant.set_tamper(False, 1.0)
    plant.bounce("tamper_ok", None, 1.001)
    plant.set_tamper(True, 1.002)
    plant.advance(2.0)
    assert plant.inputs()["tamper_ok"] is True


def test_a_jammed_leaf_stays_and_goes_on_when_freed() -> None:
    """Jammed half way it stands still; freed it finishes its travel."""
    plant = Plant()
    plant.set_coil("entry", True, 0.0)
    plant.jam("entry", True, 0.3)
    plant.advance(100.0)
    assert plant.truth().doors["entry"].position == pytest.approx(0.5)
    plant.jam("entry", False, 100.0)
    plant.advance(100.31)
    assert door(plant) is Mode.OPEN


def test_a_slow_leaf_takes_longer() -> None:
    """A factor of three makes 1.8 s of 0.6 s."""
    plant = Plant()
    plant.slow("entry", 3.0, 0.0)
    plant.set_coil("entry", True, 0.0)
    plant.advance(1.79)
    assert door(plant) is Mode.OPENING
    plant.advance(1.81)
    assert door(plant) is Mode.OPEN


def test_wrong_names_are_refused_by_name() -> None:
    """An unknown place, body, loop or sensor is named in the error."""
    plant = Plant()
    calls: tuple[Callable[[], object], ...] = (
        lambda: plant.add_body("a", "nowhere", 0.0),
        lambda: plant.walk("ghost", "inside", 0.0),
        lambda: plant.set_loop("water", False, 0.0),
        lambda: plant.stick("nose", True, 0.0),
        lambda: plant.add_body("a", "entry", 0.0),
        lambda: plant.slow("entry", 0.0, 0.0),
    )
    for call in calls:
        with pytest.raises(ValueError, match=r"nowhere|ghost|water|nose|entry|slowness"):
            call()


def test_impossible_measures_are_refused() -> None:
    """Parameters that no gate can have raise ValueError."""
    for make in (
        lambda: LeafParameters(open_s=0.0),
        lambda: LeafParameters(passable_at=0.0),
        lambda: LeafParameters(hold_s=-1.0),
        lambda: LeafParameters(obstacle_speed=0.0),
        lambda: PlantParameters(doors=()),
        lambda: PlantParameters(sensor_lag_s=-0.1),
    ):
        with pytest.raises(ValueError):
            make()


def test_a_wired_interlock_opens_one_door_at_a_time() -> None:
    """Both coils on: the first door opens, the second waits until it is shut; fire opens both."""
    plant = Plant(PlantParameters(wired_interlock=True))
    plant.set_coil("entry", True, 0.0)
    plant.set_coil("exit", True, 0.1)
    plant.advance(5.0)
    assert (door(plant), door(plant, "exit")) == (Mode.OPEN, Mode.CLOSED)
    plant.set_coil("entry", False, 5.0)
    plant.advance(8.0)
    assert (door(plant), door(plant, "exit")) == (Mode.CLOSED, Mode.OPEN)
    plant.set_loop("fire", False, 8.0)
    plant.advance(9.0)
    assert (door(plant), door(plant, "exit")) == (Mode.OPEN, Mode.OPEN)
