"""Counts, times and the risk-coverage curve of one MRZ engine over one set of pictures."""

import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Lines = tuple[str, ...]

THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
_CORE = ("document_number", "date_of_birth", "date_of_expiry")


@dataclass(frozen=True, slots=True)
class Answer:
    """Lines if they were accepted, else the reason; the best guess either way, and its confidence."""

    lines: Lines | None
    reason: str = ""
    guess: Lines | None = None
    confidence: float = 0.0


class Stopwatch:
    """Wall and processor time since it was made, in ms; programs that were called count too."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), _processor_s()

    def read(self) -> tuple[float, float]:
        """(wall, processor) in ms."""
        return (
            (time.perf_counter() - self._wall) * 1000,
            (_processor_s() - self._processor) * 1000,
        )


def _processor_s() -> float:
    used = [resource.getrusage(x) for x in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(x.ru_utime + x.ru_stime for x in used)


def peak_mb() -> float:
    """Highest memory of this process, or of a program that it called if that is more."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


@dataclass(slots=True)
class Tally:
    """What one engine made of one set; times in ms."""

    engine: str
    pictures: int = 0
    exact: int = 0
    core_exact: int = 0
    valid_but_wrong: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    walls_ms: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)
    limits_ms: list[float] = field(default_factory=list)
    guesses: list[tuple[float, bool]] = field(default_factory=list)
    peak_mb: float = 0.0

    def add(self, truth: Lines, answer: Answer, times: tuple[float, float]) -> None:
        """Count one answer and its (wall, processor) time."""
        lines = answer.lines
        self.pictures += 1
        self.walls_ms.append(times[0])
        self.processor_ms.append(times[1])
        if answer.guess is not None:
            self.guesses.append((answer.confidence, answer.guess == truth))
        if lines is None:
            self.refused[answer.reason] += 1
            return
        self.exact += lines == truth
        self.core_exact += _core(lines) == _core(truth)
        self.valid_but_wrong += lines != truth

    def summary(self) -> dict[str, Any]:
        """The figures as plain values; `limit_ms` is decoding a picture and one pass over it."""
        out = {
            "engine": self.engine,
            "pictures": self.pictures,
            "exact": self.exact,
            "core_fields_exact": self.core_exact,
            "valid_but_wrong": self.valid_but_wrong,
            "refused": dict(self.refused),
            "median_ms": _percentile(self.walls_ms, 50),
            "p95_ms": _percentile(self.walls_ms, 95),
            "median_processor_ms": _percentile(self.processor_ms, 50),
            "p95_processor_ms": _percentile(self.processor_ms, 95),
            "threads": 1,
            "peak_mb": round(self.peak_mb, 1),
            "risk_coverage": [self._point(threshold) for threshold in THRESHOLDS],
        }
        if self.limits_ms:
            out["limit_ms"] = _percentile(self.limits_ms, 50)
        return out

    def _point(self, threshold: float) -> dict[str, float]:
        """Coverage and risk if confidence alone decided, at this least confidence."""
        kept = [right for confidence, right in self.guesses if confidence >= threshold]
        wrong = len(kept) - sum(kept)
        return {
            "confidence": threshold,
            "coverage": round(len(kept) / max(self.pictures, 1), 4),
            "wrong": wrong,
            "risk": round(wrong / max(len(kept), 1), 6),
        }


def _percentile(times: list[float], share: float) -> float:
    return round(float(np.percentile(times, share)), 1) if times else 0.0


def _core(lines: Lines) -> Lines:
    """Number and dates as the text holds them; the lines themselves where they are malformed."""
    from models.mrz.layout import layout_for

    try:
        layout = layout_for(len(lines), len(lines[0]), lines[0][0])
    except (ValueError, IndexError):
        return lines
    return tuple(layout.fields[name].of(lines) for name in _CORE)
