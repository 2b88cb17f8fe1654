"""The physical gate: leaves, locks, contacts, beams, loops, power, and the bodies in between.

Event-driven: `next_change` is known in closed form, `advance` goes from change to change, and
advancing in one step or in many gives the same. Whoever changes something passes the time; a
time before the last one counts as now, because several lines share one plant and a busy process
may serve them late.
"""

from collections import deque

from drivers.plant.leaf import Demand, Leaf, Mode
from drivers.plant.parameters import PlantParameters, Unpowered
from drivers.plant.people import People
from drivers.plant.sensors import Bounce, Sensors
from drivers.plant.truth import (
    DoorChange,
    DoorTruth,
    LoopChange,
    PlantEvent,
    PlantTruth,
)

LOG_EVENTS = 10_000
"""Events kept until `drain_log`; older ones are dropped, so that a bench may run for weeks."""
LOOPS = ("fire", "estop")


class _Door:
    """A door's leaf and what commands it."""

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf
        self.coil = False
        self.welded = False
        self.hold_until_s: float | None = None
        self.logged: tuple[bool, Mode] = (False, Mode.CLOSED)


class Plant:
    """One gate, all doors shut and locked, nobody there, mains on."""

    def __init__(self, parameters: PlantParameters | None = None, start_s: float = 0.0) -> None:
        self.parameters = PlantParameters() if parameters is None else parameters
        self._now_s = start_s
        self._doors = {
            d.name: _Door(Leaf(self.parameters.leaf, start_s)) for d in self.parameters.doors
        }
        self._people = People(self.parameters)
        self._loops = dict.fromkeys(LOOPS, True)
        self._mains = True
        self._tamper_ok = True
        self._battery_ends_s: float | None = None
        self._powered = True
        self._log: deque[PlantEvent] = deque(maxlen=LOG_EVENTS)
        self._sensors = Sensors(self._physical(), self.parameters.sensor_lag_s)

    # -- time ---------------------------------------------------------------------------------

    @property
    def now_s(self) -> float:
        """How far the plant has been advanced."""
        return self._now_s

    @property
    def door_names(self) -> tuple[str, ...]:
        """In order along the axis."""
        return tuple(self._doors)

    def next_change(self) -> float | None:
        """When something next changes by itself; None: never. May be now, never earlier."""
        times = [door.leaf.next_change() for door in self._doors.values()]
        times += [door.hold_until_s for door in self._doors.values()]
        times += [self._people.next_change(), self._sensors.next_change(), self._battery_ends_s]
        earliest = min((at for at in times if at is not None), default=None)
        return None if earliest is None else max(earliest, self._now_s)

    def advance(self, to_s: float) -> None:
        """Let everything happen up to and including `to_s`."""
        while (due_s := self.next_change()) is not None and due_s <= to_s:
            self._now_s = due_s
            self._happen()
        self._now_s = max(self._now_s, to_s)

    # -- commands of the gate -----------------------------------------------------------------

    def set_coil(self, door: str, on: bool, now_s: float) -> None:
        """Energise or drop a door's release coil: on opens and keeps open, off lets it close."""
        self.advance(now_s)
        target = self._doors[door]
        if on and not target.coil and self.parameters.leaf.hold_s > 0:
            target.hold_until_s = self._now_s + self.parameters.leaf.hold_s
        target.coil = on
        self._happen()

    def inputs(self) -> dict[str, bool]:
        """What the sensors' wires say now, by name. True means: contact made, beam interrupted,
        presence seen, loop closed, mains there, cover on.
        """
        return self._sensors.reported()

    @property
    def powered(self) -> bool:
        """Whether mains or battery drive the gate and the boards in it."""
        return self._powered

    # -- bodies -------------------------------------------------------------------------------

    def add_body(self, name: str, place: str | float, now_s: float) -> None:
        """Put somebody on the axis. Raises ValueError for a name that is taken, an unknown
        place, or a threshold whose leaf is in the way.
        """
        self.advance(now_s)
        self._people.add(name, place, self._now_s, self._passable)
        self._happen()

    def walk(
        self, name: str, place: str | float, now_s: float, speed_m_per_s: float | None = None
    ) -> None:
        """Let a body head for a place; a leaf in its way makes it wait there."""
        self.advance(now_s)
        self._people.walk(name, place, self._now_s, speed_m_per_s)
        self._happen()

    def stop(self, name: str, now_s: float) -> None:
        """Let a body stand where it is."""
        self.advance(now_s)
        self._people.stop(name, self._now_s)
        self._happen()

    def remove_body(self, name: str, now_s: float) -> None:
        """Take a body or an object out of the scene."""
        self.advance(now_s)
        self._people.remove(name)
        self._happen()

    def carry(self, name: str, object_: str, now_s: float) -> None:
        """Let a body hold an object: a new one, or one that lies within its reach."""
        self.advance(now_s)
        self._people.carry(name, object_, self._now_s)
        self._happen()

    def drop(self, name: str, now_s: float) -> None:
        """Let a body leave what it carries where it stands."""
        self.advance(now_s)
        self._people.drop(name, self._now_s)
        self._happen()

    # -- loops, power, faults -----------------------------------------------------------------

    def set_loop(self, loop: str, closed: bool, now_s: float) -> None:
        """Interrupt (False) or close the `fire` or `estop` loop. Interrupted, it opens every
        door whatever the coils say.
        """
        self.advance(now_s)
        if loop not in self._loops:
            raise ValueError(f"no loop {loop!r}: one of {', '.join(LOOPS)}")
        if self._loops[loop] != closed:
            self._loops[loop] = closed
            self._log.append(LoopChange(self._now_s, loop, closed))
        self._happen()

    def set_mains(self, on: bool, now_s: float) -> None:
        """Mains lost or back; the battery takes over for `battery_s`."""
        self.advance(now_s)
        if on != self._mains:
            self._mains = on
            self._battery_ends_s = None if on else self._now_s + self.parameters.battery_s
        self._happen()

    def set_tamper(self, cover_on: bool, now_s: float) -> None:
        """The cabinet's cover."""
        self.advance(now_s)
        self._tamper_ok = cover_on
        self._happen()

    def weld(self, door: str, welded: bool, now_s: float) -> None:
        """Fault: the release relay's contact sticks on, whatever the coil does."""
        self.advance(now_s)
        self._doors[door].welded = welded
        self._happen()

    def jam(self, door: str, jammed: bool, now_s: float) -> None:
        """Fault: the leaf does not move."""
        self.advance(now_s)
        self._doors[door].leaf.jammed = jammed
        self._happen()

    def slow(self, door: str, factor: float, now_s: float) -> None:
        """Fault: travel times are multiplied by `factor` (1: as new)."""
        self.advance(now_s)
        if factor <= 0:
            raise ValueError("slowness is above 0")
        self._doors[door].leaf.slowness = factor
        self._happen()

    def stick(self, sensor: str, value: bool | None, now_s: float) -> None:
        """Fault: a sensor reports `value` whatever happens; None mends it."""
        self.advance(now_s)
        self._known(sensor)
        if value is None:
            self._sensors.stuck.pop(sensor, None)
        else:
            self._sensors.stuck[sensor] = value
        self._happen()

    def break_wire(self, sensor: str, now_s: float) -> None:
        """Fault: the wire is cut; the input reads False until `stick(sensor, None)`."""
        self.stick(sensor, False, now_s)

    def bounce(self, sensor: str, bounce: Bounce | None, now_s: float) -> None:
        """Fault: a contact chatters at every change; None mends it."""
        self.advance(now_s)
        self._known(sensor)
        if bounce is None:
            self._sensors.bouncing.pop(sensor, None)
        else:
            self._sensors.bouncing[sensor] = bounce

    # -- truth --------------------------------------------------------------------------------

    def drain_log(self) -> list[PlantEvent]:
        """Crossings, door and loop changes in order, each handed over once."""
        events = list(self._log)
        self._log.clear()
        return events

    def truth(self) -> PlantTruth:
        """What is physically so at `now_s`."""
        return PlantTruth(
            now_s=self._now_s,
            doors={name: self._door_truth(name) for name in self._doors},
            bodies=self._people.truth(self._now_s),
            loops=dict(self._loops),
            mains=self._mains,
            powered=self._powered,
            tamper_ok=self._tamper_ok,
            inputs=self.inputs(),
        )

    def _door_truth(self, name: str) -> DoorTruth:
        door = self._doors[name]
        return DoorTruth(
            released=self._released(name),
            coil=door.coil,
            emergency=self._emergency,
            mode=door.leaf.mode,
            position=door.leaf.position(self._now_s),
            velocity=door.leaf.velocity,
        )

    # -- what happens -------------------------------------------------------------------------

    def _happen(self) -> None:
        self._power()
        self._settle_leaves()
        self._log.extend(self._people.move(self._now_s, self._passable))
        # A body that has just entered a threshold stops the leaf at the same instant.
        self._settle_leaves()
        self._sensors.observe(self._physical(), self._now_s)

    def _power(self) -> None:
        if self._battery_ends_s is not None and self._battery_ends_s <= self._now_s:
            self._battery_ends_s = None
        self._powered = self._mains or self._battery_ends_s is not None

    def _settle_leaves(self) -> None:
        for name, door in self._doors.items():
            if door.hold_until_s is not None and door.hold_until_s <= self._now_s:
                door.hold_until_s = None
            door.leaf.settle(self._now_s, self._demand(name))
            state = (self._released(name), door.leaf.mode)
            if state != door.logged:
                door.logged = state
                self._log.append(DoorChange(self._now_s, name, *state))

    def _passable(self, name: str) -> bool:
        return self._doors[name].leaf.passable

    def _demand(self, name: str) -> Demand:
        pushed = not self._powered and self._is_free and self._people.waits_at(name)
        return Demand(
            open=self._commanded_open(name) or pushed,
            blocked=self._people.occupies(name) or self._sensors.stuck.get(f"{name}_beam", False),
            driven=self._powered or self._emergency or pushed,
        )

    @property
    def _emergency(self) -> bool:
        return not all(self._loops.values())

    @property
    def _is_free(self) -> bool:
        return self.parameters.unpowered is Unpowered.FREE

    def _commanded_open(self, name: str) -> bool:
        door = self._doors[name]
        electric = door.coil or door.welded or door.hold_until_s is not None
        return self._emergency or (self._powered and electric and self._circuit_closed(name))

    def _circuit_closed(self, name: str) -> bool:
        if not self.parameters.wired_interlock:
            return True
        others = (door.leaf.mode for other, door in self._doors.items() if other != name)
        return all(mode is Mode.CLOSED for mode in others)

    def _released(self, name: str) -> bool:
        door = self._doors[name]
        unlocked = self._commanded_open(name) or (not self._powered and self._is_free)
        return unlocked or door.leaf.mode is not Mode.CLOSED

    def _physical(self) -> dict[str, bool]:
        values: dict[str, bool] = {}
        for name, door in self._doors.items():
            values[f"{name}_closed"] = door.leaf.mode is Mode.CLOSED
            values[f"{name}_open"] = door.leaf.mode is Mode.OPEN
            values[f"{name}_beam"] = self._people.occupies(name)
        inside = self._people.inside()
        values |= {"presence_1": inside >= 1, "presence_2": inside >= 2}
        values["approach"] = self._people.approaching()
        values |= {f"{loop}_loop_ok": closed for loop, closed in self._loops.items()}
        return values | {"mains_ok": self._mains, "tamper_ok": self._tamper_ok}

    def _known(self, sensor: str) -> None:
        if sensor not in self._sensors.reported():
            raise ValueError(f"no sensor {sensor!r}")
