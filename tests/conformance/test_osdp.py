"""OSDP over the secure channel, with libosdp's own panel and its own device as the other end.

libosdp keeps the machine's time, so these run in real time, each for a second or two.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import osdp
import pytest
import serial

from drivers.door_relay.driver_osdp import OsdpBoard
from drivers.door_relay.emulated_wiring import INPUT_NAMES
from drivers.door_relay.emulator_osdp import DEFAULT_KEY, OsdpEmulator
from drivers.door_relay.osdp_session import Frames
from drivers.errors import DeviceFault, DriverError, LinkLost, ReplyTimeout
from drivers.line import NullLine
from drivers.link import open_link, register_null, unregister_null
from drivers.plant import Plant
from tests.drivers.pipes import joined
from tests.drivers.served import served

BAUD, ADDRESS = 115_200, 5
KEY = bytes(range(100, 116))
CARD = b"\x12\x34\x56"


class Port(osdp.Channel):  # type: ignore[misc]
    """A terminal as libosdp's own documentation opens one: whole reads, never a wait."""

    def __init__(self, path: Path | str) -> None:
        super().__init__()
        self._port = serial.Serial(str(path), BAUD, timeout=0)
        self._frames = Frames()

    def read(self, max_bytes: int) -> bytes:
        """What is there, frame by frame: libosdp loses one that it meets half way."""
        self._frames.hear(self._port.read(4096))
        return self._frames.read(max_bytes)

    def write(self, buf: bytes) -> int:
        """All of it."""
        return int(self._port.write(buf) or 0)

    def flush(self) -> None:
        """Nothing is kept here."""


@contextmanager
def panel(path: Path, key: bytes) -> Iterator[tuple[osdp.ControlPanel, list[dict[str, Any]]]]:
    """The control panel of libosdp, with its thread, and what it was told."""
    seen: list[dict[str, Any]] = []

    def hear(_: int, event: dict[str, Any]) -> int:
        seen.append(event)
        return 0

    info = osdp.PDInfo(ADDRESS, Port(path), scbk=key, flags=[osdp.LibFlag.EnforceSecure])
    made = osdp.ControlPanel([info], log_level=osdp.LogLevel.Emergency, event_handler=hear)
    made.start()
    try:
        yield made, seen
    finally:
        made.teardown()


def wait_for(condition: Callable[[], Any], within_s: float = 5.0) -> Any:
    """Poll until it holds."""
    ends_s = time.monotonic() + within_s
    while not (found := condition()) and time.monotonic() < ends_s:
        time.sleep(0.01)
    return found


def test_libosdp_panel_drives_the_emulator(tmp_path: Path) -> None:
    """A third party's panel: secure channel, outputs, their reports, inputs, a card."""
    plants: list[Plant] = []

    def make(start_s: float) -> OsdpEmulator:
        plants.append(Plant(start_s=start_s))
        return OsdpEmulator(plants[0], address=ADDRESS, key=KEY)

    with served(make, tmp_path / "osdp", BAUD) as device:
        assert isinstance(device, OsdpEmulator)
        with panel(tmp_path / "osdp", KEY) as (master, seen):
            assert wait_for(lambda: master.is_sc_active(ADDRESS))

            def reported(kind: int) -> bytes | None:
                told = [e["report"] for e in list(seen) if e.get("type") == kind and "report" in e]
                return told[-1] if told else None

            outputs, inputs = osdp.StatusReportType.Output, osdp.StatusReportType.Input
            assert wait_for(lambda: reported(outputs)) == bytes(8)
            assert len(wait_for(lambda: reported(inputs))) == 16
            assert reported(inputs)[INPUT_NAMES.index("fire_loop_ok")] == 1  # type: ignore[index]
            master.submit_command(ADDRESS, _output(0, 5, 5))  # on for 0.5 s
            assert wait_for(lambda: device.terminals.relays[0], 2.0)
            assert wait_for(lambda: reported(outputs) == b"\x01" + bytes(7))
            assert wait_for(lambda: not device.terminals.relays[0], 2.0)
            assert wait_for(lambda: reported(outputs) == bytes(8))
            master.submit_command(ADDRESS, _output(1, 2, 0))
            assert wait_for(lambda: device.terminals.relays[1])
            master.submit_command(ADDRESS, _output(1, 1, 0))
            assert wait_for(lambda: not device.terminals.relays[1])
            device.hold_card(CARD)
            assert wait_for(lambda: any(e.get("data") == CARD for e in list(seen)))


def test_without_the_key_nothing_moves(tmp_path: Path) -> None:
    """A panel with another key gets no channel, and its command moves no relay."""
    with (
        served(
            lambda start_s: OsdpEmulator(Plant(start_s=start_s), address=ADDRESS, key=KEY),
            tmp_path / "osdp",
            BAUD,
        ) as device,
        panel(tmp_path / "osdp", bytes(16)) as (master, _),
    ):
        assert isinstance(device, OsdpEmulator)
        assert not wait_for(lambda: master.is_sc_active(ADDRESS), 1.0)
        master.submit_command(ADDRESS, _output(0, 2, 0))
        time.sleep(0.3)
        assert not any(device.terminals.relays)


def _output(number: int, code: int, tenths: int) -> dict[str, int]:
    words = {"output_no": number, "control_code": code, "timer_count": tenths}
    return {"command": osdp.Command.Output, **words}


def test_the_driver_drives_libosdp_device() -> None:
    """A third party's device: the driver's words arrive as the standard has them, and its
    reports and cards arrive at the driver.
    """
    device: Any = None
    heard: list[dict[str, Any]] = []
    relays = [0, 0]

    def obey(command: dict[str, Any]) -> tuple[int, None]:
        if command["command"] != osdp.Command.Output:
            return -1, None  # as libosdp's device must: it cannot answer osdp_OSTAT
        heard.append(command)
        relays[command["output_no"]] = int(command["control_code"] in (2, 5))
        threading.Timer(0, tell).start()
        return 0, None

    def tell() -> None:
        kind = osdp.StatusReportType.Output
        device.submit_event({"event": osdp.Event.Status, "type": kind, "report": bytes(relays)})

    async def story() -> None:
        nonlocal device  # the closures above speak through it
        with joined() as (theirs, ours):
            info = osdp.PDInfo(ADDRESS, Port(theirs), scbk=KEY, flags=[osdp.LibFlag.EnforceSecure])
            able = osdp.PDCapabilities(
                [(osdp.Capability.OutputControl, 1, 2), (osdp.Capability.CardDataFormat, 1, 1)]
            )
            device = osdp.PeripheralDevice(info, able, osdp.LogLevel.Emergency, obey)
            device.start()
            link = await open_link(f"pty:{ours}", baud=BAUD)
            board = OsdpBoard(link, key=KEY, address=ADDRESS, baud=BAUD, coils=2)
            try:
                threading.Timer(0.6, tell).start()
                assert (await board.read()).coils == (False, False)
                await board.release(1, 2.0)
                assert {k: heard[-1][k] for k in ("output_no", "control_code", "timer_count")} == {
                    "output_no": 1,
                    "control_code": 5,
                    "timer_count": 20,
                }
                assert (await board.read()).coils == (False, True)
                await board.lock(1)
                assert heard[-1]["control_code"] == 1
                assert (await board.read()).coils == (False, False)
                card = {"event": osdp.Event.CardRead, "reader_no": 0, "direction": 0}
                form = osdp.CardFormat.Wiegand
                device.submit_event({**card, "format": form, "length": 24, "data": CARD})
                await asyncio.sleep(0.3)
                assert board.take_card() == (24, CARD)
                assert board.take_card() is None
            finally:
                await board.close()
                device.teardown()

    asyncio.run(story())


Story = Callable[[OsdpBoard, OsdpEmulator, NullLine, Plant], Awaitable[None]]


def play(story: Story, *, key: bytes = DEFAULT_KEY) -> None:
    """Run a story with driver and emulator on a line in this process."""

    async def run() -> None:
        plant = Plant(start_s=asyncio.get_running_loop().time())
        device = OsdpEmulator(plant)
        line = register_null("osdp", device, BAUD)
        try:
            link = await open_link("null:osdp", baud=BAUD)
            board = OsdpBoard(link, key=key, baud=BAUD, coils=4, inputs=len(INPUT_NAMES))
            try:
                await story(board, device, line, plant)
            finally:
                await board.close()
        finally:
            unregister_null("osdp")

    asyncio.run(run())


def test_a_door_board_like_the_others() -> None:
    """Unknown before the first read; released, read back, locked; inputs follow the plant."""

    async def story(board: OsdpBoard, device: OsdpEmulator, line: NullLine, plant: Plant) -> None:
        with pytest.raises(DeviceFault, match="unknown"):
            await board.release(0, 1.0)
        assert not any((await board.read()).coils)
        await board.release(0, 30.0)
        assert device.terminals.relays[0]
        assert (await board.read()).coils[0]
        await board.lock(0)
        assert not (await board.read()).coils[0]
        assert not device.terminals.relays[0]
        await board.release(1, 0.3)
        await asyncio.sleep(0.5)
        assert not (await board.read()).coils[1]
        plant.set_loop("fire", False, asyncio.get_running_loop().time())
        await asyncio.sleep(0.2)
        assert not (await board.read()).inputs[INPUT_NAMES.index("fire_loop_ok")]

    play(story)


def test_unplugged_it_is_unknown_and_another_channel_is_needed() -> None:
    """A pulled plug is LinkLost; the open driver releases nothing more."""

    async def story(board: OsdpBoard, device: OsdpEmulator, line: NullLine, plant: Plant) -> None:
        await board.read()
        await board.release(0, 30.0)
        line.unplug()
        with pytest.raises(LinkLost):
            await board.read()
        assert board.state is None
        with pytest.raises(DriverError):
            await board.release(0, 1.0)
        assert not device.terminals.relays[0]

    play(story)


def test_a_wrong_key_is_told() -> None:
    """No secure channel: the message names the key among what to check, and nothing is known."""

    async def story(board: OsdpBoard, device: OsdpEmulator, line: NullLine, plant: Plant) -> None:
        with pytest.raises(ReplyTimeout, match="key"):
            await board.read()
        assert board.state is None

    play(story, key=bytes(16))


def test_a_key_is_sixteen_bytes() -> None:
    """There is no way without one."""

    async def story() -> None:
        with pytest.raises(ValueError, match="16 bytes"):
            OsdpBoard(await open_link("null:keyless", baud=BAUD), key=b"")

    async def run() -> None:
        register_null("keyless", OsdpEmulator(Plant()), BAUD)
        try:
            await story()
        finally:
            unregister_null("keyless")

    asyncio.run(run())
