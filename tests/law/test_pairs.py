"""Every pair of blocking rules that can meet in one traveller: the union, and the right primary."""

from __future__ import annotations

from itertools import combinations

import pytest

from gate.law.primary import class_of
from tests.law.spoilers import EXCEPTIONS, GROUPS, Spoiler, traveller
from tests.law.world import exit_decision, ids

ORDER = [
    ("DEP-EMB", "NGT-05", "SUS-05"),
    ("DEP-BAN", "DEP-PER", "DEP-EXT", "NGT-04", "SUS-01", "SUS-03", "SUS-04"),
    ("ENT-BAN", "SES-INE-02", "NENT-05"),
    ("FORG",),
    ("GATE-DOC", "NGT-01", "NGT-08", "AENT-01", "ADEP-01", "SES-ELG-05", "SES-INE-04", "SES-INE-05"),
    ("GATE-BIO",),
    ("SES-ELG-0", "SES-INE-03", "SES-MEM", "NGT-02", "NGT-06", "NGT-07", "AGT"),
    ("AENT", "ADEP-02", "COND", "LAND", "NDEP-MIL", "CREW"),
    ("GATE-DATA",),
]  # fmt: skip
"""The classes of the staff display, gravest first, as the specification lists them."""


def gravity(rule_id: str) -> tuple[int, str]:
    """Class and id; in two classes' prefixes the longer one decides."""
    fits = [
        (len(prefix), number)
        for number, prefixes in enumerate(ORDER, start=1)
        for prefix in prefixes
        if rule_id.startswith(prefix)
    ]
    return max(fits)[1], rule_id


@pytest.mark.parametrize("group", GROUPS)
def test_each_spoiler_alone(group: str) -> None:
    """Each change makes its one rule block and no other."""
    for spoiler in GROUPS[group][2]:
        assert ids(traveller(group, spoiler)) == [spoiler.rule_id]


def _pairs(group: str) -> list[tuple[Spoiler, Spoiler]]:
    return [(a, b) for a, b in combinations(GROUPS[group][2], 2) if a.meets(b)]


@pytest.mark.parametrize("group", GROUPS)
def test_every_pair_gives_the_union(group: str) -> None:
    """Two blocking rules that meet are both reported, the graver one first."""
    for first, second in _pairs(group):
        pair = frozenset({first.rule_id, second.rule_id})
        expected = EXCEPTIONS.get(pair, set(pair))
        for order in ((first, second), (second, first)):
            decision = exit_decision(traveller(group, *order))
            assert set(decision.rule_ids) == expected, (first, second)
            assert decision.primary_rule == min(expected, key=gravity)
            assert list(decision.rule_ids) == sorted(expected, key=gravity)


def test_enough_pairs_were_tried() -> None:
    """The generated pairs are many, so that an empty generator cannot pass for a proof."""
    assert sum(len(_pairs(group)) for group in GROUPS) > 500


def test_id_without_class_comes_last() -> None:
    """A rule outside the table is shown last, with the data rules."""
    assert class_of("XYZ-01") == class_of("GATE-DATA-01") == 9
    assert class_of("SUS-05") == 1
    assert class_of("SES-INE-05") == 5
