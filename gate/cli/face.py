"""`egate face`: compare two pictures, judge one, calibrate an engine.

Exit codes: 0 a match or good enough, 1 a non-match or refused, 2 the call is wrong.
"""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from models.face.calibration import Calibration
    from models.face.engines import Engine
    from models.face.values import Picture

app = typer.Typer(no_args_is_help=True)
T = TypeVar("T")

VIDEOS = {".mp4", ".avi", ".mkv", ".mov", ".webm", ".mjpeg", ".mjpg"}

EngineName = Annotated[str, typer.Option(help="dlib-net, dlib-ort, dlib-cv2, dlib, onnx, sface.")]
NetworkPath = Annotated[Path | None, typer.Option("--network", help="File of onnx and sface.")]
CalibrationPath = Annotated[
    Path | None, typer.Option("--calibration", help="A calibration file; default: dlib's.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def verify(
    a: Annotated[Path, typer.Argument(help="A picture of the first face.")],
    b: Annotated[Path, typer.Argument(help="A picture of the second face.")],
    fmr: Annotated[str, typer.Option(help="An FMR, or a profile: frontex, ees.")] = "frontex",
    engine: EngineName = "dlib-net",
    network: NetworkPath = None,
    calibration: CalibrationPath = None,
    any_quality: Annotated[
        bool, typer.Option("--any-quality", help="Compare whatever the quality.")
    ] = False,
    json: Json = False,
) -> None:
    """Say whether two pictures show one person at an FMR."""
    result = _refused_as_exit(
        lambda: _verified(a, b, fmr, engine, network, calibration, any_quality),
        {"match": False} if json else None,
    )
    if json:
        print(jsonlib.dumps(result, indent=2))
    elif "comparison_score" in result:
        word = "match" if result["match"] else "non-match"
        print(
            f"{word}: score {result['comparison_score']:.4f}, "
            f"threshold {result['threshold']:.4f} at FMR {result['fmr']:g}"
        )
    else:
        for name, findings in result["refused"].items():
            print(f"{name} refused: {', '.join(findings)}")
    raise typer.Exit(0 if result.get("match") else 1)


@app.command()
def quality(
    path: Annotated[Path, typer.Argument(metavar="IMAGE|VIDEO", help="A picture or a video.")],
    reference: Annotated[
        bool, typer.Option("--reference", help="Hold it to the levels of a reference.")
    ] = False,
    json: Json = False,
) -> None:
    """Score a face picture after ISO/IEC 29794-5, each component 0 to 100."""
    refused: dict[str, Any] | None = {"score": 0} if json else None
    pictures = _refused_as_exit(lambda: _pictures(path), refused)
    if not pictures:
        _leave("the video has no frame that can be read: check the file", refused)
    frames = [_judged(each, reference) for each in pictures]
    best = max(frames, key=lambda each: (not each["findings"], each["score"]))
    usable = sum(not each["findings"] for each in frames)
    result = best | {"frames": len(frames), "usable": usable}
    if _frozen(pictures):
        result |= {"usable": 0, "findings": ["frozen", *best["findings"]]}
    if json:
        print(jsonlib.dumps(result, indent=2))
    else:
        for component in result["components"]:
            print(f"{component['score']:4d}  {component['name']} ({component['value']:.2f})")
        print(f"{result['score']:4d}  whole: {', '.join(result['findings']) or 'usable'}")
    raise typer.Exit(1 if result["findings"] else 0)


@app.command()
def calibrate(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="images/ with identities.csv or pairs.csv.")
    ] = None,
    output: Annotated[Path, typer.Option(help="The file to write.")] = Path("calibration.toml"),
    data_set: Annotated[str, typer.Option(help="The data set's name and version.")] = "",
    engine: EngineName = "dlib-net",
    network: NetworkPath = None,
    synthetic: Annotated[
        int, typer.Option(help="Instead of DIR: so many rendered faces, for the demo only.")
    ] = 0,
) -> None:
    """Measure what scores mean on named data and write the calibration file."""
    if (folder is None) == (synthetic == 0):
        _leave("give either a folder of photographs or --synthetic N")
    if folder is not None and not data_set:
        _leave("say which data set it is: --data-set 'name, version, part'")
    made = _refused_as_exit(lambda: _calibrated(folder, synthetic, data_set, engine, network))
    from models.face.calibration import dump_calibration

    output.write_text(dump_calibration(made), encoding="utf-8")
    print(f"{output}: {made.subjects} people, FMR down to {made.smallest_fmr:.1g}")


def _verified(
    a: Path,
    b: Path,
    fmr: str,
    engine_name: str,
    network: Path | None,
    calibration_path: Path | None,
    any_quality: bool,
) -> dict[str, Any]:
    from models.face.calibration import SHIPPED, load_calibration
    from models.face.compare import compare
    from models.face.image import load
    from models.face.pipeline import Refusal, describe

    engine = _engine(engine_name, network)
    calibration = load_calibration(calibration_path or SHIPPED)
    calibration.check_engine(engine.name)
    rate = _rate(fmr)
    threshold = calibration.threshold(rate)
    seen = {path: describe(load(path), engine, demanding=not any_quality) for path in (a, b)}
    first, last = seen[a], seen[b]
    if isinstance(first, Refusal) or isinstance(last, Refusal):
        refusals = {p.name: s for p, s in seen.items() if isinstance(s, Refusal)}
        told = {name: [each.value for each in s.findings] for name, s in refusals.items()}
        return {"refused": told, "match": False}
    score = compare(first.embedding, last.embedding)
    return {
        "match": score >= threshold,
        "comparison_score": score,
        "threshold": threshold,
        "fmr": rate,
        "engine": engine.name,
        "quality": [first.quality.score, last.quality.score],
    }


def _judged(picture: Picture, reference: bool) -> dict[str, Any]:
    from models.face.pipeline import measure

    face_quality, findings = measure(picture, reference)
    components = face_quality.components if face_quality else ()
    return {
        "score": face_quality.score if face_quality else 0,
        "findings": [finding.value for finding in findings],
        "components": [
            {
                "name": c.name,
                "score": c.score,
                "value": round(c.value, 4),
                "reason": c.finding.value,
            }
            for c in components
        ],
    }


def _calibrated(
    folder: Path | None, synthetic: int, data_set: str, engine_name: str, network: Path | None
) -> Calibration:
    from models.face.calibrate import calibrate as fit
    from models.face.calibration import PHOTOGRAPHS, SYNTHETIC
    from models.face.photographs import embed_all, read_folder
    from models.face.synthetic.population import embed_population

    engine = _engine(engine_name, network)
    today = datetime.now(UTC).date().isoformat()
    if folder is None:
        embeddings, names = embed_population(synthetic, engine, _progress(synthetic))
        label = f"{synthetic} rendered heads, seeds from 1000"
        return fit(
            embeddings, names, source=SYNTHETIC, data_set=label, date=today, engine=engine.name
        )
    photographs = read_folder(folder)
    embedded = embed_all(photographs, engine, _progress(len(photographs.files)))
    people = [
        p for p, usable in zip(photographs.identities, embedded.usable, strict=True) if usable
    ]
    return fit(
        embedded.embeddings[embedded.usable], people,
        source=PHOTOGRAPHS, data_set=data_set, date=today, engine=engine.name,
    )  # fmt: skip


def _progress(whole: int) -> Callable[[int], None]:
    def show(done: int) -> None:
        if sys.stderr.isatty() and (done % 10 == 0 or done == whole):
            print(f"\r{done} of {whole}", end="\n" if done == whole else "", file=sys.stderr)

    return show


def _engine(name: str, network: Path | None) -> Engine:
    import cv2

    from models.face.engines import load_engine

    cv2.setNumThreads(1)
    return load_engine(name, network)


def _rate(text: str) -> float:
    from models.face.calibration import PROFILES, CalibrationError

    if text in PROFILES:
        return PROFILES[text]
    try:
        return float(text)
    except ValueError:
        names = ", ".join(PROFILES)
        raise CalibrationError(f"--fmr takes a number such as 0.001, or one of {names}") from None


def _pictures(path: Path) -> list[Picture]:
    from models.face.image import as_rgb, load

    if path.suffix.lower() not in VIDEOS:
        return [load(path)]
    import cv2

    capture = cv2.VideoCapture(str(path))
    frames: list[Picture] = []
    while len(frames) < 300:
        there, frame = capture.read()
        if not there:
            break
        frames.append(as_rgb(frame[..., ::-1]))
    capture.release()
    return frames


def _frozen(pictures: list[Picture]) -> bool:
    """Whether a video shows one picture again and again; a live camera's noise never repeats."""
    again = sum((a == b).all() for a, b in pairwise(pictures))
    return len(pictures) > 1 and again > len(pictures) // 2


def _refused_as_exit(work: Callable[[], T], answer: dict[str, Any] | None = None) -> T:
    try:
        return work()
    except ValueError as refusal:  # what models raise for malformed input, with what to do
        _leave(str(refusal), answer)


def _leave(message: str, answer: dict[str, Any] | None = None) -> NoReturn:
    """End with 2; where JSON is awaited, `answer` and the error are printed as such too."""
    if answer is not None:
        print(jsonlib.dumps(answer | {"error": message}))
    print(f"egate: {message}", file=sys.stderr)
    raise typer.Exit(2)
