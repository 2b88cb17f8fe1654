"""The demo's recognition worker: what `egate recognise --demo` serves, and the enrolment desk beside it.

`python -m gate.bench.demo_worker --folder DIR [--camera ADDRESS]` serves
`DIR/recognition.sock` for the gate and `DIR/desk.sock` for the demo's applicants: a message
`{"enrol": {"person_id", "lines", "at"}}` is answered by `{"verdict", "duplicates", "findings"}` or
`{"failed": TEXT}`. With `own`, the person sits before the gate's own camera, and `{"preview": true}`
is answered by `{"jpeg": BASE64}` while, and only while, that one is being enrolled. The desk is here
because samples and templates leave this process only sealed, into the store.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from gate.bench.bringing_in import Applicant
from gate.bench.demo_desk import RENDERED, RenderedDesk, apply
from gate.bench.memory import give_back, keep_little
from gate.bench.own_face import OwnStation, Preview
from gate.bench.page_scene import page_camera
from gate.bench.synthetic_travellers import SyntheticTravellers
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.enrolment.desk import Answer
from gate.messages import listen, receive, send
from gate.ports import Captured, DeviceError
from gate.recognition.camera_reader import CameraReader
from gate.recognition.comparers import Comparers, load_comparers
from gate.recognition.devices import Compute
from gate.recognition.document_serving import DocumentServer
from gate.recognition.enrolling import Station
from gate.recognition.opening import camera_at, sensor_at
from gate.recognition.recogniser import Recogniser
from gate.recognition.serving import serve_until_stopped
from gate.recognition.worker import beside_the_loop
from gate.store import SiteKeys, Store, StoreError
from gate.store.references import StoreReferences
from gate.vocabulary.parameters import parameters_from
from gate.vocabulary.passages import PassageId

T = TypeVar("T")


class Desk:
    """Applicants one after the other. Their time passes at once, on a loop of its own."""

    def __init__(
        self,
        folder: Path,
        travellers: SyntheticTravellers,
        using: tuple[Comparers, Comparers],
        alone: threading.Lock,
        camera: str | None,
    ) -> None:
        """`using`: for the gate's faces and for rendered ones; `camera`: one's own."""
        self._folder = folder
        self._travellers = travellers
        self._using, self._rendered = using
        self._alone = alone
        self._parameters = parameters_from(_shipped())
        self._keys = SiteKeys.from_file(folder / "master.key")
        self._camera = camera
        self._thread = ThreadPoolExecutor(1, "desk")
        self._turn = asyncio.Lock()
        self.preview = Preview()

    async def enrol(self, applicant: Applicant, *, own: bool) -> Answer:
        """One application. Raises DeviceError, StoreError."""
        async with self._turn:
            if own:
                return await self._enrol_own(applicant)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self._rendered_enrol, applicant)

    def open_store(self, at: datetime | None = None) -> Store:
        """The gate's, as of the gate's time."""
        path = self._folder / "store.db"
        if at is None:
            return Store.open(path, keys=self._keys)
        return Store.open(path, keys=self._keys, utc_now=lambda: at)

    def _rendered_enrol(self, applicant: Applicant) -> Answer:
        return self._at_once(applicant, lambda desk: desk.enrol(applicant, self._parameters))

    def _finger_of(self, applicant: Applicant) -> Captured:
        async def finger(desk: RenderedDesk) -> Captured:
            desk.sit_down(applicant.person_id)
            try:
                return await desk.station.capture_finger()
            finally:
                await desk.stand_up()

        return self._at_once(applicant, finger)

    def _at_once(self, applicant: Applicant, act: Callable[[RenderedDesk], Awaitable[T]]) -> T:
        """Do something at a desk in virtual time."""
        loop = VirtualTimeLoop()
        asyncio.set_event_loop(loop)

        async def acted() -> T:
            desk = RenderedDesk(
                self._travellers,
                0,
                self._rendered,
                lambda: self.open_store(applicant.at),
                self._compute_alone(),
            )
            try:
                return await act(desk)
            finally:
                await desk.close()
                self._travellers.drop()

        try:
            return run_virtually(acted(), loop)
        finally:
            give_back()

    def _compute_alone(self) -> Compute:
        async def compute(work: Callable[[], T], /) -> T:
            with self._alone:
                return work()

        return compute

    async def _enrol_own(self, applicant: Applicant) -> Answer:
        if self._camera is None:
            raise ValueError("this demo has no camera of one's own: start it with --camera")
        loop = asyncio.get_running_loop()
        face = Station(
            self._using,
            StoreReferences(lambda: self.open_store(applicant.at)).everybody,
            open_camera=self.preview.through(camera_at(self._camera, repeat=True)),
            open_sensor=sensor_at("", 0),
            compute=beside_the_loop(self._alone),
            strict=False,
        )
        station = OwnStation(
            face, lambda: loop.run_in_executor(self._thread, self._finger_of, applicant)
        )
        store = lambda: self.open_store(applicant.at)  # noqa: E731
        return await apply(station, store, applicant, self._parameters)


class Tidy(Recogniser):
    """Hands back what a passage took in memory as soon as nobody needs it."""

    async def forget(self, passage: PassageId) -> None:
        """See `Recogniser`."""
        await super().forget(passage)
        give_back()


class DeskServer:
    """The desk on a Unix socket (0600)."""

    def __init__(self, desk: Desk, path: Path) -> None:
        self._desk = desk
        self._path = path

    async def start(self) -> None:
        """Listen; a socket that a dead worker left behind is replaced."""
        await listen(self._path, self._serve)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError, asyncio.CancelledError):
            while (message := await receive(reader)) is not None:
                await send(writer, await self._answer(message))
        writer.close()

    async def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        if "preview" in message:
            return {"jpeg": self._desk.preview.jpeg()}
        asked = message["enrol"]
        at = datetime.fromisoformat(str(asked["at"]))
        applicant = Applicant(str(asked["person_id"]), tuple(asked["lines"]), at)
        try:
            answer = await self._desk.enrol(applicant, own=bool(asked.get("own")))
        except (DeviceError, StoreError, ValueError) as error:
            return {"failed": str(error)}
        return {
            "verdict": answer.verdict.value,
            "duplicates": len(answer.duplicates),
            "findings": list(answer.findings),
        }


def _shipped() -> str:
    return resources.files("gate.law").joinpath("parameters.toml").read_text(encoding="utf-8")


async def _serve(words: argparse.Namespace) -> None:
    folder, own = words.folder, words.camera is not None
    alone = threading.Lock()
    using = load_comparers(demo=True, own_face=own, strictness=RENDERED)
    rendered = load_comparers(demo=True, strictness=RENDERED) if own else using
    travellers = SyntheticTravellers(words.seed, words.rendered)
    desk = Desk(folder, travellers, (using, rendered), alone, words.camera)
    recogniser = Tidy(
        using,
        StoreReferences(desk.open_store),
        open_camera=camera_at(words.camera or f"shm:{folder.name}", repeat=own),
        open_sensor=sensor_at(f"pty:{folder}/sensor", 115_200),
        compute=beside_the_loop(alone),
    )
    await DeskServer(desk, folder / "desk.sock").start()
    give_back()  # loading took more than what was loaded
    documents = _documents(folder) if words.reader == "camera" else None
    await serve_until_stopped(recogniser, folder / "recognition.sock", documents)


def _documents(folder: Path) -> DocumentServer:
    """What `egate recognise` serves where the gate's reader is a camera."""
    camera = CameraReader(camera_at(f"shm:{page_camera(folder)}"), compute=beside_the_loop())
    return DocumentServer(camera, folder / "documents.sock")


def main() -> None:
    """Run one worker until it is stopped."""
    keep_little()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rendered", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--camera", help="one's own camera instead")
    parser.add_argument("--reader", default="elyctis", help="camera: pages are read here")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
