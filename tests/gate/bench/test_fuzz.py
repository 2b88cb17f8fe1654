"""The storms of `egate bench fuzz`, a few of them, and that its checker can fail."""

from __future__ import annotations

import pytest

from drivers.door_relay.emulated_wiring import Wiring
from drivers.door_relay.emulator import ModbusBoardEmulator
from gate.bench import fuzz


@pytest.mark.parametrize("kind", list(fuzz.EMULATORS))
def test_storms_leave_every_board_sound(kind: str) -> None:
    """Nothing wrongly released, known and locked again in time, no descriptor left."""
    result = fuzz.weather(kind, storms=4, seed=20260701)
    assert result.sound
    assert result.faults.total() > 10
    assert result.wrong_releases == 0 or kind in fuzz.UNCHECKED


def test_the_same_seed_gives_the_same_storms() -> None:
    """Acts, faults and errors repeat to the last one."""
    first, second = (fuzz.weather("modbus", storms=3, seed=5) for _ in range(2))
    assert (first.acts, first.faults, first.errors) == (second.acts, second.faults, second.errors)


def test_a_board_that_releases_the_wrong_door_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the entry's relay is wired to the exit's coil."""
    crossed = Wiring(coils=("exit", "entry", "", "", "", "", "", ""))
    monkeypatch.setitem(
        fuzz.EMULATORS,
        "modbus",
        lambda plant: ModbusBoardEmulator(plant, baud=fuzz.BAUD, wiring=crossed),
    )
    result = fuzz.weather("modbus", storms=2, seed=1)
    assert result.wrong_releases > 0
    assert not result.sound
