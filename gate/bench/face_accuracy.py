"""Error rates of the face recogniser on a folder of photographs, split by identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.face.calibration import SHIPPED, Calibration, CalibrationError, load_calibration
from models.face.compare import normalise
from models.face.evaluation import (
    Scores,
    det_curve,
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


def figures(photographs: Photographs, embedded: Embedded, engine: str) -> dict[str, Any]:
    """Everything that is said about one way to embed the photographs."""
    whole = single_scores(photographs, embedded)
    report = {
        "single": single_by_halves(photographs, embedded),
        "two_photos_fused": cross_half_figures(
            [fused_scores(photographs, embedded, rows) for rows in halves_of(photographs)]
        ),
        "whole_set_own_threshold": own_figures(whole),
    }
    calibration = load_calibration(SHIPPED)
    if calibration.engine == engine:
        report["shipped_calibration"] = {
            "data_set": calibration.data_set,
            "single": calibrated_figures(whole, calibration, fused=False),
        }
    return report


def single_by_halves(photographs: Photographs, embedded: Embedded) -> dict[str, Any]:
    """One photo against one: threshold from either half, figures on the other."""
    return cross_half_figures(
        [single_scores(photographs, embedded, rows) for rows in halves_of(photographs)]
    )


def single_scores(
    photographs: Photographs, embedded: Embedded, rows: NDArray[np.bool_] | None = None
) -> Scored:
    """Score the listed pairs (all pairs where none are listed) with both photos among `rows`."""
    chosen = embedded.usable if rows is None else rows & embedded.usable
    who = np.asarray(photographs.identities)
    if photographs.pairs is not None and photographs.genuine is not None:
        kept = chosen[photographs.pairs].all(axis=1)
        pairs, genuine = photographs.pairs[kept], photographs.genuine[kept]
    else:
        index = np.flatnonzero(chosen)
        blocks = [index[block] for block in all_pairs(len(index))]
        pairs = np.concatenate(blocks) if blocks else np.zeros((0, 2), np.intp)
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
    if any(not len(half.genuine) or not len(half.impostor) for half in halves):
        return {"refused": "too few people for two halves: no threshold could be judged"}
    tests = [(halves[0], halves[1]), (halves[1], halves[0])]
    errors = [equal_error(test.genuine, test.impostor)[0] for _, test in tests]
    return {"eer": float(np.mean(errors)), "eer_by_half": errors, "at_fmr": _both_ways(tests)}


def _both_ways(tests: Sequence[tuple[Scored, Scored]]) -> list[dict[str, Any]]:
    limit = max(smallest_fmr(each.people) for pair in tests for each in pair)
    rows = []
    for fmr in FMRS:
        if fmr < limit:
            rows.append({"fmr": fmr, "refused": _unsupported(limit)})
            continue
        sides = [_figures(test, threshold_at(base.impostor, fmr), fmr) for base, test in tests]
        count = [len(test.genuine) for _, test in tests]
        mean = float(np.average([side["fnmr"] for side in sides], weights=count))
        rows.append({"fmr": fmr, "fnmr": mean, "halves": sides})
    return rows


def own_figures(scored: Scored) -> dict[str, Any]:
    """Thresholds from the very data: what ISO/IEC 19795-1 calls FNMR at an FMR."""
    limit = smallest_fmr(scored.people)
    rows = [
        _figures(scored, threshold_at(scored.impostor, fmr), fmr)
        if fmr >= limit
        else {"fmr": fmr, "refused": _unsupported(limit)}
        for fmr in FMRS
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


def _unsupported(limit: float) -> str:
    return f"the data supports FMR {limit:.1g} at least"


def det(scored: Scored, path: Path) -> dict[str, Any]:
    """Draw the DET plot, and return its path and some of its points, (FMR, FNMR)."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    curve = det_curve(scored.genuine, scored.impostor)
    figure, axes = pyplot.subplots(figsize=(6, 5))
    axes.plot(curve[:, 0], np.maximum(curve[:, 1], 1e-5))
    axes.set(xscale="log", yscale="log", xlabel="FMR", ylabel="FNMR", title="DET, one photo")
    axes.grid(True, which="both", alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, bbox_inches="tight")
    pyplot.close(figure)
    return {"det_plot": str(path), "det": [[float(x), float(y)] for x, y in curve[::10]]}


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
