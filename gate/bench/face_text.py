"""The report of `egate bench face` for a terminal: what was measured, then the target."""

from __future__ import annotations

from typing import Any

_GOALS = {"single": "EER 0.8 %, at FMR 0.1 % 4.3 %", "two_photos_fused": "at FMR 0.1 % 1.8 %"}
_TIMES = {"640x480": 8.0, "1920x1080": 22.0}


def as_text(report: dict[str, Any]) -> str:
    """Lay the report out line by line."""
    lines = [
        f"{report['data_set']}: engine {report['engine']} ({report['runtime']}), "
        f"OpenCV {report['opencv']}, 1 thread"
    ]
    if "accuracy" in report:
        lines += _accuracy_lines(report["accuracy"])
    if "speed" in report:
        lines += _speed_lines(report["speed"])
    return "\n".join(lines)


def _accuracy_lines(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{found['photographs']} photographs of {found['identities']} people, "
        f"{found['failures_to_detect']} without a face found "
        f"({found['missing_files']} files missing), {found['pairs']} pairs"
    ]
    if "refused" in found:
        return [*lines, found["refused"]]
    lines.append(
        "four chips and their mirror images a photo, as a reference and egate face verify:"
    )
    lines += _setting_lines(found)
    if "single_all_pairs" in found:
        lines += _part_lines("single, all pairs instead of the listed", found["single_all_pairs"])
    lines.append("one chip and its mirror image, the quick setting:")
    lines += _setting_lines(found["quick"])
    for column, values in found.get("groups_at_fmr_1e-3", {}).items():
        lines += [_group_line(column, value, row) for value, row in values.items()]
    if found.get("peer"):
        lines += _peer_lines(found["peer"])
    return [*lines, f"DET plot: {found['det_plot']}"]


def _setting_lines(found: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for name, goal in _GOALS.items():
        lines += _part_lines(f"{name} (targets: {goal})", found[name])
    lines.append("whole set at its own thresholds:")
    lines += [_rate_line(row) for row in found["whole_set_own_threshold"]["at_fmr"]]
    if "shipped_calibration" in found:
        lines.append("at the thresholds of the calibration that comes with the project:")
        lines += [_rate_line(row) for row in found["shipped_calibration"]["single"]]
    return lines


def _part_lines(name: str, part: dict[str, Any]) -> list[str]:
    if "refused" in part:
        return [f"{name}: {part['refused']}"]
    head = f"{name}: threshold from one half, figures on the other: EER {100 * part['eer']:.2f} %"
    return [head, *(_rate_line(row) for row in part["at_fmr"])]


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


def _group_line(column: str, value: str, row: dict[str, float]) -> str:
    return f"  {column}={value}: FMR {100 * row['fmr']:.3f} %  FNMR {100 * row['fnmr']:.2f} %"


def _peer_lines(found: dict[str, Any]) -> list[str]:
    return [
        f"{found['call']}, {found['photographs']} photographs of {found['identities']} people:",
        *(
            f"  {name}: EER {100 * row['eer']:.2f} %, FNMR at FMR 0.1 % "
            f"{100 * row['fnmr_at_fmr_1e-3']:.2f} %, {row['failures_to_detect']} not found"
            for name, row in (("face_recognition", found["peer"]), ("egate", found["ours"]))
        ),
        f"  face_recognition at its default 0.6: FMR {100 * found['peer']['fmr_at_0.6']:.2f} %, "
        f"FNMR {100 * found['peer']['fnmr_at_0.6']:.2f} %",
    ]


def _speed_lines(found: dict[str, Any]) -> list[str]:
    lines = [f"beside {found['peer'] or 'no peer (face_recognition is missing)'}"]
    for row in found["end_to_end"]:
        frame = "x".join(str(each) for each in row["frame"])
        line = (
            f"  {frame}: quick {row['cpu_ms']:.1f} ms, four chips {row['cpu_ms_thorough']:.1f} ms"
        )
        if "times_faster" in row:
            line += (
                f", peer {row['face_recognition_cpu_ms']:.0f} ms: {row['times_faster']:.1f} times "
                f"(four chips {row['times_faster_thorough']:.1f}); target {_TIMES[frame]:g}"
            )
        lines.append(line)
    for frame, stages in found["stages"].items():
        lines += [f"  {row['cpu_ms']:7.2f} ms  {frame} {row['stage']}" for row in stages]
    if "equal_to_dlib" in found:
        part = found["equal_to_dlib"]
        lines.append(
            f"equal to dlib's descriptor within {part['largest_difference']:.1e} "
            f"on {part['images']} images (target 1e-05)"
        )
    first = found["first_answer"]
    lines.append(
        f"first answer of a new process: {first['wall_s']:.2f} s, "
        f"{first['cpu_s']:.2f} s of processor time (target 2)"
    )
    lines.append(f"memory: {found['peak_memory_mb_before_1n']:.0f} MB")
    if "to_decision_rendered_faces" in found:
        lines.append(_decision_line(found["to_decision_rendered_faces"]))
    return [*lines, _search_line(found["one_to_many"])]


def _decision_line(part: dict[str, Any]) -> str:
    return (
        f"to decision, {part['matched']} of {part['captures']} rendered faces matched: median "
        f"{part['median_s']:.2f} s (target 0.7), p95 {part['p95_s']:.2f} s (target 1.5)"
    )


def _search_line(many: dict[str, Any]) -> str:
    return (
        f"1:N over {many['references']:,}: {many['search_ms']:.1f} ms, {many['search_cpu_ms']:.1f} "
        f"ms of one core (target 30 on two), {many['hits']} hits, {many['compared_in_full']} "
        f"compared in full; one product over all {many['one_product_ms']:.1f} ms, reading their "
        f"{many['gigabytes']:.2f} GB once {many['read_all_ms']:.1f} ms; FPIR at FMR 1e-6: "
        f"{many['fpir_at_fmr']['1e-06']:.2f}"
    )
