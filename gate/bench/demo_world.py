"""The demo's gate as a process of its own, for the page: travellers on demand, a speed to set.

`python -m gate.bench.demo_world --folder DIR` serves `DIR/control.sock` as `egate run` does, with
more messages: `{"send": KIND}`, `{"stream": true|false}`, `{"speed": N}`, and those of
`fault_desk.FaultDesk.take`, which break a device and mend it.
"""

import argparse
import asyncio
import os
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from gate.bench.actors import KINDS, officer
from gate.bench.fault_desk import Planned
from gate.bench.fault_plan import read_fault_plan
from gate.bench.people import Cast, cast_of
from gate.bench.stories import start_of
from gate.bench.storyteller import Storyteller
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.bench.world import EmulatedGate, MakeRecognition
from gate.compose import Panel
from gate.config import Config
from gate.control import ControlServer, LocalControl
from gate.passage.phases import Phase
from gate.runner import Runner
from gate.store import Durability

ACT_S = 900.0
FRAME_S = 0.1
LINES_KEPT = 60
MOST_WAITING = 20
SPEEDS = (0.25, 50.0)


class DemoWorld:
    """One emulated gate that waits for somebody to send travellers."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        loop: VirtualTimeLoop,
        recognition: MakeRecognition | None = None,
        plan: Sequence[Planned] = (),
    ) -> None:
        self._rng = Random(seed)
        self._plan = plan
        self._loop = loop
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._storyteller = Storyteller(self._lines.append)
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._streaming = False
        self._sent = 0
        self._now: str | None = None
        start = start_of(seed)
        self._today = start.date()
        self._world = EmulatedGate(
            replace(Config(), state=str(folder)),
            start=start,
            rng=Random(self._rng.getrandbits(64)),
            observers=(self._storyteller,),
            durability=Durability.SIMULATION_OFF,
            recognition=recognition,
        )
        self._control: LocalControl | None = None
        self._panel = Panel()
        self._world.on_start = self._follow
        self._path = folder / "control.sock"

    async def run(self) -> None:
        """Serve until cancelled."""
        self._world.switch_on()
        self._world.faults.follow(self._plan)
        assert self._control is not None
        server = ControlServer(self._control, self._path, self._take)
        await server.start()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(officer(self._world, Random(self._rng.getrandbits(64))))
            tasks.create_task(self._world.keep_in_sync())
            tasks.create_task(self._travellers())
            tasks.create_task(self._frames())

    def _follow(self, runner: Runner, panel: Panel) -> None:
        self._panel = panel
        if self._control is None:
            self._control = LocalControl(runner, lambda: self._panel.shown, self._more)
        else:
            self._control.follow(runner)

    def _take(self, message: dict[str, Any]) -> None:
        if "speed" in message:
            self._loop.speed = min(max(float(message["speed"]), SPEEDS[0]), SPEEDS[1])
        elif "stream" in message:
            self._streaming = bool(message["stream"])
            self._waiting.put_nowait("")  # wakes whoever waits for a traveller
        elif "fault" in message or "mend" in message:
            self._world.faults.take(message)
        elif message.get("send") in KINDS:
            if self._waiting.qsize() < MOST_WAITING:
                self._waiting.put_nowait(str(message["send"]))
        else:
            raise ValueError(
                f"a message has act, speed, stream, fault, mend, or send: {', '.join(KINDS)}"
            )

    async def _travellers(self) -> None:
        while True:
            drawn = self._streaming and self._waiting.empty()
            kind = self._drawn() if drawn else await self._waiting.get()
            if kind in KINDS:
                await self._send(kind)

    def _drawn(self) -> str:
        """Mostly people whom nothing stops, as at a real gate."""
        kinds = list(KINDS)
        return self._rng.choices(kinds, [12 if kind == "admitted" else 1 for kind in kinds])[0]

    async def _send(self, kind: str) -> None:
        self._sent, self._now = self._sent + 1, kind
        cast = cast_of(kind, self._sent, self._today, Random(self._rng.getrandbits(64)))
        await self._enrolled(cast)
        self._lines.append(f"== {kind.replace('_', ' ')}")
        await self._world.acted(KINDS[kind](self._world, cast.traveller), within_s=ACT_S)
        await self._world.until(lambda: self._world.phase() is Phase.READY, within_s=300.0)
        self._now = None

    async def _enrolled(self, cast: Cast) -> None:
        """The desk is not on the page: its time passes at once."""
        speed, self._loop.speed = self._loop.speed, None
        try:
            await self._world.take_in(cast)
        finally:
            self._loop.speed = self._loop.speed or speed

    async def _frames(self) -> None:
        """Bodies and leaves move without the core hearing of it: show them too."""
        last: object = None
        parent = os.getppid()
        while True:
            await asyncio.sleep(FRAME_S * (self._loop.speed or 1.0))
            if os.getppid() != parent:
                raise SystemExit  # whoever showed this gate is gone
            truth = self._plant_view()
            if truth != last and self._control is not None:
                last = truth
                self._control.publish()

    def _more(self) -> dict[str, Any]:
        """What only an emulated gate can show."""
        return {
            "told_at_s": time.time(),
            "plant": self._plant_view(),
            "desk": {
                "called": self._panel.called,
                "reasons": [reason.value for reason in self._panel.reasons],
                "alerts": [reason.value for reason in self._panel.alerts[-5:]],
            },
            "demo": {
                "kinds": list(KINDS),
                "waiting": self._waiting.qsize(),
                "now": self._now,
                "streaming": self._streaming,
                "speed": self._loop.speed,
                "lines": list(self._lines),
                "outcomes": {o.value: n for o, n in self._storyteller.outcomes.items()},
            },
            "faults": self._world.faults.view(),
        }

    def _plant_view(self) -> dict[str, Any]:
        plant = self._world.plant
        plant.advance(self._loop.time())
        truth = plant.truth()
        return {
            "doors": {name: round(door.position, 2) for name, door in truth.doors.items()},
            "bodies": {
                name: {"x_m": round(body.x_m, 2), "is_object": body.is_object}
                for name, body in truth.bodies.items()
            },
            "loops": truth.loops,
            "mains": truth.mains,
            "document": self._world.reader.document_present,
        }


def main() -> None:
    """Run one demo world until it is killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--speed", type=float, default=2.0)
    parser.add_argument("--recognition", choices=("real", "emulated"), default="emulated")
    parser.add_argument("--faults", type=Path)
    words = parser.parse_args()
    plan = [] if words.faults is None else read_fault_plan(words.faults)
    loop = VirtualTimeLoop(words.speed)
    asyncio.set_event_loop(loop)

    make = None
    if words.recognition == "real":
        from gate.bench.real_recognition import real_recognition, rendered_folder

        make = real_recognition(words.seed, rendered_folder())

    async def serve() -> None:
        await DemoWorld(words.folder, words.seed, loop, make, plan).run()

    run_virtually(serve(), loop)


if __name__ == "__main__":
    main()
