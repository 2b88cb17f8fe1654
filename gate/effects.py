"""One coroutine per command, in the order of `commands.py`; catches only DeviceError.

Door commands run one after the other in the order in which they were asked, store commands
likewise; captures run side by side.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from gate.passage.commands import (
    Alert,
    AuthoriseExit,
    AuthoriseOfficerAdmit,
    CallOfficer,
    Capture,
    ClosePassage,
    Command,
    DismissOfficer,
    EndCaptures,
    HoldOpenForEvacuation,
    LoadFacts,
    LockDoor,
    OpenPassage,
    ReadBack,
    ReadDocument,
    Record,
    ReleaseDoor,
    RunSelfTest,
    Show,
    WatchForLateRecords,
)
from gate.passage.events import (
    CaptureFinished,
    DeviceFailed,
    DeviceRecovered,
    Event,
    ExitAuthorised,
    FactsLoaded,
    FactsStale,
    LateRecordFound,
    LockAcknowledged,
    SelfTested,
    Sensed,
)
from gate.ports import DeviceError, Ports, Recoverable
from gate.selftest import SelfTest
from gate.vocabulary.passages import Device, Door, FailureKind, Sensors

BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Waits between attempts to reopen a device; the last one repeats."""

Post = Callable[[Event], None]
Twin = Callable[[Any], Coroutine[Any, Any, None]]


class Lane:
    """Commands that must keep their order: one worker, first come first served."""

    def __init__(self, perform: Twin) -> None:
        self._perform = perform
        self._waiting: asyncio.Queue[Command] = asyncio.Queue()
        self._began_s: float | None = None

    def put(self, command: Command) -> None:
        """Queue a command behind the others."""
        self._waiting.put_nowait(command)

    async def work(self) -> None:
        """Perform commands for ever."""
        loop = asyncio.get_running_loop()
        while True:
            command = await self._waiting.get()
            self._began_s = loop.time()
            await self._perform(command)
            self._began_s = None

    def behind_s(self, now_s: float) -> float:
        """How long the command under way has taken; 0: none is."""
        return 0.0 if self._began_s is None else now_s - self._began_s


class Effects:
    """The commands' twins. `post` hands what happened back to the runner."""

    def __init__(
        self,
        ports: Ports,
        post: Post,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        draw_referral: Callable[[], bool],
        commit_slow_s: float = 1.0,
        refusal: Callable[[Door], str | None] = lambda door: "",
        test_wanted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._refusal = refusal
        self._test_wanted = test_wanted
        self._ports = ports
        self._post = post
        self._spawn = spawn
        self._draw_referral = draw_referral
        self._commit_slow_s = commit_slow_s
        self._healing: dict[Device, asyncio.Event] = {}
        self._doors = Lane(self._attempt)
        self._store = Lane(self._attempt)
        self._reader = Lane(self._attempt)
        self._twins: dict[type[Command], Twin] = {
            ReadDocument: self._read_document,
            OpenPassage: self._open_passage,
            LoadFacts: self._load_facts,
            ReleaseDoor: self._release_door,
            LockDoor: self._lock_door,
            HoldOpenForEvacuation: self._hold_open,
            ReadBack: self._read_back,
            RunSelfTest: self._run_self_test,
            Capture: self._capture,
            EndCaptures: self._end_captures,
            AuthoriseExit: self._authorise_exit,
            AuthoriseOfficerAdmit: self._authorise_officer_admit,
            WatchForLateRecords: self._watch_for_late_records,
        }
        self._lanes: dict[type[Command], Lane] = {
            ReadDocument: self._reader,
            **dict.fromkeys((ReleaseDoor, LockDoor, HoldOpenForEvacuation, ReadBack), self._doors),
            **dict.fromkeys(
                (OpenPassage, LoadFacts, AuthoriseExit, AuthoriseOfficerAdmit), self._store
            ),
        }

    def lanes(self) -> tuple[Lane, ...]:
        """The workers that the runner keeps going."""
        return (self._doors, self._store, self._reader)

    def perform(self, command: Command) -> None:
        """Do at once what takes no time; queue or spawn the rest."""
        ports = self._ports
        match command:
            case CallOfficer(passage, reasons):
                ports.staff.call(passage, reasons)
            case DismissOfficer():
                ports.staff.dismiss()
            case Alert(reason, passage):
                ports.staff.alert(reason, passage)
                told = {"reason": reason.value}
                ports.store.append("alert", passage, told, ports.clock.utc())
            case Show(screen):
                ports.screen.show(screen)
            case Record(kind, passage, data):
                ports.store.append(kind, passage, data, ports.clock.utc())
            case ClosePassage(passage, outcome, reasons):
                ports.store.close_passage(passage, outcome, reasons, ports.clock.utc())
            case _ if type(command) in self._lanes:
                self._lanes[type(command)].put(command)
            case _:
                self._spawn(self._attempt(command))

    async def _attempt(self, command: Command) -> None:
        try:
            await self._twins[type(command)](command)
        except DeviceError as error:
            self.failed(error)

    def failed(self, error: DeviceError) -> asyncio.Event:
        """Report a failure and start healing; the returned event is set once it serves again."""
        self._post(DeviceFailed(error.device, error.kind))
        healed = self._healing.get(error.device)
        if healed is None:
            healed = self._healing[error.device] = asyncio.Event()
            self._spawn(self._heal(error.device, healed))
        return healed

    async def _heal(self, device: Device, healed: asyncio.Event) -> None:
        attempt = 0
        while not await self._recovered(device):
            await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1
        del self._healing[device]
        self._post(DeviceRecovered(device))
        healed.set()

    async def _recovered(self, device: Device) -> bool:
        try:
            await self._port(device).recover()
        except DeviceError:
            return False
        return True

    def _port(self, device: Device) -> Recoverable:
        ports: dict[Device, Recoverable] = {
            Device.READER: self._ports.reader,
            Device.DOORS: self._ports.doors,
            Device.STORE: self._ports.store,
            Device.RECOGNITION: self._ports.recognition,
        }
        return ports[device]

    async def _read_document(self, command: ReadDocument) -> None:
        await self._ports.reader.arm()

    async def _open_passage(self, command: OpenPassage) -> None:
        await self._ports.store.open_passage(command.passage, self._ports.clock.utc())

    async def _load_facts(self, command: LoadFacts) -> None:
        loaded = await self._ports.store.load_facts(command.passage, command.document)
        drawn = self._draw_referral()
        self._post(FactsLoaded(command.passage, loaded.facts, loaded.store_seq, drawn))

    async def _release_door(self, command: ReleaseDoor) -> None:
        await self._ports.doors.release(command.door)

    async def _lock_door(self, command: LockDoor) -> None:
        await self._ports.doors.lock(command.door)
        self._post(LockAcknowledged(command.door))
        await self._read_and_tell()

    async def _hold_open(self, command: HoldOpenForEvacuation) -> None:
        await self._ports.doors.hold_open()

    async def _read_back(self, command: ReadBack) -> None:
        await self._read_and_tell()

    async def _run_self_test(self, command: RunSelfTest) -> None:
        test = SelfTest(self._ports, self._read_and_tell, self._refusal, self._test_wanted)
        failures = await test.run(attended=command.attended)
        if failures is not None:
            self._post(SelfTested(failures))

    async def _read_and_tell(self) -> Sensors:
        sensors = await self._ports.doors.read()
        self._post(Sensed(sensors))
        return sensors

    async def _capture(self, command: Capture) -> None:
        result = await self._ports.recognition.capture(
            command.kind, command.passage, command.person_id, command.within_s
        )
        self._post(CaptureFinished(command.passage, command.kind, result))

    async def _end_captures(self, command: EndCaptures) -> None:
        await self._ports.recognition.forget(command.passage)

    async def _authorise_exit(self, command: AuthoriseExit) -> None:
        began_s = self._ports.clock.mono_s()
        fresh = await self._ports.store.authorise_exit(
            command.passage, command.decision, command.store_seq
        )
        if not fresh:
            self._post(FactsStale(command.passage))
        elif not self._too_slow(began_s, command.passage):
            self._post(ExitAuthorised(command.passage))

    async def _authorise_officer_admit(self, command: AuthoriseOfficerAdmit) -> None:
        began_s, utc = self._ports.clock.mono_s(), self._ports.clock.utc()
        await self._ports.store.authorise_officer_admit(command.passage, command.officer_id, utc)
        if not self._too_slow(began_s, command.passage):
            self._post(ExitAuthorised(command.passage))

    def _too_slow(self, began_s: float, passage: Any) -> bool:
        """A commit slower than allowed opens nothing: the door would lag behind the decision."""
        took_s = self._ports.clock.mono_s() - began_s
        if took_s <= self._commit_slow_s:
            return False
        at = self._ports.clock.utc()
        self._ports.store.append("commit_slow", passage, {"took_s": round(took_s, 3)}, at)
        self.failed(DeviceError(Device.STORE, FailureKind.SLOW))
        return True

    async def _watch_for_late_records(self, command: WatchForLateRecords) -> None:
        rules = await self._ports.store.late_rules(
            command.passage, command.document, command.store_seq
        )
        if rules:
            self._post(LateRecordFound(command.passage, rules))
