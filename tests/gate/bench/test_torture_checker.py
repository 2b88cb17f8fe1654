"""The torture's judge: each rule broken by hand is seen, and what is excused is not."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.plant import Plant
from gate.bench import torture_checker
from gate.bench.torture_checker import SHUT_IN_S, Ban, Checker
from gate.bench.torture_store import Tally, line
from gate.store import Durability, SiteKeys, Store
from gate.store.journal import Closing, JournalEntry
from gate.vocabulary.passages import Outcome, PassageId

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FIRST = PassageId(1, 1)


@dataclass
class Scene:
    """A plant, a store and their judge."""

    plant: Plant
    store: Store
    checker: Checker
    showing_evacuation: bool = False

    def look(self, to_s: float) -> None:
        """Let time pass and the judge look."""
        self.plant.advance(to_s)
        self.checker.observe(self.plant.drain_log(), to_s)

    def rules(self) -> set[str]:
        """What was found broken so far."""
        return {violation.rule for violation in self.checker.violations}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An empty gate with a store of its own."""
    plant = Plant()
    with Store.open(
        tmp_path / "store.db",
        keys=SiteKeys(bytes(32)),
        utc_now=lambda: NOON,
        create=True,
        durability=Durability.SIMULATION_OFF,
    ) as store:
        made: list[Scene] = []
        checker = Checker(
            store=store,
            plant=plant,
            tally=Tally(),
            matched=set(),
            canaries=("QXKZHONG",),
            marks=("QXKZ",),
            held_shut_unpowered=True,
            evacuation_shown=lambda: made[0].showing_evacuation,
        )
        made.append(Scene(plant, store, checker))
        yield made[0]


def _admitted(store: Store) -> None:
    store.open_passage(FIRST, NOON)
    store.authorise_officer_admit(FIRST, "officer-1", NOON)


def test_it_knows_nothing_of_the_core() -> None:
    """The judge and what it is built on import nothing of gate.passage."""
    for name in ("torture_checker", "torture_store", "torture_ports"):
        path = Path(torture_checker.__file__).with_name(f"{name}.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("gate.passage")


def test_both_doors_released(scene: Scene) -> None:
    """Two coils on at once are seen."""
    _admitted(scene.store)
    scene.plant.set_coil("entry", True, 1.0)
    scene.plant.set_coil("exit", True, 1.1)
    scene.look(1.1)
    assert "both doors released" in scene.rules()


def test_an_evacuation_excuses_open_doors(scene: Scene) -> None:
    """An interrupted loop opens both doors, and everybody may go."""
    scene.plant.add_body("a", "inside", 0.0)
    scene.plant.set_loop("fire", False, 1.0)
    scene.plant.walk("a", "beyond", 2.0)
    scene.look(8.0)
    assert scene.rules() == set()


def test_the_excuse_ends_with_the_evacuation(scene: Scene) -> None:
    """Once both doors were shut again the rules hold as before."""
    scene.plant.set_loop("fire", False, 1.0)
    scene.look(3.0)
    scene.plant.set_loop("fire", True, 4.0)
    scene.look(9.0)
    scene.plant.set_coil("exit", True, 10.0)
    scene.look(10.0)
    assert scene.rules() == {"exit released without authorisation"}


def test_a_gate_that_shows_an_evacuation_is_excused_until_it_is_over(scene: Scene) -> None:
    """Doors that shut for a moment do not end an evacuation that still is shown."""
    scene.showing_evacuation = True
    scene.plant.set_loop("fire", False, 1.0)
    scene.plant.set_loop("fire", True, 2.0)
    scene.look(9.0)
    scene.plant.set_coil("exit", True, 10.0)
    scene.look(10.0)
    assert scene.rules() == set()


def test_an_evacuation_that_ends_by_itself(scene: Scene) -> None:
    """Without an officer's reset in the journal an evacuation does not end."""
    scene.plant.set_loop("fire", False, 1.0)
    scene.look(3.0)
    scene.checker.evacuation_known()
    scene.plant.set_loop("fire", True, 4.0)
    scene.look(40.0)
    scene.look(80.0)
    scene.checker.tick(5.0, cared_for=True)
    assert scene.rules() == {"evacuation ended without an officer"}


def test_exit_without_a_commit(scene: Scene) -> None:
    """The exit moves only for a passage whose authorisation the file holds."""
    scene.store.open_passage(FIRST, NOON)
    scene.plant.set_coil("exit", True, 1.0)
    scene.look(1.0)
    assert scene.rules() == {"exit released without authorisation"}


def test_exit_with_a_commit(scene: Scene) -> None:
    """One authorisation, one release, one body: nothing is wrong."""
    _admitted(scene.store)
    scene.plant.add_body("a", "inside", 0.0)
    scene.plant.set_coil("exit", True, 1.0)
    scene.plant.walk("a", "beyond", 1.0)
    scene.look(8.0)
    assert scene.rules() == set()


def test_exit_released_twice(scene: Scene) -> None:
    """A second release needs a second authorisation."""
    _admitted(scene.store)
    for at_s, on in ((1.0, True), (3.0, False), (10.0, True)):
        scene.plant.set_coil("exit", on, at_s)
        scene.look(at_s)
    assert scene.rules() == {"exit released twice on one authorisation"}


def test_two_leave_on_one_authorisation(scene: Scene) -> None:
    """The second body across the exit line is one too many."""
    _admitted(scene.store)
    scene.plant.add_body("a", 1.0, 0.0)
    scene.plant.add_body("b", 0.8, 0.0)
    scene.plant.set_coil("exit", True, 1.0)
    for name in "ab":
        scene.plant.walk(name, "beyond", 1.0)
    scene.look(9.0)
    assert scene.rules() == {"two crossed on one authorisation"}


def test_who_came_in_by_the_exit_may_go_again(scene: Scene) -> None:
    """A body from beyond that turns round has not left the country."""
    _admitted(scene.store)
    scene.plant.add_body("a", "beyond", 0.0)
    scene.plant.set_coil("exit", True, 1.0)
    scene.plant.walk("a", "inside", 1.0)
    scene.look(8.0)
    scene.plant.walk("a", "beyond", 8.0)
    scene.look(16.0)
    assert scene.rules() == set()


def test_somebody_shut_in(scene: Scene) -> None:
    """Two shut doors, nobody called: only for so long."""
    scene.plant.add_body("a", "inside", 0.0)
    for _ in range(int(SHUT_IN_S / 5.0) + 2):
        scene.checker.tick(5.0, cared_for=False)
    assert scene.rules() == {"somebody is shut in and no officer was called"}


def test_somebody_cared_for(scene: Scene) -> None:
    """With an officer called nobody is shut in."""
    scene.plant.add_body("a", "inside", 0.0)
    for _ in range(int(SHUT_IN_S / 5.0) + 2):
        scene.checker.tick(5.0, cared_for=True)
    assert scene.rules() == set()


def test_a_passage_without_outcome(scene: Scene) -> None:
    """Opened and never closed is seen at the end."""
    scene.store.open_passage(FIRST, NOON)
    scene.checker.close()
    assert scene.rules() == {"not exactly one outcome"}


def test_promised_and_lost(scene: Scene) -> None:
    """What was acknowledged and is not in the file is named."""
    scene.store.open_passage(FIRST, NOON)
    scene.store.append_journal([Closing(FIRST, Outcome.REFER, NOON)])
    tally = scene.checker.tally
    tally.kept.append(line("capture", "1.1", NOON.isoformat(), {"kind": "face"}))
    tally.outcomes["1.1"] = "admit"
    tally.exits.add("1.1")
    scene.checker.records_kept([999])
    scene.checker.close()
    assert scene.rules() == {
        "an acknowledged entry is lost",
        "an acknowledged outcome is lost",
        "an acknowledged exit is lost",
        "an acknowledged record is lost",
    }


def test_a_name_in_clear(scene: Scene) -> None:
    """A canary in the journal or in what was said is found."""
    scene.store.append_journal([JournalEntry("note", NOON, {"name": "QXKZHONG"})])
    scene.checker.said.append("alert QXKZHONG")
    scene.checker.close()
    assert [v.how for v in scene.checker.violations] == ["journal", "log or alert"]


def test_a_ban_counts_while_it_stands() -> None:
    """Between the event that entered it and the one that withdrew it."""
    ban = Ban("ab", since=10, until=20)
    stands = torture_checker._stands
    assert stands(ban, "ab", 15)
    assert not stands(ban, "ab", 9)
    assert not stands(ban, "ab", 21)
    assert not stands(ban, "cd", 15)
    assert stands(Ban("ab", since=10), "ab", 999)
