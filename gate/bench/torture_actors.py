"""Travellers and officers under torture. A traveller reacts to the screen, well or badly."""

import asyncio
from dataclasses import replace
from random import Random

from gate.bench.torture_people import stranger
from gate.bench.torture_ports import now_s
from gate.bench.torture_visits import Visit
from gate.bench.torture_world import World
from gate.passage.events import (
    Event,
    HelpWanted,
    MaintenanceEntered,
    MaintenanceLeft,
    OfficerAdmitted,
    OfficerLetBack,
    OfficerReset,
)
from gate.passage.phases import Phase
from gate.vocabulary.documents import Document
from gate.vocabulary.passages import CaptureKind, Topology
from gate.vocabulary.screens import Screen

PATIENCE_S = 90.0
ENTER_S = 12.0
LATE_S = (12.0, 24.0)
"""About when the next traveller is before the camera."""
WAY_OUT = (Screen.OFFICER, Screen.CLOSED, Screen.EVACUATE)
TRAVELLER, COMPANION, INTRUDER, OBJECT = "traveller", "companion", "intruder", "bag"


class TravellerActs:
    """One visit of one traveller, and of those who come along."""

    def __init__(self, world: World, visit: Visit) -> None:
        self._world = world
        self._how = visit.behaviour
        self._rng = Random(visit.seed)
        own, other = (world.people[number] for number in visit.persons)
        self.person = stranger(self._rng) if self._how == "not_enrolled" else own
        self._other = other
        self._document = self._laid_document()
        self._laid = False
        self._leaving = False

    def _laid_document(self) -> Document:
        if self._how == "others_document":
            return self._other.document
        if self._how == "bad_check_digits":
            return replace(self.person.document, check_digits_ok=False)
        return self.person.document

    async def act(self) -> None:
        """Come, react to every instruction, go."""
        self._arrive(TRAVELLER, "outside")
        if self._how == "two":
            self._arrive(COMPANION, "outside")
            await self._walk(COMPANION, "reader", wait=False)
        await self._walk(TRAVELLER, "reader")
        if self._how == "maintenance":
            await self._maintenance()
        ends_s, seen = now_s() + PATIENCE_S, -1
        while now_s() < ends_s and not self._gone():
            await self._world.until(lambda s=seen: self._world.desk.shows != s, 10.0)  # type: ignore[misc]
            seen = self._world.desk.shows
            await self._react(self._world.desk.shown)

    async def _react(self, screen: Screen) -> None:
        if self._how == "unrest" and self._rng.random() < 0.3:
            self._world.post(HelpWanted())
        match screen:
            case Screen.LAY_DOCUMENT | Screen.LAY_AGAIN if not self._leaving:
                await self._lay()
            case Screen.TAKE_DOCUMENT:
                await self._take()
            case Screen.ENTER if not self._leaving:
                await self._enter()
            case Screen.LOOK_AND_TOUCH:
                await self._look_and_touch()
            case Screen.LEAVE if self._inside(TRAVELLER):
                await self._leave()
            case _ if screen in WAY_OUT:
                await self._give_up()

    async def _lay(self) -> None:
        one_step = self._world.settings.topology is Topology.ONE_STEP
        if one_step is not self._inside(TRAVELLER):
            return
        if self._laid and self._world.desk.shown is Screen.LAY_DOCUMENT:
            return
        self._laid = True
        await self._pause(0.1, 0.8)
        self._world.reader.lay(self._document)
        if self._how == "withdraw_early":
            await self._pause(0.0, 1.0)
            self._world.reader.withdraw()
            self._leaving = True
            await self._walk(TRAVELLER, "outside")

    async def _take(self) -> None:
        await self._pause(0.2, 0.9)
        if self._how == "forget_document" and self._rng.random() < 0.8:
            return
        self._world.reader.withdraw()
        if self._how == "swap_document":
            await self._pause(0.0, 0.5)
            self._world.reader.lay(self._other.document)
            await self._pause(0.0, 2.0)
            self._world.reader.withdraw()

    async def _enter(self) -> None:
        self._world.reader.withdraw()
        if self._how == "nobody":
            self._leaving = True
            await self._walk(TRAVELLER, "outside")
            return
        late = self._how == "late"
        await self._pause(*((ENTER_S - 2.5, ENTER_S + 1.5) if late else (0.1, 1.0)))
        if self._how == "two":
            await self._walk(TRAVELLER, "inside", wait=False)
            await self._pause(0.0, 0.8)
            await self._walk(COMPANION, "inside", wait=False)
            await self._pause(1.0, 3.0)
        elif self._how == "turn_back":
            await self._walk(TRAVELLER, self._rng.choice(("entry", "inside")), within_s=3.0)
            self._leaving = True
            await self._walk(TRAVELLER, "outside")
        else:
            await self._walk(TRAVELLER, "inside", within_s=6.0)

    async def _look_and_touch(self) -> None:
        await self._pause(0.1, 0.6)
        late = self._how == "late_answers"
        self._world.recognition.late_s = LATE_S if late else (0.0, 0.0)
        own = self.person.person_id
        face = "stranger" if self._how == "wrong_face" else own
        finger = "stranger" if self._how == "wrong_finger" else own
        self._world.recognition.presented = {CaptureKind.FACE: face, CaptureKind.FINGER: finger}
        if self._how in ("help_inside", "late_answers"):
            await self._pause(*((1.8, 2.5) if late else (0.0, 0.5)))
            self._world.post(HelpWanted())

    async def _leave(self) -> None:
        hesitates = self._how in ("hesitate", "stay")
        await self._pause(*((2.0, 14.0) if hesitates else (0.1, 0.8)))
        if self._how == "leave_object":
            self._drop_bag()
        if self._how == "in_by_exit":
            self._arrive(INTRUDER, "beyond")
            await self._walk(INTRUDER, self._rng.choice(("inside", "exit")), wait=False)
            await self._pause(0.0, 2.0)
        if self._how == "stay":
            return
        if self._how == "peek":
            await self._walk(TRAVELLER, "exit", within_s=3.0)
            await self._walk(TRAVELLER, "inside", within_s=3.0)
            return
        self._leaving = True
        if self._how == "lay_and_go":
            self._world.reader.lay(self._document)
        if self._how == "two":
            await self._walk(COMPANION, "beyond", wait=False)
        await self._walk(TRAVELLER, "beyond", within_s=12.0)
        if self._how == "lay_and_go":
            await self._pause(1.0, 3.0)
            self._world.reader.withdraw()
        if self._how == "in_by_exit" and INTRUDER in self._bodies():
            await self._walk(INTRUDER, self._rng.choice(("beyond", "outside")), wait=False)

    def _drop_bag(self) -> None:
        if OBJECT in self._bodies() or TRAVELLER not in self._bodies():
            return
        self._world.plant.carry(TRAVELLER, OBJECT, now_s())
        self._world.plant.drop(TRAVELLER, now_s())
        self._world.touch()

    async def _give_up(self) -> None:
        await self._pause(0.2, 1.0)
        self._world.reader.withdraw()
        self._leaving = True
        ways = ("outside", "outside", "beyond") if self._inside(TRAVELLER) else ("outside",)
        evacuating = self._world.desk.shown is Screen.EVACUATE
        for name in (TRAVELLER, COMPANION):
            if name in self._bodies():
                way = self._rng.choice(ways) if evacuating else "outside"
                await self._walk(name, way, wait=False)
        await self._pause(1.0, 3.0)

    async def _maintenance(self) -> None:
        world = self._world
        await world.until(lambda: world.phase is Phase.READY, 20.0)
        world.attended = True
        world.post(MaintenanceEntered("technician-1"))
        await self._pause(2.0, 6.0)
        world.post(MaintenanceLeft("technician-1"))
        world.attended = False

    # -- bodies ---------------------------------------------------------------------------------

    def _bodies(self) -> dict[str, object]:
        return dict(self._world.plant.truth().bodies)

    def _inside(self, name: str) -> bool:
        body = self._world.plant.truth().bodies.get(name)
        return body is not None and body.inside

    def _gone(self) -> bool:
        body = self._world.plant.truth().bodies.get(TRAVELLER)
        away = body is None or body.x_m > 4.0 or (self._leaving and body.x_m < -2.0)
        return away and COMPANION not in self._bodies()

    def _arrive(self, name: str, place: str) -> None:
        if name not in self._bodies():
            self._world.plant.add_body(name, place, now_s())
            self._world.touch()

    async def _walk(
        self, name: str, place: str, *, wait: bool = True, within_s: float = 8.0
    ) -> None:
        if name not in self._bodies():
            return
        pace = self._rng.uniform(0.7, 1.8)
        self._world.plant.walk(name, place, now_s(), pace)
        self._world.touch()
        ends_s = now_s() + within_s
        while wait and now_s() < ends_s:
            await asyncio.sleep(0.7)
            self._world.plant.advance(now_s())
            body = self._world.plant.truth().bodies.get(name)
            if body is None or not (body.walking or body.waiting_at):
                return

    async def _pause(self, shortest_s: float, longest_s: float) -> None:
        await asyncio.sleep(self._rng.uniform(shortest_s, longest_s))


async def officer(world: World, rng: Random) -> None:
    """Comes when called and does something, mostly what fits; for ever."""
    while True:
        if not await world.until(lambda: world.desk.called, 3600.0):
            continue
        await asyncio.sleep(rng.uniform(1.0, 4.0) if rng.random() < 0.97 else rng.uniform(20, 100))
        act = fitting_act(world, rng) if world.desk.called else None
        if act is not None:
            world.post(act)
        await asyncio.sleep(1.5)


def fitting_act(world: World, rng: Random) -> Event | None:
    """What an officer who looks through the glass would press."""
    bodies = world.plant.truth().bodies
    for name in [name for name, body in bodies.items() if body.is_object]:
        world.plant.remove_body(name, now_s())
        world.touch()
    inside = sum(body.inside and not body.is_object for body in bodies.values())
    phase = world.phase
    if phase is Phase.LETTING_BACK:
        return None
    if phase is Phase.EVACUATING or (phase is Phase.OCCUPIED_UNKNOWN and not inside):
        return OfficerReset("officer-1")
    if phase is Phase.REFERRED and inside < 2 and rng.random() < 0.3:
        return OfficerAdmitted("officer-1")
    return OfficerLetBack("officer-1") if inside else OfficerReset("officer-1")


def clear_away(world: World) -> bool:
    """Whoever is out is gone, whoever is in wants out; True once nobody is left."""
    truth = world.plant.truth()
    for name, body in truth.bodies.items():
        if body.is_object or not (body.inside or body.on_threshold):
            world.plant.remove_body(name, now_s())
        elif not body.walking and body.waiting_at != "entry":
            world.plant.walk(name, "outside", now_s())
    world.touch()
    return not world.plant.truth().bodies


async def settle(world: World, within_s: float = 400.0) -> bool:
    """Everything is mended and everybody leaves: the gate has to come back to work by itself."""
    ends_s = now_s() + within_s
    world.recognition.presented = {}
    world.attended = False
    while now_s() < ends_s and world.died is None:
        world.reader.withdraw()
        empty = clear_away(world)
        if world.phase is Phase.MAINTENANCE:
            world.post(MaintenanceLeft("technician-1"))
        if empty and world.phase is Phase.READY:
            return True
        await world.until(lambda: world.phase is Phase.READY, 1.0)
        await asyncio.sleep(0.3)
    return False
