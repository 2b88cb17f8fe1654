"""Relays on one board and contacts on another, used as one (`drivers.door_relay`)."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from drivers.door_relay.board import BoardState, DoorBoard
from drivers.errors import DeviceFault, DriverError

RELAYS_AGAIN_S = 0.5
"""How old the relays' read-back may become while the contacts are polled: a board that must be
given pauses (LCUS) would else hold every contact up.
"""


class Board(Protocol):
    """What the gate's doors need of one board, or of two."""

    @property
    def state(self) -> BoardState | None:
        """What was last read; None: unknown."""
        ...

    async def release(self, channel: int, pulse_s: float) -> None:
        """Switch a relay on for so long. Raises DriverError."""
        ...

    async def hold(self, channel: int) -> None:
        """Switch a relay on until `lock`. Raises DriverError."""
        ...

    async def lock(self, channel: int) -> None:
        """Switch a relay off. Raises DriverError."""
        ...

    async def read(self) -> BoardState:
        """Everything afresh. Raises DriverError."""
        ...

    async def poll(self) -> BoardState:
        """The contacts afresh; the relays too, where that costs no time. Raises DriverError."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...


class TwoBoards:
    """A `Board` of a board that switches and one that reads contacts."""

    def __init__(self, relays: DoorBoard, sensors: DoorBoard) -> None:
        self._relays = relays
        self._sensors = sensors
        self._relays_read_s = float("-inf")

    @property
    def state(self) -> BoardState | None:
        """Unknown while either board is."""
        relays, sensors = self._relays.state, self._sensors.state
        if relays is None or sensors is None:
            return None
        return replace(relays, inputs=sensors.inputs)

    async def release(self, channel: int, pulse_s: float) -> None:
        """As the relays' board does; refused while the contacts are unknown. Raises DriverError."""
        if self._sensors.state is None:
            raise DeviceFault(f"{self._sensors.address}: contacts unknown, read them back first")
        await self._relays.release(channel, pulse_s)

    async def hold(self, channel: int) -> None:
        """As the relays' board does."""
        await self._relays.hold(channel)

    async def lock(self, channel: int) -> None:
        """As the relays' board does, whatever is known of the contacts."""
        await self._relays.lock(channel)

    async def read(self) -> BoardState:
        """Both boards afresh."""
        relays = await self._relays.read()
        self._relays_read_s = asyncio.get_running_loop().time()
        return replace(relays, inputs=(await self._sensors.read()).inputs)

    async def poll(self) -> BoardState:
        """The contacts afresh, the relays as they were read back or acknowledged not long ago."""
        known, now_s = self._relays.state, asyncio.get_running_loop().time()
        if known is None or now_s - self._relays_read_s > RELAYS_AGAIN_S:
            return await self.read()
        inputs = (await self._sensors.read()).inputs
        # A release may have been acknowledged, or have failed, while the contacts were read.
        relays = self._relays.state
        return await self.read() if relays is None else replace(relays, inputs=inputs)

    async def close(self) -> None:
        """Close both, the relays first: they may still have to be locked."""
        with suppress(DriverError):
            await self._relays.close()
        await self._sensors.close()
