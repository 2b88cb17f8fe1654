"""The demo's gate as a process of its own, for the page: travellers on demand, a speed to set.

`python -m gate.bench.demo_world --folder DIR` serves `DIR/control.sock` as `egate run` does, with
more messages: `{"send": KIND}`, `{"stream": true|false}`, `{"speed": N}`, those of
`fault_desk.FaultDesk.take`, which break a device and mend it, and with one's own face
`{"me": "enrol"|"erase"}`. With `--recognition worker` the recognition worker is another process
(`gate.bench.demo_worker` on the same folder).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from gate.bench import demo_own
from gate.bench.actors import KINDS, officer
from gate.bench.demo_own import OwnFace
from gate.bench.demo_travellers import Travellers
from gate.bench.fault_desk import Planned
from gate.bench.fault_plan import read_fault_plan
from gate.bench.last_passage import LastPassage
from gate.bench.memory import keep_little
from gate.bench.people import Cast
from gate.bench.separate_worker import SeparateWorker
from gate.bench.stories import start_of
from gate.bench.storyteller import Storyteller
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.bench.world import EmulatedGate, MakeRecognition
from gate.compose import Panel
from gate.config import Config, Reader, ReaderKind
from gate.control import ControlServer, LocalControl
from gate.passage.phases import Phase
from gate.ports import DeviceError
from gate.runner import Runner
from gate.store import Durability, SiteKeys, Store

if TYPE_CHECKING:
    from gate.bench.page_stage import PageStage

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
        *,
        own_face: bool = False,
        reader: Reader | None = None,
        pages: PageStage | None = None,
    ) -> None:
        """`reader`: without it the emulated serial one. `pages`: where the worker reads them."""
        self._rng = Random(seed)
        self._plan = plan
        self._loop = loop
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._storyteller = Storyteller(self._lines.append)
        self._last = LastPassage()
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._streaming = False
        self._now: str | None = None
        self._at_desk = False
        keys = SiteKeys.from_file(folder / "master.key", create=True)
        start = _start(seed, folder / "store.db", keys)
        self._world = EmulatedGate(
            replace(Config(), state=str(folder), reader=reader or Reader()),
            start=start,
            rng=Random(self._rng.getrandbits(64)),
            observers=(self._storyteller, self._last),
            durability=Durability.SIMULATION_OFF,
            recognition=recognition,
            keys=keys,
            reader=None if pages is None else lambda _world: pages,
        )
        self._pages = pages
        if pages is not None:
            pages.on_advice = self._publish
        own = Random(self._rng.getrandbits(64))
        self._travellers = Travellers(start.date(), own, folder / "travellers", self._take_in)
        worker = self._world.recognition
        self._worker = worker if isinstance(worker, SeparateWorker) else None
        self._own: OwnFace | None = None
        if self._worker is not None:
            self._worker.on_advice = self._publish
            if own_face:
                self._own = OwnFace(self._world, self._worker, start.date(), self._publish)
        self.kinds = list(demo_own.KINDS if self._own else KINDS)
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
        try:
            await self._serve()
        finally:
            await server.close()
            await self._world.recognition.close_world()
            self._world.reader.close()

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(officer(self._world, Random(self._rng.getrandbits(64))))
            tasks.create_task(self._world.keep_in_sync())
            tasks.create_task(self._gate_is_open())
            tasks.create_task(self._frames())
            if self._worker is not None and self._own is None:
                tasks.create_task(self._travellers.keep_ready(self._is_calm, self._publish))

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
        elif "me" in message and self._own is not None:
            self._own.take(str(message["me"]))
        elif message.get("send") in self.kinds:
            if self._waiting.qsize() < MOST_WAITING:
                self._waiting.put_nowait(str(message["send"]))
        else:
            known = ", ".join(self.kinds)
            raise ValueError(f"a message has act, speed, stream, fault, mend, me, or send: {known}")

    async def _gate_is_open(self) -> None:
        while True:
            drawn = self._streaming and self._waiting.empty() and self._own is None
            kind = self._travellers.drawn() if drawn else await self._waiting.get()
            if kind in self.kinds:
                await self._send(kind)

    def _is_calm(self) -> bool:
        return self._now is None and self._waiting.empty()

    async def _send(self, kind: str) -> None:
        self._now, self._at_desk = kind, True
        self._publish()
        try:
            cast = await (self._own.cast(kind) if self._own else self._travellers.next(kind))
        except DeviceError as error:
            self._lines.append(f"== {kind.replace('_', ' ')}: not enrolled, {error}")
        else:
            self._lines.append(f"== {kind.replace('_', ' ')}")
            if self._worker is not None:
                await self._worker.await_arrival(cast)
            self._at_desk = False
            act = KINDS[cast.kind](self._world, cast.traveller)
            await self._world.acted(act, within_s=ACT_S)
            await self._world.until(lambda: self._world.phase() is Phase.READY, within_s=300.0)
        finally:
            self._at_desk = False
        self._now = None
        self._publish()

    async def _take_in(self, cast: Cast) -> None:
        """The desk is not on the page: its time passes at once, where it is in this process."""
        if self._worker is not None:
            await self._world.take_in(cast)
            return
        speed, self._loop.speed = self._loop.speed, None
        try:
            await self._world.take_in(cast)
        finally:
            self._loop.speed = self._loop.speed or speed

    def _publish(self) -> None:
        if self._control is not None:
            self._control.publish()

    async def _frames(self) -> None:
        """Bodies and leaves move without the core hearing of it: show them too."""
        last: object = None
        parent = os.getppid()
        while True:
            await asyncio.sleep(FRAME_S * (self._loop.speed or 1.0))
            if os.getppid() != parent:
                raise SystemExit  # whoever showed this gate is gone
            truth = self._plant_view()
            if truth != last:
                last = truth
                self._publish()

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
                "kinds": self.kinds,
                "waiting": self._waiting.qsize(),
                "now": self._now,
                "at_desk": self._at_desk,
                "prepared": self._travellers.waiting_ready(),
                "streaming": self._streaming,
                "speed": self._loop.speed,
                "lines": list(self._lines),
                "outcomes": {o.value: n for o, n in self._storyteller.outcomes.items()},
                **self._last.view(self._loop.time()),
                "advice": self._advice(),
            },
            "faults": self._world.faults.view(),
            "me": self._own.view() if self._own else None,
        }

    def _advice(self) -> dict[str, str]:
        advice = dict(self._worker.advice) if self._worker else {}
        if self._pages is not None and self._pages.advice:
            advice["document"] = self._pages.advice
        return advice

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


def _start(seed: int, store: Path, keys: SiteKeys) -> datetime:
    """A gate that comes back goes on where its records end: to a clock behind them they are unknown."""
    if not store.exists():
        return start_of(seed)
    with Store.open(store, keys=keys) as held:
        return max(start_of(seed), held.latest_at())


def main() -> None:
    """Run one demo world until it is killed."""
    keep_little()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--speed", type=float, default=2.0)
    parser.add_argument("--recognition", choices=("worker", "real", "emulated"), default="emulated")
    parser.add_argument("--rendered", type=Path, help="where rendered identities are kept")
    parser.add_argument("--own-face", action="store_true", help="the camera is somebody's own")
    parser.add_argument("--reader", choices=("elyctis", "camera"), default="elyctis")
    parser.add_argument("--faults", type=Path, help="what breaks when")
    words = parser.parse_args()
    plan = [] if words.faults is None else read_fault_plan(words.faults)
    loop = VirtualTimeLoop(words.speed)
    asyncio.set_event_loop(loop)

    async def serve() -> None:
        main_task = asyncio.current_task()
        assert main_task is not None
        loop.add_signal_handler(signal.SIGTERM, main_task.cancel)
        make = _recognition(words)
        own = words.own_face
        reader, pages = _reader(words)
        world = DemoWorld(
            words.folder, words.seed, loop, make, plan, own_face=own, reader=reader, pages=pages
        )
        await world.run()

    with suppress(asyncio.CancelledError):
        run_virtually(serve(), loop)


def _reader(words: argparse.Namespace) -> tuple[Reader, PageStage | None]:
    if words.reader != "camera":
        return Reader(), None
    from gate.bench.page_scene import page_camera  # OpenCV: only where pages are shown
    from gate.bench.page_stage import PageStage

    told = Reader(kind=ReaderKind.CAMERA, camera=f"shm:{page_camera(words.folder)}")
    in_worker = words.recognition == "worker"
    return told, PageStage(words.folder, words.seed) if in_worker else None


def _recognition(words: argparse.Namespace) -> MakeRecognition | None:
    if words.recognition == "worker":
        return _worker(words)
    if words.recognition == "real":
        from gate.bench.real_recognition import real_recognition

        return real_recognition(words.seed, words.rendered)
    return None


def _worker(words: argparse.Namespace) -> MakeRecognition:
    from gate.bench.stage import Stage
    from gate.bench.synthetic_travellers import SyntheticTravellers

    travellers = SyntheticTravellers(words.seed, words.rendered)
    stage = Stage(words.folder, travellers, words.seed, camera=not words.own_face)
    stage.start()
    return lambda world, _rng: SeparateWorker(words.folder, stage, world.open_store)


if __name__ == "__main__":
    main()
