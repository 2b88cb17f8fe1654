"""Space on the disk: the gate closes before the journal could find none.

A reserve file holds space back. New passages and records are refused below the floor; what
belongs to a passage that is under way may use the reserve up.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gate.store.engine import PAGE_BYTES, Engine
from gate.store.errors import StoreError, StoreErrorKind

FLOOR = 0.05


@dataclass(frozen=True, slots=True)
class SpaceLimits:
    """`floor`: smallest free share of the disk. `max_bytes`: cap on the store file, if any.

    `reserve_bytes` of both the disk and the cap are kept for passages under way.
    """

    floor: float = FLOOR
    reserve_bytes: int = 4 * 1024 * 1024
    max_bytes: int | None = None


class Space:
    """Watches the free space of one store; `free_share` returns 0 to 1."""

    def __init__(
        self, engine: Engine, free_share: Callable[[], float], limits: SpaceLimits
    ) -> None:
        self._engine = engine
        self._free_share = free_share
        self._limits = limits
        self._reserve = engine.path.with_name(engine.path.name + ".reserve")
        self._cap(limits.reserve_bytes)
        if self.open:
            self._keep_back()

    @property
    def open(self) -> bool:
        """Whether there is room to begin something new."""
        return self._free_share() >= self._limits.floor

    def require(self) -> None:
        """Raise StoreError(FULL) where there is no room to begin something new."""
        if not self.open:
            raise StoreError(
                StoreErrorKind.FULL,
                f"store {self._engine.path} is closed for space: less than "
                f"{self._limits.floor:.0%} of the disk is free; free some space",
            )
        if not self._reserve.exists():
            self._cap(self._limits.reserve_bytes)
            self._keep_back()

    def release(self) -> bool:
        """Give the reserve up for what is under way; False where it is used up already."""
        if not self._reserve.exists():
            return False
        self._reserve.unlink()
        self._cap(0)
        return True

    def _keep_back(self) -> None:
        if self._reserve.exists() or not self._limits.reserve_bytes:
            return
        descriptor = os.open(self._reserve, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, self._limits.reserve_bytes)
        except OSError:
            self._reserve.unlink()  # too little room for a reserve: the next call says so
        finally:
            os.close(descriptor)

    def _cap(self, reserve_bytes: int) -> None:
        if self._limits.max_bytes is not None:
            pages = (self._limits.max_bytes - reserve_bytes) // PAGE_BYTES
            self._engine.execute(f"PRAGMA max_page_count = {max(pages, 1)}")


def free_share_of(path: Path) -> Callable[[], float]:
    """Return a function that measures the disk under `path`, counting what root keeps as used."""

    def measure() -> float:
        usage = shutil.disk_usage(path)
        return usage.free / usage.total if usage.total else 0.0

    return measure
