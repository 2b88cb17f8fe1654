"""From a failed episode to a short story: fewer visits, then fewer faults, as long as it fails."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from gate.bench.torture_run import Scope, Verdict

TRIES = 120
Play = Callable[[Scope], Verdict]


def shrink(failed: Verdict, play: Play, tries: int = TRIES) -> Verdict:
    """The smallest scope found in which the same rule breaks."""
    return _Shrinking(failed, play, tries).smallest()


class _Shrinking:
    def __init__(self, failed: Verdict, play: Play, tries: int) -> None:
        self._best = failed
        self._play = play
        self._left = tries

    def smallest(self) -> Verdict:
        self._cut_prefix()
        self._drop_visits()
        self._drop_faults()
        return self._best

    def _still_fails(self, scope: Scope) -> bool:
        if self._left == 0:
            return False
        self._left -= 1
        verdict = self._play(scope)
        if verdict.rule != self._best.rule:
            return False
        self._best = verdict
        return True

    def _numbers(self) -> list[int]:
        return sorted(visit.number for visit in self._best.scope.visits())

    def _only(self, numbers: Iterable[int]) -> Scope:
        return replace(self._best.scope, only=frozenset(numbers))

    def _cut_prefix(self) -> None:
        """Nothing after the visit in which it broke, then as short an end of the rest as fails."""
        last = self._best.visit
        numbers = [n for n in self._numbers() if last is None or n <= last]
        length = 1
        while length < len(numbers):
            if self._still_fails(self._only(numbers[-length:])):
                return
            length *= 2
        self._still_fails(self._only(numbers))

    def _drop_visits(self) -> None:
        for number in self._numbers():
            rest = set(self._numbers()) - {number}
            if rest:
                self._still_fails(self._only(rest))

    def _drop_faults(self) -> None:
        for visit in self._best.scope.visits():
            for index in range(len(visit.faults)):
                without = self._best.scope.without | {(visit.number, index)}
                self._still_fails(replace(self._best.scope, without=without))


def told(verdict: Verdict) -> str:
    """The short story: who came, what went wrong, which rule broke."""
    scope = verdict.scope
    lines = [f"{scope.topology.value}, unpowered leaves {scope.unpowered.value}"]
    for visit in scope.visits():
        lines.append(f"  visit {visit.number}: {visit.behaviour.replace('_', ' ')}")
        faults = (visit.faults[index] for index in scope.faults_of(visit))
        lines += [f"    {fault.told()}" for fault in faults]
    lines += [f"  BROKEN {broken.rule}: {broken.how}" for broken in verdict.violations[:3]]
    return "\n".join(lines)


def replay_words(scope: Scope) -> str:
    """The command that plays exactly this again."""
    words = [f"./egate bench torture --seed {scope.seed} --episode {scope.episode}"]
    if scope.only is not None:
        words.append("--only " + ",".join(str(number) for number in sorted(scope.only)))
    if scope.without:
        pairs = (f"{visit}.{index}" for visit, index in sorted(scope.without))
        words.append("--without " + ",".join(pairs))
    return " ".join(words)
