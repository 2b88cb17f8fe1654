"""Who comes to the demo's gate next: enrolled beforehand, so that a click is answered at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from random import Random

from gate.bench.actors import KINDS
from gate.bench.people import Cast, cast_of
from gate.bench.synthetic_travellers import PLACES
from gate.ports import DeviceError

AGAIN_S = 2.0
TakeIn = Callable[[Cast], Awaitable[None]]


class Travellers:
    """One of each kind waits ready. `counted` keeps their number over a restart."""

    def __init__(self, today: date, rng: Random, counted: Path, take_in: TakeIn) -> None:
        self._today = today
        self._rng = rng
        self._counted = counted
        self._take_in = take_in
        self._sent = int(counted.read_text()) if counted.exists() else 0
        self._ready: dict[str, tuple[int, Cast]] = {}
        self._turn = asyncio.Lock()
        self._wanted = asyncio.Event()

    async def next(self, kind: str) -> Cast:
        """A traveller of this kind, enrolled if the kind is. Raises DeviceError."""
        number, cast = self._ready.pop(kind, (0, None))
        self._wanted.set()
        # A face comes back after so many; whoever had it before is forgotten by then.
        if cast is None or number <= self._sent - PLACES:
            async with self._turn:
                _, cast = await self._made(kind)
        return cast

    def waiting_ready(self) -> int:
        """How many kinds have somebody enrolled."""
        return len(self._ready)

    def drawn(self) -> str:
        """A kind of the random stream: mostly people whom nothing stops, as at a real gate."""
        kinds = list(KINDS)
        return self._rng.choices(kinds, [12 if kind == "admitted" else 1 for kind in kinds])[0]

    async def keep_ready(self, is_calm: Callable[[], bool], tell: Callable[[], None]) -> None:
        """Have one of each kind enrolled, for ever; only while the gate has nothing to do.
        `tell` is called after each.
        """
        while True:
            missing = [kind for kind in KINDS if kind not in self._ready]
            if missing and is_calm():
                try:
                    async with self._turn:
                        self._ready[missing[0]] = await self._made(missing[0])
                    tell()
                except DeviceError:
                    await asyncio.sleep(AGAIN_S)
            elif missing:
                await asyncio.sleep(AGAIN_S)
            else:
                self._wanted.clear()
                await self._wanted.wait()

    async def _made(self, kind: str) -> tuple[int, Cast]:
        self._sent += 1
        number = self._sent
        self._counted.write_text(str(number))
        cast = cast_of(kind, number, self._today, Random(self._rng.getrandbits(64)))
        await self._take_in(cast)
        return number, cast
