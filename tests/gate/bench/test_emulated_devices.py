"""Bench files and control words: what works, and what a mistake is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from drivers.door_relay.driver import ModbusDoorBoard
from drivers.errors import DriverError
from drivers.link import open_link
from drivers.plant import Mode
from gate.bench.control import Control, serve
from gate.bench.emulated_devices import (
    KINDS,
    BenchError,
    DeviceSettings,
    EmulatedBench,
    plant_parameters,
    read_bench_file,
)
from gate.bench.fault_desk import Planned
from gate.bench.fault_words import Breakage
from gate.cli.emulate import _KIND_NAMES

BAUD = 115_200
Story = Callable[[EmulatedBench, Control], Awaitable[None]]


def play(folder: Path, story: Story, plan: Sequence[Planned] = ()) -> None:
    """Run a story at a bench with a door board and a reader."""

    async def at() -> None:
        settings = [
            DeviceSettings("doors", "door-board", folder / "doors", BAUD),
            DeviceSettings("reader", "elyctis", folder / "reader", BAUD),
        ]
        bench = EmulatedBench(settings, plant_parameters({"open_s": 0.05}), plan)
        bench.start()
        try:
            await story(bench, Control(bench))
        finally:
            bench.close()

    asyncio.run(at())


def state(control: Control) -> dict[str, Any]:
    """What STATE says."""
    told: dict[str, Any] = json.loads(control.say("STATE"))
    return told


def test_a_driver_and_control_words_meet_at_one_gate(tmp_path: Path) -> None:
    """A release over the wire moves the leaf that STATE shows; FIRE shows at the board."""

    async def story(bench: EmulatedBench, control: Control) -> None:
        board = ModbusDoorBoard(await open_link(f"pty:{tmp_path}/doors", baud=BAUD), baud=BAUD)
        before = await board.read()
        assert control.say("BODY a ADD reader") == "OK"
        await board.release(1, 5.0)
        await asyncio.sleep(0.1)
        told = state(control)
        assert told["doors"]["exit"]["mode"] == Mode.OPEN.value
        assert told["doors"]["entry"]["mode"] == Mode.CLOSED.value
        assert told["bodies"]["a"]["x_m"] == -0.8
        assert control.say("FIRE OPEN") == "OK"
        await asyncio.sleep(0.1)
        after = await board.read()
        assert before.inputs[9]
        assert not after.inputs[9]
        await board.close()

    play(tmp_path, story)


def test_every_word_of_the_help_text_is_understood(tmp_path: Path) -> None:
    """The words, in an order in which each makes sense, are all answered without ERROR."""

    async def story(bench: EmulatedBench, control: Control) -> None:
        words = (
            "BODY a WALK inside 1.2|BODY a STOP|BODY a CARRY bag|BODY a DROP|BODY a REMOVE"
            "|BODY b ADD 1.0|FIRE OPEN|FIRE CLOSED|ESTOP OPEN|ESTOP CLOSED|MAINS OFF|MAINS ON"
            "|TAMPER OPEN|TAMPER CLOSED|WELD exit ON|WELD exit OFF|JAM entry ON|JAM entry OFF"
            "|SLOW entry 3|STICK exit_beam ON|STICK exit_beam MEND|BOUNCE exit_open ON"
            "|BOUNCE exit_open OFF|UNPLUG reader 2.0|REPLUG reader|FAULT doors drop_reply"
            "|FAULT doors delay 0.2 reply|reader:MISREAD nothing|WITHDRAW|LOG|DEVICES|HELP|STATE"
        )
        for word in words.split("|"):
            assert not control.say(word).startswith("ERROR"), word
        assert control.say("LAY P<UTO|L898") == "OK"

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "HELP"),
        ("FLY", "HELP"),
        ("BODY", "missing"),
        ("BODY a FLY", "ADD, WALK"),
        ("BODY a WALK nowhere", "one of"),
        ("BODY ghost STOP", "ghost"),
        ("FIRE MAYBE", "neither OPEN nor CLOSED"),
        ("JAM cellar ON", "entry, exit"),
        ("STICK nose ON", "nose"),
        ("UNPLUG fridge", "doors, reader"),
        ("FAULT doors explode", "explode"),
        ("doors:LAY x", "no device"),
        ("SLOW entry quick", "quick"),
    ],
)
def test_a_wrong_word_is_answered_with_what_to_do(tmp_path: Path, line: str, told: str) -> None:
    """ERROR and the way out; the bench goes on."""

    async def story(bench: EmulatedBench, control: Control) -> None:
        answer = control.say(line)
        assert answer.startswith("ERROR")
        assert told in answer
        assert control.say("STATE").startswith("{")

    play(tmp_path, story)


def test_the_socket_takes_lines_and_only_one_bench(tmp_path: Path) -> None:
    """Lines in, lines out; a second bench on the socket is refused, an abandoned one replaced."""

    async def story(bench: EmulatedBench, control: Control) -> None:
        path = tmp_path / "control"
        server = await serve(control, path)
        assert path.stat().st_mode & 0o077 == 0
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"MAINS OFF\nSTATE\n")
        assert await reader.readline() == b"OK\n"
        assert json.loads(await reader.readline())["mains"] is False
        with pytest.raises(ValueError, match="another bench"):
            await serve(control, path)
        writer.close()
        server.close()
        await server.wait_closed()
        (await serve(control, path)).close()

    play(tmp_path, story)


def test_a_planned_fault_hits_its_device(tmp_path: Path) -> None:
    """The first reply of the doors is lost, as the plan says; the second is not."""

    async def story(bench: EmulatedBench, control: Control) -> None:
        board = ModbusDoorBoard(await open_link(f"pty:{tmp_path}/doors", baud=BAUD), baud=BAUD)
        with pytest.raises(DriverError):
            await board.read()
        await board.read()
        await board.close()

    play(tmp_path, story, plan=[Planned(Breakage("doors", "drop_reply", count=1))])


def test_files_are_read(tmp_path: Path) -> None:
    """A bench file with a plant."""
    bench = tmp_path / "bench.toml"
    bench.write_text(
        'folder = "names"\ncontrol = "c"\n[plant]\nopen_s = 1.5\nunpowered = "hold"\n'
        '[[device]]\nname = "d"\nkind = "door-board"\nunit = 3\nbaud = 19200\n',
        encoding="utf-8",
    )
    content = read_bench_file(bench)
    assert content.devices == (DeviceSettings("d", "door-board", Path("names/d"), 19200, 3),)
    assert content.plant.leaf.open_s == 1.5
    assert content.control == Path("c")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "one .*device"),
        ("[[device]]\nname='a'", "kind is missing"),
        ("[[device]]\nname='a'\nkind='toaster'", "door-board"),
        ("[[device]]\nname='a'\nkind='rte'\nbaud=1", "300"),
        ("[[device]]\nname='a'\nkind='rte'\nunit=0", "247"),
        ("[[device]]\nname='gate'\nkind='rte'", "plant's own name"),
        ("[[device]]\nname='a'\nkind='rte'\nspeed=1", "unknown speed"),
        ("[[device]]\nname='a'\nkind='rte'\n[plant]\nopen_s=-1", "open_s"),
        ("[[device]]\nname='a'\nkind='rte'\n[plant]\nunpowered='maybe'", "maybe"),
        ("[[device]\n", "not TOML"),
    ],
)
def test_a_wrong_bench_file_says_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    """BenchError names the key and what is possible."""
    file = tmp_path / "bench.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BenchError, match=told):
        read_bench_file(file)


def test_every_kind_has_a_command() -> None:
    """The names that the command line lists without loading emulators are those of the table."""
    assert set(_KIND_NAMES) == set(KINDS)


def test_every_kind_can_be_made(tmp_path: Path) -> None:
    """Each entry of the table gives an emulator that is silent at first."""

    async def story() -> None:
        for kind, entry in KINDS.items():
            settings = DeviceSettings("x", kind, tmp_path / "x", entry.baud)
            bench = EmulatedBench([settings])
            assert bench.devices["x"].emulator.transmit(bench.now_s) == b""

    asyncio.run(story())
