"""Comparison of two templates: cylinders, likeness, relaxation, alignment, score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.fingerprint import alignment, similarity
from models.fingerprint.cylinders import Cylinders, cylinders, hull_edges
from models.fingerprint.values import Minutiae, Plane, Template

_LEAST_CANDIDATES, _MOST_CANDIDATES = 16, 40


@dataclass(frozen=True)
class Prepared:
    """A template with what comparison computes once per print."""

    template: Template
    minutiae: Minutiae
    weight: Plane
    hull: Plane
    cylinders: Cylinders


def prepare(template: Template) -> Prepared:
    """Cylinders and hull of a template; keep it beside an enrolled reference."""
    minutiae = template.minutiae
    weight = np.where(minutiae.quality == 0, 60, minutiae.quality).astype(np.float32) / 100
    hull = hull_edges(minutiae.x, minutiae.y) if len(minutiae) else np.zeros((0, 3), np.float32)
    return Prepared(template, minutiae, weight, hull, cylinders(minutiae))


def evidence(a: Prepared, b: Prepared):
    ca, cb, ma, mb = a.cylinders, b.cylinders, a.minutiae, b.minutiae
    alike = similarity.likeness(ca.bits, ca.valid, ca.usable, ma.angle, cb.bits, cb.valid, cb.usable, mb.angle)
    count = int(np.clip(min(len(ma), len(mb)), _LEAST_CANDIDATES, _MOST_CANDIDATES))
    pairs, strength = similarity.strongest(alike, count)
    now = similarity.relaxed(ma.x, ma.y, ma.angle, mb.x, mb.y, mb.angle, pairs, strength)
    efficiency = now / np.maximum(strength, 1e-6)
    order = np.argsort(-efficiency, kind="stable")
    n = min(len(ma), len(mb))
    kept = int(4 + round(8 / (1 + np.exp(-0.4 * (n - 20)))))
    lssr = float(now[order[:kept]].sum() / kept) if len(order) else 0.0
    lss = float(strength[:kept].sum()/kept) if len(order) else 0.
    order = np.argsort(-now, kind="stable")
    partner = np.full(len(ma), -1, np.int32)
    moved = np.zeros((len(mb), 3), np.float32)
    f = alignment.align(ma.x, ma.y, ma.angle, a.weight, a.hull, mb.x, mb.y, mb.angle, b.weight, b.hull,
        alike, np.ascontiguousarray(pairs[order]), now[order], partner, moved)
    return np.concatenate([f, [lssr, lss, len(ma), len(mb)]]), partner, moved
