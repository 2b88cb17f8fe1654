"""What staff want to look at once more: the passage that ended last, and how long each phase took."""

from __future__ import annotations

from typing import Any

from gate.passage.commands import ClosePassage
from gate.runner import Turn
from gate.view import passage_view
from gate.vocabulary.passages import PassageId


class LastPassage:
    """An observer of one gate's runner."""

    def __init__(self) -> None:
        self._id: PassageId | None = None
        self._seen: dict[str, Any] | None = None
        self._outcome: str | None = None
        self._spans: list[tuple[str, float]] = []
        self._since_s = 0.0

    def __call__(self, turn: Turn) -> None:
        """See one turn."""
        passage = turn.after.passage or turn.before.passage
        if passage is not None and passage.id != self._id:
            self._id, self._outcome, self._spans = passage.id, None, []
        if passage is not None and passage.id == self._id:
            self._seen = passage_view(passage)
        if turn.before.phase is not turn.after.phase:
            took_s = turn.now.mono_s - self._since_s
            self._since_s = turn.now.mono_s
            if turn.before.passage is not None and turn.before.passage.id == self._id:
                self._spans.append((turn.before.phase.value, round(took_s, 2)))
        for command in turn.commands:
            if isinstance(command, ClosePassage):
                self._outcome = command.outcome.value

    def view(self, now_s: float) -> dict[str, Any]:
        """`timings`: phase and seconds, in order; `last`: the passage, once it has ended."""
        last = None if self._outcome is None else {**(self._seen or {}), "outcome": self._outcome}
        return {
            "timings": [list(span) for span in self._spans],
            "phase_for_s": round(now_s - self._since_s, 2),
            "last": last,
        }
