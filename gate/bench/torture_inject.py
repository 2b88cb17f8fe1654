"""Brings planned faults over a world, at the phase they are planned for, and mends them again."""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import timedelta

from drivers.plant import Bounce
from gate.bench.torture_checker import Ban
from gate.bench.torture_faults import Fault, Tally
from gate.bench.torture_people import Person, ban_of, withdrawn
from gate.bench.torture_ports import now_s
from gate.bench.torture_world import BATTERY_S, World
from gate.passage.events import (
    HelpWanted,
    MaintenanceEntered,
    MaintenanceLeft,
    OfficerAdmitted,
    OfficerLetBack,
    OfficerReset,
)
from gate.passage.phases import Phase
from gate.store import Record, StoreError

CALLS_AHEAD = 12
AGAIN_S = 0.5
BUTTONS = (OfficerAdmitted, OfficerLetBack, OfficerReset, MaintenanceEntered, MaintenanceLeft)
DOORS = ("entry", "exit")
CONTACTS = ("entry_closed", "entry_open", "exit_closed", "exit_open")


class Injector:
    """The faults of one visit after the other."""

    def __init__(self, world: World, tally: Tally) -> None:
        self._world = world
        self._tally = tally
        self._pending: list[Fault] = []
        self._timers: list[asyncio.TimerHandle] = []
        self._mending: dict[str, Callable[[], None]] = {}
        self._owner: dict[str, Fault] = {}
        self._person: Person | None = None
        self._standing: dict[str, tuple[int, int]] = {}  # person -> number, index of the ban
        self._numbers = 0
        self._wanted: list[Callable[[], None]] = []
        self.sequences: list[int] = []
        world.on_phase = self._came_to

    def begin(self, faults: tuple[Fault, ...], person: Person) -> None:
        """A visit begins in the phase in which the gate stands."""
        self._pending, self._person = list(faults), person
        phase = self._world.phase
        if phase is not None:
            self._came_to(phase)

    def end(self) -> None:
        """Whatever is still planned is dropped; whatever is broken is mended."""
        self._pending.clear()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for what in list(self._mending):
            self._mend(what, self._owner[what])

    def _came_to(self, phase: Phase) -> None:
        loop = self._world.loop
        for fault in [fault for fault in self._pending if fault.phase is phase]:
            self._pending.remove(fault)
            self._timers.append(loop.call_later(fault.delay_s, self._inject, fault))

    def _inject(self, fault: Fault) -> None:
        phase = self._world.phase
        if phase is None:
            return
        self._tally.injected(fault.kind, phase)
        where, _, how = fault.kind.partition(" ")
        if where in ("reader", "recognition", "doors", "store"):
            self._fail(where, how, fault)
        else:
            getattr(self, "_" + fault.kind.replace(" ", "_"))(fault)

    def _lasts(self, what: str, fault: Fault, mend: Callable[[], None]) -> None:
        """Undo it after its time, or when the visit ends; of two on one thing the later counts."""
        if what in self._mending:
            self._mending[what]()
        self._mending[what], self._owner[what] = mend, fault
        timer = self._world.loop.call_later(fault.lasting_s, self._mend, what, fault)
        self._timers.append(timer)

    def _mend(self, what: str, fault: Fault) -> None:
        if self._owner.get(what) is fault:
            del self._owner[what]
            self._mending.pop(what)()

    # -- devices --------------------------------------------------------------------------------

    def _fail(self, device: str, how: str, fault: Fault) -> None:
        world = self._world

        def mend() -> None:
            world.failing.pop(device, None)
            world.free_share = 0.5
            self._poke()

        self._lasts(device, fault, mend)
        if device == "doors":
            world.checker.disturbed()
        if how == "locked":
            self._lock_file(fault)
        elif how == "full":
            world.free_share = 0.01
        else:
            world.failing[device] = how
        self._poke()

    def _poke(self) -> None:
        self._world.reader.poke()
        self._world.board.changed.set()

    def _lock_file(self, fault: Fault) -> None:
        """Another process holds the write lock."""
        other = sqlite3.connect(self._world.store_path, isolation_level=None, timeout=0.0)
        other.execute("BEGIN IMMEDIATE")
        self._lasts("store", fault, other.close)

    # -- the physical gate -------------------------------------------------------------------------

    def _stick(self, what: str, fault: Fault, values: dict[str, bool]) -> None:
        world = self._world

        def mend() -> None:
            for name in values:
                world.plant.stick(name, None, now_s())
            world.touch()

        self._lasts(what, fault, mend)
        for name, value in values.items():
            world.plant.stick(name, value, now_s())
        world.touch()

    def _excused(self, what: str, excuses: tuple[str, ...]) -> None:
        mend, checker = self._mending[what], self._world.checker

        def mend_and_excuse_no_more() -> None:
            mend()
            for excuse in excuses:
                checker.excuse(excuse, over=True)

        for excuse in excuses:
            checker.excuse(excuse)
        self._mending[what] = mend_and_excuse_no_more

    def _beam_stuck_broken(self, fault: Fault) -> None:
        self._stick("beam", fault, {f"{DOORS[fault.draw % 2]}_beam": True})

    def _beam_stuck_free(self, fault: Fault) -> None:
        self._stick("beam", fault, {f"{DOORS[fault.draw % 2]}_beam": False})

    def _presence_stuck_on(self, fault: Fault) -> None:
        self._stick("presence", fault, {"presence_1": True})

    def _presence_stuck_off(self, fault: Fault) -> None:
        self._stick("presence", fault, {"presence_1": False, "presence_2": False})
        self._excused("presence", ("crossing",))

    def _contact_stuck(self, fault: Fault) -> None:
        self._stick("contact", fault, {CONTACTS[fault.draw % 4]: bool(fault.draw & 4)})
        self._excused("contact", ("both",))

    def _contact_bounces(self, fault: Fault) -> None:
        plant, name = self._world.plant, CONTACTS[fault.draw % 4]
        self._lasts("bounce", fault, lambda: plant.bounce(name, None, now_s()))
        plant.bounce(name, Bounce(), now_s())

    def _relay_welded(self, fault: Fault) -> None:
        world, door = self._world, DOORS[fault.draw % 2]

        def mend() -> None:
            world.plant.weld(door, False, now_s())
            world.touch()

        self._lasts("relay", fault, mend)
        excuses = ("both", "exit", "crossing") if door == "exit" else ("both",)
        self._excused("relay", excuses)
        world.plant.weld(door, True, now_s())
        world.touch()

    def _leaf_jammed(self, fault: Fault) -> None:
        plant, door = self._world.plant, DOORS[fault.draw % 2]
        self._lasts("leaf", fault, lambda: plant.jam(door, False, now_s()))
        plant.jam(door, True, now_s())
        self._world.touch()

    def _leaf_slow(self, fault: Fault) -> None:
        plant, door = self._world.plant, DOORS[fault.draw % 2]
        self._lasts("slowness", fault, lambda: plant.slow(door, 1.0, now_s()))
        plant.slow(door, 2.0 + fault.draw % 5, now_s())
        self._world.touch()

    def _fire_loop(self, fault: Fault) -> None:
        self._loop("fire", fault)

    def _stop_loop(self, fault: Fault) -> None:
        self._loop("estop", fault)

    def _loop(self, loop: str, fault: Fault) -> None:
        world = self._world

        def mend() -> None:
            world.plant.set_loop(loop, True, now_s())
            world.touch()

        self._lasts(loop, fault, mend)
        world.plant.set_loop(loop, False, now_s())
        world.touch()

    def _mains_lost(self, fault: Fault) -> None:
        world = self._world

        def mend() -> None:
            world.plant.set_mains(True, now_s())
            world.touch()

        self._lasts("mains", fault, mend)
        world.plant.set_mains(False, now_s())
        world.touch()

    def _power_lost(self, fault: Fault) -> None:
        """Mains and battery: the board goes dark and the controller with it."""
        world = self._world
        world.plant.set_mains(True, now_s())
        world.set_battery(0.0)
        self._mains_lost(fault)
        world.set_battery(BATTERY_S)
        world.board.drop()
        world.crash(fault.lasting_s)

    def _tampered(self, fault: Fault) -> None:
        world = self._world

        def mend() -> None:
            world.plant.set_tamper(True, now_s())
            world.touch()

        self._lasts("cover", fault, mend)
        world.plant.set_tamper(False, now_s())
        world.touch()

    # -- the controller, its clock, its file -------------------------------------------------------

    def _clock_forward(self, fault: Fault) -> None:
        self._world.clock.offset += timedelta(seconds=1 + fault.draw % (3 * 86_400))

    def _clock_back(self, fault: Fault) -> None:
        self._world.clock.offset -= timedelta(seconds=1 + fault.draw % (3 * 86_400))

    def _crash(self, fault: Fault) -> None:
        self._world.crash(fault.lasting_s)

    def _crash_at_a_call(self, fault: Fault) -> None:
        self._world.trip_at_call(fault.draw % CALLS_AHEAD)

    def _ban(self, fault: Fault) -> None:
        assert self._person is not None
        person = self._person
        self._write(lambda: self.ban(person))

    def _ban_revoked(self, fault: Fault) -> None:
        assert self._person is not None
        person = self._person
        self._write(lambda: self.revoke(person))

    def _reference_record(self, fault: Fault) -> None:
        minutes = 55 + fault.draw % 10
        record = Record("policy", {"max_age_min": minutes}, source="torture")
        self._write(lambda: self.append(record))

    def append(self, *records: Record) -> int:
        """One transaction of the other writer; the last sequence. Raises StoreError."""
        sequences = self._world.feed.append_records(records)
        self.sequences += sequences
        return sequences[-1]

    def ban(self, person: Person) -> None:
        """A ban from now on, unless one stands. Raises StoreError."""
        if person.person_id in self._standing or person not in self._world.people:
            return
        self._numbers += 1
        sequence = self.append(ban_of(person, self._numbers))
        document = person.document
        reference = self._world.feed.document_ref(document.issuing_state, document.document_number)
        bans = self._world.checker.bans
        self._standing[person.person_id] = (self._numbers, len(bans))
        bans.append(Ban(reference, sequence))

    def revoke(self, person: Person) -> None:
        """Withdraw the ban that stands, if one does. Raises StoreError."""
        if person.person_id not in self._standing:
            return
        number, index = self._standing[person.person_id]
        sequence = self.append(withdrawn(person, number))
        bans = self._world.checker.bans
        bans[index] = Ban(bans[index].document_ref, bans[index].since, sequence)
        del self._standing[person.person_id]

    def _write(self, work: Callable[[], object]) -> None:
        """Now, or as soon as the file takes it."""
        try:
            work()
        except StoreError:
            self._world.loop.call_later(AGAIN_S, self._write, work)

    # -- buttons -------------------------------------------------------------------------------------

    def _button_pressed(self, fault: Fault) -> None:
        button = BUTTONS[fault.draw % len(BUTTONS)]
        if button in (MaintenanceEntered, MaintenanceLeft):
            self._world.attended = button is MaintenanceEntered
        self._world.post(button("officer-2"))

    def _help_pressed(self, fault: Fault) -> None:
        self._world.post(HelpWanted())
