"""Make a calibration from the embeddings of many people: every pair is compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.face.calibration import FUSED, SINGLE, Calibration, CalibrationError, Curve, Point
from models.face.compare import normalise
from models.face.evaluation import Scores, fnmr_at, smallest_fmr, threshold_at, wilson

_MOST_SCORES = 4_000_000
FEWEST_SUBJECTS = 20


def calibrate(
    embeddings: NDArray[np.float32],
    subjects: Sequence[str],
    *,
    source: str,
    data_set: str,
    date: str,
    engine: str,
) -> Calibration:
    """Compare all photos of all people and return the curves.

    `embeddings` n x size, unit length, row by row of the person in `subjects`.

    :raises CalibrationError: too few people, or nobody with two photos.
    """
    names, who = np.unique(np.asarray(subjects), return_inverse=True)
    if len(names) < FEWEST_SUBJECTS:
        raise CalibrationError(
            f"{len(names)} people: a calibration needs {FEWEST_SUBJECTS} at least"
        )
    smallest = smallest_fmr(len(names))
    genuine, impostor = split_scores(embeddings, embeddings, who, who, same_set=True)
    if len(genuine) == 0:
        raise CalibrationError("nobody has two photos: add second photos")
    fused, fused_who = fused_pairs(embeddings, who)
    fused_impostor = split_scores(fused, fused, fused_who, fused_who, same_set=True)[1]
    fused_genuine = fused_against_others(embeddings, who)
    curves = {
        SINGLE: _curve(genuine, impostor, smallest),
        FUSED: _curve(fused_genuine, fused_impostor, smallest),
    }
    return Calibration(source, data_set, date, engine, len(names), smallest, curves)


def split_scores(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    left_who: NDArray[np.intp],
    right_who: NDArray[np.intp],
    same_set: bool,
) -> tuple[Scores, Scores]:
    """Return genuine and impostor scores of all pairs; `same_set` counts each pair once."""
    scores = (left @ right.T).astype(np.float64)
    counted = np.triu(np.ones(scores.shape, bool), 1) if same_set else np.ones(scores.shape, bool)
    same = left_who[:, None] == right_who[None, :]
    return scores[counted & same], scores[counted & ~same]


def fused_pairs(
    embeddings: NDArray[np.float32], who: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return fusions of two photos of a person each, and whose they are; photos are not reused."""
    fused, owners = [], []
    for person in np.unique(who):
        rows = np.flatnonzero(who == person)
        for a, b in zip(rows[::2], rows[1::2], strict=False):
            fused.append(embeddings[a] + embeddings[b])
            owners.append(person)
    if not fused:
        return embeddings, who
    return normalise(np.array(fused, np.float32)), np.array(owners)


def fused_against_others(embeddings: NDArray[np.float32], who: NDArray[np.intp]) -> Scores:
    """Return genuine scores of two fused photos against each further photo of the person."""
    scores: list[float] = []
    for person in np.unique(who):
        rows = embeddings[who == person]
        for i in range(len(rows)):
            for j in range(i + 1, len(rows)):
                pair = normalise(rows[i] + rows[j])
                scores += [float(pair @ rows[k]) for k in range(len(rows)) if k not in (i, j)]
    return np.array(scores, np.float64)


def _curve(genuine: Scores, impostor: Scores, smallest: float) -> Curve:
    if len(impostor) > _MOST_SCORES:
        impostor = np.random.default_rng(11).choice(impostor, _MOST_SCORES, replace=False)
    rates = np.geomspace(0.1, max(smallest, 1.0 / len(impostor)), 25)
    return Curve(tuple(_point(genuine, impostor, r) for r in rates), len(genuine), len(impostor))


def _point(genuine: Scores, impostor: Scores, rate: float) -> Point:
    score = threshold_at(impostor, rate)
    low, high = wilson(int((impostor >= score).sum()), len(impostor))
    return Point(rate, score, low, high, fnmr_at(genuine, score) if len(genuine) else None)
