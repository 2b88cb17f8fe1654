"""How a rule of the law is written down: one function under its id, article and reach.

The tables filled here are complete once `gate.law` is imported; they are read by `decide`,
by the coverage report and by the documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from gate.vocabulary.decisions import Finding
from gate.vocabulary.facts import Direction
from gate.vocabulary.records import Category

Function = TypeVar("Function", bound=Callable[..., Any])
Used = tuple[str, ...]
"""Facts that a rule used, as `path=value` texts."""
Evaluate = Callable[[Any], Used | None]
"""A rule at a gate or a desk: the facts that it used, or None where it has nothing to say."""


class Who(Enum):
    """Who decides: the gate, the store, an officer, or several."""

    GATE = "gate"
    STORE = "store"
    OFFICER = "officer"
    GATE_STORE = "gate, store"
    GATE_OFFICER = "gate, officer"
    STORE_OFFICER = "store, officer"


class Role(Enum):
    """What a rule's function is for."""

    BLOCKS = "blocks at a gate"
    CARRIES = "carries an admission"
    DENIES = "denies enrolment"
    REFERS = "refers at enrolment"
    STORES = "judges a record or a filing"
    COMPUTES = "computes"
    OFFICER = "an officer's act"


@dataclass(frozen=True, slots=True)
class Rule:
    """One function that speaks for a rule id."""

    rule_id: str
    article: str
    who: Who
    role: Role
    module: str
    function: str
    text: str


@dataclass(frozen=True, slots=True)
class GateRule:
    """A rule evaluated at a gate: None means that it has nothing to say."""

    rule_id: str
    article: str
    evaluate: Evaluate

    def finding(self, used: Used) -> Finding:
        """The finding of this rule with the facts that it used."""
        return Finding(self.rule_id, self.article, used)


RULES: list[Rule] = []
"""Every function that speaks for a rule, in the order of the modules."""

NATIONAL = (Category.NATIONAL,)
ALIEN = (Category.ALIEN,)
ANYBODY = (Category.NATIONAL, Category.ALIEN)
DEPARTING = (Direction.DEPARTURE,)
ENTERING = (Direction.ENTRY,)
BOTH_WAYS = (Direction.DEPARTURE, Direction.ENTRY)

BLOCKING: dict[tuple[Category, Direction], list[GateRule]] = {
    (people, way): [] for people in Category for way in Direction
}
CARRYING: dict[tuple[Category, Direction], list[GateRule]] = {
    (people, way): [] for people in Category for way in Direction
}
DENYING: dict[Category, list[GateRule]] = {people: [] for people in Category}
REFERRING: dict[Category, list[GateRule]] = {people: [] for people in Category}


def note(rule_id: str, article: str, who: Who, role: Role) -> Callable[[Function], Function]:
    """Write a function down under a rule id, without evaluating it at a gate."""

    def write_down(function: Function) -> Function:
        text = " ".join((function.__doc__ or "").split())
        RULES.append(
            Rule(rule_id, article, who, role, function.__module__, function.__name__, text)
        )
        return function

    return write_down


def blocks(
    rule_id: str,
    article: str,
    people: tuple[Category, ...] = ANYBODY,
    ways: tuple[Direction, ...] = BOTH_WAYS,
    who: Who = Who.GATE,
) -> Callable[[Evaluate], Evaluate]:
    """A rule that makes the gate refer these people when they cross in these directions."""
    return _at_gate(BLOCKING, Role.BLOCKS, rule_id, article, people, ways, who)


def carries(
    rule_id: str,
    article: str,
    people: tuple[Category, ...] = ANYBODY,
    ways: tuple[Direction, ...] = BOTH_WAYS,
    who: Who = Who.GATE,
) -> Callable[[Evaluate], Evaluate]:
    """A rule that an admission rests on; it never blocks."""
    return _at_gate(CARRYING, Role.CARRIES, rule_id, article, people, ways, who)


def _at_gate(
    table: dict[tuple[Category, Direction], list[GateRule]],
    role: Role,
    rule_id: str,
    article: str,
    people: tuple[Category, ...],
    ways: tuple[Direction, ...],
    who: Who,
) -> Callable[[Evaluate], Evaluate]:
    def enter(function: Evaluate) -> Evaluate:
        for key in ((person, way) for person in people for way in ways):
            table[key].append(GateRule(rule_id, article, function))
        return note(rule_id, article, who, role)(function)

    return enter


def denies(
    rule_id: str, article: str, people: tuple[Category, ...] = ANYBODY, who: Who = Who.STORE
) -> Callable[[Evaluate], Evaluate]:
    """A rule that denies enrolment."""
    return _at_desk(DENYING, Role.DENIES, rule_id, article, people, who)


def refers(
    rule_id: str, article: str, people: tuple[Category, ...] = ANYBODY, who: Who = Who.OFFICER
) -> Callable[[Evaluate], Evaluate]:
    """A rule that sends an applicant for enrolment to an officer."""
    return _at_desk(REFERRING, Role.REFERS, rule_id, article, people, who)


def _at_desk(
    table: dict[Category, list[GateRule]],
    role: Role,
    rule_id: str,
    article: str,
    people: tuple[Category, ...],
    who: Who,
) -> Callable[[Evaluate], Evaluate]:
    def enter(function: Evaluate) -> Evaluate:
        for person in people:
            table[person].append(GateRule(rule_id, article, function))
        return note(rule_id, article, who, role)(function)

    return enter
