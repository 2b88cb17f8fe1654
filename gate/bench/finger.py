"""`egate bench finger DIR`: error rates and times of fingerprint comparison on folders of real prints."""

import csv
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gate.bench.finger_measures import Curve, Scored
    from gate.bench.finger_run import Run

EXTRACTION_TARGET_MS = 40.0
COMPARISON_TARGET_MS = 0.5
FIRST_STAGE_TARGET = 20_000
REPOSITORY = Path(__file__).resolve().parents[2]
LOG = REPOSITORY / "docs" / "bench" / "finger_log.csv"
_LOG_COLUMNS = (
    "date", "commit", "parameters", "sets", "impressions", "pairs", "standard_mean_eer", "pooled_eer", "fnmr_fmr1",
    "fnmr_fmr01", "fnmr_fmr0", "extraction_cpu_ms", "comparison_cpu_ms", "first_stage_per_s",
)  # fmt: skip


def command(
    folder: Annotated[
        Path, typer.Argument(help="A set of finger_impression.png files, or a folder of sets.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the score file and the DET plot.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="Log to append to; by default the project's own.")
    ] = None,
) -> None:
    """Measure fingerprint error rates by the FVC protocol, with intervals, and the times on one thread."""
    from gate.bench.finger_run import run

    if not folder.is_dir():
        _stop(
            f"{folder} is no folder: name one with finger_impression.png files, or with folders of them"
        )
    try:
        done = run(folder, _progress)
    except ValueError as error:
        _stop(str(error))
    figures = _figures(done)
    _append(log or LOG, figures)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        _write_scores(done, out / "scores.csv")
        _plot(done, out / "det.png")
    print(json.dumps(figures, indent=2) if as_json else _table(figures))
    if figures["beyond_twice_the_target"]:
        raise typer.Exit(1)


def _stop(message: str) -> None:
    print(message, file=sys.stderr)
    raise typer.Exit(2)


def _progress(stage: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{stage} {done} of {total}   ", end="", file=sys.stderr, flush=True)


def _figures(done: "Run") -> dict[str, Any]:
    names = sorted({found.set_name for found in done.impressions})
    sets = {name: _rates(done.scored(name)) for name in names}
    pooled = _rates(done.scored())
    cpu = {name: round(timing.cpu_ms, 2) for name, timing in done.extraction.items()}
    first_stage = round(done.first_stage_per_s)
    slow = (
        max(cpu.values()) > 2 * EXTRACTION_TARGET_MS
        or done.comparison.cpu_ms > 2 * COMPARISON_TARGET_MS
    )
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": _commit(),
        "parameters": _parameters(),
        "impressions": len(done.impressions),
        "unusable": done.unusable,
        "pairs": len(done.pairs),
        "sets": sets,
        "standard_mean_eer": round(
            sum(one["standard"]["eer"]["value"] for one in sets.values()) / len(sets), 3
        ),
        "pooled": pooled,
        "image_sizes": done.sizes,
        "extraction_cpu_ms": cpu,
        "extraction_wall_ms": {
            name: round(timing.wall_ms, 2) for name, timing in done.extraction.items()
        },
        "preparation_cpu_ms": round(done.preparation.cpu_ms, 3),
        "comparison_cpu_ms": round(done.comparison.cpu_ms, 4),
        "comparison_wall_ms": round(done.comparison.wall_ms, 4),
        "first_stage_per_s": first_stage,
        "beyond_twice_the_target": slow or first_stage < FIRST_STAGE_TARGET / 2,
    }


def _rates(scored: "Scored") -> dict[str, Any]:
    """Percentages of one set: by the standard protocol, and over all cross-finger pairs, each with its interval."""
    from gate.bench.finger_measures import eer, fnmr_at

    measures: dict[str, Callable[[Curve], float]] = {
        "eer": eer,
        "fmr100": lambda rates: fnmr_at(rates, 0.01),
        "fmr1000": lambda rates: fnmr_at(rates, 0.001),
        "zero_fmr": lambda rates: fnmr_at(rates, 0.0),
    }
    protocols = {"standard": scored.take(scored.standard), "full": scored}
    result: dict[str, Any] = {}
    for protocol, pairs in protocols.items():
        result[protocol] = {
            name: _with_interval(pairs, measure) for name, measure in measures.items()
        }
        result[protocol]["genuine"] = int(pairs.genuine.sum())
        result[protocol]["impostor"] = int((~pairs.genuine).sum())
    return result


def _with_interval(pairs: "Scored", measure: "Callable[[Curve], float]") -> dict[str, float]:
    from gate.bench.finger_measures import curve, interval

    low, high = interval(pairs, measure)
    return {
        "value": round(100 * measure(curve(pairs)), 3),
        "low": round(100 * low, 3),
        "high": round(100 * high, 3),
    }


def _commit() -> str:
    asked = subprocess.run(
        ["git", "-C", str(REPOSITORY), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or "unknown"


def _parameters() -> str:
    """A hash over the code and the weights of extraction and comparison: equal hashes give equal scores."""
    digest = hashlib.sha256()
    for path in sorted((REPOSITORY / "models" / "fingerprint").glob("*")):
        if path.suffix == ".py" or path.name == "weights.toml":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _append(log: Path, figures: dict[str, Any]) -> None:
    full = figures["pooled"]["full"]
    values = (
        figures["date"], figures["commit"], figures["parameters"], " ".join(figures["sets"]), figures["impressions"],
        figures["pairs"], figures["standard_mean_eer"], full["eer"]["value"], full["fmr100"]["value"],
        full["fmr1000"]["value"], full["zero_fmr"]["value"], max(figures["extraction_cpu_ms"].values()),
        figures["comparison_cpu_ms"], figures["first_stage_per_s"],
    )  # fmt: skip
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        fresh = not log.exists()
        with log.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            if fresh:
                writer.writerow(_LOG_COLUMNS)
            writer.writerow(values)
    except OSError as error:
        print(f"the run was not logged: {error}", file=sys.stderr)


@dataclass(frozen=True)
class _Line:
    name: str
    rates: dict[str, Any]


def _table(figures: dict[str, Any]) -> str:
    lines = [
        f"{'set, protocol':36s}{'EER %':>20s}{'FMR100 %':>20s}{'FMR1000 %':>20s}{'ZeroFMR %':>20s}{'pairs':>12s}"
    ]
    rows = [
        _Line(f"{name}, {protocol}", rates[protocol])
        for name, rates in [*figures["sets"].items(), ("pooled", figures["pooled"])]
        for protocol in ("standard", "full")
    ]
    for row in rows:
        cells = "".join(
            f"{'{value:.2f} ({low:.1f}-{high:.1f})'.format(**row.rates[name]):>20s}"
            for name in ("eer", "fmr100", "fmr1000", "zero_fmr")
        )
        counts = f"{row.rates['genuine']}/{row.rates['impostor']}"
        lines.append(f"{row.name:36s}{cells}{counts:>12s}")
    lines.append(
        f"standard mean EER {figures['standard_mean_eer']:.2f} %, in brackets 95 % intervals over fingers"
    )
    for name, cpu in figures["extraction_cpu_ms"].items():
        lines.append(
            f"extraction {name} {figures['image_sizes'][name]}: {cpu:.1f} ms processor, "
            f"{figures['extraction_wall_ms'][name]:.1f} ms wall (target {EXTRACTION_TARGET_MS:.0f} for 388x374)"
        )
    lines.append(f"preparation of a template: {figures['preparation_cpu_ms']:.2f} ms processor")
    lines.append(
        f"comparison 1:1: {figures['comparison_cpu_ms']:.3f} ms processor, {figures['comparison_wall_ms']:.3f} ms wall "
        f"(target {COMPARISON_TARGET_MS})"
    )
    lines.append(
        f"1:N first stage: {figures['first_stage_per_s']} a second and core (target {FIRST_STAGE_TARGET})"
    )
    return "\n".join(lines)


def _write_scores(done: "Run", path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("set", "first", "second", "genuine", "standard", "comparison_score"))
        for pair, score in zip(done.pairs, done.scores, strict=True):
            a, b = done.impressions[pair.first], done.impressions[pair.second]
            writer.writerow(
                (
                    a.set_name,
                    a.path.name,
                    b.path.name,
                    int(pair.genuine),
                    int(pair.standard),
                    f"{score:.6g}",
                )
            )


def _plot(done: "Run", path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    from gate.bench.finger_measures import curve

    figure, axes = pyplot.subplots(figsize=(5.5, 5.5))
    for name in [*sorted({found.set_name for found in done.impressions}), None]:
        rates = curve(done.scored(name))
        axes.step(
            100 * rates.fmr.clip(1e-5),
            100 * rates.fnmr.clip(1e-4),
            where="post",
            label=name or "pooled",
        )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="FMR %",
        ylabel="FNMR %",
        title="Detection error trade-off",
    )
    axes.grid(True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=110, bbox_inches="tight")
    pyplot.close(figure)
