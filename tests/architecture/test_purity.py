"""gate.passage and gate.law are pure: shown on their source, and again while they run."""

from __future__ import annotations

import ast
import contextlib
import importlib
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.architecture.source import ROOT, Module, modules

PURE_ROOMS = ("gate.passage", "gate.law")
FORBIDDEN_NAMES = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"}
CLOCK_METHODS = {"now", "today", "utcnow"}
FORBIDDEN_EVENTS = ("open", "socket.", "subprocess.", "os.", "sqlite3.", "import", "shutil.")
CLOCKS = ("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "sleep")


def pure_modules() -> list[Module]:
    """The modules of the two pure rooms."""
    return [m for m in modules() if m.name.startswith(PURE_ROOMS)]


def impurities(tree: ast.AST) -> Iterator[str]:
    """Calls that reach for a file, a person or a clock, and words that keep hidden state."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield f"line {node.lineno}: hidden state"
        elif isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name) and function.id in FORBIDDEN_NAMES:
                yield f"line {node.lineno}: {function.id}()"
            elif isinstance(function, ast.Attribute) and function.attr in CLOCK_METHODS:
                yield f"line {node.lineno}: .{function.attr}()"


def test_the_pure_rooms_call_nothing_impure() -> None:
    """No call in the pure rooms opens, prints, evaluates or reads a clock."""
    assert pure_modules()
    found = {str(m.path): list(impurities(m.tree)) for m in pure_modules()}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "text", ["open('x')", "datetime.now()", "date.today()", "def f():\n    global x", "eval('1')"]
)
def test_an_impure_call_is_found(text: str) -> None:
    """The search above cannot pass by finding nothing at all."""
    assert list(impurities(ast.parse(text)))


# --- while they run -----------------------------------------------------------------------------

_caught: list[str] | None = None


def _hook(event: str, _: Any) -> None:
    if _caught is not None and event.startswith(FORBIDDEN_EVENTS):
        _caught.append(event)


sys.addaudithook(_hook)  # stays for the process; silent outside `watched`


@contextlib.contextmanager
def watched() -> Iterator[list[str]]:
    """Collect everything the block does to the world; its clocks raise."""
    global _caught

    def refuse(*_: Any) -> float:
        raise AssertionError("a pure function read a clock")

    real = {name: getattr(time, name) for name in CLOCKS}
    seen: list[str] = []
    for name in CLOCKS:
        setattr(time, name, refuse)
    _caught = seen
    try:
        yield seen
    finally:
        _caught = None
        for name, function in real.items():
            setattr(time, name, function)


def test_the_watch_notices() -> None:
    """A file, a socket and a clock are noticed while watched."""
    with watched() as seen, contextlib.suppress(OSError):
        open("/dev/null").close()
    assert seen == ["open"]
    with watched(), pytest.raises(AssertionError, match="clock"):
        time.monotonic()


INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
st.register_type_strategy(datetime, INSTANTS)


def _parameters() -> Any:
    from gate.vocabulary.parameters import parameters_from

    text = (ROOT / "gate" / "law" / "parameters.toml").read_text(encoding="utf-8")
    return parameters_from(text)


def _event_types() -> list[type[Any]]:
    events = importlib.import_module("gate.passage.events")
    parents = {
        base for kind in vars(events).values() if isinstance(kind, type) for base in kind.__bases__
    }
    return [
        kind
        for kind in vars(events).values()
        if isinstance(kind, type) and issubclass(kind, events.Event) and kind not in parents
    ]


def _any_event() -> st.SearchStrategy[Any]:
    from gate.vocabulary.facts import Facts
    from gate.vocabulary.passages import PassageId

    # Results of the first passages of boot 1, so that most belong to the traveller inside.
    st.register_type_strategy(PassageId, st.builds(PassageId, st.just(1), st.integers(1, 3)))
    st.register_type_strategy(Facts, st.builds(Facts))
    return st.one_of([st.from_type(kind) for kind in _event_types()])


# The walk matters, not which of its events was the shortest: nothing is shrunk.
@settings(max_examples=40, phases=[Phase.generate])
@given(data=st.data())
def test_step_touches_nothing(data: st.DataObject) -> None:
    """Along random walks `step` opens nothing, asks nobody and reads no clock."""
    from gate.passage.phases import GateState, Settings
    from gate.passage.step import step
    from gate.vocabulary.instants import Instant
    from gate.vocabulary.passages import Topology
    from gate.vocabulary.timings import Timings

    walk = data.draw(st.lists(st.tuples(_any_event(), st.floats(0, 20)), max_size=25))
    topology = data.draw(st.sampled_from(Topology))
    settled = Settings(topology=topology, timings=Timings(), parameters=_parameters())
    state = GateState(settled, boot=1)
    mono_s = 0.0
    began = datetime(2026, 1, 1, tzinfo=UTC)
    with watched() as seen:
        for event, pause_s in walk:
            mono_s += pause_s
            state, _ = step(state, event, Instant(mono_s, began + timedelta(seconds=mono_s)))
    assert seen == []
