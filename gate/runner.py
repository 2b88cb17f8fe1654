"""The only loop: event -> step -> interlock -> effects -> event."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from gate.effects import BACKOFF_S, Effects
from gate.passage import interlock
from gate.passage.commands import Command, ReleaseDoor
from gate.passage.events import (
    DeadlineReached,
    DocumentLaid,
    DocumentRead,
    DocumentRemoved,
    DocumentUnreadable,
    Event,
    InterlockRefused,
    Sensed,
    Started,
)
from gate.passage.interlock import Interlock
from gate.passage.phases import GateState
from gate.passage.step import step
from gate.ports import Boot, DeviceError, Ports, ReaderNotice
from gate.vocabulary.documents import Document
from gate.vocabulary.instants import Instant
from gate.vocabulary.passages import Device
from gate.vocabulary.reasons import Reason

FLUSH_S = 0.25
"""The journal is group-committed this often (the two commits of a passage do not wait for it)."""

_NOTICES: dict[ReaderNotice, Event] = {
    ReaderNotice.LAID: DocumentLaid(),
    ReaderNotice.REMOVED: DocumentRemoved(),
    ReaderNotice.UNREADABLE: DocumentUnreadable(),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the loop, as observers see it."""

    event: Event
    before: GateState
    after: GateState
    commands: tuple[Command, ...]
    now: Instant


class Observer(Protocol):
    """Looks on: stories, pages, metrics. Must not raise and not wait."""

    def __call__(self, turn: Turn) -> None:
        """See one turn."""
        ...


class Runner:
    """Runs one gate until cancelled. Programmer errors end it; a watchdog then drops the relays."""

    def __init__(
        self,
        state: GateState,
        ports: Ports,
        *,
        draw_referral: Callable[[], bool] = lambda: False,
        commit_slow_s: float = 1.0,
    ) -> None:
        self.state = state
        self._lock = Interlock()
        self._ports = ports
        self._observers: list[Observer] = []
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._tasks: asyncio.TaskGroup | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._waiting_since_s: float | None = None
        self._effects = Effects(
            ports,
            self.post,
            self._spawn,
            draw_referral,
            commit_slow_s,
            refusal=lambda door: interlock.refusal(self._lock, ReleaseDoor(door)),
            test_wanted=lambda: self.state.testing,
        )

    def post(self, event: Event) -> None:
        """Hand in an event; it is answered in the order of arrival."""
        if self._waiting_since_s is None:
            self._waiting_since_s = self._ports.clock.mono_s()
        self._events.put_nowait(event)

    def behind_s(self) -> float:
        """For how long an event has waited with none answered, or a command has been under way."""
        now_s = self._ports.clock.mono_s()
        loop_s = asyncio.get_running_loop().time()
        event_s = 0.0 if self._waiting_since_s is None else now_s - self._waiting_since_s
        return max(event_s, *(lane.behind_s(loop_s) for lane in self._effects.lanes()))

    def subscribe(self, observer: Observer) -> None:
        """Let somebody look on."""
        self._observers.append(observer)

    async def run(self) -> None:
        """Run for ever. While the store cannot be started the gate stays shut and says so."""
        boot = await self._store_started()
        async with asyncio.TaskGroup() as self._tasks:
            for lane in self._effects.lanes():
                self._spawn(lane.work())
            self.post(Started(boot.number, boot.interrupted, boot.may_have_crossed))
            self._spawn(self._watch(Device.DOORS, self._next_sensors))
            self._spawn(self._watch(Device.READER, self._next_notice))
            self._spawn(self._flush())
            while True:
                self._turn(await self._events.get())
                waits = not self._events.empty()
                self._waiting_since_s = self._ports.clock.mono_s() if waits else None

    async def _store_started(self) -> Boot:
        """Wait for the store: without a journal nobody may pass, and it may well come back."""
        attempt, said = 0, ""
        while True:
            try:
                boot = await self._ports.store.start()
            except DeviceError as error:
                if str(error) != said:
                    said = str(error)
                    import structlog  # 10 MB with what it brings, and rarely needed

                    structlog.get_logger().error("store_not_started", why=said)
                    self._ports.staff.call(None, (Reason.DEVICE_FAILED,))
                await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
                attempt += 1
            else:
                self._ports.staff.dismiss()
                return boot

    def _turn(self, event: Event) -> None:
        now = Instant(self._ports.clock.mono_s(), self._ports.clock.utc())
        self._lock = interlock.observe(self._lock, event)
        before = self.state
        self.state, commands = step(before, event, now)
        for command in commands:
            self._let_through(command)
        if self.state.deadline_s != before.deadline_s:
            self._set_deadline(self.state.deadline_s)
        turn = Turn(event, before, self.state, commands, now)
        for observer in self._observers:
            observer(turn)

    def _let_through(self, command: Command) -> None:
        why_not = interlock.refusal(self._lock, command)
        if why_not is not None:
            self.post(InterlockRefused(f"{command}: {why_not}"))
            return
        self._lock = interlock.permitted(self._lock, command)
        self._effects.perform(command)

    def _set_deadline(self, deadline_s: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if deadline_s is not None:
            wait_s = max(0.0, deadline_s - self._ports.clock.mono_s())
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(wait_s, self._deadline_reached, deadline_s)

    def _deadline_reached(self, deadline_s: float) -> None:
        """A timer may fire a hair early on another clock: then it waits for the rest."""
        if self._ports.clock.mono_s() < deadline_s:
            self._set_deadline(deadline_s)
        else:
            self.post(DeadlineReached())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> object:
        assert self._tasks is not None
        return self._tasks.create_task(work)

    async def _watch(self, device: Device, next_event: Callable[[], Any]) -> None:
        """Post what a device reports; while it fails, wait until it was healed."""
        while True:
            try:
                self.post(await next_event())
            except DeviceError as error:
                await self._effects.failed(error).wait()

    async def _next_sensors(self) -> Event:
        return Sensed(await self._ports.doors.next_sensors())

    async def _next_notice(self) -> Event:
        notice = await self._ports.reader.next_notice()
        return DocumentRead(notice) if isinstance(notice, Document) else _NOTICES[notice]

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            try:
                await self._ports.store.flush()
            except DeviceError as error:
                await self._effects.failed(error).wait()
