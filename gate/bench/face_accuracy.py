"""Error rates of the face recogniser on a folder of photographs, split by identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.face.calibration import Calibration, CalibrationError
from models.face.compare import normalise
from models.face.evaluation import (
    Scores,
    equal_error,
    fmr_at,
    fnmr_at,
    fnmr_interval,
    smallest_fmr,
    threshold_at,
    wilson,
)
from models.face.photographs import Embedded, Photographs, all_pairs, half_of

FMRS = (1e-2, 1e-3, 5e-4, 1e-4)


@dataclass(frozen=True)
class Scored:
    """Genuine scores with whose they are, and impostor scores."""

    genuine: Scores
    subjects: NDArray[np.str_]
    impostor: Scores
    people: int


def single_scores(photographs: Photographs, embedded: Embedded, rows: NDArray[np.bool_]) -> Scored:
    """Score the listed pairs (all pairs where none are listed) with both photos among `rows`."""
    chosen = rows & embedded.usable
    who = np.asarray(photographs.identities)
    if photographs.pairs is not None and photographs.genuine is not None:
        kept = chosen[photographs.pairs].all(axis=1)
        pairs, genuine = photographs.pairs[kept], photographs.genuine[kept]
    else:
        index = np.flatnonzero(chosen)
        pairs = np.concatenate([index[block] for block in all_pairs(len(index))])
        genuine = who[pairs[:, 0]] == who[pairs[:, 1]]
    scores = np.einsum(
        "ij,ij->i", embedded.embeddings[pairs[:, 0]], embedded.embeddings[pairs[:, 1]]
    ).astype(np.float64)
    people = len(np.unique(who[chosen]))
    return Scored(scores[genuine], who[pairs[genuine, 0]], scores[~genuine], people)


def fused_scores(photographs: Photographs, embedded: Embedded, rows: NDArray[np.bool_]) -> Scored:
    """Score two photos fused against each further photo of the person and of everybody else."""
    index = np.flatnonzero(rows & embedded.usable)
    who = np.asarray(photographs.identities)[index]
    stack = embedded.embeddings[index]
    genuine, subjects, impostor = [], [], []
    for person in np.unique(who):
        own = np.flatnonzero(who == person)
        if len(own) < 2:
            continue
        first, second = np.triu_indices(len(own), 1)
        fused = normalise(stack[own[first]] + stack[own[second]])
        scores = fused @ stack.T
        impostor.append(scores[:, who != person].ravel())
        for row, pair in enumerate(zip(own[first], own[second], strict=True)):
            others = [column for column in own if column not in pair]
            genuine += [float(scores[row, column]) for column in others]
            subjects += [person] * len(others)
    flat = np.concatenate(impostor) if impostor else np.zeros(0)
    people = len(np.unique(who))
    return Scored(np.array(genuine), np.array(subjects), flat.astype(np.float64), people)


def cross_half_figures(halves: Sequence[Scored]) -> dict[str, Any]:
    """Threshold from each half, figures on the other; errors of both directions together."""
    tests = [(halves[0], halves[1]), (halves[1], halves[0])]
    errors = [equal_error(test.genuine, test.impostor)[0] for _, test in tests]
    return {"eer": float(np.mean(errors)), "eer_by_half": errors, "at_fmr": _both_ways(tests)}


def _both_ways(tests: Sequence[tuple[Scored, Scored]]) -> list[dict[str, Any]]:
    limit = max(smallest_fmr(each.people) for pair in tests for each in pair)
    rows = []
    for fmr in FMRS:
        if fmr < limit:
            rows.append({"fmr": fmr, "refused": f"the data supports FMR {limit:.1g} at least"})
            continue
        sides = [_figures(test, threshold_at(base.impostor, fmr), fmr) for base, test in tests]
        count = [len(test.genuine) for _, test in tests]
        mean = float(np.average([side["fnmr"] for side in sides], weights=count))
        rows.append({"fmr": fmr, "fnmr": mean, "halves": sides})
    return rows


def own_figures(scored: Scored) -> dict[str, Any]:
    """Thresholds from the very data: what ISO/IEC 19795-1 calls FNMR at an FMR."""
    rows = [
        _figures(scored, threshold_at(scored.impostor, fmr), fmr)
        for fmr in FMRS
        if fmr >= smallest_fmr(scored.people)
    ]
    eer = equal_error(scored.genuine, scored.impostor)[0]
    return {
        "eer": eer,
        "genuine": len(scored.genuine),
        "impostor": len(scored.impostor),
        "at_fmr": rows,
    }


def calibrated_figures(
    scored: Scored, calibration: Calibration, fused: bool
) -> list[dict[str, Any]]:
    """What the thresholds of a calibration do on this data."""
    rows = []
    for fmr in FMRS:
        try:
            threshold = calibration.threshold(fmr, fused)
        except CalibrationError as refusal:
            rows.append({"fmr": fmr, "refused": str(refusal)})
            continue
        rows.append(_figures(scored, threshold, fmr))
    return rows


def _figures(scored: Scored, threshold: float, fmr: float) -> dict[str, Any]:
    reached = int((scored.impostor >= threshold).sum())
    return {
        "fmr": fmr,
        "threshold": threshold,
        "measured_fmr": fmr_at(scored.impostor, threshold),
        "measured_fmr_interval": wilson(reached, len(scored.impostor)),
        "fnmr": fnmr_at(scored.genuine, threshold),
        "fnmr_interval": fnmr_interval(scored.genuine, list(scored.subjects), threshold),
    }


def group_figures(
    photographs: Photographs, embedded: Embedded, threshold: float
) -> dict[str, dict[str, dict[str, float]]]:
    """FMR and FNMR at one threshold within each value of each group column."""
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for column, values in photographs.groups.items():
        figures[column] = {}
        for value in sorted(set(values)):
            scored = single_scores(photographs, embedded, np.asarray(values) == value)
            if len(scored.genuine) and len(scored.impostor):
                figures[column][value] = {
                    "fmr": fmr_at(scored.impostor, threshold),
                    "fnmr": fnmr_at(scored.genuine, threshold),
                    "genuine": len(scored.genuine),
                    "impostor": len(scored.impostor),
                }
    return figures


def halves_of(photographs: Photographs) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The rows of the first and of the second half of the identities."""
    side = np.array([half_of(identity) for identity in photographs.identities])
    return side == 0, side == 1
