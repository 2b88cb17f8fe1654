"""Boards that know only relays, or tell little: LCUS, KMtronic, Numato.

None of them ends a pulse by itself: the host's timer does, and a dead host leaves the relay on.
A watchdog on the relay's supply belongs beside them (docs/devices/door_boards.md).
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Generic

from drivers.door_relay import wire_kmtronic, wire_lcus, wire_numato
from drivers.door_relay.board import Answer, BoardState, Capabilities, DoorBoard
from drivers.errors import DeviceFault, ProtocolViolation, ReplyTimeout
from drivers.link import Link

REPLY_TIMEOUT_S = 0.15
LCUS_GAP_S = 0.1
"""LCUS firmware drops a frame that follows another one too soon."""


class _RelayBoard(DoorBoard):
    """What the three families share: switching is confirmed by reading back."""

    def _confirm(self, channel: int, *, on: bool, told: tuple[bool, ...]) -> None:
        """Compare what the board says with what it should say, every relay of it: without a
        check sum a disturbed command may have moved another one.
        """
        before = told if self._state is None else self._state.coils
        if told != tuple(on if c == channel else was for c, was in enumerate(before)):
            raise DeviceFault(f"{self.address}: the relays did not follow a command as given")


class LcusBoard(_RelayBoard):
    """LCUS-1/2/4/8. `dialect`: "plain" boards tell nothing, "query" boards answer FFh,
    "feedback" clones answer every command.
    """

    def __init__(
        self, link: Link, *, baud: int = 9600, coils: int = 4, dialect: str = "plain"
    ) -> None:
        if dialect not in ("plain", "query", "feedback") or not 1 <= coils <= 8:
            raise ValueError("lcus board: 1..8 relays; dialect plain, query or feedback")
        talks = dialect != "plain"
        can = Capabilities(coils, 0, reads_back=talks, pulses=False, acknowledges=talks)
        super().__init__(link, can, baud=baud, reply_timeout_s=REPLY_TIMEOUT_S)
        self._dialect = dialect
        self._next_s = float("-inf")
        self._again = 0

    async def _switch(self, channel: int, *, on: bool) -> None:
        if self._dialect == "feedback":
            told = await self._answer(channel, wire_lcus.switch_with_answer(channel, on=on))
            if told is not on:
                raise DeviceFault(f"{self.address}: relay {channel + 1} did not follow its command")
            return
        # Unanswered, a lost frame would leave a door released and nobody the wiser.
        for _ in range(2 if self._dialect == "plain" and not on else 1):
            await self._gap()
            await self._link.write(wire_lcus.switch(channel, on=on))
        if self._dialect == "query":
            self._confirm(channel, on=on, told=await self._states())

    async def _read_all(self) -> BoardState:
        if self._dialect == "query":
            return BoardState(await self._states(), ())
        if self._dialect == "feedback":
            return BoardState(await self._asked_one_by_one(), ())
        if self._state is not None:
            await self._say_off_again(self._state)
            return self._state
        # A board that cannot be asked is made known by locking: unknown is never left released.
        for channel in range(self.capabilities.coils):
            await self._switch(channel, on=False)
        return BoardState((False,) * self.capabilities.coils, (), confirmed=False)

    async def _say_off_again(self, state: BoardState) -> None:
        """Tell one relay after the other, at every reading, that it is off: a frame that was lost
        unnoticed does not leave a door released for long. A lost link shows here, too.
        """
        self._again = (self._again + 1) % self.capabilities.coils
        if not state.coils[self._again]:
            await self._gap()
            await self._link.write(wire_lcus.switch(self._again, on=False))
        with contextlib.suppress(ReplyTimeout):
            await self._link.read(0.0)

    async def _states(self) -> tuple[bool, ...]:
        await self._gap()
        decoder = wire_lcus.StateDecoder(self.capabilities.coils)
        size = wire_lcus.LINE_BYTES * self.capabilities.coils
        return await self._converse(wire_lcus.ASK_ALL, decoder.feed, size)

    async def _asked_one_by_one(self) -> tuple[bool, ...]:
        frames = (wire_lcus.frame(c, wire_lcus.ASK_ONE) for c in range(self.capabilities.coils))
        return tuple([await self._answer(c, frame) for c, frame in enumerate(frames)])

    async def _answer(self, channel: int, frame: bytes) -> bool:
        await self._gap()
        decoder = wire_lcus.AnswerDecoder(channel)
        return await self._converse(frame, decoder.feed, wire_lcus.FRAME_BYTES)

    async def _gap(self) -> None:
        loop = asyncio.get_running_loop()
        if self._next_s > loop.time():
            await asyncio.sleep(self._next_s - loop.time())
        self._next_s = loop.time() + LCUS_GAP_S


class KmtronicBoard(_RelayBoard):
    """KMtronic USB boards with 1, 2, 4 or 8 relays."""

    def __init__(self, link: Link, *, baud: int = 9600, coils: int = 4) -> None:
        if coils not in (1, 2, 4, 8):
            raise ValueError("kmtronic board: 1, 2, 4 or 8 relays")
        can = Capabilities(coils, 0, reads_back=True, pulses=False, acknowledges=True)
        super().__init__(link, can, baud=baud, reply_timeout_s=REPLY_TIMEOUT_S)

    async def _switch(self, channel: int, *, on: bool) -> None:
        await self._link.write(wire_kmtronic.switch(channel, on=on))
        self._confirm(channel, on=on, told=await self._twice())

    async def _read_all(self) -> BoardState:
        return BoardState(await self._twice(), ())

    async def _twice(self) -> tuple[bool, ...]:
        first, second = await self._states(), await self._states()
        if first != second:
            raise ProtocolViolation(f"{self.address}: two questions, two answers: noise?")
        return first

    async def _states(self) -> tuple[bool, ...]:
        coils = self.capabilities.coils
        if coils > 2:
            return await self._converse(
                wire_kmtronic.ASK_ALL,
                _Gathered(lambda heard: wire_kmtronic.all_states(coils, heard)),
                coils,
            )
        return tuple([await self._one(channel) for channel in range(coils)])

    async def _one(self, channel: int) -> bool:
        hear = _Gathered(lambda heard: wire_kmtronic.one_state(channel, heard))
        return await self._converse(
            wire_kmtronic.ask(channel), hear, wire_kmtronic.ONE_ANSWER_BYTES
        )


class _Gathered(Generic[Answer]):
    """Answers without a mark of their own are read from all that came since the question."""

    def __init__(self, read: Callable[[bytes], Answer | None]) -> None:
        self._read = read
        self._heard = b""

    def __call__(self, data: bytes) -> Answer | None:
        self._heard += data
        return self._read(self._heard)


class NumatoBoard(_RelayBoard):
    """Numato USB relay modules with 1 to 32 relays; `inputs` on those with GPIO."""

    def __init__(self, link: Link, *, baud: int = 9600, coils: int = 8, inputs: int = 0) -> None:
        if not 1 <= coils <= 32 or not 0 <= inputs <= 32:
            raise ValueError("numato module: 1..32 relays, 0..32 inputs")
        can = Capabilities(coils, inputs, reads_back=True, pulses=False, acknowledges=True)
        super().__init__(link, can, baud=baud, reply_timeout_s=REPLY_TIMEOUT_S)

    async def _switch(self, channel: int, *, on: bool) -> None:
        wire_numato.nothing(await self._say(wire_numato.switch(channel, on=on)))
        self._confirm(channel, on=on, told=await self._relays())

    async def _read_all(self) -> BoardState:
        on = await self._relays()
        questions = map(wire_numato.read_input, range(self.capabilities.inputs))
        active = [wire_numato.active(await self._say(question)) for question in questions]
        return BoardState(on, tuple(active))

    async def _relays(self) -> tuple[bool, ...]:
        value = await self._say(wire_numato.read_all())
        return wire_numato.relays(value, self.capabilities.coils)

    async def _say(self, command: bytes) -> str:
        decoder = wire_numato.AnswerDecoder(command)
        return await self._converse(command, decoder.feed, wire_numato.ANSWER_BYTES)
