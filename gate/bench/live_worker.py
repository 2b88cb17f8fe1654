"""`live.Live` with the real recognition worker: `egate recognise` before an emulated camera and sensor.

`egate bench live-worker` walks travellers through `egate run`, `egate recognise` and two emulators,
each a process of its own: one admitted, one with somebody else's face, one whose worker is killed.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from gate.bench.actors import Manner
from gate.bench.bringing_in import Applicant, bring_in
from gate.bench.demo_desk import RenderedDesk, comparers
from gate.bench.live import Live
from gate.bench.people import STRANGER, Cast, cast_of
from gate.bench.rendered import rendered_folder
from gate.bench.stage import Stage
from gate.bench.synthetic_travellers import SyntheticTravellers
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.compose import parameters_of
from gate.config import load
from gate.enrolment.desk import Answer
from gate.vocabulary.passages import CaptureKind

WORKER = '[recognition]\nmode = "worker"\n'
COMES_UP_S = 60.0


class LiveWorker(Live):
    """Five processes: gate, worker, reader, doors, and this one, which holds camera and sensor."""

    def __init__(self, folder: Path, seed: int = 7) -> None:
        super().__init__(folder)
        path = folder / "gate.toml"
        path.write_text(path.read_text().replace("capture_s = 6.0", "capture_s = 20.0") + WORKER)
        self._parameters = parameters_of(load(path))
        self._travellers = SyntheticTravellers(seed, rendered_folder())
        self._stage = Stage(folder, self._travellers, seed)
        self._stage.start()

    def words(self, name: str) -> list[str]:
        """See `Live`; and the worker."""
        if name != "worker":
            return super().words(name)
        devices = ["--camera", f"shm:{self.folder.name}", "--sensor", f"pty:{self.folder}/sensor"]
        return ["recognise", "--demo", "--config", f"{self.folder}/gate.toml", *devices]

    async def start_all(self) -> None:
        """Emulators, the worker, then the gate."""
        self.start("worker")
        await super().start_all()

    async def serving(self) -> bool:
        """Whether the gate came to have every device."""
        ends_s = asyncio.get_running_loop().time() + COMES_UP_S
        while self.view.get("failed") or self.view.get("phase") != "ready":
            if asyncio.get_running_loop().time() > ends_s:
                return False
            await asyncio.sleep(0.1)
        return True

    async def enrolled(self, number: int) -> Cast:
        """A traveller whom nothing stops, enrolled at the desk."""
        cast = cast_of("admitted", number, datetime.now(UTC).date(), Random(number))
        await asyncio.to_thread(self._at_desk, cast)
        return cast

    def _at_desk(self, cast: Cast) -> None:
        async def at_desk(applicant: Applicant) -> Answer:
            desk = RenderedDesk(self._travellers, 3, comparers(), self.store)
            try:
                return await desk.enrol(applicant, self._parameters)
            finally:
                await desk.close()

        loop = VirtualTimeLoop()
        asyncio.set_event_loop(loop)
        run_virtually(bring_in(cast, datetime.now(UTC), self.store, at_desk), loop)

    async def _present(self, identity: str | None) -> None:
        for kind in CaptureKind:
            self._stage.show(kind, identity, Manner.WELL)

    def stop_all(self) -> None:
        """End everything."""
        super().stop_all()
        self._stage.close()


async def walked(live: LiveWorker) -> list[tuple[str, str]]:
    """Who came, and the outcome that the journal has."""
    people = [await live.enrolled(number) for number in (1, 2, 3)]
    await live.walk(people[0])
    await live.walk(people[1], as_identity=STRANGER)
    await _back(live, people[1])
    await live.walk(people[2], up_to="capturing")
    live.kill("worker")
    await live.until("referred")
    live.start("worker")
    await _back(live, people[2])
    again = await live.enrolled(4)
    await live.serving()
    await live.walk(again)
    await asyncio.sleep(0.5)  # the journal is group-committed within 250 ms
    with live.store() as store:
        journal = store.journal_plain()
    ends = [entry["data"]["outcome"] for entry in journal if entry["kind"] == "passage_closed"]
    names = ("admitted", "somebody else's face and finger", "worker killed", "after it")
    return list(zip(names, ends, strict=False))


async def _back(live: LiveWorker, cast: Cast) -> None:
    """The officer lets somebody back."""
    await live.until("referred")
    await live.tell({"act": "let_back", "officer_id": "o1"})
    await live.until("letting_back")
    await live.word("doors", f"BODY {cast.traveller.name} WALK outside")
    await live.until("ready", "out_of_service")
    await live.word("doors", f"BODY {cast.traveller.name} REMOVE")
    await live.serving()


def run(folder: Path) -> list[tuple[str, str]]:
    """Everything from the start of the processes to their end."""

    async def main() -> list[tuple[str, str]]:
        live = LiveWorker(folder)
        try:
            await live.start_all()
            await live.serving()
            return await walked(live)
        finally:
            live.stop_all()

    return asyncio.run(main())


def command() -> None:
    """Travellers through real processes with real recognition; exits 1 if one ended otherwise."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="egate-live-") as folder:
        ends = run(Path(folder))
    for name, outcome in ends:
        print(f"{name:32} {outcome}")
    if [outcome for _, outcome in ends] != ["admit", "refer", "refer", "admit"]:
        sys.exit(1)
