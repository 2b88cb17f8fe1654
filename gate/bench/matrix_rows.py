"""What the fault matrix is made of: every breakage of every device, and how each phase is reached."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from gate.bench.actors import KINDS, OFFICER_ID, Traveller, cross
from gate.bench.fault_words import SKINS, WIRE_WORDS, Breakage, Seeing
from gate.bench.people import STRANGER
from gate.bench.world import EmulatedGate
from gate.passage.events import MaintenanceEntered, MaintenanceLeft
from gate.passage.phases import Phase

LASTS_S = 2.0
CAPTURED_S = 4.0
"""A camera or a sensor is given longer: a capture needs two seconds to tell that one is useless."""
DOORS = ("entry", "exit")


@dataclass(frozen=True, slots=True)
class Row:
    """One breakage in every phase. `excuses`: what it does to a door by itself, in the words of
    `torture_checker`: a welded relay opens its door, a contact that lies blinds the interlock.
    """

    breakage: Breakage
    lasts_s: float
    within_s: float
    excuses: tuple[str, ...] = ()

    @property
    def needs_recognition(self) -> bool:
        """Whether camera and sensor must be there."""
        return self.breakage.device in ("camera", "finger")


def rows() -> list[Row]:
    """Every row, in a fixed order."""
    found = [_wire(device, word) for device in ("doors", "reader", "finger") for word in WIRE_WORDS]
    found += [Row(Breakage("finger", skin), CAPTURED_S, 3.0) for skin in SKINS]
    found += [Row(Breakage("camera", word), CAPTURED_S, 6.0) for word in Seeing.words]
    for door in DOORS:
        found += [_plant(kind, door) for kind in ("weld", "jam", "slow")]
        found += [_plant(kind, f"{door}_beam") for kind in ("stuck_on", "broken_wire")]
        for end in ("closed", "open"):
            found += [_plant(k, f"{door}_{end}") for k in ("stuck_on", "broken_wire", "bounce")]
    found += [_plant(kind, "presence_1") for kind in ("stuck_on", "broken_wire")]
    return found + [_plant(kind) for kind in ("fire_loop", "stop_loop", "mains", "tamper")]


def _wire(device: str, word: str) -> Row:
    lasts_s = CAPTURED_S if device == "finger" else LASTS_S
    amount = lasts_s if word in ("stuck_busy", "unplug") else None
    return Row(Breakage(device, word, amount=amount), lasts_s, 3.0)


def _plant(kind: str, part: str = "") -> Row:
    excuses: tuple[str, ...] = ()
    if kind == "weld":
        excuses = ("both", "exit", "crossing") if part == "exit" else ("both",)
    elif kind == "stuck_on" and part.endswith("_closed"):
        excuses = ("both",)
    elif kind == "broken_wire" and part == "presence_1":
        excuses = ("crossing",)
    return Row(Breakage("gate", kind, part), LASTS_S, 3.0, excuses)


Route = Callable[[EmulatedGate, Traveller, "asyncio.Event"], Coroutine[Any, Any, None]]
"""Leads a traveller so that the gate comes to a phase; the event says that the fault is over."""


async def _cross(world: EmulatedGate, who: Traveller, over: asyncio.Event) -> None:
    await cross(world, who)


async def _refused(world: EmulatedGate, who: Traveller, over: asyncio.Event) -> None:
    await cross(world, replace(who, face=STRANGER))


async def _started_anew(world: EmulatedGate, who: Traveller, over: asyncio.Event) -> None:
    await world.switch_off()
    await asyncio.sleep(1.0)
    world.switch_on()
    await cross(world, who)


async def _out_of_service(world: EmulatedGate, who: Traveller, over: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    world.plant.set_tamper(False, loop.time())
    await over.wait()
    world.plant.set_tamper(True, loop.time())
    await cross(world, who)


async def _maintained(world: EmulatedGate, who: Traveller, over: asyncio.Event) -> None:
    world.post(MaintenanceEntered(OFFICER_ID))
    await over.wait()
    world.post(MaintenanceLeft(OFFICER_ID))
    await cross(world, who)


async def _laid_early(world: EmulatedGate, who: Traveller, over: asyncio.Event) -> None:
    """The next one's passport lies on the reader before this one is gone: nothing is over yet."""

    async def lay() -> None:
        await world.until(lambda: world.phase() is Phase.LEAVING)
        world.lay(who.lines)
        await world.until(lambda: world.phase() is Phase.CLEARING)
        await asyncio.sleep(3.0)
        world.withdraw()

    await asyncio.gather(cross(world, who), lay())


def _story(kind: str) -> Route:
    async def route(world: EmulatedGate, who: Traveller, over: asyncio.Event) -> None:
        await KINDS[kind](world, who)

    return route


ROUTES: dict[Phase, Route] = {
    **dict.fromkeys(Phase, _cross),
    Phase.STARTING: _started_anew,
    Phase.OUT_OF_SERVICE: _out_of_service,
    Phase.CLEARING: _laid_early,
    Phase.MAINTENANCE: _maintained,
    Phase.REFERRED: _refused,
    Phase.LETTING_BACK: _refused,
    Phase.OCCUPIED_UNKNOWN: _story("power_lost"),
    Phase.EVACUATING: _story("fire_on_the_way"),
}
