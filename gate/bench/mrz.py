"""`egate bench mrz`: how many zones are read, how many wrongly, and how fast.

Targets (this project's own): 29 of 31 of the development set exact and none valid but wrong; 99 %
of easy and medium and 90 % of hard synthetic frames in an unseen cut; 25 ms median and 60 ms p95
for a 1080p frame on one core; 150 MB.
"""

import csv
import json
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Answer = tuple[tuple[str, ...] | None, float, str]
"""Accepted lines or None, confidence, reason of the refusal."""

THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
_CORE = ("document_number", "date_of_birth", "date_of_expiry")


@dataclass(slots=True)
class Tally:
    """Counts and times of one engine over one set."""

    engine: str
    pictures: int = 0
    exact: int = 0
    core_exact: int = 0
    valid_but_wrong: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    times_ms: list[float] = field(default_factory=list)
    guesses: list[tuple[float, bool]] = field(default_factory=list)
    peak_mb: float = 0.0

    def add(self, truth: tuple[str, ...], answer: Answer, ms: float) -> None:
        """Count one answer."""
        lines, confidence, reason = answer
        self.pictures += 1
        self.times_ms.append(ms)
        if lines is None:
            self.refused[reason] += 1
            return
        self.exact += lines == truth
        self.core_exact += _core(lines) == _core(truth)
        self.valid_but_wrong += lines != truth
        self.guesses.append((confidence, lines == truth))

    def summary(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {
            "engine": self.engine,
            "pictures": self.pictures,
            "exact": self.exact,
            "core_fields_exact": self.core_exact,
            "valid_but_wrong": self.valid_but_wrong,
            "refused": dict(self.refused),
            "median_ms": round(float(np.median(self.times_ms)), 1),
            "p95_ms": round(float(np.percentile(self.times_ms, 95)), 1),
            "threads": 1,
            "peak_mb": round(self.peak_mb, 1),
            "risk_coverage": [self._point(threshold) for threshold in THRESHOLDS],
        }

    def _point(self, threshold: float) -> dict[str, float]:
        kept = [right for confidence, right in self.guesses if confidence >= threshold]
        wrong = len(kept) - sum(kept)
        coverage = len(kept) / max(self.pictures, 1)
        return {"confidence": threshold, "coverage": round(coverage, 4), "wrong": wrong}


def command(
    folder: Annotated[Path | None, typer.Argument(help="Folder with ground_truth.csv.")] = None,
    synthetic: Annotated[int, typer.Option(help="Synthetic frames instead of a folder.")] = 0,
    severity: Annotated[str, typer.Option(help="easy, medium or hard.")] = "hard",
    negatives: Annotated[int, typer.Option(help="Pictures without a readable zone.")] = 0,
    frames: Annotated[int, typer.Option(help="Frames of each synthetic document.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic documents.")] = 1,
    cut: Annotated[str, typer.Option(help="unseen, or the name of a cut.")] = "unseen",
    peers: Annotated[bool, typer.Option(help="Also each peer that is installed.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Read zones of a folder or of synthetic documents, beside the peers; exits 1 on a miss."""
    import cv2

    cv2.setNumThreads(1)
    if negatives:
        tally = _negatives(negatives, seed, cut)
        is_met = tally.valid_but_wrong == 0
        _show([tally], as_json)
    elif synthetic:
        tallies = _synthetic(synthetic, severity, frames, seed, cut, peers)
        is_met = tallies[0].exact >= (0.9 if severity == "hard" else 0.99) * tallies[0].pictures / 2
        _show(tallies, as_json)
    elif folder is not None:
        tallies = _run(list(_truths(folder)), peers)
        is_met = tallies[0].valid_but_wrong == 0
        _show(tallies, as_json)
    else:
        raise typer.BadParameter(
            "give a folder with ground_truth.csv, --synthetic N or --negatives N"
        )
    if not is_met:
        raise typer.Exit(1)


def _today() -> date:
    return datetime.now(UTC).date()


def _core(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Number and dates as the text holds them; nothing where the text is malformed."""
    from models.mrz.layout import layout_for

    try:
        layout = layout_for(len(lines), len(lines[0]), lines[0][0])
    except (ValueError, IndexError):
        return lines
    return tuple(layout.fields[name].of(lines) for name in _CORE)


def _truths(folder: Path) -> Iterator[tuple[Grey, tuple[str, ...]]]:
    """Pictures of the folder with the lines that ground_truth.csv gives."""
    from models.mrz.picture import load

    truth_file = folder / "ground_truth.csv"
    if not truth_file.exists():
        raise typer.BadParameter(f"{folder} has no ground_truth.csv (file,type,line1,line2,line3)")
    with truth_file.open(newline="") as rows:
        for row in csv.DictReader(rows):
            lines = tuple(row[key] for key in ("line1", "line2", "line3") if row.get(key))
            yield load(folder / row["file"]), lines


def _builtin(grey: Grey) -> Answer:
    """The reader's answer; the confidence of a refusal is that of its best guess."""
    from models.mrz.reader import read
    from models.mrz.values import CameraReading

    verdict = read(grey, _today())
    if isinstance(verdict, CameraReading):
        return verdict.lines, verdict.confidence, ""
    return None, verdict.confidence, verdict.reason.value


def _passporteye(grey: Grey) -> Answer:
    """PassportEye's lines where they parse and every check digit agrees."""
    from models.mrz.engines.passporteye import read
    from models.mrz.values import CameraReading

    verdict = read(grey, _today())
    if isinstance(verdict, CameraReading):
        return verdict.lines, 1.0, ""
    return None, 0.0, verdict.reason.value


def _peak_mb() -> float:
    """Highest memory of this process, or of a program that it called if that is more."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def _peer_engines() -> dict[str, Callable[[Grey], Answer]]:
    """Peers that are installed, by name and version."""
    from models.mrz.engines.passporteye import EngineMissing, version

    try:
        return {version(): _passporteye}
    except EngineMissing as missing:
        typer.echo(f"left out: {missing}", err=True)
        return {}


def _run(pictures: Iterable[tuple[Grey, tuple[str, ...]]], peers: bool) -> list[Tally]:
    """Each engine in turn over the same pictures; the built-in reader first, for its memory."""
    known = list(pictures)
    engines: dict[str, Callable[[Grey], Answer]] = {"builtin": _builtin}
    if peers:
        engines |= _peer_engines()
    return [_measured(name, engine, known) for name, engine in engines.items()]


def _measured(
    name: str, engine: Callable[[Grey], Answer], pictures: list[tuple[Grey, tuple[str, ...]]]
) -> Tally:
    tally = Tally(name)
    engine(pictures[0][0])  # what is loaded at the first call is no part of a picture's time
    for grey, truth in pictures:
        started = time.perf_counter()
        answer = engine(grey)
        tally.add(truth, answer, (time.perf_counter() - started) * 1000)
    tally.peak_mb = _peak_mb()
    return tally


def _cuts(cut: str) -> list[NDArray[np.uint8]]:
    """Glyph masks of the named cut, or of all that no training saw."""
    from models.mrz.synthetic import atlas_cut
    from models.mrz.training.outlines import UNSEEN_CUTS, draw
    from models.mrz.training.train import UNSEEN_ATLAS_CUT

    if cut == "unseen":
        return [atlas_cut(UNSEEN_ATLAS_CUT), *(draw(x) for x in UNSEEN_CUTS.values())]
    return [draw(UNSEEN_CUTS[cut]) if cut in UNSEEN_CUTS else atlas_cut(cut)]


def _synthetic(
    count: int, severity: str, frames: int, seed: int, cut: str, peers: bool
) -> list[Tally]:
    """Synthetic documents; with more than one frame each goes through a capture session."""
    from models.mrz.synthetic import page, specimen
    from models.mrz.virtual_camera import SEVERITIES, photograph, random_view

    if severity not in SEVERITIES:
        raise typer.BadParameter(f"--severity is one of {', '.join(SEVERITIES)}")
    cuts, dial = _cuts(cut), SEVERITIES[severity]

    engines = {"builtin": _builtin} | (_peer_engines() if peers and frames == 1 else {})
    tallies = [Tally(name) for name in engines]
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        document = specimen(rng)
        sheet = page(document, cuts[number % len(cuts)], rng)
        shots = [photograph(sheet, random_view(dial, rng), rng) for _ in range(frames)]
        for tally, engine in zip(tallies, engines.values(), strict=True):
            started = time.perf_counter()
            answer = engine(shots[0]) if frames == 1 else _session(shots)
            tally.add(document.lines, answer, (time.perf_counter() - started) * 1000)
    for tally in tallies:
        tally.peak_mb = _peak_mb()
    return tallies


def _session(shots: list[Grey]) -> Answer:
    """A capture session over the frames, ending as soon as it is sure."""
    from models.mrz.session import SessionState, observe
    from models.mrz.values import CameraReading

    state, reason = SessionState(), ""
    for shot in shots:
        state, result = observe(state, shot, _today())
        if isinstance(result, CameraReading):
            return result.lines, result.confidence, ""
        reason = result.reason.value
    return None, 0.0, reason


def _negatives(count: int, seed: int, cut: str) -> Tally:
    """Pictures that must all be refused; an accepted one counts as valid but wrong."""
    from models.mrz.negatives import negative

    cuts, tally = _cuts(cut), Tally("builtin")
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        kind, frame = negative(cuts[number % len(cuts)], rng)
        started = time.perf_counter()
        lines, confidence, reason = _builtin(frame)
        tally.add(
            (), (lines, confidence, f"{kind}: {reason}"), (time.perf_counter() - started) * 1000
        )
        if lines is not None:
            typer.echo(f"accepted: {kind}, seed {seed}, number {number}", err=True)
    tally.peak_mb = _peak_mb()
    return tally


def _show(tallies: list[Tally], as_json: bool) -> None:
    summaries = [tally.summary() for tally in tallies]
    if as_json:
        typer.echo(json.dumps({"engines": summaries}))
        return
    for summary in summaries:
        for name, value in summary.items():
            typer.echo(f"{name:18} {value}")
        typer.echo("")
