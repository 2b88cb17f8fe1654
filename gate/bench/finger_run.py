"""One run over fingerprint sets: extract everything once, compare every pair, time both on one thread."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gate.bench.finger_measures import Scored
from gate.bench.finger_sets import Impression, Pair, all_pairs, by_content, find_impressions

if TYPE_CHECKING:
    from models.fingerprint.comparison import Prepared

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Timing:
    """Median milliseconds of one operation: processor time of the thread, and time on the wall."""

    cpu_ms: float
    wall_ms: float


@dataclass(frozen=True)
class Run:
    """Scores of all pairs with the times they took; `unusable` counts impressions that cannot be compared."""

    impressions: list[Impression]
    pairs: list[Pair]
    scores: list[float]
    unusable: int
    sizes: dict[str, str]
    extraction: dict[str, Timing]
    preparation: Timing
    comparison: Timing
    first_stage_per_s: float

    def scored(self, set_name: str | None = None) -> Scored:
        """The scores of one set, or of all of them under one threshold."""
        place = {finger: i for i, finger in enumerate(by_content(self.impressions))}
        chosen = [
            i for i, pair in enumerate(self.pairs)
            if set_name in (None, self.impressions[pair.first].set_name)
        ]  # fmt: skip
        pairs = [self.pairs[i] for i in chosen]
        owner = [
            (place[self.impressions[p.first].identity], place[self.impressions[p.second].identity])
            for p in pairs
        ]
        return Scored(
            np.array([self.scores[i] for i in chosen], np.float64),
            np.array([p.genuine for p in pairs], np.bool_),
            np.array([p.standard for p in pairs], np.bool_),
            _compact(np.array(owner, np.int64)),
        )


def _compact(owner: "np.typing.NDArray[np.int64]") -> "np.typing.NDArray[np.int64]":
    return np.unique(owner, return_inverse=True)[1].reshape(owner.shape).astype(np.int64)


def run(folder: Path, progress: Progress) -> Run:
    """Compare all pairs of the sets in `folder`. A pair that cannot be compared scores 0. Raises ValueError."""
    import cv2

    from models.fingerprint import warm
    from models.fingerprint.comparison import LEAST_MINUTIAE, compare

    cv2.setNumThreads(1)
    warm.warm_up()
    impressions = find_impressions(folder)
    prints, clock = _extract_all(impressions, progress)
    pairs = all_pairs(impressions)
    scores, spent = [], _Stopwatch()
    for done, pair in enumerate(pairs):
        with spent:
            scores.append(compare(prints[pair.first], prints[pair.second]).comparison_score)
        if done % 200 == 0:
            progress("comparing", done, len(pairs))
    return Run(
        impressions, pairs, scores, sum(len(p.minutiae) < LEAST_MINUTIAE for p in prints), clock.sizes,
        {name: watch.timing() for name, watch in clock.extraction.items()},
        clock.preparation.timing(), spent.timing(), _first_stage(prints),
    )  # fmt: skip


class _Stopwatch:
    """Collects the times of a `with` block that is entered many times."""

    def __init__(self) -> None:
        self.cpu_s: list[float] = []
        self.wall_s: list[float] = []

    def __enter__(self) -> None:
        self._cpu, self._wall = time.thread_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.cpu_s.append(time.thread_time() - self._cpu)
        self.wall_s.append(time.perf_counter() - self._wall)

    def timing(self) -> Timing:
        return Timing(1000 * float(np.median(self.cpu_s)), 1000 * float(np.median(self.wall_s)))


class _Clocks:
    def __init__(self) -> None:
        self.extraction: dict[str, _Stopwatch] = {}
        self.preparation = _Stopwatch()
        self.sizes: dict[str, str] = {}


def _extract_all(
    impressions: list[Impression], progress: Progress
) -> "tuple[list[Prepared], _Clocks]":
    from models.fingerprint import image
    from models.fingerprint.comparison import prepare
    from models.fingerprint.extraction import extract

    prints, clocks = [], _Clocks()
    for done, found in enumerate(impressions):
        pixels = image.load(found.path).pixels
        clocks.sizes[found.set_name] = f"{pixels.shape[1]}x{pixels.shape[0]}"
        with clocks.extraction.setdefault(found.set_name, _Stopwatch()):
            template = extract(pixels).template
        with clocks.preparation:
            prints.append(prepare(template))
        progress("extracting", done, len(impressions))
    return prints, clocks


def _first_stage(prints: "list[Prepared]") -> float:
    """Comparisons a second of the 1:N first stage, in processor time: every print against an index of all, twice over."""
    from models.fingerprint.identification import build_index, first_stage

    index = build_index(prints * 2)
    begun = time.thread_time()
    probes = prints[:: max(1, len(prints) // 40)]
    for probe in probes:
        first_stage(index, probe)
    return len(probes) * len(index.references) / (time.thread_time() - begun)
