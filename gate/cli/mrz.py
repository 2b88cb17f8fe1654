"""`egate mrz`: read machine readable zones from pictures, videos and text."""

import json
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from models.mrz.text import MrzReading
    from models.mrz.values import CameraReading, Refused, Verdict

app = typer.Typer(no_args_is_help=True, help="Read machine readable zones (ICAO 9303).")

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm"}
_VIDEOS = {".mp4", ".avi", ".mkv", ".mov", ".webm", ".mjpeg", ".mjpg"}


@app.callback()
def _family() -> None:
    """Read machine readable zones (ICAO 9303)."""


@app.command()
def read(
    paths: Annotated[list[Path], typer.Argument(help="Pictures, videos, folders of both.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    engine: Annotated[str, typer.Option(help="builtin or passporteye.")] = "builtin",
) -> None:
    """Read the MRZ of each picture or video; exits 1 if any is refused."""
    if engine not in ("builtin", "passporteye"):
        raise typer.BadParameter("--engine is builtin or passporteye")
    files = [file for path in paths for file in _files(path)]
    if engine == "builtin":
        _load_reader()
    any_refused = False
    for file in files:
        started = time.perf_counter()
        verdict = _verdict(file, engine)
        elapsed_ms = round((time.perf_counter() - started) * 1000, 1)
        record = {"file": str(file), **_as_record(verdict), "ms": elapsed_ms}
        any_refused |= "refused" in record
        typer.echo(json.dumps(record) if as_json else _as_text(record))
    if any_refused:
        raise typer.Exit(1)


@app.command()
def parse(
    file: Annotated[
        Path | None, typer.Argument(help="Text file; standard input if absent.")
    ] = None,
) -> None:
    """Parse and check the lines of one MRZ given as text; exits 1 if it is not valid."""
    from models.mrz.text import parse as parse_text

    text = file.read_text(encoding="ascii", errors="replace") if file else sys.stdin.read()
    try:
        reading = parse_text([line for line in text.splitlines() if line.strip()], _today())
    except ValueError as error:
        typer.echo(f"no MRZ: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(json.dumps(_fields(reading)))
    if not reading.valid:
        raise typer.Exit(1)


def _today() -> date:
    return datetime.now(UTC).date()


def _files(path: Path) -> list[Path]:
    """The file itself, or the pictures and videos of a folder in the order of their names."""
    if not path.exists():
        raise typer.BadParameter(f"there is no {path}")
    if not path.is_dir():
        return [path]
    known = _PICTURES | _VIDEOS
    found = sorted(x for x in path.rglob("*") if x.is_file() and x.suffix.lower() in known)
    if not found:
        raise typer.BadParameter(f"{path} holds no picture and no video")
    return found


def _verdict(file: Path, engine: str) -> "Verdict":
    """The verdict of an engine; a file that cannot be decoded is refused, not an error."""
    from models.mrz.picture import BadPicture, load
    from models.mrz.values import Refusal, Refused

    if file.suffix.lower() in _VIDEOS:
        if engine != "builtin":
            return Refused(Refusal.BAD_IMAGE, "PassportEye reads pictures, no videos")
        return _video_verdict(file)
    try:
        grey = load(file)
    except BadPicture as error:
        return Refused(Refusal.BAD_IMAGE, str(error))
    if engine == "passporteye":
        from models.mrz.engines import passporteye
        from models.mrz.engines.judged import EngineMissing

        try:
            return passporteye.read(grey, _today())
        except EngineMissing as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from None
    from models.mrz.reader import read as read_picture

    return read_picture(grey, _today())


def _load_reader() -> None:
    """Import the reader and its weights now, so that no file's time holds them."""
    from models.mrz.classify import default_classifier

    default_classifier()


def _video_verdict(file: Path) -> "Verdict":
    """The reading of a video as soon as a session is sure; else its last refusal."""
    import cv2
    import numpy as np

    from models.mrz.picture import from_array
    from models.mrz.refusals import refused
    from models.mrz.session import Feedback, SessionState, observe
    from models.mrz.values import CameraReading, Refusal, Refused

    video = cv2.VideoCapture(str(file))
    state, last = (
        SessionState(),
        Refused(Refusal.BAD_IMAGE, "the video has no frame that can be read"),
    )
    while True:
        there, frame = video.read()
        if not there:
            return last
        state, result = observe(state, from_array(np.asarray(frame, dtype=np.uint8)), _today())
        if isinstance(result, CameraReading):
            return result
        assert isinstance(result, Feedback)
        last = refused(result.reason)


def _as_record(verdict: "CameraReading | Refused") -> dict[str, Any]:
    from models.mrz.values import Refused

    if isinstance(verdict, Refused):
        refusal = {"reason": verdict.reason.value, "message": verdict.message}
        return {"refused": refusal, "confidence": round(verdict.confidence, 4)}
    fields = _fields(verdict.fields)
    return {
        "format": verdict.format.value,
        "lines": list(verdict.lines),
        "fields": fields,
        "check_digits": fields.pop("check_digits"),
        "confidence": round(verdict.confidence, 4),
        "field_confidence": verdict.field_confidence,
        "character_confidence": verdict.character_confidence,
        "repaired": [[line + 1, column + 1] for line, column in verdict.repaired],
    }


def _fields(reading: "MrzReading") -> dict[str, Any]:
    def day(value: Any) -> dict[str, Any]:
        parts = {"year": value.year, "month": value.month, "day": value.day}
        return parts | {"century_ambiguous": value.century_ambiguous}

    return {
        "format": reading.format.value,
        "document_code": reading.document_code,
        "issuing_state": reading.issuing_state,
        "document_number": reading.document_number,
        "nationality": reading.nationality,
        "primary_identifier": reading.primary_identifier,
        "secondary_identifier": reading.secondary_identifier,
        "name_may_be_truncated": reading.name_may_be_truncated,
        "date_of_birth": day(reading.date_of_birth),
        "sex": reading.sex,
        "date_of_expiry": day(reading.date_of_expiry),
        "check_digits": {check.name: check.ok for check in reading.checks},
        "valid": reading.valid,
    }


def _as_text(record: dict[str, Any]) -> str:
    if "refused" in record:
        return f"{record['file']}: refused ({record['refused']['reason']}): {record['refused']['message']}"
    lines = "\n".join(f"  {line}" for line in record["lines"])
    return f"{record['file']}: {record['format']}, confidence {record['confidence']}, {record['ms']} ms\n{lines}"
