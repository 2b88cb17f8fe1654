"""Cylinders, likeness, relaxation, alignment and the score."""

import math

import numpy as np
import pytest

from models.fingerprint import scoring, similarity
from models.fingerprint.calibration import load_calibration
from models.fingerprint.comparison import LEAST_MINUTIAE, compare, cylinder_likeness, prepare
from models.fingerprint.cylinders import (
    BIT_THRESHOLD,
    CELL_PX,
    RADIUS_PX,
    SECTIONS,
    SIDE,
    cylinders,
)
from models.fingerprint.extraction import Extraction
from models.fingerprint.records import Standard, decode, encode, from_template, to_template
from models.fingerprint.values import Minutiae, Template


def scattered(count: int, seed: int = 1, size: int = 300) -> Template:
    """Minutiae at random, not nearer than 8 px to each other."""
    rng = np.random.default_rng(seed)
    places: list[tuple[float, float]] = []
    while len(places) < count:
        x, y = rng.uniform(20, size - 20, 2)
        if all(math.hypot(x - a, y - b) > 8 for a, b in places):
            places.append((x, y))
    x, y = np.array(places, np.float32).reshape(-1, 2).T
    angle = rng.uniform(0, 2 * np.pi, count).astype(np.float32)
    kind = np.ones(count, np.uint8)
    minutiae = Minutiae(
        np.ascontiguousarray(x), np.ascontiguousarray(y), angle, kind, np.full(count, 80, np.uint8)
    )
    return Template(size, size, minutiae, 80)


def moved(template: Template, turn_deg: float, dx: float, dy: float) -> Template:
    """The same minutiae turned counter-clockwise around the middle and shifted."""
    found, turn = template.minutiae, math.radians(turn_deg)
    u, v = found.x - template.width / 2, template.height / 2 - found.y
    x = u * math.cos(turn) - v * math.sin(turn) + template.width / 2 + dx
    y = template.height / 2 - (u * math.sin(turn) + v * math.cos(turn)) + dy
    angle = (found.angle + np.float32(turn)) % np.float32(2 * np.pi)
    minutiae = Minutiae(
        x.astype(np.float32), y.astype(np.float32), angle, found.kind, found.quality
    )
    return Template(template.width, template.height, minutiae, template.quality)


def plain_bit(found: Minutiae, m: int, section: int, j: int, i: int) -> bool:
    """One cell of a cylinder by the formulas of the paper, with an integral done by sums."""
    sigma, spread = 28 / 3, 2 * np.pi / 9
    u, v = (i + 0.5) * CELL_PX - RADIUS_PX, (j + 0.5) * CELL_PX - RADIUS_PX
    cosine, sine = math.cos(found.angle[m]), math.sin(found.angle[m])
    x, y = found.x[m] + u * cosine - v * sine, found.y[m] - u * sine - v * cosine
    middle = (section + 0.5) * 2 * np.pi / SECTIONS - np.pi
    total = 0.0
    for t in range(len(found)):
        away = math.hypot(found.x[t] - x, found.y[t] - y)
        if t == m or away > 3 * sigma:
            continue
        near = math.exp(-(away**2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))
        turn = np.angle(np.exp(1j * (middle - float(found.angle[m]) + float(found.angle[t]))))
        steps = turn + np.linspace(-np.pi / SECTIONS, np.pi / SECTIONS, 201)
        density = np.exp(-(steps**2) / (2 * spread**2)) / (spread * math.sqrt(2 * np.pi))
        total += near * float(np.trapezoid(density, steps))
    return total >= BIT_THRESHOLD


def test_cylinders_follow_the_paper() -> None:
    """Bits of the compiled cylinders are those of the plain formulas, but for ties at the threshold."""
    found = scattered(25).minutiae
    made = cylinders(found)
    checked, same = 0, 0
    for m, section, place in np.random.default_rng(5).integers(
        0, (25, SECTIONS, SIDE * SIDE), (600, 3)
    ):
        if int(made.valid[m, place // 64]) >> int(place % 64) & 1:
            bit = bool(int(made.bits[m, 4 * section + place // 64]) >> int(place % 64) & 1)
            same += bit == plain_bit(
                found, int(m), int(section), int(place // SIDE), int(place % SIDE)
            )
            checked += 1
    assert checked > 200
    assert same >= 0.985 * checked


def test_likeness_is_counted_in_bits() -> None:
    """The compiled likeness is one minus the distance of the common bits by their norms."""
    a, b = prepare(scattered(20, 1)), prepare(scattered(20, 2))
    table = cylinder_likeness(a, b)
    i, j = np.argwhere(table > 0)[3]
    both = np.tile(a.cylinders.valid[i] & b.cylinders.valid[j], SECTIONS)
    first, second = a.cylinders.bits[i] & both, b.cylinders.bits[j] & both
    ones = [int(np.bitwise_count(word).sum()) for word in (first ^ second, first, second)]
    assert table[i, j] == pytest.approx(
        1 - math.sqrt(ones[0]) / (math.sqrt(ones[1]) + math.sqrt(ones[2])), abs=1e-5
    )
    assert table.max() <= 1
    assert cylinder_likeness(a, a).diagonal()[a.cylinders.usable] == pytest.approx(1)


def test_the_strongest_pairs_are_the_largest_values() -> None:
    """Selection by counting finds the same values as sorting everything."""
    table = np.random.default_rng(4).random((31, 23)).astype(np.float32)
    pairs, strength = similarity.strongest(table, 17)
    assert strength.tolist() == pytest.approx(sorted(table.ravel().tolist(), reverse=True)[:17])
    assert all(table[i, j] == value for (i, j), value in zip(pairs, strength, strict=True))


@pytest.mark.parametrize(("turn_deg", "dx", "dy"), [(0, 0, 0), (25, 14, -9), (-70, 5, 30)])
def test_a_moved_print_pairs_completely(turn_deg: float, dx: float, dy: float) -> None:
    """Turning and shifting changes neither the pairs nor, by much, the score."""
    template = scattered(32)
    still = compare(prepare(template), prepare(template))
    found = compare(prepare(template), prepare(moved(template, turn_deg, dx, dy)))
    assert [tuple(pair) for pair in found.paired] == [(i, i) for i in range(32)]
    assert found.comparison_score > 0.85 * still.comparison_score


def test_the_order_of_two_prints_does_not_matter(prints: list[list[Extraction]]) -> None:
    """Scores are symmetric to the last bit, and the pairs are the same the other way round."""
    for one, other in ((prints[0][0], prints[0][1]), (prints[0][0], prints[1][0])):
        a, b = prepare(one.template), prepare(other.template)
        forth, back = compare(a, b), compare(b, a)
        assert forth.comparison_score == back.comparison_score
        assert {tuple(p) for p in forth.paired} == {(j, i) for i, j in back.paired}


def test_one_finger_matches_and_two_do_not(prints: list[list[Extraction]]) -> None:
    """Two impressions of a finger score above the threshold of FMR 1 %, those of two fingers below."""
    threshold = load_calibration().threshold(0.01)
    ready = [[prepare(found.template) for found in pair] for pair in prints]
    for a, b in ready:
        assert compare(a, b).comparison_score > threshold
    for a in ready[0]:
        for b in ready[1]:
            assert compare(a, b).comparison_score < threshold


def test_comparison_works_from_iso_bytes_alone(prints: list[list[Extraction]]) -> None:
    """Templates that went through records score nearly as before."""
    templates = [found.template for found in prints[0]]
    direct = compare(*(prepare(template) for template in templates)).comparison_score
    for standard in Standard:
        again = [
            to_template(decode(encode(from_template(template, standard)))) for template in templates
        ]
        assert compare(
            *(prepare(template) for template in again)
        ).comparison_score == pytest.approx(direct, rel=0.15)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_too_few_minutiae_are_never_compared(count: int) -> None:
    """Below the floor the score is 0, even of a print with itself."""
    assert count < LEAST_MINUTIAE
    few, many = prepare(scattered(count)), prepare(scattered(30))
    for other in (few, many):
        found = compare(few, other)
        assert (found.comparison_score, len(found.paired), found.evidence) == (0.0, 0, None)


def test_the_fullest_record_is_compared() -> None:
    """255 minutiae, the most a record holds, are no trouble."""
    full = prepare(scattered(255, 3, 500))
    assert (
        compare(full, full).comparison_score
        > compare(full, prepare(scattered(255, 4, 500))).comparison_score
    )


def test_minutiae_on_one_spot_or_line_do_not_crash() -> None:
    """Degenerate prints have a hull without area; they compare without an error."""
    for x, y in ((np.full(12, 50.0), np.full(12, 50.0)), (np.arange(12) * 9.0, np.full(12, 50.0))):
        spot = Minutiae(
            x.astype(np.float32), y.astype(np.float32), np.zeros(12, np.float32), np.ones(12, np.uint8),
            np.full(12, 50, np.uint8),
        )  # fmt: skip
        one = prepare(Template(200, 200, spot, 50))
        assert compare(one, prepare(scattered(30))).comparison_score < load_calibration().threshold(
            0.01
        )


def test_a_larger_print_scores_no_less() -> None:
    """The score of a print with itself does not fall, but for a few points, as its minutiae grow in number."""
    scores = [
        compare(one, one).comparison_score
        for one in (prepare(scattered(n, 1, 420)) for n in (12, 30, 60, 100))
    ]
    assert min(scores[1:]) > 0.9 * scores[0]
    assert scores[-1] > scores[0]


def test_the_shipped_weights_fit_the_features() -> None:
    """As many weights as features, all finite."""
    model = scoring.weights()
    count = len(scoring.features(scoring.Evidence(*([1.0] * 11))))
    assert len(model.middle) == len(model.spread) == len(model.weight) == count
    assert np.isfinite(model.weight).all()
    assert (model.spread > 0).all()
