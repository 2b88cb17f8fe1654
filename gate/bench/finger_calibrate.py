"""Impostor scores for a calibration: of real sets, or of made-up fingers for the demo."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np

from models.fingerprint.calibration import REAL, SYNTHETIC, Calibration, calibrate

Progress = Callable[[str, int, int], None]


def calibrate_on_sets(folder: Path, progress: Progress) -> Calibration:
    """A calibration on all cross-finger pairs of real prints. Raises ValueError."""
    from gate.bench.finger_run import run

    done = run(folder, progress)
    per_set: dict[str, set[str]] = {}
    for found in done.impressions:
        per_set.setdefault(found.set_name, set()).add(found.finger)
    scores = np.array(
        [score for score, pair in zip(done.scores, done.pairs, strict=True) if not pair.genuine]
    )
    pairs = sum(len(fingers) * (len(fingers) - 1) // 2 for fingers in per_set.values())
    return calibrate(scores, pairs, REAL, " ".join(sorted(per_set)), str(datetime.now(UTC).date()))


def calibrate_on_synthetic(fingers: int, progress: Progress) -> Calibration:
    """A calibration on made-up fingers of seeds 10,000 and up, two impressions each. For the demo alone."""
    from models.fingerprint.comparison import compare, prepare
    from models.fingerprint.extraction import extract

    prints = []
    for number, images in enumerate(_made_up(fingers)):
        prints.append([prepare(extract(image).template) for image in images])
        progress("making fingers", number, fingers)
    scores = [
        compare(one, other).comparison_score
        for first, second in combinations(prints, 2)
        for one in first
        for other in second
    ]
    pairs = fingers * (fingers - 1) // 2
    name = f"{fingers} made-up fingers, 2 impressions each"
    return calibrate(np.array(scores), pairs, SYNTHETIC, name, str(datetime.now(UTC).date()))


def _made_up(fingers: int) -> Iterable[list["np.typing.NDArray[np.uint8]"]]:
    from models.fingerprint.synthetic import synthetic_finger
    from models.fingerprint.synthetic_impression import Sensor, drawn_condition, impression

    for seed in range(10_000, 10_000 + fingers):
        finger = synthetic_finger(seed)
        condition = [
            drawn_condition(np.random.default_rng([seed, number]), 0.4) for number in (1, 2)
        ]
        yield [
            impression(finger, number, Sensor.ZFM_256X288, condition[number - 1])
            for number in (1, 2)
        ]
