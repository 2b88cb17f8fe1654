"""What a comparison score means: thresholds by false match rate, measured on named data.

The configuration names an FMR; only this file knows scores. There are two curves: one photo
against one, and fused frames against a fused reference, whose impostor scores lie higher.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

PHOTOGRAPHS, SYNTHETIC = "photographs", "synthetic"
SINGLE, FUSED = "single", "fused"

SHIPPED = Path(__file__).with_name("calibration.toml")
"""Calibration of dlib's network on photographs."""

DEMO = Path(__file__).with_name("demo_calibration.toml")
"""Calibration of dlib's network on synthetic faces, for the demo alone."""

PROFILES: Mapping[str, float] = {"frontex": 1e-3, "ees": 5e-4}
"""FMR a passage: Frontex ABC technical guidelines; Implementing Decision (EU) 2019/329, annex."""


class CalibrationError(ValueError):
    """The calibration does not support what is asked of it; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Point:
    """At this score and above lies the share `fmr` of impostors, with its 95 % interval."""

    fmr: float
    score: float
    fmr_low: float
    fmr_high: float
    fnmr: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """Points by falling FMR, and how many comparisons stand behind them."""

    points: tuple[Point, ...]
    genuine_comparisons: int
    impostor_comparisons: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """One engine on one data set; `curves` by `SINGLE` and `FUSED`."""

    source: str
    data_set: str
    date: str
    engine: str
    subjects: int
    smallest_fmr: float
    curves: Mapping[str, Curve]

    def threshold(self, fmr: float, fused: bool = False) -> float:
        """Return the score that an impostor reaches with probability `fmr` at most.

        :raises CalibrationError: the data is too small for this FMR (rule of three), or too easy.
        """
        curve = self.curves[FUSED if fused else SINGLE]
        if not 0.0 < fmr < 1.0:
            raise CalibrationError("an FMR lies between 0 and 1")
        if fmr < self.smallest_fmr * (1 - 1e-9):
            raise CalibrationError(
                f"FMR {fmr:g} is not supported: {self.subjects} people allow {self.smallest_fmr:.1g} "
                "(rule of three). Calibrate with more people, or allow fewer attempts"
            )
        return _interpolated(curve.points, fmr)

    def stricter_threshold(self, fmr: float) -> float:
        """Return the higher threshold of both curves: frames of one sitting lie between one photo and many.

        :raises CalibrationError: the data does not support this FMR.
        """
        return max(self.threshold(fmr, fused=False), self.threshold(fmr, fused=True))

    def fmr(self, score: float) -> float:
        """Return the share of impostors that reach `score` by the stricter curve: between `smallest_fmr` and 1."""
        share = max(_share(curve.points, score) for curve in self.curves.values())
        return max(self.smallest_fmr, share)

    def check_engine(self, engine: str) -> None:
        """Refuse an engine that this calibration was not made with.

        :raises CalibrationError: made with another engine.
        """
        if engine != self.engine:
            raise CalibrationError(
                f"the calibration is of {self.engine}, the engine is {engine}: run egate face calibrate"
            )


def load_calibration(path: Path = SHIPPED, demo: bool = False) -> Calibration:
    """Read a calibration file; a synthetic one only where `demo` says so.

    :raises CalibrationError: unreadable, incomplete, or synthetic outside of the demo.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        calibration = _from_content(content)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CalibrationError(f"cannot read the calibration: {error}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise CalibrationError(f"the calibration is incomplete: {error}") from None
    if calibration.source == SYNTHETIC and not demo:
        raise CalibrationError(
            "this calibration is of synthetic faces and serves the demo only: "
            "run egate face calibrate on photographs"
        )
    return calibration


def dump_calibration(calibration: Calibration) -> str:
    """Return the file's text; `load_calibration` reads it back."""
    head = ["# Written by `egate face calibrate`. Scores are cosines; the config names an FMR."]
    for key in ("source", "data_set", "date", "engine"):
        head.append(f'{key} = "{_quoted(getattr(calibration, key))}"')
    head.append(f"subjects = {calibration.subjects}")
    head.append(
        f"smallest_fmr = {calibration.smallest_fmr:.6g}  # rule of three over pairs of people"
    )
    for name, curve in calibration.curves.items():
        head += _curve_lines(name, curve)
    return "\n".join(head) + "\n"


def _curve_lines(name: str, curve: Curve) -> list[str]:
    lines = ["", f"[{name}]", f"genuine_comparisons = {curve.genuine_comparisons}"]
    lines += [f"impostor_comparisons = {curve.impostor_comparisons}", "points = ["]
    for point in curve.points:
        fnmr = "" if point.fnmr is None else f", fnmr = {point.fnmr:.5f}"
        lines.append(
            f"  {{ fmr = {point.fmr:.6g}, score = {point.score:.6f}, "
            f"fmr_low = {point.fmr_low:.4g}, fmr_high = {point.fmr_high:.4g}{fnmr} }},"
        )
    return [*lines, "]"]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _from_content(content: Mapping[str, Any]) -> Calibration:
    if content["source"] not in (PHOTOGRAPHS, SYNTHETIC):
        raise ValueError(f"source is {PHOTOGRAPHS!r} or {SYNTHETIC!r}")
    smallest = float(content["smallest_fmr"])
    if not 0.0 < smallest <= 1.0:
        raise ValueError("smallest_fmr lies between 0 and 1")
    return Calibration(
        source=content["source"],
        data_set=str(content["data_set"]),
        date=str(content["date"]),
        engine=str(content["engine"]),
        subjects=int(content["subjects"]),
        smallest_fmr=smallest,
        curves={name: _curve(content[name]) for name in (SINGLE, FUSED)},
    )


def _curve(content: Mapping[str, Any]) -> Curve:
    points = tuple(
        Point(
            float(p["fmr"]), float(p["score"]), float(p["fmr_low"]), float(p["fmr_high"]),
            float(p["fnmr"]) if "fnmr" in p else None,
        )
        for p in content["points"]
    )  # fmt: skip
    falling = all(a.fmr > b.fmr and a.score <= b.score for a, b in pairwise(points))
    finite = all(math.isfinite(p.score) and -1 <= p.score <= 1 for p in points)
    if len(points) < 2 or not falling or not finite:
        raise ValueError("points go from high to low FMR with rising finite scores")
    return Curve(points, int(content["genuine_comparisons"]), int(content["impostor_comparisons"]))


def _interpolated(points: Sequence[Point], fmr: float) -> float:
    """Between two points the score runs with the logarithm of the FMR; never extrapolated."""
    if fmr >= points[0].fmr:
        return points[0].score
    for high, low in pairwise(points):
        if fmr >= low.fmr * (1 - 1e-4):  # the file keeps six digits
            share = math.log(high.fmr / fmr) / math.log(high.fmr / low.fmr)
            return high.score + share * (low.score - high.score)
    raise CalibrationError("the calibration has no point at so low an FMR: calibrate again")


def _share(points: Sequence[Point], score: float) -> float:
    """The curve read the other way; below its first point nothing is known, so everybody reaches it."""
    if score < points[0].score:
        return 1.0
    for high, low in pairwise(points):
        if score < low.score:
            part = (score - high.score) / (low.score - high.score)
            return math.exp(math.log(high.fmr) + part * math.log(low.fmr / high.fmr))
    return points[-1].fmr
