"""Tells each passage as a story: what happened when, in words, from the runner's turns."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gate.passage.commands import (
    Alert,
    AuthoriseExit,
    CallOfficer,
    ClosePassage,
    Command,
    HoldOpenForEvacuation,
    OpenPassage,
    Record,
)
from gate.passage.events import ExitAuthorised, Sensed, Started
from gate.runner import Turn
from gate.vocabulary.passages import Door, Outcome, Sensors


@dataclass
class Storyteller:
    """An observer of one gate's runner; `say` receives one line at a time."""

    say: Callable[[str], None]
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    _last: Sensors | None = None
    _told: int = 0

    def __call__(self, turn: Turn) -> None:
        """Tell one turn."""
        lines = [*self._event(turn), *self._phase(turn)]
        for command in turn.commands:
            lines += self._command(command)
        for line in lines:
            self.say(f"{turn.now.mono_s:9.2f} s  {line}")

    def passages(self) -> int:
        """How many ended so far."""
        return self.outcomes.total()

    def summary(self, errors: int) -> str:
        """The closing line."""
        count = self.outcomes
        return (
            f"passages {self.passages()} admitted {count[Outcome.ADMIT]} "
            f"referred {count[Outcome.REFER]} abandoned {count[Outcome.ABANDONED]} "
            f"evacuated {count[Outcome.EVACUATED]} interrupted {count[Outcome.INTERRUPTED]} "
            f"errors {errors}"
        )

    def _event(self, turn: Turn) -> list[str]:
        event = turn.event
        if isinstance(event, Started):
            self.outcomes[Outcome.INTERRUPTED] += event.interrupted
            found = f", {event.interrupted} passage(s) interrupted" if event.interrupted else ""
            return [f"controller started, boot {event.boot}{found}"]
        if isinstance(event, ExitAuthorised):
            return ["exit decision committed"]
        return self._sensed(event.sensors) if isinstance(event, Sensed) else []

    def _sensed(self, sensors: Sensors) -> list[str]:
        last, self._last = self._last, sensors
        if last is None:
            return []
        lines = [
            f"{door.value} door {sensors.door(door).value}"
            for door in Door
            if sensors.door(door) is not last.door(door)
        ]
        if sensors.presence != last.presence:
            lines.append(f"inside: {('nobody', 'one', 'two or more')[sensors.presence]}")
        if sensors.loops_ok != last.loops_ok:
            lines.append("safety loop " + ("closed again" if sensors.loops_ok else "INTERRUPTED"))
        return lines

    def _phase(self, turn: Turn) -> list[str]:
        if turn.before.phase is turn.after.phase:
            return []
        return [f"-> {turn.after.phase.value}"]

    def _command(self, command: Command) -> list[str]:
        match command:
            case OpenPassage(passage):
                return [f"passage {passage} begins"]
            case Record(kind, _, data):
                return _recorded(kind, data)
            case AuthoriseExit(_, decision, seq):
                return [f"exit decision: {decision.verdict.value}, facts as of record {seq}"]
            case CallOfficer(_, reasons):
                return ["officer called: " + ", ".join(r.value for r in reasons)]
            case Alert(reason, _):
                return [f"staff alerted: {reason.value}"]
            case HoldOpenForEvacuation():
                return ["both doors held open"]
            case ClosePassage(passage, outcome, reasons):
                self.outcomes[outcome] += 1
                why = f" ({', '.join(r.value for r in reasons)})" if reasons else ""
                return [f"passage {passage} ends: {outcome.value}{why}"]
        return []


def _recorded(kind: str, data: dict[str, Any]) -> list[str]:
    if kind == "document_read":
        digits = "check digits hold" if data["check_digits_ok"] else "a check digit FAILS"
        return [f"read {data['issuing_state']} {data['document']}, {digits}"]
    if kind in ("entry_decision", "exit_check"):
        rules = ", ".join(f"{f['rule_id']} [{f['article']}]" for f in data["findings"])
        return [f"{kind.replace('_', ' ')}: {data['outcome']}{': ' + rules if rules else ''}"]
    if kind == "capture":
        return [f"{data['kind']}: {data['verdict']}"]
    if kind in ("device_failed", "device_recovered"):
        return [f"{data['device']} {kind[7:]}" + (f": {data['kind']}" if "kind" in data else "")]
    if kind == "officer":
        done = "" if data["done"] else " (refused)"
        return [f"officer {data['officer_id']}: {data['deed']}{done}"]
    if kind in ("late_result", "interlock", "post_alert"):
        return [f"{kind}: {data}"]
    return []
