"""One gate place and one desk place with rendered travellers, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from typing import Any, TypeVar

from gate.bench.demo_desk import Place, comparers
from gate.bench.synthetic_travellers import SyntheticTravellers
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.recognition.comparers import Comparers
from gate.recognition.enrolling import Station
from gate.recognition.recogniser import Recogniser
from models.face.synthetic import Scene

T = TypeVar("T")
ALICE, BOB = "person-00001", "person-00002"
ON = date(2026, 3, 2)
TRAVELLERS = SyntheticTravellers(5)


class Held:
    """References in a dictionary."""

    def __init__(self) -> None:
        self.held: dict[str, Mapping[str, bytes]] = {}

    async def templates_of(self, person_id: str) -> Mapping[str, bytes]:
        """See `recognition.devices.References`."""
        return self.held.get(person_id, {})


def now_s() -> float:
    """The running loop's time."""
    return asyncio.get_running_loop().time()


async def enrolled(person_id: str) -> Mapping[str, bytes]:
    """Templates of somebody, taken by a desk's station."""
    place = Place.make(f"desk-{person_id}", TRAVELLERS, 3)
    try:
        place.face.set_scene(still(person_id), now_s())
        place.finger.show(person_id)
        return (await station(place, {}).capture(ON)).templates
    finally:
        await place.close()


def still(person_id: str) -> Scene:
    """Somebody who sits before the desk's camera."""
    sitter = TRAVELLERS.of(person_id).sitter
    return Scene(sitter, approach_s=0.0, motion=0.5, defocus=0.0, flicker=0.0, blinks=False)


def station(place: Place, everybody: Mapping[str, Mapping[str, bytes]]) -> Station:
    """A desk whose store holds these templates by kind and person."""
    return Station(
        comparers(),
        lambda kind: everybody.get(kind.value, {}),
        open_camera=place.open_camera,
        open_sensor=place.open_sensor,
    )


def recogniser(place: Place, references: Held, using: Comparers | None = None) -> Recogniser:
    """The gate's."""
    return Recogniser(
        using or comparers(),
        references,
        open_camera=place.open_camera,
        open_sensor=place.open_sensor,
    )


def virtually(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run in virtual time."""
    loop = VirtualTimeLoop()
    asyncio.set_event_loop(loop)
    try:
        return run_virtually(main(), loop)
    finally:
        asyncio.set_event_loop(None)
