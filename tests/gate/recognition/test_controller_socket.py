"""A worker's socket: one controller at a time, each message answered to whoever asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gate.messages import receive, send
from gate.ports import DeviceError
from gate.recognition.controller_socket import ControllerSocket
from gate.vocabulary.passages import Device, FailureKind

WITHIN_S = 10.0
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Site:
    """A socket whose worker notes what it was asked; `slow` waits until it is let on."""

    def __init__(self, path: Path, *, in_turn: bool) -> None:
        self.path = path
        self.noted: list[str] = []
        self.begun = asyncio.Queue[str]()
        self.on = asyncio.Event()
        self.socket = ControllerSocket(path, self._do, self._let_go, in_turn=in_turn)

    async def _do(self, message: dict[str, Any]) -> dict[str, Any]:
        word = message["do"]
        self.noted.append(word)
        self.begun.put_nowait(word)
        if word == "slow":
            await self.on.wait()
        if word == "fail":
            raise DeviceError(Device.READER, FailureKind.FAULTY, "it fell down")
        return {"word": word}

    async def _let_go(self) -> None:
        await asyncio.sleep(0.01)
        self.noted.append("let go")

    async def connected(self) -> Connection:
        """A controller."""
        return await asyncio.open_unix_connection(self.path)


def at(path: Path, told: Callable[[Site], Awaitable[None]], *, in_turn: bool = False) -> None:
    """Run a test against an open socket, within reason."""

    async def main() -> None:
        site = Site(path / "w.sock", in_turn=in_turn)
        await site.socket.start()
        try:
            await asyncio.wait_for(told(site), WITHIN_S)
        finally:
            await site.socket.close()

    asyncio.run(main())


async def asked(to: Connection, number: int, word: Any) -> None:
    """Send one question."""
    await send(to[1], {"id": number, "do": word})


def test_done_failed_and_nonsense_are_answered_under_the_id_that_asked(tmp_path: Path) -> None:
    """A failure keeps its kind and its words; a message that names nothing to do is garbled."""

    async def told(site: Site) -> None:
        to = await site.connected()
        await asked(to, 1, "look")
        assert await receive(to[0]) == {"id": 1, "done": {"word": "look"}}
        await asked(to, 2, "fail")
        failed = {"kind": "faulty", "message": "it fell down"}
        assert await receive(to[0]) == {"id": 2, "failed": failed}
        await send(to[1], {"id": 3})
        garbled = await receive(to[0])
        assert garbled is not None
        assert garbled["failed"]["kind"] == "garbled"

    at(tmp_path, told)


def test_out_of_turn_a_slow_answer_holds_nobody_up_and_in_turn_it_does(tmp_path: Path) -> None:
    """Whether the second question is begun before the first was answered."""

    async def answered(site: Site, before: int) -> list[int]:
        to = await site.connected()
        await asked(to, 1, "slow")
        await asked(to, 2, "look")
        for _ in range(before):
            await site.begun.get()
        await asyncio.sleep(0.05)
        assert len(site.noted) == before
        site.on.set()
        answers = [await receive(to[0]) for _ in range(2)]
        return [answer["id"] for answer in answers if answer is not None]

    async def beside(site: Site) -> None:
        assert await answered(site, 2) == [2, 1]

    async def in_turn(site: Site) -> None:
        assert await answered(site, 1) == [1, 2]

    at(tmp_path, beside)
    at(tmp_path, in_turn, in_turn=True)


def test_the_next_controller_is_served_after_everything_of_the_last_was_let_go(
    tmp_path: Path,
) -> None:
    """A late answer to the first never reaches the second."""

    async def told(site: Site) -> None:
        first, second = await site.connected(), await site.connected()
        await asked(first, 1, "slow")
        await asked(second, 7, "look")
        await site.begun.get()
        first[1].close()
        assert await receive(second[0]) == {"id": 7, "done": {"word": "look"}}
        assert site.noted == ["slow", "let go", "look"]
        site.on.set()
        site.socket.say({"notice": "laid"})
        assert await receive(second[0]) == {"notice": "laid"}

    at(tmp_path, told)


def test_whoever_speaks_no_protocol_is_hung_up_on_and_the_next_is_served(tmp_path: Path) -> None:
    """Bytes that are no message end that connection only."""

    async def told(site: Site) -> None:
        reader, writer = await site.connected()
        writer.write(b"\x00\x00\x00\x02[]")
        assert await reader.read() == b""
        to = await site.connected()
        await asked(to, 1, "look")
        assert await receive(to[0]) == {"id": 1, "done": {"word": "look"}}

    at(tmp_path, told)


def test_closing_hangs_up_on_whoever_is_served_and_waits_and_says_nothing_of_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker ends while one controller is served and another waits: both see the end."""

    async def told(site: Site) -> None:
        served, waiting = await site.connected(), await site.connected()
        await asked(served, 1, "look")
        assert await receive(served[0]) == {"id": 1, "done": {"word": "look"}}
        await site.socket.close()
        assert site.noted[1:] == ["let go", "let go"]
        assert [await receive(reader) for reader, _ in (served, waiting)] == [None, None]

    at(tmp_path, told)
    assert not [record for record in caplog.records if record.name == "asyncio"]
