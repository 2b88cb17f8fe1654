"""What `egate bench face` measures and against which targets."""

from __future__ import annotations

import json as jsonlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gate.bench.face_text import as_text

TARGETS = {"eer": 0.008, "fnmr_1e-3": 0.043, "fused_fnmr_1e-3": 0.018}
TIMES_FASTER = {"640x480": 8.0, "1920x1080": 22.0}


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="images/ with identities.csv or pairs.csv.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    all_pairs: Annotated[
        bool, typer.Option("--all-pairs", help="All pairs of identities, not pairs.csv.")
    ] = False,
    speed: Annotated[bool, typer.Option(help="Measure times as well.")] = True,
    accuracy: Annotated[bool, typer.Option(help="Measure error rates.")] = True,
    peer: Annotated[
        int, typer.Option(help="So many people for face_recognition's own error rates; 0: none.")
    ] = 100,
    det: Annotated[
        Path | None, typer.Option(help="PNG of the DET plot; default: in the state directory.")
    ] = None,
    engine: Annotated[
        str, typer.Option(help="dlib-net, dlib-ort, dlib-cv2, dlib, onnx, sface.")
    ] = "dlib-net",
    network: Annotated[Path | None, typer.Option(help="File of onnx and sface.")] = None,
) -> None:
    """Face: error rates, DET and times on photographs; face_recognition beside it."""
    import cv2

    from models.face.engines import load_engine
    from models.face.photographs import read_folder

    cv2.setNumThreads(1)
    try:
        photographs = read_folder(folder)
        chosen = load_engine(engine, network)
    except ValueError as refusal:
        raise typer.BadParameter(str(refusal)) from None
    if all_pairs:
        photographs = replace(photographs, pairs=None, genuine=None)
    report: dict[str, Any] = {
        "data_set": folder.name,
        "engine": chosen.name,
        "runtime": getattr(chosen, "runtime", engine),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "opencv": cv2.__version__,
        "threads": 1,
    }
    if accuracy:
        report["accuracy"] = _accuracy(photographs, chosen, det or _default_plot(), peer)
    if speed:
        report["speed"] = _speed(list(photographs.files), chosen)
    print(jsonlib.dumps(report, indent=2) if json else as_text(report))
    if twice_past(report):
        raise typer.Exit(1)


def _accuracy(photographs: Any, engine: Any, plot: Path, peer_people: int) -> dict[str, Any]:
    from gate.bench import face_accuracy as measure
    from gate.bench.face_peer import peer_accuracy
    from models.face.evaluation import threshold_at
    from models.face.photographs import embed_all
    from models.face.pipeline import QUICK

    embedded = embed_all(photographs, engine)
    report: dict[str, Any] = {
        "photographs": len(photographs.files),
        "missing_files": sum(not path.is_file() for path in photographs.files),
        "identities": len(set(photographs.identities)),
        "failures_to_detect": int((~embedded.usable).sum()),
        "pairs": "all" if photographs.pairs is None else "listed",
    }
    whole = measure.single_scores(photographs, embedded)
    if not len(whole.genuine) or not len(whole.impostor):
        return report | {"refused": "error rates need pairs of one person and of two people"}
    report |= measure.figures(photographs, embedded, engine.name)
    if photographs.pairs is not None:
        everything = replace(photographs, pairs=None, genuine=None)
        report["single_all_pairs"] = measure.single_by_halves(everything, embedded)
    quick = embed_all(photographs, engine, shifts=QUICK)
    report["quick"] = measure.figures(photographs, quick, engine.name)
    if photographs.groups:
        threshold = threshold_at(whole.impostor, 1e-3)
        report["groups_at_fmr_1e-3"] = measure.group_figures(photographs, embedded, threshold)
    if peer_people:
        report["peer"] = peer_accuracy(photographs, embedded, peer_people)
    report |= measure.det(whole, plot)
    return report


def _speed(files: list[Path], engine: Any) -> dict[str, Any]:
    from gate.bench import face_speed as measure
    from gate.bench.face_peer import peer_name
    from gate.bench.face_search import one_to_many
    from models.face.calibration import DEMO

    files = [path for path in files if path.is_file()]
    some = files[:: max(1, len(files) // 50)][:50]
    report: dict[str, Any] = {
        "peer": peer_name(),
        "end_to_end": measure.end_to_end(some, engine),
        "stages": {
            f"{columns}x{rows}": measure.stages(some, engine, columns, rows)
            for columns, rows in measure.FRAMES
        },
        "first_answer": measure.first_answer(some),
        "peak_memory_mb_before_1n": measure.peak_memory_mb(),
    }
    if engine.name == "dlib-resnet-v1":
        hundred = files[:: max(1, len(files) // 100)][:100]
        report["equal_to_dlib"] = measure.equal_to_dlib(hundred, engine)
        if DEMO.is_file():
            report["to_decision_rendered_faces"] = measure.to_decision(engine)
    report["one_to_many"] = one_to_many(files, engine)
    return report


def _default_plot() -> Path:
    from gate.config_paths import state_directory

    return Path(state_directory()) / "bench" / "face-det.png"


def twice_past(report: dict[str, Any]) -> bool:
    """Whether a figure misses its target by a factor of two."""
    misses = []
    found = report.get("accuracy", {})
    for part, goal in (("single", "fnmr_1e-3"), ("two_photos_fused", "fused_fnmr_1e-3")):
        rows = [row for row in found.get(part, {}).get("at_fmr", ()) if row["fmr"] == 1e-3]
        misses += [row["fnmr"] > 2 * TARGETS[goal] for row in rows if "fnmr" in row]
    misses.append(found.get("single", {}).get("eer", 0.0) > 2 * TARGETS["eer"])
    for row in report.get("speed", {}).get("end_to_end", ()):
        goal_times = TIMES_FASTER["x".join(str(each) for each in row["frame"])]
        misses.append(row.get("times_faster", goal_times) < goal_times / 2)
    return any(misses)
