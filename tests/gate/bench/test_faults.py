"""Faults by script and by hand: plans, the desk that sets and mends them, what a mistake is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from drivers.faults import FaultKind, Way
from gate.bench.emulated_devices import DeviceSettings, EmulatedBench
from gate.bench.fault_desk import FaultError, Planned
from gate.bench.fault_plan import read_fault_plan
from gate.bench.fault_words import WIRE_WORDS, Breakage, words_of_demo
from gate.bench.stories import tell
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.bench.world import EmulatedGate
from gate.config import Config

START = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)


def plan_of(tmp_path: Path, text: str) -> list[Planned]:
    """A plan file, read."""
    file = tmp_path / "plan.toml"
    file.write_text(text, encoding="utf-8")
    return read_fault_plan(file)


def at_bench(folder: Path, story: Callable[[EmulatedBench], Awaitable[None]]) -> None:
    """Run a story at a bench with a door board and a fingerprint sensor."""

    async def run() -> None:
        settings = [
            DeviceSettings("doors", "door-board", folder / "doors", 115_200),
            DeviceSettings("finger", "fingerprint", folder / "finger", 57_600),
        ]
        bench = EmulatedBench(settings)
        bench.start()
        try:
            await story(bench)
        finally:
            bench.close()

    asyncio.run(run())


def test_every_key_of_a_plan_counts(tmp_path: Path) -> None:
    """What is written is what is planned, with the line of its kind for later complaints."""
    plan = plan_of(
        tmp_path,
        '# a plan\n[[fault]]\ndevice = "d"\nkind = "delay"\nat_s = 3\ncount = 2\nway = "reply"\n'
        'amount = 0.5\n[[fault]]\ndevice = "gate"\nkind = "weld"\npart = "exit"\nfor_s = 1.5\n',
    )
    delayed = Breakage("d", "delay", amount=0.5, way=Way.REPLY, count=2)
    welded = Breakage("gate", "weld", "exit")
    assert [(p.breakage, p.at_s, p.for_s) for p in plan] == [(delayed, 3, None), (welded, 0, 1.5)]
    assert [p.place.rpartition(":")[2] for p in plan] == ["4", "11"]


def test_a_frame_fault_hits_one_frame_unless_told(tmp_path: Path) -> None:
    """Without `count` and `for_s` one frame is hit; with `for_s` all of them, until it is over."""
    once, lasting = plan_of(
        tmp_path,
        '[[fault]]\ndevice="d"\nkind="noise"\n[[fault]]\ndevice="d"\nkind="noise"\nfor_s=2\n',
    )
    assert once.breakage.count == 1
    assert lasting.breakage.count is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[fault]]\ndevice='d'", "plan.toml:1: kind is missing"),
        ("\n[[fault]]\ndevice='d'\nkind='noise'\nfors=3", "plan.toml:5: unknown fors; .*for_s"),
        ("[[fault]]\ndevice='d'\nkind='noise'\nat_s='x'", "plan.toml:4: at_s is 'x'"),
        ("[[fault]]\ndevice='d'\nkind='noise'\namount=nan", "plan.toml:4: amount is nan"),
        ("[[fault]]\ndevice='d'\nkind='noise'\ncount=0", "plan.toml:4: count is 0"),
        ("[[fault]]\ndevice='d'\nkind='noise'\nway='up'", 'plan.toml:4: way .* "reply"'),
        ("[[fault]]\ndevice=4\nkind='noise'", "plan.toml:2: device"),
        ("[fault]\ndevice='d'", r"plan.toml:1: write \[\[fault\]\]"),
        ("x = 1", "plan.toml:1: unknown x"),
        ("[[fault]", "not TOML: .*line 1"),
    ],
)
def test_a_wrong_plan_names_line_and_mend(tmp_path: Path, text: str, told: str) -> None:
    """Whoever wrote the plan is told which line, and what to write."""
    with pytest.raises(FaultError, match=told):
        plan_of(tmp_path, text)


@pytest.mark.parametrize(
    ("breakage", "told"),
    [
        (Breakage("door", "noise"), "plan.toml:9: no device 'door' here: one of doors"),
        (Breakage("doors", "frozen"), "has no fault 'frozen': one of drop_request"),
        (Breakage("gate", "weld"), "takes a part: one of entry, exit"),
        (Breakage("gate", "bounce", "exit"), "takes a part: one of entry_closed"),
        (Breakage("gate", "mains", "exit"), "takes no part"),
    ],
)
def test_a_plan_for_another_bench_is_refused(tmp_path: Path, breakage: Breakage, told: str) -> None:
    """Nothing of a plan begins if one line of it cannot."""

    async def story(bench: EmulatedBench) -> None:
        sound = Planned(Breakage("gate", "mains"))
        with pytest.raises(FaultError, match=told):
            bench.desk.follow([sound, Planned(breakage, place="plan.toml:9")])
        assert bench.desk.standing() == []

    at_bench(tmp_path, story)


def test_every_wire_word_is_a_fault_of_the_line() -> None:
    """The words are those of `drivers.faults`, and two that hands do."""
    assert set(WIRE_WORDS) == {kind.value for kind in FaultKind} | {"unplugged", "wrong_device"}


def test_every_word_breaks_and_mends(tmp_path: Path) -> None:
    """After everything was broken and mended the bench is as it was."""

    async def story(bench: EmulatedBench) -> None:
        sound = {**bench.plant.truth().as_json(), "now_s": 0}
        for device, words in bench.desk.possible().items():
            for word, parts in words.items():
                for part in parts or [""]:
                    bench.desk.begin(Breakage(device, word, part))
        assert {b.device for b in bench.desk.standing()} == {"doors", "finger", "gate"}
        assert bench.plant.truth().tamper_ok is False
        bench.desk.clear()
        assert bench.desk.standing() == []
        for running in bench.devices.values():
            assert running.line.wire.plugged
            assert list(running.faults.script) == []
        bench.plant.advance(bench.now_s + 20.0)
        assert {**bench.plant.truth().as_json(), "now_s": 0} == sound

    at_bench(tmp_path, story)


def test_what_a_page_sends_is_checked(tmp_path: Path) -> None:
    """A page breaks and mends by message; nonsense is answered, not done."""

    async def story(bench: EmulatedBench) -> None:
        desk = bench.desk
        desk.take({"fault": {"device": "gate", "kind": "jam", "part": "exit", "for_s": 0.05}})
        assert desk.view()["standing"] == [{"device": "gate", "kind": "jam", "part": "exit"}]
        await asyncio.sleep(0.1)
        assert desk.standing() == []
        for nonsense in (
            {"fault": "jam"},
            {"fault": {"device": "gate", "kind": "jam", "part": "exit", "shell": "ls"}},
            {"fault": {"device": "gate", "kind": "jam", "part": "exit", "for_s": float("nan")}},
            {"fault": {"device": "doors", "kind": "noise", "way": "up"}},
        ):
            with pytest.raises(ValueError):
                desk.take(nonsense)
        assert desk.standing() == []

    at_bench(tmp_path, story)


def test_words_before_the_bench_are_those_of_the_bench(tmp_path: Path) -> None:
    """A plan for the demo is checked against what the demo's gate can really do."""

    async def possible() -> dict[str, list[str]]:
        from dataclasses import replace

        world = EmulatedGate(replace(Config(), state=str(tmp_path)), start=START, rng=Random(1))
        world.switch_on()
        await asyncio.sleep(1.0)
        await world.shut_down()
        return {name: list(words) for name, words in world.faults.possible().items()}

    loop = VirtualTimeLoop()
    asyncio.set_event_loop(loop)
    try:
        told = run_virtually(possible(), loop)
    finally:
        asyncio.set_event_loop(None)
    before = words_of_demo(real_recognition=False)
    assert told == {name: list(thing.words) for name, thing in before.items()}


def test_a_plan_plays_in_the_demo() -> None:
    """While no answer of the reader arrives nobody is let in; once it is mended they are."""
    plan = [Planned(Breakage("reader", "drop_reply"), at_s=0.5, for_s=40.0)]
    told = tell(["admitted"], seed=7, say=lambda line: None, plan=plan)
    assert "admitted 1" in told.summary
    kinds = [entry["kind"] for entry in told.journal]
    assert "device_failed" in kinds
    assert kinds.index("device_recovered") < kinds.index("document_read")
