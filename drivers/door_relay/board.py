"""What every door board shares, whatever its wire says.

One exchange at a time. After any error, a cancelled exchange included, the outputs are unknown
until they have been read back: a lost reply is not a lost command. Unknown is never released
upon. Nothing here toggles: a command names the position it wants.
"""

import abc
import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from drivers.errors import DeviceFault, DriverError, LinkLost, ProtocolViolation, ReplyTimeout
from drivers.link import Link

Answer = TypeVar("Answer")
PULSE_MIN_S = 0.1
"""Shorter pulses are not seen by every lock (PERCo ST-01, PG300: 100 ms)."""
PULSE_MAX_S = 60.0
DRAIN_MAX_S = 2.0
RELOCK_TRIES = 10
RELOCK_PAUSE_S = 0.2


@dataclass(frozen=True)
class Capabilities:
    """What a board can do; the gate's config check reads it."""

    coils: int
    inputs: int
    reads_back: bool
    """Whether the board can tell the position of its relays."""
    pulses: bool
    """Whether its firmware ends a pulse by itself, with the host dead."""
    acknowledges: bool
    """Whether it answers a switching command."""


@dataclass(frozen=True)
class BoardState:
    """What the board said. `coils[i]` True: relay i+1 is on. `inputs[i]` True: input i+1 is
    active. `confirmed` False: the board cannot be asked, the coils are as commanded.
    """

    coils: tuple[bool, ...]
    inputs: tuple[bool, ...]
    confirmed: bool = True


class DoorBoard(abc.ABC):
    """A relay board behind a link. Channels and inputs count from 0."""

    _refusal_ends_exchange = True
    """A refusal is a complete answer; after anything else a late one may follow."""

    def __init__(
        self, link: Link, capabilities: Capabilities, *, baud: int, reply_timeout_s: float
    ) -> None:
        self._link = link
        self.capabilities = capabilities
        self._byte_s = 10 / baud
        self._reply_timeout_s = reply_timeout_s
        self._turn = asyncio.Lock()
        self._state: BoardState | None = None
        self._out_of_step = True
        self._relocks: dict[int, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Where the board is."""
        return self._link.address

    @property
    def state(self) -> BoardState | None:
        """What was last read or acknowledged; None: unknown, `read` it back first."""
        return self._state

    async def release(self, channel: int, pulse_s: float) -> None:
        """Switch a relay on for `pulse_s` (0.1 to 60 s), by the firmware where it can.

        Returns once the board has acknowledged (where it can). Raises ValueError for a wrong
        channel or pulse, DeviceFault while the state is unknown or when the board refuses,
        and LinkLost, ReplyTimeout, ProtocolViolation: the relay may then be on or off.
        """
        self._check(channel)
        if not PULSE_MIN_S <= pulse_s <= PULSE_MAX_S:
            raise ValueError(f"pulse of {pulse_s} s: {PULSE_MIN_S} to {PULSE_MAX_S} s are possible")
        self._require_known()
        async with self._exchange():
            self._require_known()  # another exchange may have failed while this one waited
            if not self.capabilities.pulses:
                self._relock_in(channel, pulse_s)
                await self._switch(channel, on=True)
            else:
                await self._pulse(channel, math.ceil(pulse_s * 10 - 1e-6))
            self._note(channel, on=True)

    async def hold(self, channel: int) -> None:
        """Switch a relay on until `lock`: for an evacuation or an officer, never for a passage.
        Works in any state. Raises like `release`.
        """
        self._check(channel)
        async with self._exchange():
            self._forget_relock(channel)
            await self._switch(channel, on=True)
            self._note(channel, on=True)

    async def lock(self, channel: int) -> None:
        """Switch a relay off, in any state. Raises like `release`."""
        self._check(channel)
        async with self._exchange():
            await self._switch(channel, on=False)
            self._note(channel, on=False)
            self._forget_relock(channel)

    async def read(self) -> BoardState:
        """Read everything back: this alone makes an unknown state known again.

        Raises LinkLost, ReplyTimeout, ProtocolViolation, DeviceFault.
        """
        async with self._exchange():
            self._state = await self._read_all()
            return self._state

    async def poll(self) -> BoardState:
        """What is asked over and over; of one board that is everything. Raises like `read`."""
        return await self.read()

    async def close(self) -> None:
        """Lock what a host-timed pulse holds open, as far as the board still listens, and let
        the line go.
        """
        for channel in list(self._relocks):
            with contextlib.suppress(DriverError):
                await self.lock(channel)
            self._forget_relock(channel)
        for task in list(self._tasks):
            task.cancel()
        await self._link.close()

    # -- what a board does in its own words ---------------------------------------------------

    @abc.abstractmethod
    async def _switch(self, channel: int, *, on: bool) -> None:
        """Command a relay; return once acknowledged, where the board can."""

    async def _pulse(self, channel: int, tenths: int) -> None:
        """Command a firmware pulse of `tenths` times 100 ms."""
        raise NotImplementedError

    @abc.abstractmethod
    async def _read_all(self) -> BoardState:
        """Ask for every relay and input."""

    # -- shared by all ------------------------------------------------------------------------

    def _check(self, channel: int) -> None:
        if not 0 <= channel < self.capabilities.coils:
            raise ValueError(f"channel {channel}: the board has 0 to {self.capabilities.coils - 1}")

    def _require_known(self) -> None:
        if self._state is None:
            raise DeviceFault(f"{self.address}: relay state unknown, read it back before a release")

    @contextlib.asynccontextmanager
    async def _exchange(self) -> AsyncIterator[None]:
        async with self._turn:
            try:
                if self._out_of_step:
                    await self._drain()
                yield
                self._out_of_step = False
            except BaseException as error:
                self._state = None
                refused = isinstance(error, DeviceFault)
                self._out_of_step = not (refused and self._refusal_ends_exchange)
                if isinstance(error, DriverError) and self.address not in str(error):
                    raise type(error)(f"{self.address}: {error}") from None
                raise

    async def _drain(self) -> None:
        """Let late answers to earlier questions pass, so that none is taken for the next."""
        loop = asyncio.get_running_loop()
        give_up_s = loop.time() + DRAIN_MAX_S
        self._link.discard()
        with contextlib.suppress(ReplyTimeout):
            while loop.time() < give_up_s:
                await self._link.read(2 * self._reply_timeout_s)
            raise ProtocolViolation(f"{self.address}: the line is never quiet: a wrong device?")

    async def _converse(
        self, question: bytes, hear: Callable[[bytes], Answer | None], answer_bytes: int
    ) -> Answer:
        """Ask, and pass what comes to `hear` until it makes an answer of it."""
        loop = asyncio.get_running_loop()
        self._link.discard()
        await self._link.write(question)
        line_s = (len(question) + answer_bytes) * self._byte_s
        deadline_s, came = loop.time() + line_s + self._reply_timeout_s, 0
        while True:
            try:
                data = await self._link.read(deadline_s - loop.time())
            except ReplyTimeout:
                raise self._no_answer(came) from None
            came += len(data)
            if (answer := hear(data)) is not None:
                return answer

    def _no_answer(self, came: int) -> DriverError:
        if came:
            return ProtocolViolation(f"{self.address}: {came} bytes came, no answer among them")
        return ReplyTimeout(
            f"{self.address}: the door board does not answer: power, wiring, unit number?"
        )

    def _note(self, channel: int, *, on: bool) -> None:
        if self._state is not None:
            coils = list(self._state.coils)
            coils[channel] = on
            self._state = replace(self._state, coils=tuple(coils))

    def _relock_in(self, channel: int, pulse_s: float) -> None:
        self._forget_relock(channel)
        loop = asyncio.get_running_loop()
        self._relocks[channel] = loop.call_at(loop.time() + pulse_s, self._relock_now, channel)

    def _forget_relock(self, channel: int) -> None:
        handle = self._relocks.pop(channel, None)
        if handle is not None:
            handle.cancel()

    def _relock_now(self, channel: int) -> None:
        task = asyncio.get_running_loop().create_task(self._relock(channel))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relock(self, channel: int) -> None:
        for _ in range(RELOCK_TRIES):
            try:
                await self.lock(channel)
            except LinkLost:
                return
            except DriverError:
                await asyncio.sleep(RELOCK_PAUSE_S)
            else:
                return
