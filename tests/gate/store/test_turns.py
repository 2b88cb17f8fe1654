"""An import beside a gate: whoever waits to write goes before the next batch."""

from __future__ import annotations

import threading
import time

import pytest

from gate.store import turns as turns_module
from gate.store.exchange import FEWEST_LINES, LONGEST_HOLD_S, MOST_LINES, _next_size
from gate.store.turns import Turns
from tests.gate.store.world import World, traveller


def test_who_gives_way_waits_for_who_wants(world: World) -> None:
    """Giving way ends when the other one has written, and at once where nobody wants to."""
    with world.open() as store:
        store.append_records(traveller())
        store.give_way()
    other, mine = Turns(world.path), Turns(world.path)
    ended: list[str] = []

    def give_way() -> None:
        mine.give_way()
        ended.append("gave way")

    with other.wanted():
        waiting = threading.Thread(target=give_way)
        waiting.start()
        time.sleep(0.05)
        assert ended == []
        ended.append("wrote")
    waiting.join(10.0)
    assert ended == ["wrote", "gave way"]
    mine.close()
    other.close()


def test_nobody_gives_way_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that hangs in its transaction holds an import back no longer than this."""
    monkeypatch.setattr(turns_module, "_LONGEST_S", 0.02)
    other, mine = Turns(world.path), Turns(world.path)
    with other.wanted():
        mine.give_way()
    mine.close()
    other.close()


def test_without_a_place_for_the_file_everybody_writes_all_the_same(world: World) -> None:
    """Politeness is no condition of writing."""
    nowhere = Turns(world.path / "no" / "folder.db")
    with nowhere.wanted():
        nowhere.give_way()
    nowhere.close()


def test_a_commit_takes_as_many_lines_as_fit_its_time() -> None:
    """Slow: half as many; quick: twice as many; within bounds."""
    assert _next_size(100, LONGEST_HOLD_S * 1.01) == 50
    assert _next_size(100, LONGEST_HOLD_S / 2) == 100
    assert _next_size(100, LONGEST_HOLD_S / 4) == 200
    assert _next_size(FEWEST_LINES, 9.0) == FEWEST_LINES
    assert _next_size(MOST_LINES, 0.0) == MOST_LINES
