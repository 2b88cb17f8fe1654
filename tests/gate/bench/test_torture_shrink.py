"""A failure is shrunk to the visits and faults that it needs."""

from gate.bench.torture_checker import Violation
from gate.bench.torture_run import Scope, Verdict
from gate.bench.torture_shrink import replay_words, shrink, told


def _fails_with(scope: Scope, visit: int, fault: int) -> bool:
    visits = {v.number: v for v in scope.visits()}
    return visit in visits and fault in scope.faults_of(visits[visit])


def _rich_visit(seed: int) -> int:
    return next(v.number for v in Scope(seed, 0).visits() if len(v.faults) > 2)


def test_only_what_is_needed_is_left() -> None:
    """One visit and one fault break the rule: nothing else stays in the story."""
    needed = _rich_visit(1)

    def play(scope: Scope) -> Verdict:
        broken = [Violation("a rule", "so")] if _fails_with(scope, needed, 1) else []
        return Verdict(scope, violations=broken, visit=needed)

    shortest = shrink(play(Scope(1, 0)), play)
    assert [visit.number for visit in shortest.scope.visits()] == [needed]
    assert shortest.scope.faults_of(shortest.scope.visits()[0]) == (1,)


def test_another_rule_is_another_failure() -> None:
    """What breaks another rule when something is left out is not the same story."""
    needed = _rich_visit(1)

    def play(scope: Scope) -> Verdict:
        rule = "a rule" if _fails_with(scope, needed, 1) else "another rule"
        return Verdict(scope, violations=[Violation(rule, "so")], visit=needed)

    shortest = shrink(play(Scope(1, 0)), play)
    assert shortest.rule == "a rule"


def test_the_words_play_it_again() -> None:
    """Seed, episode, visits and faults left out stand in one command."""
    scope = Scope(7, 3, only=frozenset({4, 2}), without=frozenset({(4, 1)}))
    words = "./egate bench torture --seed 7 --episode 3 --only 2,4 --without 4.1"
    assert replay_words(scope) == words


def test_a_story_names_the_rule() -> None:
    """Who came, what went wrong, which rule broke."""
    scope = Scope(1, 0, only=frozenset({_rich_visit(1)}))
    story = told(Verdict(scope, violations=[Violation("a rule", "so")]))
    assert "BROKEN a rule: so" in story
