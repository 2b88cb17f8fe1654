"""Fit the score's weights and the calibration of fingerprint comparison on a folder of development sets."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gate.bench.finger_sensors import Seen

HARDNESS = (0.3, 0.5)
"""The sets are used as they are, made worse twice, and as other sensors would see them: bad prints need order too."""
RIDGE_PENALTY = 10.0
Table = NDArray[np.float64]


@dataclass(frozen=True)
class Material:
    """Features of all pairs (n, 14), whether they are genuine, and the two fingers (n, 2) of each."""

    features: Table
    genuine: NDArray[np.bool_]
    owner: NDArray[np.int64]
    standard: NDArray[np.bool_]
    first_half: NDArray[np.bool_]


def command(
    folder: Annotated[Path, typer.Argument(help="Folder of development sets.")],
    write: Annotated[bool, typer.Option(help="Replace the shipped weights.")] = False,
) -> None:
    """Fit the weights of fingerprint scores; figures are those of fingers that the fit did not see."""
    import cv2

    cv2.setNumThreads(1)
    versions = _versions()
    materials = [_material(folder, place, change) for place, change in enumerate(versions.values())]
    print("each half of the fingers, scored by weights fitted on the other half:")
    for name, material in zip(versions, materials, strict=True):
        _report(name, material, _crossed(material, materials))
    if write:
        _write(fit(_stacked(materials)), folder, materials)


def _versions() -> "dict[str, Seen]":
    """The ways in which every print is shown to the fit, by name."""
    from gate.bench.finger_hard import worsened
    from gate.bench.finger_sensors import SENSORS

    def worse(hardness: float) -> "Seen":
        return lambda pixels, rng: worsened(pixels, hardness, rng)

    return {
        "as they are": lambda pixels, _: pixels,
        **{f"made worse, hardness {hardness:g}": worse(hardness) for hardness in HARDNESS},
        **SENSORS,
    }


def _material(folder: Path, version: int, change: "Seen") -> Material:
    from gate.bench.finger_sets import all_pairs, find_impressions, in_first_half
    from models.fingerprint import image
    from models.fingerprint.comparison import LEAST_MINUTIAE, gather_evidence, prepare
    from models.fingerprint.extraction import extract
    from models.fingerprint.scoring import features

    impressions = find_impressions(folder)
    prints = []
    for place, found in enumerate(impressions):
        pixels = image.load(found.path).pixels
        seen = np.ascontiguousarray(change(pixels, np.random.default_rng([place, version])))
        prints.append(prepare(extract(seen).template))
    fingers = sorted({found.identity for found in impressions})
    owner = np.array([fingers.index(found.identity) for found in impressions])
    rows, kept = [], []
    for pair in all_pairs(impressions):
        first, second = sorted((prints[pair.first], prints[pair.second]), key=lambda one: one.order)
        if min(len(first.minutiae), len(second.minutiae)) >= LEAST_MINUTIAE:
            rows.append(features(gather_evidence(first, second)[0]))
            kept.append(pair)
    owners = np.array([(owner[pair.first], owner[pair.second]) for pair in kept])
    halves = np.array([in_first_half(finger) for finger in fingers])
    return Material(
        np.array(rows),
        np.array([p.genuine for p in kept]),
        owners,
        np.array([p.standard for p in kept]),
        halves,
    )


def _stacked(
    materials: list[Material], chosen: list[NDArray[np.bool_]] | None = None
) -> tuple[Table, Table]:
    masks = chosen or [np.ones(len(m.genuine), np.bool_) for m in materials]
    rows = np.concatenate([m.features[mask] for m, mask in zip(materials, masks, strict=True)])
    genuine = np.concatenate([m.genuine[mask] for m, mask in zip(materials, masks, strict=True)])
    return rows, genuine.astype(np.float64)


def fit(material: tuple[Table, Table]) -> tuple[Table, Table, Table, float]:
    """Logistic regression with a ridge penalty by Newton's method: middle, spread, weight, bias."""
    rows, genuine = material
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    design = np.column_stack([(rows - middle) / spread, np.ones(len(rows))])
    penalty = np.full(design.shape[1], RIDGE_PENALTY)
    penalty[-1] = 1e-6
    weight = np.zeros(design.shape[1])
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(design @ weight, -30, 30)))
        slope = design.T @ (genuine - chance) - penalty * weight
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        weight = weight + step * min(1.0, 2.0 / float(np.abs(step).max()))
        if float(np.abs(step).max()) < 1e-7:
            break
    return middle, spread, weight[:-1], float(weight[-1])


def _crossed(
    material: Material, materials: list[Material]
) -> list[tuple[NDArray[np.bool_], Table]]:
    """For each half of the fingers: its pairs, scored by weights fitted on the other half."""
    from models.fingerprint.scoring import Weights, log_odds

    result = []
    for half in (True, False):
        seen = [(m.first_half[m.owner] != half).all(axis=1) for m in materials]
        model = Weights(*fit(_stacked(materials, seen)))
        unseen = (material.first_half[material.owner] == half).all(axis=1)
        result.append((unseen, log_odds(material.features[unseen], model)))
    return result


def _report(name: str, material: Material, halves: list[tuple[NDArray[np.bool_], Table]]) -> None:
    from gate.bench.finger_measures import Scored, curve, eer, fnmr_at

    chosen = np.concatenate([np.flatnonzero(mask) for mask, _ in halves])
    score = np.concatenate([values for _, values in halves])
    scored = Scored(
        score, material.genuine[chosen], material.standard[chosen], material.owner[chosen]
    )
    rates, standard = curve(scored), curve(scored.take(scored.standard))
    print(
        f"{name}: {len(score)} pairs, standard EER {100 * eer(standard):.2f} %, EER {100 * eer(rates):.2f} %, "
        f"FNMR at FMR 1 / 0.1 / 0 % {100 * fnmr_at(rates, 0.01):.2f} / {100 * fnmr_at(rates, 0.001):.2f}"
        f" / {100 * fnmr_at(rates, 0):.2f}"
    )


def _write(
    model: tuple[Table, Table, Table, float], folder: Path, materials: list[Material]
) -> None:
    from models.fingerprint.scoring import WEIGHTS_FILE

    pairs = sum(len(m.genuine) for m in materials)
    lines = [
        "# Weights of the comparison score (models/fingerprint/scoring.py). Written by `egate bench finger-fit`.",
        f'source = "real prints of {folder.name}, as they are, made worse (hardness 0.3 and 0.5) and as four made-up sensors see them"',
        f"pairs = {pairs}",
        f"fingers = {int(max(m.owner.max() for m in materials)) + 1}",
        f'date = "{datetime.now(UTC).date()}"',
    ]
    for name, values in zip(("middle", "spread", "weight"), model[:3], strict=True):
        lines.append(f"{name} = [{', '.join(f'{value:.6g}' for value in values)}]")
    lines.append(f"bias = {model[3]:.6g}")
    WEIGHTS_FILE.write_text("\n".join(lines) + "\n")
