"""An officer's call lights the lamp at the gate: from the port of staff down to the relay."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

import pytest

from drivers.door_relay.emulator import ModbusBoardEmulator
from drivers.line import NullLine
from drivers.link import register_null, unregister_null
from drivers.plant import Plant
from gate.adapters.door_board import DoorBoardAdapter
from gate.adapters.officer_lamp import OfficerLamp
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.compose import Panel
from gate.compose_devices import door_board
from gate.config import load
from gate.ports import DeviceError
from gate.vocabulary.reasons import Reason

LAMP, BUZZER = 2, 3
WIRED = {
    "EGATE_DOORS__ADDRESS": "null:lamp-board",
    "EGATE_DOORS__COILS__LAMP": str(LAMP),
    "EGATE_DOORS__COILS__BUZZER": str(BUZZER),
}
CALL = (Reason.HELP_WANTED,)


class Post:
    """A board with lamp and buzzer, the gate's adapter, and staff behind it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.board = ModbusBoardEmulator(Plant(), baud=115_200)
        self.line: NullLine = register_null("lamp-board", self.board, 115_200)
        self.doors: DoorBoardAdapter = door_board(load(None, environment))
        self.panel = Panel()
        self.staff = OfficerLamp(self.panel, self.doors.signal)

    @property
    def lit(self) -> bool:
        """The lamp's relay."""
        return self.board.terminals.relays[LAMP]

    @property
    def sounds(self) -> bool:
        """The buzzer's relay."""
        self.line.poke()
        return self.board.terminals.relays[BUZZER]


@pytest.fixture
def loop() -> Iterator[VirtualTimeLoop]:
    """Virtual time."""
    made = VirtualTimeLoop()
    asyncio.set_event_loop(made)
    yield made
    asyncio.set_event_loop(None)
    unregister_null("lamp-board")


Play = Callable[[Callable[[Post], Awaitable[None]]], None]


@pytest.fixture
def play(loop: VirtualTimeLoop) -> Play:
    """Run a story beside the gate's polling, which heals as the controller does."""

    async def poll(post: Post) -> None:
        while True:
            try:
                await post.doors.next_sensors()
            except DeviceError:
                await asyncio.sleep(0.1)
                with suppress(DeviceError):
                    await post.doors.recover()

    async def run(story: Callable[[Post], Awaitable[None]]) -> None:
        post = Post(WIRED)
        await post.doors.recover()
        polling = asyncio.create_task(poll(post))
        await story(post)
        polling.cancel()
        await post.doors.close()

    return lambda story: run_virtually(run(story), loop)


def test_a_call_lights_the_lamp_until_it_is_answered(play: Play) -> None:
    """Lit within 0.2 s of the call, dark within 0.2 s of the answer; staff hear both as ever."""

    async def story(post: Post) -> None:
        await asyncio.sleep(0.2)
        assert not post.lit
        post.staff.call(None, CALL)
        await asyncio.sleep(0.2)
        assert post.lit
        assert post.panel.called
        await asyncio.sleep(30.0)
        assert post.lit
        post.staff.dismiss()
        await asyncio.sleep(0.2)
        assert not post.lit
        assert not post.panel.called

    play(story)


def test_the_buzzer_sounds_once_for_a_call(play: Play) -> None:
    """It ends by itself after 2 s, and a call repeated while one stands does not sound again."""

    async def story(post: Post) -> None:
        post.staff.call(None, CALL)
        await asyncio.sleep(0.2)
        assert post.sounds
        await asyncio.sleep(2.2)
        assert not post.sounds
        post.staff.call(None, CALL)
        await asyncio.sleep(0.2)
        assert not post.sounds
        post.staff.dismiss()
        post.staff.call(None, CALL)
        await asyncio.sleep(0.2)
        assert post.sounds

    play(story)


def test_a_board_that_comes_back_shows_the_call_again(play: Play) -> None:
    """The lamp is set against what is read back, not against what was once commanded."""

    async def story(post: Post) -> None:
        post.staff.call(None, CALL)
        await asyncio.sleep(0.2)
        post.line.unplug(1.0)
        post.board.terminals.switch(LAMP, False, asyncio.get_running_loop().time())
        await asyncio.sleep(2.0)
        assert post.lit

    play(story)


def test_an_alert_lights_nothing(play: Play) -> None:
    """Staff are told; nobody is called."""

    async def story(post: Post) -> None:
        post.staff.alert(Reason.HELP_WANTED, None)
        await asyncio.sleep(0.2)
        assert not post.lit
        assert post.panel.alerts == [Reason.HELP_WANTED]

    play(story)
