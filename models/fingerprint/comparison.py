"""Comparison of two templates: likeness of cylinders, relaxation, alignment, score. Reads as the algorithm."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.fingerprint import alignment, scoring, similarity
from models.fingerprint.cylinders import Cylinders, cylinders, hull_edges
from models.fingerprint.scoring import Evidence
from models.fingerprint.values import Minutiae, Plane, Template

LEAST_MINUTIAE = 8
"""Fewer are never compared: on three to seven minutiae a chance likeness of cylinders looks like a match."""
LEAST_PAIRED = 4
"""Fewer paired minutiae score 0: any two prints can be laid so that three meet."""
_LEAST_CANDIDATES, _MOST_CANDIDATES = 16, 40
_UNKNOWN_QUALITY = 60


@dataclass(frozen=True)
class Prepared:
    """A template with what comparison computes once per print; keep it beside an enrolled reference."""

    template: Template
    weight: Plane
    hull: Plane
    cylinders: Cylinders

    @property
    def minutiae(self) -> Minutiae:
        """Those of the template."""
        return self.template.minutiae

    @cached_property
    def order(self) -> bytes:
        """Anything that two different prints differ in: puts a pair in one order, so that scores are symmetric."""
        found = self.minutiae
        return b"%05d" % len(found) + found.x.tobytes() + found.y.tobytes() + found.angle.tobytes()


@dataclass(frozen=True)
class Comparison:
    """What comparing found.

    `comparison_score` is 0 or more, 0 also where nothing could be compared; `paired` int32 (n, 2) indexes minutiae of
    the first and of the second print; `in_overlap` counts the minutiae of each that lie in the common area.
    """

    comparison_score: float
    paired: NDArray[np.int32]
    in_overlap: tuple[int, int]
    evidence: Evidence | None


def prepare(template: Template) -> Prepared:
    """Cylinders and hull of a template. Costs some milliseconds, comparison itself well under one."""
    found = template.minutiae
    known = np.where(found.quality == 0, _UNKNOWN_QUALITY, found.quality)
    weight = (known / 100).astype(np.float32)
    hull = hull_edges(found.x, found.y) if len(found) else np.zeros((0, 3), np.float32)
    return Prepared(template, weight, hull, cylinders(found))


def compare(first: Prepared, second: Prepared) -> Comparison:
    """Likeness of two prints; the order of the two does not matter to the score."""
    if min(len(first.minutiae), len(second.minutiae)) < LEAST_MINUTIAE:
        return Comparison(0.0, np.zeros((0, 2), np.int32), (0, 0), None)
    if second.order < first.order:
        return _swapped(compare(second, first))
    evidence, paired = gather_evidence(first, second)
    score = scoring.score(evidence) if len(paired) >= LEAST_PAIRED else 0.0
    return Comparison(score, paired, (int(evidence.count_a), int(evidence.count_b)), evidence)


def _swapped(found: Comparison) -> Comparison:
    overlap = (found.in_overlap[1], found.in_overlap[0])
    return Comparison(found.comparison_score, found.paired[:, ::-1], overlap, found.evidence)


def gather_evidence(a: Prepared, b: Prepared) -> tuple[Evidence, NDArray[np.int32]]:
    """Both stages without the score: what the best alignment rests on, and its pairs int32 (n, 2)."""
    alike = cylinder_likeness(a, b)
    smaller = min(len(a.minutiae), len(b.minutiae))
    pairs, strength = similarity.strongest(
        alike, min(max(smaller, _LEAST_CANDIDATES), _MOST_CANDIDATES)
    )
    relaxed = _relax(a, b, pairs, strength)
    local = similarity.local_scores(strength, relaxed, smaller)
    best_first = np.argsort(-relaxed, kind="stable")
    values, partner = _align(
        a, b, alike, np.ascontiguousarray(pairs[best_first]), relaxed[best_first]
    )
    mine = np.flatnonzero(partner >= 0)
    evidence = Evidence(*[*values.tolist(), *local])
    return evidence, np.column_stack([mine, partner[mine]]).astype(np.int32)


def cylinder_likeness(a: Prepared, b: Prepared) -> Plane:
    """Likeness 0..1 of every cylinder of a with every one of b, float32 (len a, len b)."""
    ca, cb = a.cylinders, b.cylinders
    table: Plane = similarity.likeness(
        ca.bits,
        ca.valid,
        ca.usable,
        a.minutiae.angle,
        cb.bits,
        cb.valid,
        cb.usable,
        b.minutiae.angle,
    )
    return table


def _relax(a: Prepared, b: Prepared, pairs: NDArray[np.int32], strength: Plane) -> Plane:
    ma, mb = a.minutiae, b.minutiae
    now: Plane = similarity.relaxed(ma.x, ma.y, ma.angle, mb.x, mb.y, mb.angle, pairs, strength)
    return now


def _align(
    a: Prepared, b: Prepared, alike: Plane, pairs: NDArray[np.int32], strength: Plane
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    ma, mb = a.minutiae, b.minutiae
    partner = np.full(len(ma), -1, np.int32)
    values = alignment.align(
        ma.x,
        ma.y,
        ma.angle,
        a.weight,
        a.hull,
        mb.x,
        mb.y,
        mb.angle,
        b.weight,
        b.hull,
        alike,
        pairs,
        strength,
        partner,
    )
    return values, partner
