"""The worker as a process: frames through shared memory, a sensor on a pty, killed and started anew."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from drivers.errors import LinkLost
from drivers.fingerprint_reader.emulator import FingerSensorEmulator
from drivers.line import PtyLine
from gate.adapters.recognition_worker import WorkerRecognition
from gate.bench.seen import FingerOnSensor
from gate.ports import DeviceError
from gate.recognition.frames import SharedFrames, SharedFrameSource
from gate.store import Record, SiteKeys, Store
from gate.vocabulary.passages import CaptureKind, CaptureVerdict, FailureKind, PassageId
from models.face.synthetic import Scene, VirtualCamera
from tests.gate.recognition.desk import ALICE, BOB, TRAVELLERS, enrolled, virtually

START_S = 60.0
WITHIN_S = 30.0


@dataclass
class Site:
    """A state directory where Alice is enrolled."""

    folder: Path
    camera: str

    def start(self) -> subprocess.Popen[bytes]:
        """The worker's process."""
        words = ["recognise", "--demo", "--config", str(self.folder / "gate.toml")]
        words += ["--camera", f"shm:{self.camera}", "--sensor", f"pty:{self.folder}/sensor"]
        return subprocess.Popen([sys.executable, "-m", "gate.cli", *words])

    @property
    def socket(self) -> Path:
        """The worker's."""
        return self.folder / "recognition.sock"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """With a store, its key and a configuration."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "gate.toml").write_text(f'state = "{folder}"\n')
    templates: Mapping[str, bytes] = virtually(lambda: enrolled(ALICE))
    keys = SiteKeys.from_file(folder / "master.key", create=True)
    with Store.open(folder / "store.db", keys=keys, create=True) as store:
        person = {"person_id": ALICE, "category": "national", "resident_registered": True}
        store.enrol(ALICE, [Record("person", person, ALICE, source="test")], templates, "desk")
        store.record_sync(datetime.now(UTC), "test")
    return Site(folder, f"test-{os.getpid()}")


class Devices:
    """Camera and sensor that the worker opens, in this process; rendered beforehand."""

    def __init__(self, site: Site) -> None:
        scenes = {who: Scene(TRAVELLERS.of(who).sitter) for who in (ALICE, BOB)}
        clips = {who: VirtualCamera(scene, 4, fps=10.0) for who, scene in scenes.items()}
        self._clips = {
            who: [np.ascontiguousarray(clip.frame(n)[..., ::-1]) for n in range(10, 26)]
            for who, clip in [*clips.items(), (None, VirtualCamera(Scene(), 4))]
        }
        self._sensor = FingerSensorEmulator(baud_n=12)
        finger = FingerOnSensor(TRAVELLERS, self._sensor, 4)
        self._fingers = {who: finger.impression(who) for who in (ALICE, BOB)}
        self._shown: str | None = None
        self._frames = SharedFrames(site.camera)
        self._line = PtyLine(self._sensor, site.folder / "sensor", 115_200)
        self._line.start()
        self._writing = asyncio.create_task(self._write())

    def show(self, identity: str | None) -> None:
        """Somebody before both, or nobody."""
        self._shown = identity
        self._sensor.lift()
        if identity is not None:
            self._sensor.place(self._fingers[identity])

    def close(self) -> None:
        """Take everything away."""
        self._writing.cancel()
        self._line.close()
        self._frames.close()

    async def _write(self) -> None:
        for number in itertools.count():
            self._frames.put(self._clips[self._shown][number % 16])
            await asyncio.sleep(0.1)


async def healed(client: WorkerRecognition) -> None:
    """What the gate does with a failed device: try until it serves."""
    async with asyncio.timeout(START_S):
        while True:
            with contextlib.suppress(DeviceError):
                await client.recover()
                return
            await asyncio.sleep(0.2)


@contextlib.contextmanager
def running(site: Site) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are gone afterwards; the list holds the present worker last."""
    processes = [site.start()]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_a_worker_serves_is_killed_and_heals(site: Site) -> None:
    """Over the socket both captures tell people apart; a kill in a capture or between two is a
    failure that says so, and the next worker serves.
    """

    async def main(processes: list[subprocess.Popen[bytes]]) -> None:
        devices, told = Devices(site), list[str]()
        client = WorkerRecognition(site.socket, lambda kind, finding: told.append(finding))
        try:
            await healed(client)
            await compares(client, devices)
            await killed_in_a_capture(client, devices, processes)
            processes.append(site.start())
            await healed(client)
            devices.show(ALICE)
            again = await client.capture(CaptureKind.FACE, PassageId(1, 7), ALICE, WITHIN_S)
            assert again.verdict is CaptureVerdict.MATCH
            processes[-1].send_signal(signal.SIGKILL)
            processes[-1].wait()
            with pytest.raises(DeviceError) as failed:
                await client.capture(CaptureKind.FACE, PassageId(1, 9), ALICE, WITHIN_S)
            assert failed.value.kind is FailureKind.UNPLUGGED
            await client.forget(PassageId(1, 9))
        finally:
            await client.close()
            devices.close()
        assert told, "the traveller's feedback came over the socket"

    with running(site) as processes:
        asyncio.run(main(processes))


async def compares(client: WorkerRecognition, devices: Devices) -> None:
    """Alice matches by face and finger at once, Bob does not."""
    for number, (who, verdict) in enumerate(
        [(ALICE, CaptureVerdict.MATCH), (BOB, CaptureVerdict.NON_MATCH)], 1
    ):
        passage = PassageId(1, number)
        devices.show(who)
        results = await asyncio.gather(
            *(client.capture(kind, passage, ALICE, WITHIN_S) for kind in CaptureKind)
        )
        await client.forget(passage)
        assert [result.verdict for result in results] == [verdict, verdict], (who, results)
    devices.show(None)


async def killed_in_a_capture(
    client: WorkerRecognition, devices: Devices, processes: list[subprocess.Popen[bytes]]
) -> None:
    """Both captures fail at once, not at their deadline."""
    captures = [
        asyncio.create_task(client.capture(kind, PassageId(1, 5), ALICE, WITHIN_S))
        for kind in CaptureKind
    ]
    await asyncio.sleep(0.5)
    processes[-1].send_signal(signal.SIGKILL)
    for capture in captures:
        with pytest.raises(DeviceError) as failed:
            await asyncio.wait_for(capture, 5.0)
        assert failed.value.kind is FailureKind.UNPLUGGED


def test_shared_frames_are_whole_and_new() -> None:
    """Each frame is given once, never torn; a writer that is gone is a lost camera."""
    name = f"frames-{os.getpid()}"
    with pytest.raises(LinkLost):
        SharedFrameSource(name)
    frames = SharedFrames(name, 6, 4)
    source = SharedFrameSource(name)
    with pytest.raises(LinkLost):
        source.frame(0.0)
    for grey in (7, 9):
        frames.put(np.full((6, 4, 3), grey, np.uint8))
        seen = source.frame(0.0)
        assert seen is not None
        assert (seen == grey).all()
        assert source.frame(0.0) is None
    with pytest.raises(ValueError, match="announced"):
        frames.put(np.zeros((5, 4, 3), np.uint8))
    frames.close()
    with pytest.raises(LinkLost):
        source.frame(0.0)
