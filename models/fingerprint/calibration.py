"""What a comparison score means: thresholds by false match rate, measured on named data.

The configuration names an FMR; only the calibration files know scores. A calibration on fewer than 3,000 pairs of
different fingers is a bench calibration: it gives no threshold for an FMR below 1 %.
"""

import math
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

REAL, SYNTHETIC = "real", "synthetic"

SHIPPED = Path(__file__).with_name("calibration.toml")
"""Calibration on real prints."""

DEMO = Path(__file__).with_name("demo_calibration.toml")
"""Calibration on made-up fingers, for the demo alone."""

BENCH_FMR = 0.01
"""Lowest FMR of a calibration that too few independent finger pairs stand behind."""
INDEPENDENT_PAIRS = 3000
_RULE_OF_THREE = 3.0


class CalibrationError(ValueError):
    """The calibration does not support what is asked of it; the message says what to do."""


@dataclass(frozen=True)
class Point:
    """The share `fmr` of impostor pairs reaches `score`; `low` and `high` are its 95 % interval."""

    fmr: float
    score: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """One comparison algorithm on one data set; `points` by falling FMR."""

    source: str
    data_set: str
    date: str
    finger_pairs: int
    comparisons: int
    points: tuple[Point, ...]

    @property
    def smallest_fmr(self) -> float:
        """Lowest FMR that the number of independent finger pairs supports."""
        return (
            BENCH_FMR
            if self.finger_pairs < INDEPENDENT_PAIRS
            else _RULE_OF_THREE / self.finger_pairs
        )

    @property
    def grade(self) -> str:
        """A label for people: what this calibration may be used for."""
        bench = self.finger_pairs < INDEPENDENT_PAIRS
        return f"{'bench, ' if bench else ''}{self.source} fingers, FMR >= {100 * self.smallest_fmr:.2g} %"

    def threshold(self, fmr: float) -> float:
        """Score that an impostor reaches with probability `fmr` at most. Raises CalibrationError if unsupported."""
        if not 0.0 < fmr < 1.0:
            raise CalibrationError(f"an FMR lies between 0 and 1, not at {fmr:g}")
        if fmr < self.smallest_fmr * (1 - 1e-9):
            raise CalibrationError(
                f"FMR {fmr:g} is not supported: {self.finger_pairs} pairs of different fingers allow "
                f"{self.smallest_fmr:.2g}. Calibrate on more fingers (egate finger calibrate), or ask for a higher FMR"
            )
        scores = [point.score for point in self.points]
        return float(
            np.interp(-math.log(fmr), [-math.log(point.fmr) for point in self.points], scores)
        )

    def fmr(self, score: float) -> float:
        """Share of impostors that reach `score`, between the lowest supported FMR and 1: never a bolder claim."""
        rising = [-math.log(point.fmr) for point in self.points]
        found = math.exp(
            -float(np.interp(score, [point.score for point in self.points], rising, left=0.0))
        )
        return min(1.0, found) if found > self.smallest_fmr * (1 + 1e-9) else self.smallest_fmr


def load_calibration(path: Path = SHIPPED, demo: bool = False) -> Calibration:
    """Read a calibration; a synthetic one only where `demo` says so. Raises CalibrationError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        points = tuple(
            Point(*(float(p[key]) for key in ("fmr", "score", "low", "high")))
            for p in content["points"]
        )
        calibration = Calibration(
            str(content["source"]), str(content["data_set"]), str(content["date"]), int(content["finger_pairs"]),
            int(content["comparisons"]), points,
        )  # fmt: skip
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CalibrationError(f"cannot read the calibration {path.name}: {error}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise CalibrationError(f"the calibration {path.name} is incomplete: {error}") from None
    _check(calibration, path, demo)
    return calibration


def _check(calibration: Calibration, path: Path, demo: bool) -> None:
    points = calibration.points
    if calibration.source not in (REAL, SYNTHETIC):
        raise CalibrationError(
            f"{path.name}: source is {REAL!r} or {SYNTHETIC!r}, not {calibration.source!r}"
        )
    falling = all(a.fmr > b.fmr and a.score < b.score for a, b in pairwise(points))
    if (
        len(points) < 2
        or not falling
        or not all(0 < p.fmr <= 1 and math.isfinite(p.score) for p in points)
    ):
        raise CalibrationError(
            f"{path.name}: points go from high to low FMR with rising finite scores"
        )
    if calibration.source == SYNTHETIC and not demo:
        raise CalibrationError(
            f"{path.name} is made on synthetic fingers and serves the demo only: calibrate on real prints"
        )


def calibrate(
    impostor: NDArray[np.float64], finger_pairs: int, source: str, data_set: str, date: str
) -> Calibration:
    """A calibration from impostor scores; `finger_pairs` of different fingers stand behind them.

    The interval of a point treats finger pairs, not comparisons, as independent (Wilson's formula). Raises
    CalibrationError if the scores do not reach the lowest FMR that is asked of such a number of pairs.
    """
    smallest = BENCH_FMR if finger_pairs < INDEPENDENT_PAIRS else _RULE_OF_THREE / finger_pairs
    if len(impostor) * smallest < 1:
        raise CalibrationError(
            f"{len(impostor)} impostor scores: too few for an FMR of {smallest:g}"
        )
    falling = np.sort(impostor)[::-1]
    points: list[Point] = []
    for fmr in (f for f in np.geomspace(0.5, smallest, 1 + round(8 * math.log10(0.5 / smallest)))):
        score = float(np.nextafter(falling[int(fmr * len(falling))], np.inf))
        if score > 0 and (not points or score > points[-1].score):
            points.append(Point(float(fmr), score, *_wilson(float(fmr), finger_pairs)))
    return Calibration(source, data_set, date, finger_pairs, len(impostor), tuple(points))


def _wilson(share: float, count: int) -> tuple[float, float]:
    z = 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = (
        z
        / (1 + z * z / count)
        * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    )
    return max(0.0, middle - half), min(1.0, middle + half)


def dump_calibration(calibration: Calibration) -> str:
    """The file's text; `load_calibration` reads it back."""
    head = [
        "# Written by `egate finger calibrate`. The configuration names an FMR, never one of these scores.",
        f'source = "{calibration.source}"',
        f'data_set = "{calibration.data_set}"',
        f'date = "{calibration.date}"',
        f"finger_pairs = {calibration.finger_pairs}",
        f"comparisons = {calibration.comparisons}",
        "points = [",
    ]
    rows = [
        f"  {{ fmr = {p.fmr:.6g}, score = {p.score:.9g}, low = {p.low:.4g}, high = {p.high:.4g} }},"
        for p in calibration.points
    ]
    return "\n".join([*head, *rows, "]"]) + "\n"
