"""One suite for every document reader: over a line in this process (virtual time), over a pseudo-terminal (real
time) and, for what needs no hand, on the hardware that ``--bench bench.toml`` names.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.document_reader.driver import ElyctisReader
from drivers.document_reader.driver_swipe import LineReader, RteReader
from drivers.document_reader.emulator import (
    ElyctisEmulator,
    LineEmulator,
    Misread,
    RteEmulator,
)
from drivers.document_reader.reader import DocumentReader
from drivers.document_reader.readings import (
    DocumentEvent,
    DocumentLaid,
    DocumentLines,
    DocumentRemoved,
    DocumentUnreadable,
    UnreadableKind,
)
from drivers.document_reader.wire_lines import LineFormat
from drivers.errors import LinkLost, ReplyTimeout
from drivers.faults import Fault, FaultKind, Faults, NoFaults, Planned, ScriptedFaults, Way
from drivers.line import NullLine, PtyLine
from drivers.link import open_link, register_null, unregister_null
from tests.drivers.document_reader.bench import BenchDevice, bench_devices
from tests.drivers.document_reader.specimen import TD1, TD2, TD3
from tests.drivers.document_reader.virtual_time import run_virtual

BAUD = 115_200
READ_S = 0.03
Emulated = ElyctisEmulator | RteEmulator | LineEmulator

MODELS: dict[str, tuple[Callable[[], DocumentReader], Callable[[], Emulated]]] = {
    "elyctis presence": (
        lambda: ElyctisReader(BAUD),
        lambda: ElyctisEmulator(read_s=READ_S),
    ),
    "elyctis continuous": (
        lambda: ElyctisReader(BAUD, presence=False),
        lambda: ElyctisEmulator(presence=False, read_s=READ_S),
    ),
    "rte": (lambda: RteReader(BAUD), lambda: RteEmulator(read_s=READ_S)),
    "lines": (lambda: LineReader(BAUD), lambda: LineEmulator(read_s=READ_S)),
    "framed lines": (
        lambda: LineReader(BAUD, LineFormat(b"\x02", b"\r\n", b"\x03")),
        lambda: LineEmulator(read_s=READ_S, prefix=b"\x02", terminator=b"\r\n", suffix=b"\x03"),
    ),
}


@dataclass
class Station:
    """A reader, the emulated unit behind its link, and the hands of a traveller."""

    reader: DocumentReader
    unit: Emulated
    line: NullLine | PtyLine
    address: str

    def lay(self, lines: tuple[str, ...] = TD3) -> None:
        """Lay or swipe a document."""
        self.unit.lay(lines, asyncio.get_running_loop().time())
        self.line.poke()

    def withdraw(self) -> None:
        """Take it away."""
        self.unit.withdraw(asyncio.get_running_loop().time())
        self.line.poke()

    async def event(self, within_s: float = 9.0) -> DocumentEvent:
        """The next event but those of presence, which only some readers send."""
        while True:
            event = await asyncio.wait_for(self.reader.next_event(), within_s)
            if not isinstance(event, DocumentLaid | DocumentRemoved):
                return event

    async def reopen(self) -> None:
        """What a caller does after LinkLost."""
        await self.reader.close()
        await self.reader.open(await open_link(self.address, baud=BAUD))


Story = Callable[[Station], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture(params=list(MODELS))
def model(request: pytest.FixtureRequest) -> str:
    """Which reader."""
    return str(request.param)


@pytest.fixture(params=["null", "pty"])
def play(request: pytest.FixtureRequest, model: str, tmp_path: Path) -> Play:
    """Run a story at an open station over either link."""

    async def over_null(story: Story, faults: Faults) -> None:
        unit = MODELS[model][1]()
        line = register_null("reader", unit, BAUD, faults)
        try:
            await at(Station(MODELS[model][0](), unit, line, "null:reader"), story)
        finally:
            unregister_null("reader")

    async def over_pty(story: Story, faults: Faults) -> None:
        unit = MODELS[model][1]()
        line = PtyLine(unit, tmp_path / "reader", BAUD, faults)
        line.start()
        try:
            await at(Station(MODELS[model][0](), unit, line, f"pty:{tmp_path}/reader"), story)
        finally:
            line.close()

    async def at(station: Station, story: Story) -> None:
        await station.reader.open(await open_link(station.address, baud=BAUD))
        try:
            await story(station)
        finally:
            await station.reader.close()

    def run(story: Story, faults: Faults | None = None) -> None:
        if request.param == "null":
            run_virtual(over_null(story, faults or NoFaults()))
        else:
            asyncio.run(over_pty(story, faults or NoFaults()))

    return run


@pytest.mark.parametrize("zone", [TD1, TD2, TD3], ids=["TD1", "TD2", "TD3"])
def test_a_document_is_read(play: Play, zone: tuple[str, ...]) -> None:
    """The lines come out as they stand in the document, in every format."""

    async def story(station: Station) -> None:
        await station.reader.arm()
        station.lay(zone)
        assert await station.event() == DocumentLines(zone)

    play(story)


def test_an_unread_place_stays_unread(play: Play) -> None:
    """A place that the optics did not recognise makes the reading unusable, and the next try may succeed."""

    async def story(station: Station) -> None:
        await station.reader.arm()
        station.unit.misread(Misread.UNREAD, 3)
        station.lay()
        assert await station.event() == DocumentUnreadable(UnreadableKind.UNREAD_CHARACTERS)
        for _ in range(2):  # a reader that tries by itself has used up the three bad looks
            station.withdraw()
            station.lay()
            event = await station.event()
            if isinstance(event, DocumentLines):
                return
        station.withdraw()
        station.lay()
        assert await station.event() == DocumentLines(TD3)

    play(story)


def test_one_reading_per_arming(play: Play) -> None:
    """A document that is read again, or that another one follows, is not offered before the next arming."""

    async def story(station: Station) -> None:
        await station.reader.arm()
        station.lay()
        assert await station.event() == DocumentLines(TD3)
        station.lay()
        station.lay(TD2)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(station.event(), 0.4)

    play(story)


def test_what_was_read_before_arming_is_not_offered(play: Play) -> None:
    """A reader that spoke while nobody was asked is not believed later, unless the document still lies there."""

    async def story(station: Station) -> None:
        station.lay(TD2)
        station.withdraw()
        await asyncio.sleep(0.2)
        await station.reader.arm()
        station.lay(TD3)
        assert await station.event() == DocumentLines(TD3)

    play(story)


def test_unplugged_and_back(play: Play) -> None:
    """A pulled plug is LinkLost at once; after closing and opening again the reader works."""

    async def story(station: Station) -> None:
        await station.reader.arm()
        waiting = asyncio.create_task(station.reader.next_event())
        await asyncio.sleep(0.05)
        station.line.unplug()
        with pytest.raises(LinkLost):
            await asyncio.wait_for(waiting, 2.0)
        station.unit.power_cycle(asyncio.get_running_loop().time())
        station.line.replug()
        await station.reopen()
        await station.reader.arm()
        station.lay()
        assert await station.event() == DocumentLines(TD3)

    play(story)


@pytest.mark.parametrize("play", ["null"], indirect=True)
@pytest.mark.parametrize(
    "kind",
    [FaultKind.TRUNCATE, FaultKind.FLIP_BIT, FaultKind.NOISE, FaultKind.SPLIT, FaultKind.DUPLICATE,
     FaultKind.DELAY, FaultKind.DROP_REPLY, FaultKind.STALE],
)  # fmt: skip
def test_a_broken_frame_never_gives_a_wrong_reading(
    play: Play, model: str, kind: FaultKind
) -> None:
    """Whatever hits the frame of the zone: a true reading, an unreadable one, or none; then all is well again.

    A flipped bit may give another letter where the protocol has no check; the check digits then find it.
    """
    amount = {FaultKind.TRUNCATE: 40.0, FaultKind.FLIP_BIT: 483.0}.get(kind)
    faults = ScriptedFaults([Planned(Fault(kind, amount), from_s=1e9)])

    async def story(station: Station) -> None:
        await station.reader.arm()
        faults.script = [Planned(Fault(kind, amount), way=Way.REPLY)]
        station.lay()
        try:
            event = await station.event(8.0)
        except TimeoutError:
            event = DocumentUnreadable(UnreadableKind.NO_ANSWER)
        if isinstance(event, DocumentLines):
            wrong = sum(a != b for a, b in zip("".join(event.lines), "".join(TD3), strict=True))
            assert wrong <= (kind is FaultKind.FLIP_BIT)
        station.withdraw()
        await asyncio.sleep(4.0)
        await station.reader.arm()
        station.lay(TD1)
        while (event := await station.event()) != DocumentLines(TD1):
            # Only a reader that is never asked anything can hand out a held-back zone: see its README.
            assert not isinstance(event, DocumentLines) or (
                kind is FaultKind.STALE and not model.startswith("elyctis")
            )
            station.withdraw()
            await asyncio.sleep(4.0)
            await station.reader.arm()
            station.lay(TD1)
            assert asyncio.get_running_loop().time() < 1100, "it never heals"

    play(story, faults)


@pytest.mark.parametrize("model", ["elyctis presence"], indirect=True)
def test_presence_is_told(play: Play) -> None:
    """A reader with a sensor says when a document is laid, and that it was forgotten or taken."""

    async def story(station: Station) -> None:
        await station.reader.arm()
        station.lay()
        assert await station.reader.next_event() == DocumentLaid()
        assert await station.reader.next_event() == DocumentLines(TD3)
        assert station.reader.document_present is True
        await (
            station.reader.arm()
        )  # the next traveller: the forgotten document is not read as theirs
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(station.reader.next_event(), 0.5)
        station.withdraw()
        assert await station.reader.next_event() == DocumentRemoved()
        assert station.reader.document_present is False
        station.lay(TD2)
        assert await station.event() == DocumentLines(TD2)

    play(story)


@pytest.mark.parametrize("model", ["elyctis presence", "elyctis continuous"], indirect=True)
def test_a_document_left_there_is_read_again_only_on_demand(play: Play) -> None:
    """Arming does not read the same document twice; ``reread`` does."""

    async def story(station: Station) -> None:
        await station.reader.arm()
        station.lay()
        assert await station.event() == DocumentLines(TD3)
        await station.reader.arm()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(station.event(), 0.5)
        await station.reader.arm(reread=True)
        assert await station.event() == DocumentLines(TD3)

    play(story)


@pytest.mark.parametrize("model", ["elyctis presence", "elyctis continuous"], indirect=True)
def test_stuck_busy_is_a_timeout_and_heals(play: Play) -> None:
    """A reader that hangs makes commands time out; when it is back, so is everything else."""

    async def story(station: Station) -> None:
        station.unit.hang(asyncio.get_running_loop().time(), 1.2)
        with pytest.raises(ReplyTimeout):
            await station.reader.self_test()
        await asyncio.sleep(0.4)
        assert (await station.reader.self_test()).product == "ID BOX ONE"
        await station.reader.arm()
        station.lay()
        assert await station.event() == DocumentLines(TD3)

    play(story)


@pytest.mark.parametrize("model", ["elyctis presence"], indirect=True)
def test_a_document_taken_while_it_is_read_gives_no_reading(play: Play) -> None:
    """The late zone of a withdrawn document is never the reading of the next one."""

    async def story(station: Station) -> None:
        await station.reader.arm()
        station.lay(TD2)
        assert await station.reader.next_event() == DocumentLaid()
        station.withdraw()
        station.lay(TD3)
        assert await station.event() == DocumentLines(TD3)

    play(story)


def test_hardware_on_the_bench(pytestconfig: pytest.Config) -> None:
    """Each document reader of the bench answers its self-test; none there is a counted skip."""

    async def check(device: BenchDevice) -> None:
        reader = MODELS[device.model][0]()
        await reader.open(await open_link(device.address, baud=device.baud))
        try:
            tested = await reader.self_test()
            assert tested.answers == device.model.startswith("elyctis")
            await reader.arm()
            await reader.disarm()
        finally:
            await reader.close()

    for device in bench_devices(pytestconfig, "document_reader"):
        asyncio.run(check(device))
