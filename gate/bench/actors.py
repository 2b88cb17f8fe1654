"""Travellers who act and an officer who answers: bodies, hands and eyes of the emulated world.

A traveller knows only what a traveller can: the screen, the doors, the own passport. The story of
each kind is one coroutine below, in the order of `KINDS`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from enum import Enum
from random import Random
from typing import Any, Protocol

from gate.passage.events import Event, OfficerLetBack, OfficerReset
from gate.passage.phases import Phase
from gate.vocabulary.passages import CaptureKind
from gate.vocabulary.screens import Screen

OFFICER_ID = "officer-1"


class Manner(Enum):
    """How a face or a finger is presented."""

    WELL = "well"
    CROWDED = "crowded"
    """Somebody else looks over the shoulder."""
    HALF = "half"
    """Only half a finger is on the glass."""


@dataclass(frozen=True, slots=True)
class Traveller:
    """Somebody with a passport. `face`, `finger`: whose they are (the own person_id, normally);
    None: not shown, not laid down.
    """

    name: str
    person_id: str
    lines: tuple[str, ...]
    face: str | None
    finger: str | None
    rng: Random
    face_manner: Manner = Manner.WELL
    finger_manner: Manner = Manner.WELL

    def pause_s(self, shortest: float = 0.3, longest: float = 1.5) -> float:
        """How long this person hesitates."""
        return self.rng.uniform(shortest, longest)


class World(Protocol):
    """What actors can do and see."""

    def screen(self) -> Screen:
        """The instruction that stands there."""
        ...

    def phase(self) -> Phase:
        """What a bystander makes of the gate."""
        ...

    def somebody_inside(self) -> bool:
        """What is seen through the glass."""
        ...

    def officer_called(self) -> bool:
        """The call lamp."""
        ...

    def loops_ok(self) -> bool:
        """No alarm sounds."""
        ...

    async def until(self, condition: Callable[[], bool], within_s: float = 120.0) -> bool:
        """Wait for a condition; False after `within_s`."""
        ...

    def arrive(self, name: str) -> None:
        """Come into view."""
        ...

    async def walk(self, name: str, place: str) -> None:
        """Walk there and arrive."""
        ...

    def leave(self, name: str) -> None:
        """Go out of view."""
        ...

    def lay(self, lines: tuple[str, ...]) -> None:
        """Lay the passport on the reader."""
        ...

    def withdraw(self) -> None:
        """Take it away."""
        ...

    def present(
        self, kind: CaptureKind, identity: str | None, manner: Manner = Manner.WELL
    ) -> None:
        """Whose face or finger is held before the sensor."""
        ...

    def interrupt_fire_loop(self) -> None:
        """Somebody pulls the fire alarm."""
        ...

    def close_fire_loop(self) -> None:
        """The fire alarm is over."""
        ...

    async def cut_power(self, for_s: float) -> None:
        """Mains and controller go, and come back."""
        ...

    def unplug_reader(self, for_s: float) -> None:
        """Pull the reader's plug."""
        ...

    def enter_ban(self, person_id: str) -> None:
        """Another agency enters a ban."""
        ...

    def post(self, event: Event) -> None:
        """Press an officer's button."""
        ...


async def cross(world: World, who: Traveller) -> None:
    """The whole way, as the screen says; also the way of everybody who will be referred."""
    if await lay_document(world, who) and await walk_in(world, who):
        await be_captured(world, who)
        await walk_out(world, who)


async def lay_document(world: World, who: Traveller) -> bool:
    """Up to the entry answer, document back in hand; False if it is not to enter."""
    world.arrive(who.name)
    await world.walk(who.name, "reader")
    await world.until(lambda: world.screen() is Screen.LAY_DOCUMENT)
    await asyncio.sleep(who.pause_s())
    world.lay(who.lines)
    answers = (Screen.TAKE_DOCUMENT, Screen.ENTER, Screen.OFFICER, Screen.EVACUATE)
    await world.until(lambda: world.screen() in answers)
    await asyncio.sleep(who.pause_s(0.4, 1.2))
    world.withdraw()
    await world.until(lambda: world.screen() in answers[1:])
    if world.screen() is Screen.ENTER:
        return True
    await world.until(lambda: world.phase() is not Phase.REFERRED)
    await go_away(world, who, "outside")
    return False


async def walk_in(world: World, who: Traveller) -> bool:
    """Through the entry door; False if something else came."""
    await asyncio.sleep(who.pause_s())
    await world.walk(who.name, "inside")
    return world.screen() is not Screen.EVACUATE


async def be_captured(world: World, who: Traveller) -> None:
    """Look and touch until the screen says something else."""
    await world.until(lambda: world.screen() is not Screen.ENTER)
    world.present(CaptureKind.FACE, who.face, who.face_manner)
    world.present(CaptureKind.FINGER, who.finger, who.finger_manner)
    ends = (Screen.LEAVE, Screen.OFFICER, Screen.EVACUATE, Screen.CLOSED)
    await world.until(lambda: world.screen() in ends)
    world.present(CaptureKind.FACE, None)
    world.present(CaptureKind.FINGER, None)


async def walk_out(world: World, who: Traveller) -> None:
    """Out by the way that opens."""
    if world.screen() is Screen.LEAVE:
        await asyncio.sleep(who.pause_s(0.1, 0.8))
        await go_away(world, who, "beyond")
    elif world.screen() is Screen.EVACUATE:
        await go_away(world, who, "outside")
    else:
        await wait_for_officer(world, who)


async def wait_for_officer(world: World, who: Traveller) -> None:
    """Stand until the entry door opens again, then go back."""
    ways = (Phase.LETTING_BACK, Phase.EVACUATING)
    await world.until(lambda: world.phase() in ways, within_s=600.0)
    await go_away(world, who, "outside")


async def go_away(world: World, who: Traveller, place: str) -> None:
    """Walk off and be gone."""
    await world.walk(who.name, place)
    world.leave(who.name)


async def two_persons(world: World, who: Traveller) -> None:
    """Somebody slips in behind."""
    second = replace(who, name=f"{who.name}+1")
    world.arrive(second.name)
    if not await lay_document(world, who):
        return
    await world.walk(second.name, "reader")
    await asyncio.gather(world.walk(who.name, "inside"), world.walk(second.name, "inside"))
    await world.until(lambda: world.phase() is Phase.LETTING_BACK, within_s=600.0)
    await asyncio.gather(go_away(world, who, "outside"), go_away(world, second, "outside"))


async def turned_back(world: World, who: Traveller) -> None:
    """In, and out again before the door shuts."""
    if await lay_document(world, who):
        await asyncio.sleep(who.pause_s())
        await world.walk(who.name, "entry")
        await go_away(world, who, "outside")


async def document_withdrawn(world: World, who: Traveller) -> None:
    """The passport is taken away before the reader is done."""
    world.arrive(who.name)
    await world.walk(who.name, "reader")
    await world.until(lambda: world.screen() is Screen.LAY_DOCUMENT)
    world.lay(who.lines)
    await world.until(lambda: world.phase() is Phase.READING, within_s=5.0)
    await asyncio.sleep(0.1)
    world.withdraw()
    await go_away(world, who, "outside")


async def nobody_entered(world: World, who: Traveller) -> None:
    """The door opens and nobody comes."""
    if await lay_document(world, who):
        await go_away(world, who, "outside")


async def fire_on_the_way(world: World, who: Traveller) -> None:
    """The fire loop goes while the traveller is between the doors."""
    if not await lay_document(world, who):
        return
    await walk_in(world, who)
    await world.until(lambda: world.screen() is Screen.LOOK_AND_TOUCH)
    await asyncio.sleep(who.pause_s())
    world.interrupt_fire_loop()
    await world.until(lambda: world.screen() is Screen.EVACUATE)
    await go_away(world, who, "outside")
    await asyncio.sleep(10.0)
    world.close_fire_loop()


async def power_lost(world: World, who: Traveller) -> None:
    """Everything goes dark with the traveller inside, and comes back."""
    if not await lay_document(world, who):
        return
    await walk_in(world, who)
    await world.until(lambda: world.screen() is Screen.LOOK_AND_TOUCH)
    await asyncio.sleep(who.pause_s())
    await world.cut_power(for_s=5.0)
    await wait_for_officer(world, who)


async def ban_while_inside(world: World, who: Traveller) -> None:
    """A ban arrives between the two checks."""
    if not await lay_document(world, who):
        return
    await walk_in(world, who)
    await world.until(lambda: world.screen() is Screen.LOOK_AND_TOUCH)
    world.enter_ban(who.person_id)
    await be_captured(world, who)
    await walk_out(world, who)


async def reader_unplugged(world: World, who: Traveller) -> None:
    """The reader's plug is pulled while it reads."""
    world.arrive(who.name)
    await world.walk(who.name, "reader")
    await world.until(lambda: world.screen() is Screen.LAY_DOCUMENT)
    world.lay(who.lines)
    await world.until(lambda: world.phase() is Phase.READING, within_s=5.0)
    world.unplug_reader(for_s=20.0)
    world.withdraw()
    await world.until(lambda: world.screen() is Screen.OFFICER)
    await world.until(lambda: world.phase() is not Phase.REFERRED)
    await go_away(world, who, "outside")


Script = Callable[[World, Traveller], Coroutine[Any, Any, None]]

KINDS: dict[str, Script] = {
    "admitted": cross,
    "banned": cross,
    "ban_while_inside": ban_while_inside,
    "expired_passport": cross,
    "not_enrolled": cross,
    "face_mismatch": cross,
    "finger_mismatch": cross,
    "no_face": cross,
    "two_faces": cross,
    "no_finger": cross,
    "half_finger": cross,
    "two_persons": two_persons,
    "turned_back": turned_back,
    "document_withdrawn": document_withdrawn,
    "nobody_entered": nobody_entered,
    "fire_on_the_way": fire_on_the_way,
    "power_lost": power_lost,
    "reader_unplugged": reader_unplugged,
}
"""What travellers can be, in the order in which `--travellers all` sends them."""


async def officer(world: World, rng: Random) -> None:
    """Comes when called, looks, and does what the gate allows; for ever."""
    while True:
        await world.until(world.officer_called, within_s=float("inf"))
        await asyncio.sleep(rng.uniform(3.0, 6.0))
        if not world.officer_called():
            continue
        if world.phase() is Phase.LETTING_BACK:
            continue
        # During an evacuation only the reset counts, and only once the loops are whole.
        back = world.somebody_inside() and world.phase() is not Phase.EVACUATING
        world.post(OfficerLetBack(OFFICER_ID) if back else OfficerReset(OFFICER_ID))
        await asyncio.sleep(1.0)
