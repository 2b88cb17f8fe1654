"""sd_notify as systemd hears it: a datagram socket of ours stands in its place."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.effects import Lane
from gate.passage.commands import ReadBack
from gate.watchdog import Notifier, attend


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """A socket as systemd opens it, and its address as the environment names it."""
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    name = str(tmp_path / "notify") if request.param == "path" else f"@egate-{os.getpid()}"
    heard.bind("\0" + name[1:] if name[0] == "@" else name)
    heard.setblocking(False)
    yield name, heard
    heard.close()


def words(heard: socket.socket) -> list[str]:
    """Everything that was told."""
    told: list[str] = []
    while True:
        try:
            told += heard.recv(4096).decode().splitlines()
        except BlockingIOError:
            return told


def test_the_watchdog_is_petted_only_while_nothing_is_behind(
    systemd: tuple[str, socket.socket],
) -> None:
    """READY once, STATUS at each change, WATCHDOG while healthy and never while behind."""
    address, heard = systemd
    behind_s, ready = 0.0, False

    async def story() -> None:
        nonlocal behind_s, ready
        environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "90000"}
        notifier = Notifier({**environment, "WATCHDOG_PID": str(os.getpid())})
        status = lambda: "ready" if ready else "starting"  # noqa: E731
        task = asyncio.create_task(attend(notifier, lambda: behind_s, status, lambda: ready))
        await asyncio.sleep(0.1)
        assert set(words(heard)) == {"WATCHDOG=1", "STATUS=starting"}
        ready = True
        await asyncio.sleep(0.2)
        told = words(heard)
        assert told.count("READY=1") == 1
        assert "STATUS=ready" in told
        behind_s = 60.0
        await asyncio.sleep(0.1)
        words(heard)
        await asyncio.sleep(0.2)
        assert words(heard) == []
        task.cancel()

    asyncio.run(story())


@pytest.mark.parametrize(
    "environment",
    [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/notify"}],
)
def test_without_systemd_nothing_is_told(environment: dict[str, str]) -> None:
    """A gate started by hand, or whose manager is gone, runs on."""
    assert Notifier(environment).tell("READY=1") is False


def test_a_command_that_hangs_is_behind_and_one_that_ends_is_not() -> None:
    """What the controller calls healthy: nothing under way for long."""

    async def story() -> None:
        stuck = asyncio.Event()

        async def perform(command: object) -> None:
            await stuck.wait()

        lane, loop = Lane(perform), asyncio.get_running_loop()
        working = asyncio.create_task(lane.work())
        assert lane.behind_s(loop.time()) == 0.0
        lane.put(ReadBack())
        await asyncio.sleep(0.05)
        assert lane.behind_s(loop.time()) >= 0.04
        stuck.set()
        await asyncio.sleep(0.01)
        assert lane.behind_s(loop.time()) == 0.0
        working.cancel()

    asyncio.run(story())


def test_a_manager_that_does_not_read_holds_nothing_up(
    systemd: tuple[str, socket.socket],
) -> None:
    """Once its queue is full a word is dropped, not waited for."""
    notifier = Notifier({"NOTIFY_SOCKET": systemd[0]})
    assert not all(notifier.tell("WATCHDOG=1") for _ in range(10_000))


def test_another_process_s_watchdog_is_not_ours() -> None:
    """WATCHDOG_PID names who is watched; a child must not pet for its parent."""
    environment = {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": str(os.getpid() + 1)}
    assert Notifier(environment).watchdog_s is None
