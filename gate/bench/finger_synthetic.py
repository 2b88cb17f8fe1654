"""How far scores of made-up fingers lie from those of real ones (Kolmogorov-Smirnov distance)."""

from itertools import combinations
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

Scores = NDArray[np.float64]


def command(
    folder: Annotated[Path, typer.Argument(help="Folder of sets of real prints.")],
    fingers: Annotated[int, typer.Option(help="Made-up fingers.", min=2)] = 20,
    impressions: Annotated[int, typer.Option(help="Impressions of each.", min=2)] = 4,
    hardness: Annotated[
        float, typer.Option(help="0 careful users .. 1 the worst.", min=0, max=1)
    ] = 0.7,
) -> None:
    """Compare score distributions of made-up and real fingers."""
    from gate.bench.finger_measures import kolmogorov_smirnov
    from gate.bench.finger_run import run

    done = run(folder, lambda *_: None).scored()
    mated, other = _made_up_scores(fingers, impressions, hardness)
    for name, real, made in (
        ("genuine", done.score[done.genuine], mated),
        ("impostor", done.score[~done.genuine], other),
    ):
        print(
            f"{name}: KS distance {kolmogorov_smirnov(real, made):.2f}; median real {np.median(real):.0f}, "
            f"made up {np.median(made):.0f}; 5 % and 95 % real {np.percentile(real, 5):.0f} {np.percentile(real, 95):.0f}, "
            f"made up {np.percentile(made, 5):.0f} {np.percentile(made, 95):.0f}; {len(real)} and {len(made)} pairs"
        )


def _made_up_scores(fingers: int, impressions: int, hardness: float) -> tuple[Scores, Scores]:
    """Genuine and impostor scores of seeded fingers on the optical sensor."""
    from models.fingerprint.comparison import compare, prepare
    from models.fingerprint.extraction import extract
    from models.fingerprint.synthetic import synthetic_finger
    from models.fingerprint.synthetic_impression import Sensor, drawn_condition, impression

    prints = []
    for seed in range(20_000, 20_000 + fingers):
        finger = synthetic_finger(seed)
        for number in range(impressions):
            condition = drawn_condition(np.random.default_rng([seed, number]), hardness)
            image = impression(finger, number, Sensor.OPTICAL_388X374, condition)
            prints.append((seed, prepare(extract(image).template)))
    mated: list[float] = []
    other: list[float] = []
    for (one, a), (two, b) in combinations(prints, 2):
        (mated if one == two else other).append(compare(a, b).comparison_score)
    return np.array(mated), np.array(other)
