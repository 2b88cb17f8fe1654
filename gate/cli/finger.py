"""`egate finger`: templates from prints, comparison, and pictures that explain both."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from models.fingerprint.calibration import Calibration
    from models.fingerprint.extraction import Extraction
    from models.fingerprint.refusal import RetryReason
    from models.fingerprint.values import Template

app = typer.Typer(
    no_args_is_help=True, help="Fingerprints: extract templates, compare, explain, calibrate."
)

Print = Annotated[
    Path,
    typer.Argument(
        help="An image (PNG, BMP, TIFF, PGM, WSQ) or a minutiae record: ISO, ANSI, card."
    ),
]
Dpi = Annotated[
    float | None, typer.Option(help="Resolution of images, where the file says nothing or wrong.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def extract(
    image: Annotated[Path, typer.Argument(help="Image of one finger.")],
    iso: Annotated[
        Path | None, typer.Option(help="Write an ISO/IEC 19794-2:2005 record here.")
    ] = None,
    ansi: Annotated[Path | None, typer.Option(help="Write an ANSI 378-2004 record here.")] = None,
    iso2011: Annotated[
        Path | None, typer.Option(help="Write an ISO/IEC 19794-2:2011 record here (unverified).")
    ] = None,
    card_compact: Annotated[
        Path | None, typer.Option(help="Write 3-byte minutiae for a card here (unverified).")
    ] = None,
    card_normal: Annotated[
        Path | None, typer.Option(help="Write 5-byte minutiae for a card here (unverified).")
    ] = None,
    position: Annotated[
        int, typer.Option(help="Finger: 1 right thumb .. 10 left little, 0 unknown.", min=0, max=10)
    ] = 0,
    dpi: Dpi = None,
    as_json: Json = False,
) -> None:
    """Find the minutiae of a print; exit 1 with the reason if the print cannot be used."""
    from models.fingerprint.refusal import retry_reason

    _be_warm()
    found = _extraction(image, dpi)
    refused = retry_reason(found)
    template = found.template
    facts = {
        "minutiae": len(template.minutiae),
        "quality": template.quality,
        "width": template.width,
        "height": template.height,
        "refused": refused.name if refused else None,
        "reason": refused.value if refused else None,
    }
    if not refused:
        _write_records(template, position, (iso, ansi, iso2011, card_compact, card_normal))
    if as_json:
        print(json.dumps(facts, indent=2))
    else:
        print(
            f"{facts['minutiae']} minutiae, quality {template.quality} of 100, {template.width} x {template.height} px"
        )
    if refused:
        print(f"{image.name} cannot be used: {refused.value}", file=sys.stderr)
        raise typer.Exit(1)


def _write_records(template: "Template", position: int, paths: "tuple[Path | None, ...]") -> None:
    """Write the formats in their order: ISO 2005, ANSI, ISO 2011, compact card, normal card."""
    from models.fingerprint.records import Standard, encode, from_template
    from models.fingerprint.records_2011 import encode_2011, from_template_2011
    from models.fingerprint.records_card import CardForm, encode_card

    makers: tuple[Callable[[], bytes], ...] = (
        lambda: encode(from_template(template, Standard.ISO_19794_2_2005, position)),
        lambda: encode(from_template(template, Standard.ANSI_378_2004, position)),
        lambda: encode_2011(from_template_2011(template, position)),
        lambda: encode_card(template, CardForm.COMPACT),
        lambda: encode_card(template, CardForm.NORMAL),
    )
    for path, make in zip(paths, makers, strict=True):
        if path:
            try:
                path.write_bytes(make())
            except ValueError as error:
                _stop(f"{path.name} was not written: {error}")


@app.command()
def verify(
    first: Print,
    second: Print,
    fmr: Annotated[float, typer.Option(help="False match rate at which to decide.")] = 0.01,
    dpi: Dpi = None,
    as_json: Json = False,
) -> None:
    """Compare two prints; exit 0 for a match, 1 for none, 2 if something cannot be read.

    A print that a gate would ask for again never matches; its reason is told.
    """
    from models.fingerprint.comparison import LEAST_MINUTIAE, compare, prepare

    calibration, threshold = _calibration(fmr)
    _be_warm()
    sides = [_template(path, dpi) for path in (first, second)]
    found = compare(*(prepare(template) for template, _ in sides))
    refused = [refused for _, refused in sides]
    match = found.comparison_score >= threshold and not any(refused)
    facts: dict[str, Any] = {
        "match": match,
        "comparison_score": round(found.comparison_score, 3),
        "threshold": round(threshold, 3),
        "fmr": fmr,
        "score_fmr": round(calibration.fmr(found.comparison_score), 6),
        "calibration": calibration.grade,
        "paired": len(found.paired),
        "minutiae": [len(template.minutiae) for template, _ in sides],
        "refused": [one.name if one else None for one in refused],
        "retry": [one.value if one else None for one in refused],
    }
    if as_json:
        print(json.dumps(facts, indent=2))
    else:
        print(
            f"{'match' if match else 'non-match'}: score {found.comparison_score:.1f}, threshold {threshold:.1f} "
            f"at FMR {100 * fmr:g} % ({calibration.grade}), {len(found.paired)} minutiae paired"
        )
    for path, one in zip((first, second), refused, strict=True):
        if one:
            print(f"{path.name}: capture again: {one.value}", file=sys.stderr)
    for path, (template, one) in zip((first, second), sides, strict=True):
        if not one and len(template.minutiae) < LEAST_MINUTIAE:
            print(
                f"{path.name}: not compared: fewer than {LEAST_MINUTIAE} minutiae", file=sys.stderr
            )
    raise typer.Exit(0 if match else 1)


@app.command()
def explain(
    first: Print,
    second: Print,
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")],
    fmr: Annotated[float, typer.Option(help="False match rate at which to decide.")] = 0.01,
    dpi: Dpi = None,
) -> None:
    """Draw every stage of both prints and the paired minutiae, and say why they match or not."""
    import cv2

    from gate.cli.finger_pictures import paired_picture, stage_pictures
    from models.fingerprint.comparison import compare, prepare
    from models.fingerprint.reasons import reasons

    _, threshold = _calibration(fmr)
    _be_warm()
    out.mkdir(parents=True, exist_ok=True)
    templates = []
    canvases = []
    for name, path in (("first", first), ("second", second)):
        found = None if _is_record(path) else _extraction(path, dpi)
        templates.append(found.template if found else _template(path, dpi)[0])
        canvases.append(found.image if found else None)
        for stage, picture in (stage_pictures(found) if found else {}).items():
            cv2.imwrite(str(out / f"{name}_{stage}.png"), picture)
    comparison = compare(*(prepare(template) for template in templates))
    picture = paired_picture(templates, canvases, comparison.paired)
    cv2.imwrite(str(out / "paired.png"), picture)
    lines = reasons(templates[0], templates[1], comparison, threshold)
    (out / "reasons.txt").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


@app.command()
def calibrate(
    folder: Annotated[Path | None, typer.Argument(help="Sets of real prints.")] = None,
    synthetic: Annotated[
        int, typer.Option(help="Instead of prints: this many made-up fingers, for the demo.")
    ] = 0,
    out: Annotated[Path, typer.Option(help="The calibration file to write.")] = Path(
        "calibration.toml"
    ),
) -> None:
    """Measure impostors and write what scores mean; the number of fingers bounds the lowest FMR."""
    from gate.bench.finger_calibrate import calibrate_on_sets, calibrate_on_synthetic
    from models.fingerprint.calibration import dump_calibration

    if (folder is None) == (synthetic == 0):
        _stop("name a folder of real prints, or --synthetic N, and not both")
    try:
        made = (
            calibrate_on_sets(folder, _progress)
            if folder
            else calibrate_on_synthetic(synthetic, _progress)
        )
    except ValueError as error:
        _stop(str(error))
    out.write_text(dump_calibration(made))
    print(
        f"{out}: {made.grade}, {made.comparisons} comparisons of {made.finger_pairs} pairs of fingers"
    )


@app.command()
def warm() -> None:
    """Compile what comparison needs, once, so that the first traveller does not wait."""
    from models.fingerprint.warm import warm_up

    warm_up(_compiling)


def _compiling(done: int, total: int, what: str) -> None:
    print(f"{done}/{total} {what}", file=sys.stderr)


def _be_warm() -> None:
    """The first command of all compiles, and says so instead of seeming to hang."""
    from models.fingerprint.warm import warm_if_cold

    warm_if_cold(_compiling)


def _progress(stage: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{stage} {done} of {total}   ", end="", file=sys.stderr, flush=True)


def _stop(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(2)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        _stop(f"{path}: {error.strerror or error}")


def _is_record(path: Path) -> bool:
    from models.fingerprint.formats import is_record

    return is_record(_read(path))


def _extraction(path: Path, dpi: float | None) -> "Extraction":
    from models.fingerprint import image
    from models.fingerprint.extraction import extract as extract_print

    try:
        return extract_print(image.load(_read(path), dpi).pixels)
    except ValueError as error:
        _stop(f"{path.name}: {error}")


def _template(path: Path, dpi: float | None) -> "tuple[Template, RetryReason | None]":
    """The template of an image or a record, and why an image cannot be used."""
    from models.fingerprint.formats import templates
    from models.fingerprint.refusal import retry_reason

    if _is_record(path):
        try:
            return templates(_read(path))[0], None
        except ValueError as error:
            _stop(f"{path.name}: {error}")
    found = _extraction(path, dpi)
    return found.template, retry_reason(found)


def _calibration(fmr: float) -> "tuple[Calibration, float]":
    from models.fingerprint.calibration import load_calibration

    try:
        calibration = load_calibration()
        return calibration, calibration.threshold(fmr)
    except ValueError as error:
        _stop(str(error))
