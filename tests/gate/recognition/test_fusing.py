"""Two scores of a passage, two verdicts: whoever comes first, and whatever the other is."""

from __future__ import annotations

import asyncio
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.bench.fusion import strangers_passed
from gate.bench.virtual_time import VirtualTimeLoop, run_virtually
from gate.ports import DeviceError
from gate.recognition.comparers import Strictness, passage_rules
from gate.recognition.devices import failure
from gate.recognition.fusing import Pair, PassageRules, Taken
from gate.vocabulary.passages import CaptureKind, CaptureResult, CaptureVerdict, FailureKind
from models.face import calibration as face
from models.face.session import CHANCES
from models.fingerprint import calibration as finger
from models.fusion import Attempted, decide, passage_share

FACE, FINGER = CaptureKind
MATCH, NON_MATCH = CaptureVerdict.MATCH, CaptureVerdict.NON_MATCH
SHIPPED = passage_rules(face.load_calibration(), finger.load_calibration(), Strictness())
MADE_UP = passage_rules(
    face.load_calibration(face.DEMO, demo=True),
    finger.load_calibration(finger.DEMO, demo=True),
    Strictness(finger_fmr=3e-3),
)
ATTEMPTS = {FACE: CHANCES, FINGER: 3}
faces, fingers = st.floats(0.85, 0.99), st.floats(50.0, 170.0)
rules_of_both = st.sampled_from([SHIPPED, MADE_UP])


def taken(kind: CaptureKind, score: float, attempts: int | None = None) -> Taken:
    """A capture that compared, whatever its own session thought of it."""
    evidence = Attempted(score, attempts or ATTEMPTS[kind])
    return Taken(CaptureResult(NON_MATCH, score, 0.5), evidence)


def both(
    rules: PassageRules, of_face: Taken, of_finger: Taken
) -> tuple[CaptureResult, CaptureResult]:
    """The results of the face and of the finger."""
    return (
        rules.judged(FACE, of_face, of_finger.evidence),
        rules.judged(FINGER, of_finger, of_face.evidence),
    )


@given(rules_of_both, faces, fingers)
def test_both_match_exactly_where_the_fused_rule_says(
    rules: PassageRules, of_face: float, of_finger: float
) -> None:
    """A rate of its own shows staff who is right; it lets no passage more through than fusion does."""
    ours = both(rules, taken(FACE, of_face), taken(FINGER, of_finger))
    fused = decide(rules.plan, Attempted(of_face, CHANCES), Attempted(of_finger, 3))
    assert all(one.verdict is MATCH for one in ours) == (fused.face_match and fused.finger_match)


@given(rules_of_both, faces, fingers)
def test_a_failed_floor_never_matches(
    rules: PassageRules, of_face: float, of_finger: float
) -> None:
    """However good the other is, whoever is below the floor is no match."""
    results = both(rules, taken(FACE, of_face), taken(FINGER, of_finger))
    scores = {FACE: of_face, FINGER: of_finger}
    for kind, result in zip(CaptureKind, results, strict=True):
        share = passage_share(rules.part(kind).calibration.fmr(scores[kind]), ATTEMPTS[kind])
        assert share <= 0.05 or result.verdict is NON_MATCH


@given(rules_of_both, faces, fingers, st.integers(1, 12), st.integers(1, 12))
def test_more_attempts_never_help(
    rules: PassageRules, of_face: float, of_finger: float, first: int, second: int
) -> None:
    """The same scores as the best of more attempts match no more often, alone or together."""
    few, many = sorted((first, second))
    for other in (None, Attempted(of_finger, 3)):
        seldom, often = (
            rules.judged(FACE, taken(FACE, of_face, number), other) for number in (few, many)
        )
        assert seldom.verdict is MATCH or often.verdict is NON_MATCH


@given(rules_of_both, faces, fingers)
def test_staff_read_the_score_that_was_needed(
    rules: PassageRules, of_face: float, of_finger: float
) -> None:
    """A match is at or above the threshold beside it; without a threshold no score would have done."""
    for result in both(rules, taken(FACE, of_face), taken(FINGER, of_finger)):
        assert result.comparison_score is not None
        if result.threshold is None:
            assert result.verdict is NON_MATCH
        elif abs(result.comparison_score - result.threshold) > 0.01:
            above = result.comparison_score > result.threshold
            assert above is (result.verdict is MATCH)


def test_nothing_compared_is_no_match() -> None:
    """A session that ended well but may not be used (a suspected attack) is no match."""
    suspected = Taken(CaptureResult(MATCH, 0.99, 0.95))
    assert SHIPPED.judged(FACE, suspected, Attempted(150.0, 3)).verdict is NON_MATCH


def test_a_capture_without_the_other_keeps_its_own_rate() -> None:
    """A face alone is held to its own 0.1 %; a finger of a bench calibration alone never matches."""
    own = SHIPPED.face.threshold(1 - (1 - 1e-3) ** (1 / CHANCES))
    for score, verdict in ((own + 0.0001, MATCH), (own - 0.0001, NON_MATCH)):
        assert SHIPPED.judged(FACE, taken(FACE, score), None).verdict is verdict
    lone = SHIPPED.judged(FINGER, taken(FINGER, 500.0), None)
    assert (lone.verdict, lone.threshold) == (NON_MATCH, None)


def test_a_fair_face_passes_beside_a_good_finger() -> None:
    """0.945 is too little for a face alone (0.951) and enough beside a finger that matches."""
    alone = SHIPPED.judged(FACE, taken(FACE, 0.948), None)
    beside = SHIPPED.judged(FACE, taken(FACE, 0.948), Attempted(120.0, 3))
    assert (alone.verdict, beside.verdict) == (NON_MATCH, MATCH)


@pytest.mark.parametrize("rules", [SHIPPED, MADE_UP], ids=["shipped", "made up"])
def test_strangers_pass_no_more_often_than_promised(rules: PassageRules) -> None:
    """100,000 strangers with all their looks and attempts, ending early: some pass, within the total FMR."""
    assert 0 < strangers_passed(rules, 100_000, seed=8) <= rules.plan.total_fmr * 100_000


def ended(
    order: tuple[CaptureKind, ...], broken: CaptureKind | None = None
) -> dict[CaptureKind, object]:
    """Both captures at once, ending in this order; what each was given of the other."""

    async def capture(kind: CaptureKind) -> Taken:
        await asyncio.sleep(1.0 + order.index(kind))
        if kind is broken:
            raise failure(FailureKind.UNPLUGGED, "gone")
        return taken(kind, {FACE: 0.948, FINGER: 120.0}[kind])

    async def main() -> dict[CaptureKind, object]:
        pair = Pair()

        async def one(kind: CaptureKind) -> object:
            try:
                own, other = await pair.take(kind, capture(kind))
            except DeviceError:
                return None
            return SHIPPED.judged(kind, own, other)

        results = await asyncio.gather(*map(one, order))
        return dict(zip(order, results, strict=True))

    loop = VirtualTimeLoop()
    try:
        return run_virtually(main(), loop)
    finally:
        asyncio.set_event_loop(None)


def test_the_order_of_captures_changes_nothing() -> None:
    """Whichever ends first, both get the same verdicts, scores and thresholds."""
    first, second = (ended(order) for order in permutations(CaptureKind))
    assert first == second
    assert all(isinstance(one, CaptureResult) and one.verdict is MATCH for one in first.values())


def test_a_device_that_fails_leaves_the_other_to_its_own_rate() -> None:
    """The face that would do beside a finger does not without it; nobody waits for ever."""
    for order in permutations(CaptureKind):
        result = ended(order, broken=FINGER)[FACE]
        assert isinstance(result, CaptureResult)
        assert result.verdict is NON_MATCH
