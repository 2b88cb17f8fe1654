"""The person in front of the laptop as a traveller of the demo: enrolled at the desk, erased on request.

A made-up passport and a rendered finger go with the face; no name is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from gate.bench.actors import Traveller
from gate.bench.bringing_in import Applicant, bring_in, forget
from gate.bench.people import Cast, cast_of
from gate.bench.separate_worker import SeparateWorker
from gate.bench.synthetic_travellers import PLACES
from gate.bench.world import EmulatedGate
from gate.ports import DeviceError
from gate.vocabulary.decisions import EnrolmentVerdict

NUMBER = PLACES
"""The last of the stage's places, and every PLACES further: nobody else of this demo has it."""
KINDS = {
    "yourself": "admitted",
    "borrowed_passport": "admitted",
    "turned_back": "turned_back",
    "fire_on_the_way": "fire_on_the_way",
}
"""What can be tried with one's own face, and the script of each."""
FINDINGS = {
    "no_face": "no face was seen: sit before the camera, light from the front",
    "two_faces": "more than one face was seen: sit there alone",
    "other_face": "the pictures show different faces: sit there alone and stay",
    "dark": "it is too dark: make more light",
    "bright": "it is too bright: less light, or turn away from the window",
    "uneven": "one half of the face is dark: let the light come from the front",
    "far": "come closer",
    "near": "move back a little",
    "cut_off": "the whole face has to be in the picture",
    "turned": "look straight into the camera",
    "blurred": "hold still, or wipe the lens",
    "eyes_closed": "open your eyes",
    "covered": "take off what covers the face",
}
"""What to do about a finding of the desk; others are shown as they are."""


class OwnFace:
    """States: `nobody`, `enrolling`, `enrolled`; `said` is what the person has to know."""

    def __init__(
        self,
        world: EmulatedGate,
        worker: SeparateWorker,
        today: date,
        changed: Callable[[], None],
    ) -> None:
        self._world = world
        self._worker = worker
        self._changed = changed
        self._today = today
        self._number = NUMBER
        self._other = cast_of("admitted", 1, today, Random(1))
        self._other_is_there = False
        self._enrolling: asyncio.Task[None] | None = None
        self.state, self.said = "nobody", "You are not enrolled. Nothing of you is held."

    def take(self, wish: str) -> None:
        """`enrol` or `erase`. Raises ValueError for anything else."""
        if wish == "enrol":
            if self.state != "enrolling":
                self._tell("enrolling", "Look into the camera for a few seconds.")
                self._enrolling = asyncio.create_task(self._enrol())
        elif wish == "erase":
            self._erase()
        else:
            raise ValueError("`me` is enrol or erase")

    @property
    def _you(self) -> Cast:
        return cast_of("admitted", self._number, self._today, Random(self._number))

    async def cast(self, kind: str) -> Cast:
        """Who walks: always the person before the camera, perhaps with somebody else's passport."""
        you = self._you.traveller
        if kind != "borrowed_passport":
            return replace(self._you, kind=KINDS[kind])
        if not self._other_is_there:
            await self._world.take_in(self._other)
            self._other_is_there = True
        borrowed = self._other.traveller
        who = Traveller(you.name, borrowed.person_id, borrowed.lines, you.face, you.finger, you.rng)
        return replace(self._other, traveller=who)

    def view(self) -> dict[str, Any]:
        """For the page."""
        return {"state": self.state, "said": self.said}

    async def _enrol(self) -> None:
        answer: dict[str, Any] = {}

        async def at_desk(applicant: Applicant) -> None:
            answer.update(await self._worker.at_desk(applicant, own=True))

        try:
            await bring_in(self._you, self._world.clock.utc(), self._world.open_store, at_desk)
        except (DeviceError, TimeoutError) as error:
            self._forgotten(
                "Not enrolled. " + (str(error) or "The recognition worker is not there.")
            )
            return
        if answer.get("verdict") == EnrolmentVerdict.ACCEPT.value:
            self._tell("enrolled", "You are enrolled: a template, sealed with a key of your own.")
        else:
            self._forgotten("Not enrolled: " + (_advice(answer) or "an officer would have to look"))

    def _erase(self) -> None:
        if self._enrolling is not None:
            self._enrolling.cancel()
        self._forgotten("Your key is destroyed, your template with it. Nothing of you is left.")

    def _forgotten(self, said: str) -> None:
        forget(self._you.traveller.person_id, self._world.open_store, "asked for on the page")
        self._number += (
            PLACES  # who was erased does not come back: the next enrolment is somebody new
        )
        self._tell("nobody", said)

    def _tell(self, state: str, said: str) -> None:
        self.state, self.said = state, said
        self._changed()


def _advice(answer: dict[str, Any]) -> str:
    if answer.get("duplicates"):
        return "somebody who looks like you is enrolled already"
    return "; ".join(FINDINGS.get(word, word.replace("_", " ")) for word in answer["findings"])
