"""The paced line: byte times, faults, plugs; in virtual time where no file is needed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import LinkLost, ReplyTimeout
from drivers.faults import (
    Fault,
    FaultKind,
    Planned,
    ScriptedFaults,
    SeededFaults,
    Way,
)
from drivers.line import NullLine, PtyLine
from drivers.link import Link, open_link, register_null, unregister_null
from drivers.paced import Wire
from tests.drivers.document_reader.virtual_time import run_virtual

BAUD = 9600
BYTE_S = 10 / BAUD


class Echo:
    """Answers `wait_s` after the last byte with everything that came; notes when bytes came."""

    def __init__(self, wait_s: float = 0.003) -> None:
        self.wait_s = wait_s
        self.came: list[float] = []
        self._held = b""
        self._due_s: float | None = None

    def receive(self, data: bytes, now_s: float) -> None:
        """Hold the bytes back."""
        self._held += data
        self._due_s = now_s + self.wait_s
        self.came.append(now_s)

    def transmit(self, now_s: float) -> bytes:
        """Echo what was held, once."""
        if self._due_s is None or now_s < self._due_s:
            return b""
        held, self._held, self._due_s = self._held, b"", None
        return held

    def next_change(self, now_s: float) -> float | None:
        """When the echo is due."""
        return self._due_s


@pytest.fixture
def names() -> Iterator[None]:
    """Forget the null line afterwards."""
    yield
    unregister_null("echo")


async def read_all(link: Link, timeout_s: float = 0.5) -> bytes:
    """Everything until the line is quiet for `timeout_s`."""
    data = b""
    while True:
        try:
            data += await link.read(timeout_s)
        except ReplyTimeout:
            return data


def test_every_byte_takes_ten_bit_times_both_ways() -> None:
    """Bytes reach the device, and the reply the host, one byte time apart."""
    echo = Echo()
    wire = Wire(echo, BAUD)
    wire.host_write(b"abcd", 5.0)
    assert wire.advance(5.0 + 2.5 * BYTE_S) == b""
    assert echo.came == pytest.approx([5.0 + BYTE_S, 5.0 + 2 * BYTE_S])
    reply_starts_s = 5.0 + 4 * BYTE_S + echo.wait_s
    assert wire.advance(reply_starts_s + 2.5 * BYTE_S) == b"ab"
    assert wire.next_event() == pytest.approx(reply_starts_s + 3 * BYTE_S + 0.001)
    assert wire.advance(99.0) == b"cd"
    assert wire.next_event() is None


@given(st.lists(st.floats(0.0001, 0.05), min_size=1, max_size=30))
def test_a_late_process_sees_the_same_times(steps: list[float]) -> None:
    """However coarsely the line is served, the device sees every byte at the same instant."""
    prompt, late = Echo(), Echo()
    one, other = Wire(prompt, BAUD), Wire(late, BAUD)
    one.host_write(b"hello", 0.0)
    other.host_write(b"hello", 0.0)
    heard, now_s = b"", 0.0
    for step_s in steps:
        now_s += step_s
        heard += one.advance(now_s)
    heard += one.advance(1.0)
    assert other.advance(1.0) == heard == b"hello"
    assert prompt.came == late.came


@pytest.mark.parametrize(
    ("fault", "way", "expected"),
    [
        (Fault(FaultKind.DROP_REQUEST), None, b""),
        (Fault(FaultKind.DROP_REPLY), None, b""),
        (Fault(FaultKind.FLIP_BIT, 9), Way.REPLY, b"acc"),
        (Fault(FaultKind.FLIP_BIT, 9), Way.REQUEST, b"``c"),
        (Fault(FaultKind.TRUNCATE, 2), Way.REPLY, b"a"),
        (Fault(FaultKind.TRUNCATE, 9), Way.REPLY, b"a"),
        (Fault(FaultKind.DUPLICATE), Way.REPLY, b"abcabc"),
        (Fault(FaultKind.DELAY), Way.REPLY, b"abc"),
        (Fault(FaultKind.STALE), None, b""),
        (Fault(FaultKind.STUCK_BUSY, 1.0), None, b""),
    ],
)
def test_a_fault_does_what_its_name_says(fault: Fault, way: Way | None, expected: bytes) -> None:
    """One frame of three bytes each way, and what is left of it at the host."""
    wire = Wire(Echo(), BAUD, ScriptedFaults([Planned(fault, way=way)]))
    wire.host_write(b"abc", 0.0)
    if fault.kind is FaultKind.FLIP_BIT:
        expected = b"a" + bytes([ord("b") ^ 2]) + b"c"
    assert wire.advance(0.9) == expected


def test_a_stale_reply_comes_before_the_next_one() -> None:
    """The held answer to the first question precedes the answer to the second."""
    wire = Wire(Echo(), BAUD, ScriptedFaults([Planned(Fault(FaultKind.STALE))]))
    wire.host_write(b"one", 0.0)
    assert wire.advance(1.0) == b""
    wire.host_write(b"two", 1.0)
    assert wire.advance(2.0) == b"onetwo"


def test_noise_comes_before_the_frame_and_is_the_same_each_time() -> None:
    """Noise is drawn from a seed: two lines with the same script carry the same bytes."""
    fault = Planned(Fault(FaultKind.NOISE, 4), way=Way.REPLY)
    heard = []
    for _ in range(2):
        wire = Wire(Echo(), BAUD, ScriptedFaults([fault]))
        wire.host_write(b"abc", 0.0)
        heard.append(wire.advance(1.0))
    assert heard[0] == heard[1]
    assert len(heard[0]) == 7
    assert heard[0].endswith(b"abc")


def test_split_bytes_reach_the_device_apart() -> None:
    """SPLIT puts its silence between any two bytes."""
    echo = Echo()
    wire = Wire(echo, BAUD, ScriptedFaults([Planned(Fault(FaultKind.SPLIT, 0.001))]))
    wire.host_write(b"abc", 0.0)
    wire.advance(1.0)
    assert echo.came == pytest.approx([BYTE_S, 2 * BYTE_S + 0.001, 3 * BYTE_S + 0.002])


def test_seeded_faults_repeat() -> None:
    """The same seed draws the same faults, another seed others."""
    rates = dict.fromkeys(FaultKind, 0.1)

    def drawn(seed: int) -> list[Fault | None]:
        faults = SeededFaults(rates, seed)
        return [faults.draw(Way.REPLY, float(i)) for i in range(200)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    kinds = {fault.kind for fault in drawn(1) if fault is not None}
    assert FaultKind.STALE in kinds
    assert FaultKind.DROP_REQUEST not in kinds


def test_unplugging_in_mid_frame_cuts_it_and_comes_back() -> None:
    """Half of the reply arrives, the link is lost, and after the time a new one opens."""

    async def story() -> None:
        faults = ScriptedFaults([Planned(Fault(FaultKind.UNPLUG, 2.0), way=Way.REPLY)])
        line = NullLine("echo", Echo(), BAUD, faults)
        link = line.open()
        await link.write(b"abcdef")
        heard = b""
        while len(heard) < 3:
            heard += await link.read(1.0)
        assert heard == b"abc"
        with pytest.raises(LinkLost, match="unplugged"):
            await link.read(1.0)
        with pytest.raises(LinkLost):
            await link.write(b"x")
        with pytest.raises(LinkLost, match="plug"):
            line.open()
        await asyncio.sleep(2.0)
        again = line.open()
        await again.write(b"xyz")
        assert await read_all(again) == b"xyz"

    run_virtual(story())


@pytest.mark.usefixtures("names")
def test_a_null_link_keeps_the_time_of_the_line() -> None:
    """Eight bytes each way and the device's wait take exactly that in the loop's time."""

    async def story() -> None:
        register_null("echo", Echo(), BAUD)
        link = await open_link("null:echo", baud=BAUD)
        start_s = asyncio.get_running_loop().time()
        await link.write(b"12345678")
        heard = b""
        while len(heard) < 8:
            heard += await link.read(1.0)
        took_s = asyncio.get_running_loop().time() - start_s
        assert heard == b"12345678"
        assert took_s == pytest.approx(16 * BYTE_S + 0.003)

    run_virtual(story())


@pytest.mark.usefixtures("names")
def test_a_null_line_has_one_user() -> None:
    """A second user is refused until the first one closes; an unknown name is named."""

    async def story() -> None:
        register_null("echo", Echo(), BAUD)
        with pytest.raises(ValueError, match="registered already"):
            register_null("echo", Echo(), BAUD)
        first = await open_link("null:echo", baud=BAUD)
        with pytest.raises(LinkLost, match="already open"):
            await open_link("null:echo", baud=BAUD)
        await first.close()
        await first.close()
        with pytest.raises(LinkLost):
            await first.read(0.1)
        await open_link("null:echo", baud=BAUD)
        with pytest.raises(LinkLost, match="null:nobody"):
            await open_link("null:nobody", baud=BAUD)
        with pytest.raises(ValueError, match="tcp:host"):
            await open_link("tcp:host", baud=BAUD)

    run_virtual(story())


@pytest.mark.usefixtures("names")
def test_discard_drops_what_was_received() -> None:
    """Bytes received before a discard are never read."""

    async def story() -> None:
        register_null("echo", Echo(), BAUD)
        link = await open_link("null:echo", baud=BAUD)
        await link.write(b"old")
        await asyncio.sleep(1.0)
        link.discard()
        await link.write(b"new")
        assert await read_all(link) == b"new"

    run_virtual(story())


class TestPty:
    """The same over a pseudo-terminal, so that the serial code runs."""

    def test_round_trip_and_reopening(self, tmp_path: Path) -> None:
        """Raw bytes both ways, no echo, no translation; a second opening works like the first."""

        async def story() -> None:
            line = PtyLine(Echo(), tmp_path / "dev" / "door", 115200)
            line.start()
            every = bytes(range(256))
            for _ in range(3):
                link = await open_link(f"pty:{tmp_path}/dev/door", baud=115200)
                await link.write(every)
                assert await read_all(link, 0.1) == every
                await link.close()
            line.close()
            assert not (tmp_path / "dev" / "door").exists()

        asyncio.run(story())

    def test_unplugged_and_back_under_the_same_name(self, tmp_path: Path) -> None:
        """Reads and writes fail with LinkLost, the name vanishes, then points somewhere new."""

        async def story() -> None:
            name = tmp_path / "door"
            line = PtyLine(Echo(), name, 115200)
            line.start()
            link = await open_link(f"pty:{name}", baud=115200)
            line.unplug()
            with pytest.raises(LinkLost, match="plug the device back in"):
                await link.read(1.0)
            with pytest.raises(LinkLost):
                await link.write(b"x")
            with pytest.raises(LinkLost, match="No such file"):
                await open_link(f"pty:{name}", baud=115200)
            line.replug()
            again = await open_link(f"pty:{name}", baud=115200)
            await again.write(b"abc")
            assert await read_all(again, 0.1) == b"abc"
            await again.close()
            line.close()

        asyncio.run(story())

    def test_a_wrong_speed_gives_garbage(self, tmp_path: Path) -> None:
        """A host at another speed does not read what was sent; a USB-CDC device does not care."""

        async def story() -> None:
            for any_baud in (False, True):
                line = PtyLine(Echo(), tmp_path / "door", 115200, any_baud=any_baud)
                line.start()
                link = await open_link(f"pty:{tmp_path}/door", baud=9600)
                await link.write(b"abc")
                assert (await read_all(link, 0.1) == b"abc") is any_baud
                await link.close()
                line.close()

        asyncio.run(story())

    def test_the_port_is_exclusive(self, tmp_path: Path) -> None:
        """A second user of the port is refused."""

        async def story() -> None:
            line = PtyLine(Echo(), tmp_path / "door", 115200)
            line.start()
            link = await open_link(f"pty:{tmp_path}/door", baud=115200)
            with pytest.raises(LinkLost, match="cannot be opened"):
                await open_link(f"pty:{tmp_path}/door", baud=115200)
            await link.close()
            line.close()

        asyncio.run(story())

    def test_a_name_in_use_is_left_alone(self, tmp_path: Path) -> None:
        """A file of that name is not overwritten."""
        taken = tmp_path / "door"
        taken.write_text("mine", encoding="utf-8")

        async def story() -> None:
            with pytest.raises(FileExistsError, match="another name"):
                PtyLine(Echo(), taken, 115200).start()

        asyncio.run(story())
        assert taken.read_text(encoding="utf-8") == "mine"

    def test_no_descriptor_is_leaked(self, tmp_path: Path) -> None:
        """Opening, losing and closing ports leaves as many descriptors as before."""

        async def story() -> None:
            line = PtyLine(Echo(), tmp_path / "door", 115200)
            line.start()
            before = len(os.listdir("/proc/self/fd"))
            for _ in range(5):
                link = await open_link(f"pty:{tmp_path}/door", baud=115200)
                line.unplug()
                with pytest.raises(LinkLost):
                    await link.read(1.0)
                line.replug()
                await link.close()
            assert len(os.listdir("/proc/self/fd")) == before
            line.close()

        asyncio.run(story())
