"""`ports.Doors` over a relay board with inputs (`drivers.door_relay`)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from drivers.door_relay.board import BoardState
from drivers.errors import DriverError
from gate.adapters.failures import device_error
from gate.adapters.two_boards import Board
from gate.vocabulary.passages import Device, Door, DoorState, Sensors

HOLD_PULSE_S = 60.0
HOLD_AGAIN_S = 20.0
"""A hold is a long pulse renewed in time, so that even it ends when the host dies."""
BUZZ_S = 2.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DoorWiring:
    """`coils`: door -> relay. `inputs`: name of a contact (as in the config) -> input. `lamp` and
    `buzzer`: the relays that call an officer, None where there are none.
    """

    coils: Mapping[Door, int]
    inputs: Mapping[str, int]
    pulse_s: float
    poll_s: float
    lamp: int | None = None
    buzzer: int | None = None


class DoorBoardAdapter:
    """Opens the board when first recovered; reads it as often as the wiring says."""

    def __init__(self, open_board: Callable[[], Awaitable[Board]], wiring: DoorWiring) -> None:
        self._open_board = open_board
        self._wiring = wiring
        self._board: Board | None = None
        self._last: Sensors | None = None
        self._hold_since_s: float | None = None
        self._called = False
        self._buzzes_due = False

    async def recover(self) -> None:
        """Open the port anew and read everything back. Raises DeviceError."""
        await self.close()
        try:
            self._board = await self._open_board()
            await self._board.read()
        except DriverError as error:
            raise device_error(Device.DOORS, error) from None

    async def close(self) -> None:
        """Let the port go."""
        board, self._board, self._last = self._board, None, None
        if board is not None:
            await board.close()

    async def release(self, door: Door) -> None:
        """Begin a pulse that the board ends itself. Raises DeviceError."""
        await self._ask(lambda b: b.release(self._wiring.coils[door], self._wiring.pulse_s))

    async def lock(self, door: Door) -> None:
        """End the release and any hold. Raises DeviceError."""
        self._hold_since_s = None
        await self._ask(lambda b: b.lock(self._wiring.coils[door]))

    async def hold_open(self) -> None:
        """Keep both doors released until one is locked. Raises DeviceError."""
        self._hold_since_s = asyncio.get_running_loop().time()
        for coil in self._wiring.coils.values():
            await self._ask(partial(_hold, coil))

    async def read(self) -> Sensors:
        """Every coil and input now. Raises DeviceError."""
        self._last = self._sensors(await self._ask(lambda b: b.read()))
        return self._last

    def signal(self, called: bool) -> None:
        """Light or darken the officer's lamp at the next look at the board; a new call buzzes."""
        self._buzzes_due = called and (self._buzzes_due or not self._called)
        self._called = called

    async def _look(self) -> Sensors:
        state = await self._ask(lambda b: b.poll())
        await self._show_call(state)
        return self._sensors(state)

    async def _show_call(self, state: BoardState) -> None:
        """Set the lamp against its read-back, so that a board that came back shows it again."""
        lamp, buzzer = self._wiring.lamp, self._wiring.buzzer
        if lamp is not None and state.coils[lamp] is not self._called:
            await self._ask(lambda b: b.hold(lamp) if self._called else b.lock(lamp))
        if self._buzzes_due:
            self._buzzes_due = False
            if buzzer is not None:
                await self._ask(lambda b: b.release(buzzer, BUZZ_S))

    async def next_sensors(self) -> Sensors:
        """Poll until something differs from what was last handed out, by whom it may have been:
        a change that only `read` saw and that is over at the next poll would else never be told.
        Raises DeviceError.
        """
        loop = asyncio.get_running_loop()
        while True:
            next_s = loop.time() + self._wiring.poll_s
            await self._renew_hold()
            sensors = await self._look()
            if sensors != self._last:
                self._last = sensors
                return sensors
            await asyncio.sleep(max(0.0, next_s - loop.time()))

    async def _renew_hold(self) -> None:
        since_s = self._hold_since_s
        if since_s is not None and asyncio.get_running_loop().time() - since_s > HOLD_AGAIN_S:
            await self.hold_open()

    async def _ask(self, question: Callable[[Board], Awaitable[T]]) -> T:
        if self._board is None:
            await self.recover()
        assert self._board is not None
        try:
            return await question(self._board)
        except DriverError as error:
            raise device_error(Device.DOORS, error) from None

    def _sensors(self, state: BoardState) -> Sensors:
        def on(name: str) -> bool:
            return state.inputs[self._wiring.inputs[name]]

        def door(door: Door) -> DoorState:
            coil = state.coils[self._wiring.coils[door]]
            return door_state(on(f"{door.value}_closed"), on(f"{door.value}_open"), coil)

        return Sensors(
            entry=door(Door.ENTRY),
            exit=door(Door.EXIT),
            entry_beam_broken=on("entry_beam"),
            exit_beam_broken=on("exit_beam"),
            presence=2 if on("presence_2") else int(on("presence_1")),
            approach=on("approach"),
            fire_loop_ok=on("fire_loop_ok"),
            emergency_stop_loop_ok=on("estop_loop_ok"),
            mains_ok=on("mains_ok"),
            tamper_ok=on("tamper_ok"),
        )


def door_state(closed: bool, open_: bool, coil: bool) -> DoorState:
    """Contacts and coil read-back of one door as one word; both contacts made is a fault."""
    if closed and open_:
        return DoorState.FAULT
    if closed:
        return DoorState.RELEASED if coil else DoorState.LOCKED
    return DoorState.OPEN if open_ else DoorState.MOVING


async def _hold(coil: int, board: Board) -> None:
    if board.state is None:  # in which the board begins no pulse
        try:
            await board.read()
        except DriverError:
            # Nobody is kept in because a contact cannot be read. Only `lock` ends this one.
            return await board.hold(coil)
    await board.release(coil, HOLD_PULSE_S)
    return None
