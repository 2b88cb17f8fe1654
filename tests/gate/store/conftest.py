"""One store per test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gate.store.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A place for a store, with a clock and a disk of its own."""
    return World(tmp_path / "store.db")
