"""Camera and finger sensor of the demo's gate as another process finds them: `shm:NAME` and a pty.

They live in a thread with a loop of its own, because a process that looks through them lives in
real time whatever the speed of the gate before it.
"""

from __future__ import annotations

import asyncio
import itertools
import selectors
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from drivers.document_reader.emulator import ElyctisEmulator
from drivers.errors import LinkLost
from drivers.faults import ScriptedFaults
from drivers.fingerprint_reader.emulator import FingerSensorEmulator
from drivers.line import PtyLine
from gate.bench.actors import Manner
from gate.bench.fault_words import Breakable, Breakage, Mend, OnWire, Seeing, own_words
from gate.bench.memory import give_back
from gate.bench.plugged_frames import PluggedFrames
from gate.bench.seen import FRAMES_PER_S, FaceBeforeCamera, FingerOnSensor
from gate.bench.synthetic_travellers import SyntheticTravellers
from gate.recognition.frames import Pixels
from gate.vocabulary.passages import CaptureKind
from models.face.synthetic import Scene

T = TypeVar("T")
BAUD = 115_200
EMPTY_FRAMES = 4
"""So many different pictures of an empty place follow each other: noise without the cost of it."""


class Stage:
    """`camera`: False leaves the camera to somebody else (one's own)."""

    def __init__(
        self, folder: Path, travellers: SyntheticTravellers, seed: int, *, camera: bool = True
    ) -> None:
        self.camera_name = folder.name
        self.sensor_path = folder / "sensor"
        self._travellers = travellers
        self._seed = seed
        self._with_camera = camera
        self._loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
        self._thread = threading.Thread(target=self._serve, name="stage", daemon=True)
        self._ready: Future[None] = Future()
        self._shown: dict[CaptureKind, str | None] = {}
        self._script = ScriptedFaults([])

    def start(self) -> None:
        """Let camera and sensor appear. Raises OSError."""
        self._thread.start()
        self._ready.result(timeout=60.0)

    def show(self, kind: CaptureKind, identity: str | None, manner: Manner = Manner.WELL) -> None:
        """Somebody's face before the camera, or finger on the sensor; None: nobody's."""
        self._shown[kind] = identity
        if kind is CaptureKind.FACE:
            self._call(lambda: self._face.show(identity, self._loop.time(), manner))
        else:
            self._call(lambda: self._finger.show(identity, manner))
        if not any(self._shown.values()):
            self._call(self._nobody_there)

    def breakables(self) -> dict[str, Breakable]:
        """The camera, where it is an emulated one, and the fingerprint sensor."""
        sensor = OnWire(self._line, self._script, ElyctisEmulator, own_words(self._sensor))
        things: dict[str, Breakable] = {"finger": _OnStage(sensor, self._do)}
        if self._with_camera:
            things["camera"] = _OnStage(Seeing(self._face.emulator), self._do)
        return things

    def _do(self, act: Callable[[], T]) -> T:
        """Do something in the stage's own loop and wait for it."""

        async def done() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(timeout=10.0)

    async def prepare(self, *identities: str | None) -> None:
        """Have these people at hand, so that nobody waits for their pictures before the camera."""
        await asyncio.to_thread(lambda: [self._travellers.of(who) for who in identities if who])

    def _nobody_there(self) -> None:
        self._travellers.drop()
        give_back()

    def close(self) -> None:
        """Take everything away."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)

    def _call(self, act: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(act)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._open())
        except OSError as error:  # told to whoever waits in `start`
            self._ready.set_exception(error)
            return
        self._ready.set_result(None)
        writing = self._loop.create_task(self._write()) if self._with_camera else None
        self._loop.run_forever()
        if writing is not None:
            writing.cancel()
            self._loop.run_until_complete(_ended(writing))
            self._frames.unplug()
        self._loop.run_until_complete(self._finger.close())
        self._line.close()
        self._loop.close()

    async def _open(self) -> None:
        self._sensor = FingerSensorEmulator(baud_n=BAUD // 9600, seed=self._seed)
        self._face = FaceBeforeCamera(self._travellers, self._seed)
        self._finger = FingerOnSensor(self._travellers, self._sensor, self._seed)
        self._line = PtyLine(self._sensor, self.sensor_path, BAUD, self._script)
        self._line.start()
        self._frames = PluggedFrames(self.camera_name, FRAMES_PER_S)

    async def _write(self) -> None:
        """Frames at the camera's rate, for ever; none while it is unplugged."""
        emulator = self._face.emulator
        empty = itertools.cycle(self._empty())
        self._face.set_scene(Scene(), self._loop.time())
        self._nobody_there()
        due_s = self._loop.time()
        while True:
            nobody = self._shown.get(CaptureKind.FACE) is None and not emulator.broken
            try:
                self._frames.put(next(empty) if nobody else emulator.frame(self._loop.time()))
            except LinkLost:
                self._frames.unplug()
            due_s = max(due_s + emulator.interval_s, self._loop.time())
            await asyncio.sleep(due_s - self._loop.time())

    def _empty(self) -> list[Pixels]:
        frames = (self._face.emulator.frame(n / FRAMES_PER_S) for n in range(EMPTY_FRAMES))
        return [frame for frame in frames if frame is not None]


class _OnStage:
    """`fault_words.Breakable` of a thing that lives in the stage's loop."""

    def __init__(self, thing: Breakable, do: Callable[[Callable[[], Any]], Any]) -> None:
        self.words, self.parts = thing.words, thing.parts
        self._thing = thing
        self._do = do

    def break_(self, breakage: Breakage, now_s: float) -> Mend:
        """See `Breakable`; the stage's time is its own."""
        del now_s
        loop_s = asyncio.get_running_loop
        mend = self._do(lambda: self._thing.break_(breakage, loop_s().time()))
        return lambda: self._do(mend)


async def _ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait({task})
