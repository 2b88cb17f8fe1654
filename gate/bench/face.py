"""What `egate bench face` measures, against which targets, and how it is printed."""

from __future__ import annotations

import json as jsonlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

TARGETS = {"eer": 0.008, "fnmr_1e-3": 0.043, "fused_fnmr_1e-3": 0.018, "tracked_1080p_ms": 20.0}
TIMES_FASTER = {"640x480": 8.0, "1920x1080": 22.0}


def command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="images/ with identities.csv.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    all_pairs: Annotated[
        bool, typer.Option("--all-pairs", help="All pairs of identities, not pairs.csv.")
    ] = False,
    speed: Annotated[bool, typer.Option(help="Measure times as well.")] = True,
    accuracy: Annotated[bool, typer.Option(help="Measure error rates.")] = True,
    det: Annotated[Path | None, typer.Option(help="Write the DET plot to this PNG.")] = None,
    engine: Annotated[str, typer.Option(help="dlib-cv2, dlib, onnx or sface.")] = "dlib-cv2",
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
        from dataclasses import replace

        photographs = replace(photographs, pairs=None, genuine=None)
    report: dict[str, Any] = {
        "data_set": folder.name,
        "engine": chosen.name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "opencv": cv2.__version__,
        "threads": 1,
    }
    if accuracy:
        report["accuracy"] = _accuracy(photographs, chosen, det)
    if speed:
        report["speed"] = _speed(list(photographs.files), chosen)
    print(jsonlib.dumps(report, indent=2) if json else as_text(report))
    if _twice_past(report):
        raise typer.Exit(1)


def _accuracy(photographs: Any, engine: Any, det: Path | None) -> dict[str, Any]:
    from gate.bench import face_accuracy as measure
    from models.face.calibration import SHIPPED, load_calibration
    from models.face.evaluation import threshold_at
    from models.face.photographs import embed_all

    embedded = embed_all(photographs, engine)
    halves = measure.halves_of(photographs)
    everybody = halves[0] | halves[1]
    single = [measure.single_scores(photographs, embedded, rows) for rows in halves]
    fused = [measure.fused_scores(photographs, embedded, rows) for rows in halves]
    whole = measure.single_scores(photographs, embedded, everybody)
    calibration = load_calibration(SHIPPED)
    report = {
        "photographs": len(photographs.files),
        "identities": len(set(photographs.identities)),
        "failures_to_detect": int((~embedded.usable).sum()),
        "pairs": "listed" if photographs.pairs is not None else "all",
        "single": measure.cross_half_figures(single),
        "two_photos_fused": measure.cross_half_figures(fused),
        "whole_set_own_threshold": measure.own_figures(whole),
    }
    if calibration.engine == engine.name:
        report["shipped_calibration"] = {
            "data_set": calibration.data_set,
            "single": measure.calibrated_figures(whole, calibration, fused=False),
        }
    if photographs.groups:
        threshold = threshold_at(whole.impostor, 1e-3)
        report["groups_at_fmr_1e-3"] = measure.group_figures(photographs, embedded, threshold)
    if det is not None:
        _plot(whole, det)
    return report


def _speed(files: list[Path], engine: Any) -> dict[str, Any]:
    from gate.bench import face_speed as measure
    from models.face.calibration import DEMO

    step = max(1, len(files) // 50)
    some = files[::step][:50]
    report: dict[str, Any] = {
        "peer": measure.peer_name(),
        "end_to_end": measure.end_to_end(some, engine),
        "stages_1080p": measure.stages(some, engine),
        "first_answer_s": measure.first_answer_s(),
        "peak_memory_mb_before_1n": measure.peak_memory_mb(),
    }
    if engine.name == "dlib-resnet-v1":
        step = max(1, len(files) // 100)
        report["equal_to_dlib"] = measure.equal_to_dlib(files[::step][:100], engine)
    if DEMO.is_file() and engine.name == "dlib-resnet-v1":
        report["to_decision_rendered_faces"] = measure.to_decision(engine)
    report["one_to_many"] = measure.one_to_many()
    return report


def as_text(report: dict[str, Any]) -> str:
    """Lay the report out for a terminal: what was measured, then the target."""
    lines = [
        f"{report['data_set']}: engine {report['engine']}, OpenCV {report['opencv']}, 1 thread"
    ]
    if "accuracy" in report:
        lines += _accuracy_lines(report["accuracy"])
    if "speed" in report:
        lines += _speed_lines(report["speed"])
    return "\n".join(lines)


def _accuracy_lines(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{found['photographs']} photographs of {found['identities']} people, "
        f"{found['failures_to_detect']} without a face found, {found['pairs']} pairs"
    ]
    for name, goals in (("single", "EER 0.8 %, 4.3 %"), ("two_photos_fused", "1.8 %")):
        part = found[name]
        lines.append(f"{name}: EER {100 * part['eer']:.2f} %  (targets at FMR 0.1 %: {goals})")
        lines += [_rate_line(row) for row in part["at_fmr"]]
    lines.append("whole set at its own thresholds:")
    lines += [_rate_line(row) for row in found["whole_set_own_threshold"]["at_fmr"]]
    if "shipped_calibration" in found:
        lines.append("at the thresholds of the calibration that comes with the project:")
        lines += [_rate_line(row) for row in found["shipped_calibration"]["single"]]
    for column, values in found.get("groups_at_fmr_1e-3", {}).items():
        for value, row in values.items():
            lines.append(
                f"  {column}={value}: FMR {100 * row['fmr']:.3f} %  FNMR {100 * row['fnmr']:.2f} %"
            )
    return lines


def _rate_line(row: dict[str, Any]) -> str:
    head = f"  FMR {100 * row['fmr']:g} %: "
    if "refused" in row:
        return head + str(row["refused"])
    line = head + f"FNMR {100 * row['fnmr']:.2f} %"
    for side in row.get("halves", [row]):
        low, high = side["fnmr_interval"]
        line += (
            f"  [{100 * low:.2f}..{100 * high:.2f} %, FMR there {100 * side['measured_fmr']:.3f} %]"
        )
    return line


def _speed_lines(found: dict[str, Any]) -> list[str]:
    lines = [f"beside {found['peer'] or 'no peer (face_recognition is missing)'}"]
    for row in found["end_to_end"]:
        frame = "x".join(str(each) for each in row["frame"])
        line = f"  {frame}: {row['cpu_ms']:.1f} ms, mirrored {row['cpu_ms_with_mirror']:.1f} ms"
        if "times_faster" in row:
            line += (
                f", peer {row['face_recognition_cpu_ms']:.0f} ms: {row['times_faster']:.1f} times "
                f"(mirrored {row['times_faster_with_mirror']:.1f}); target {TIMES_FASTER[frame]:g}"
            )
        lines.append(line)
    lines += [f"  {row['cpu_ms']:7.2f} ms  {row['stage']}" for row in found["stages_1080p"]]
    if "equal_to_dlib" in found:
        part = found["equal_to_dlib"]
        lines.append(
            f"equal to dlib's descriptor within {part['largest_difference']:.1e} "
            f"on {part['images']} images (target 1e-05)"
        )
    lines.append(f"first answer after start: {found['first_answer_s']:.2f} s (target 2)")
    lines.append(f"memory: {found['peak_memory_mb_before_1n']:.0f} MB")
    if "to_decision_rendered_faces" in found:
        part = found["to_decision_rendered_faces"]
        lines.append(
            f"to decision, {part['matched']} of {part['captures']} rendered faces matched: median "
            f"{part['median_s']:.2f} s (target 0.7), p95 {part['p95_s']:.2f} s (target 1.5)"
        )
    many = found["one_to_many"]
    lines.append(
        f"1:N over {many['references']:,}: {many['search_ms']:.1f} ms (target 30); reading the same "
        f"{many['gigabytes']:.2f} GB once {many['read_all_ms']:.1f} ms; FPIR at FMR 1e-6: "
        f"{many['fpir_at_fmr']['1e-06']:.2f}"
    )
    return lines


def _twice_past(report: dict[str, Any]) -> bool:
    """Whether a figure misses its target by a factor of two."""
    misses = []
    if "accuracy" in report:
        for part, goal in (("single", "fnmr_1e-3"), ("two_photos_fused", "fused_fnmr_1e-3")):
            rows = [row for row in report["accuracy"][part]["at_fmr"] if row["fmr"] == 1e-3]
            misses += [row["fnmr"] > 2 * TARGETS[goal] for row in rows if "fnmr" in row]
        misses.append(report["accuracy"]["single"]["eer"] > 2 * TARGETS["eer"])
    if "speed" in report:
        for row in report["speed"]["end_to_end"]:
            goal_times = TIMES_FASTER["x".join(str(each) for each in row["frame"])]
            misses.append(row.get("times_faster", goal_times) < goal_times / 2)
    return any(misses)


def _plot(scored: Any, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    from models.face.evaluation import det_curve

    curve = det_curve(scored.genuine, scored.impostor)
    figure, axes = pyplot.subplots(figsize=(6, 5))
    axes.plot(curve[:, 0], curve[:, 1])
    axes.set(xscale="log", yscale="log", xlabel="FMR", ylabel="FNMR", title="DET, one photo")
    axes.grid(True, which="both", alpha=0.3)
    figure.savefig(path, dpi=110, bbox_inches="tight")
