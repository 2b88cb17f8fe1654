"""Stories written as a dialogue: `>>` an event goes in, `<<` a command is expected.

    gate = Dialogue(Phase.READY)
    gate >> DocumentLaid() << OpenPassage(P1) << Show(Screen.WAIT)

Commands are expected in order, others may stand between them; `only` expects exactly those.
"""

from __future__ import annotations

from gate.passage.commands import Command
from gate.passage.events import Event
from gate.passage.phases import GateState, Phase
from gate.passage.step import step
from tests.gate.passage.states import at, reached


class Dialogue:
    """The core alone, talking."""

    def __init__(self, start: Phase | GateState, mono_s: float = 7.0) -> None:
        self.state = reached(start) if isinstance(start, Phase) else start
        self.mono_s = mono_s
        self._asked: list[Command] = []

    def __rshift__(self, event: Event) -> Dialogue:
        """Something happens; commands that nobody asked about are dropped."""
        self.state, commands = step(self.state, event, at(self.mono_s))
        self._asked = list(commands)
        return self

    def __lshift__(self, expected: Command | type[Command]) -> Dialogue:
        """This command comes next, after any others."""
        while self._asked:
            command = self._asked.pop(0)
            if command == expected or type(command) is expected:
                return self
        raise AssertionError(f"{expected} was not asked for in {self.state.phase}")

    def after(self, seconds: float) -> Dialogue:
        """Time passes."""
        self.mono_s += seconds
        return self

    def quiet(self) -> Dialogue:
        """Nothing else was asked for."""
        assert self._asked == []
        return self

    def never(self, *kinds: type[Command]) -> Dialogue:
        """None of these is among what is left."""
        assert not [command for command in self._asked if isinstance(command, kinds)]
        return self

    def stands_in(self, phase: Phase) -> Dialogue:
        """The gate is in this phase now."""
        assert self.state.phase is phase, self.state.phase
        return self
