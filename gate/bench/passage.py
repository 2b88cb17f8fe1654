"""`egate bench passage`: what one passage computes, by stage, in processor time.

Admitted travellers walk through the emulated gate with real recognition in this process. Each
stage's function is timed where the code calls it; a stage inside another is taken off the outer one.
Waiting for a disk is no computing: `egate bench live` has the commit with its sync.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch

STAGES: tuple[tuple[str, str, str], ...] = (
    ("mrz: lines to fields", "gate.adapters.mrz_text", "parse"),
    ("face: detect", "models.face.observe", "find_faces"),
    ("face: track", "models.face.observe", "track"),
    ("face: points", "models.face.observe", "find_points"),
    ("face: quality", "models.face.observe", "assess"),
    ("face: rivals", "models.face.observe", "rivals"),
    ("face: chip", "models.face.observe", "cut_chip"),
    ("face: embed", "models.face.observe", "embed_chips"),
    ("face: decide, attack cues, rest", "gate.recognition.face_capture", "_see"),
    ("finger: extract", "models.fingerprint.session", "extract"),
    ("finger: compare", "models.fingerprint.session", "compare"),
    ("finger: reference", "gate.recognition.comparers", "plan_session"),
    ("law: both checks", "gate.passage.judgement", "decide"),
    ("store: facts", "gate.store.store.Store", "load_facts"),
    ("store: exit committed", "gate.store.store.Store", "authorise_exit"),
)
"""Name, where it is called, and what. A class's method is named with its class."""
WHOLE_TARGET_MS = 400.0


class StageTimes:
    """Processor time by stage since `clear`."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = defaultdict(float)
        self._inner_s: list[float] = []

    def clear(self) -> dict[str, float]:
        """Hand out what was spent and begin anew."""
        spent, self.spent_s = dict(self.spent_s), defaultdict(float)
        return spent

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its own time added to the stage."""

        def run(*args: Any, **named: Any) -> Any:
            self._inner_s.append(0.0)
            began_s = time.thread_time()
            try:
                return function(*args, **named)
            finally:
                took_s = time.thread_time() - began_s
                self.spent_s[stage] += took_s - self._inner_s.pop()
                if self._inner_s:
                    self._inner_s[-1] += took_s

        return run

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Time every stage of the table."""
        with ExitStack() as stack:
            for stage, place, name in STAGES:
                owner = _owner(place)
                run = self.timed(stage, getattr(owner, name))
                stack.enter_context(patch.object(owner, name, run))
            yield


def _owner(place: str) -> Any:
    module, _, last = place.rpartition(".")
    return getattr(import_module(module), last) if last[0].isupper() else import_module(place)


def measured(passages: int, seed: int) -> list[dict[str, float]]:
    """Seconds by stage, one entry a passage; each traveller admitted. Raises RuntimeError if not."""
    from gate.bench.real_recognition import real_recognition
    from gate.bench.rendered import rendered_folder
    from gate.bench.stories import tell
    from gate.passage.commands import ClosePassage, OpenPassage
    from gate.runner import Turn
    from gate.vocabulary.passages import Outcome

    times, found, outcomes = StageTimes(), list[dict[str, float]](), list[Outcome]()

    def look(turn: Turn) -> None:
        for command in turn.commands:
            if isinstance(command, OpenPassage):
                times.clear()  # what came before was the enrolment
            elif isinstance(command, ClosePassage):
                found.append(times.clear())
                outcomes.append(command.outcome)

    recognition = real_recognition(seed, rendered_folder())
    with times.watching():
        tell(
            ["admitted"] * passages,
            seed=seed,
            say=lambda _line: None,
            observer=look,
            recognition=recognition,
        )
    if outcomes != [Outcome.ADMIT] * passages:
        raise RuntimeError(f"not everybody was admitted: {outcomes}")
    return found


def command(passages: int = 20, seed: int = 1) -> None:
    """What one passage computes by stage, median and p95, in processor time."""
    from gate.bench.live import quantile

    found = measured(passages, seed)
    print(f"{passages} passages with real recognition, ms of processor time")
    print(f"{'stage':34} {'median':>8} {'p95':>8}")
    for stage, _, _ in STAGES:
        spent = [1000 * one.get(stage, 0.0) for one in found]
        print(f"{stage:34} {statistics.median(spent):8.2f} {quantile(spent, 0.95):8.2f}")
    whole = [1000 * sum(one.values()) for one in found]
    median = statistics.median(whole)
    print(f"{'all of it':34} {median:8.2f} {quantile(whole, 0.95):8.2f}")
    if median > 2 * WHOLE_TARGET_MS:
        raise SystemExit(1)
