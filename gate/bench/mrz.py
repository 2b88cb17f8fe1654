"""`egate bench mrz`: how many zones are read, how many wrongly, and how fast.

Targets (this project's own): 29 of 31 of the development set exact and none valid but wrong; 99 %
of easy and medium and 90 % of hard synthetic frames in an unseen cut; 25 ms median and 60 ms p95
for a 1080p frame on one core; 150 MB.
"""

import cProfile
import json
import pstats
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from gate.bench.mrz_engines import Engine, builtin, peers
from gate.bench.mrz_sets import (
    Grey,
    Picture,
    folder_pictures,
    negative_pictures,
    synthetic_pictures,
)
from gate.bench.mrz_tally import Lines, Stopwatch, Tally, peak_mb

_STAGES = (
    (
        "locate",
        "locate.py",
        ("_working", "_halved", "_strokes", "mask", "_lines", "_chained", "_grouped"),
    ),
    ("rectify", "rectify.py", ("rectify",)),
    ("segment", "segment.py", ("profile", "segment")),
    ("straighten", "glyphs.py", ("_straightened",)),
    ("classify", "glyphs.py", ("_classify",)),
    ("decode", "decode.py", ("decode",)),
    ("judge", "judge.py", ("accept",)),
)
"""Stage, file and functions whose time, what they call included, is the stage's."""


def command(
    folder: Annotated[Path | None, typer.Argument(help="Folder with ground_truth.csv.")] = None,
    synthetic: Annotated[int, typer.Option(help="Synthetic frames instead of a folder.")] = 0,
    severity: Annotated[str, typer.Option(help="easy, medium or hard.")] = "hard",
    negatives: Annotated[int, typer.Option(help="Pictures without a readable zone.")] = 0,
    frames: Annotated[int, typer.Option(help="Frames of each synthetic document.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic documents.")] = 1,
    cut: Annotated[str, typer.Option(help="unseen, or the name of a cut.")] = "unseen",
    with_peers: Annotated[
        bool, typer.Option("--peers/--no-peers", help="Also each peer that is installed.")
    ] = True,
    stages: Annotated[bool, typer.Option(help="Where the reader's time goes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Read zones of a folder or of synthetic documents, beside the peers; exits 1 on a miss."""
    import cv2

    cv2.setNumThreads(1)
    pictures: Iterable[Picture]
    if negatives:
        pictures, with_peers = negative_pictures(negatives, seed, cut), False
    elif synthetic:
        pictures = synthetic_pictures(synthetic, severity, frames, seed, cut)
        with_peers &= frames == 1
    elif folder is not None:
        pictures = folder_pictures(folder)
    else:
        raise typer.BadParameter(
            "give a folder with ground_truth.csv, --synthetic N or --negatives N"
        )
    profile = cProfile.Profile(time.thread_time) if stages else None
    tallies = _measured(pictures, with_peers, profile)
    _show(tallies, profile, as_json)
    least = 0.9 if severity == "hard" else 0.99
    is_missed = synthetic and tallies[0].exact < least * tallies[0].pictures / 2
    if tallies[0].valid_but_wrong or is_missed:
        raise typer.Exit(1)


def _measured(
    pictures: Iterable[Picture], with_peers: bool, profile: cProfile.Profile | None
) -> list[Tally]:
    """Picture after picture, every engine on each in turn.

    Peers are loaded and run only after the built-in reader's memory was measured: on pictures that
    can be had again it reads all of them first, else its figure is that of the first.
    """
    own = Tally("builtin")
    engines: dict[str, tuple[Tally, Engine]] = {"builtin": (own, builtin)}
    if isinstance(pictures, list):
        for frames, _, _ in pictures if with_peers else pictures[:1]:
            builtin(frames())
        own.peak_mb = peak_mb()
    for number, (frames, truth, name) in enumerate(pictures):
        shots = frames()
        if number == 0:
            builtin(shots)  # what is loaded at the first call is no part of a picture's time
            own.peak_mb = own.peak_mb or peak_mb()
            if with_peers:
                engines |= {x: (Tally(x), engine) for x, engine in peers().items()}
        own.limits_ms.append(_limit_ms(shots[0]))
        for tally, engine in engines.values():
            _ask(tally, engine, shots, truth, name, profile if engine is builtin else None)
    if len(engines) == 1:
        own.peak_mb = peak_mb()
    for tally, _ in engines.values():
        tally.peak_mb = tally.peak_mb or peak_mb()
    return [tally for tally, _ in engines.values()]


def _ask(
    tally: Tally,
    engine: Engine,
    shots: list[Grey],
    truth: Lines,
    name: str,
    profile: cProfile.Profile | None,
) -> None:
    """One engine's answer to one picture, counted; a wrong one is named on standard error."""
    watch = Stopwatch()
    answer = profile.runcall(engine, shots) if profile else engine(shots)
    tally.add(truth, answer, watch.read())
    if answer.lines is not None and answer.lines != truth:
        typer.echo(f"{tally.engine}: valid but wrong: {name}", err=True)


def _limit_ms(grey: Grey) -> float:
    """Processor time of decoding the picture from a JPEG and of one pass over its pixels."""
    import cv2

    encoded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    started = time.thread_time()
    cv2.mean(np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)))
    return (time.thread_time() - started) * 1000


def _stages_ms(profile: cProfile.Profile, pictures: int) -> dict[str, float]:
    """Mean ms of each stage; profiling itself makes many small calls look slower."""
    spent = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    out = {}
    for stage, file, functions in _STAGES:
        seconds = [
            row[3]
            for (path, _, function), row in spent.items()
            if path.endswith(f"mrz/{file}") and function in functions
        ]
        out[stage] = round(sum(seconds) * 1000 / pictures, 2)
    return out


def _show(tallies: list[Tally], profile: cProfile.Profile | None, as_json: bool) -> None:
    summaries: list[dict[str, Any]] = [tally.summary() for tally in tallies]
    if profile:
        summaries[0]["stages_ms"] = _stages_ms(profile, tallies[0].pictures)
    for peer in summaries[1:]:
        times = peer["median_processor_ms"] / max(summaries[0]["median_processor_ms"], 1e-9)
        peer["slower_than_builtin"] = round(times, 1)
    if as_json:
        typer.echo(json.dumps({"engines": summaries}))
        return
    for summary in summaries:
        for name, value in summary.items():
            typer.echo(f"{name:20} {value}")
        typer.echo("")
