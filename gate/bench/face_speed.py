"""Time and memory of the face recogniser, face_recognition beside it in the same run."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from models.face.align import cut_chip
from models.face.calibration import DEMO, load_calibration
from models.face.compare import normalise
from models.face.detect import find_faces, refine
from models.face.embed import embed_chips
from models.face.engines import Engine, load_engine
from models.face.enrol import enrol
from models.face.identify import Gallery, fpir
from models.face.image import load
from models.face.landmarks import STEADY, find_points
from models.face.observe import observe
from models.face.photographs import central_face
from models.face.quality import assess
from models.face.session import Verdict, VerdictKind, make_settings
from models.face.synthetic import (
    Scene,
    VirtualCamera,
    draw_cast,
    enrolment_frames,
    prepare,
)
from models.face.template import Template
from models.face.values import Face, Picture
from models.face.verify import FaceVerification

FRAMES = ((640, 480), (1920, 1080))


def end_to_end(files: list[Path], engine: Engine) -> list[dict[str, Any]]:
    """Load, locate and embed photographs in frames; ours and face_recognition's turn by turn."""
    peer = _peer()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for columns, rows in FRAMES:
            ours: list[float] = []
            mirrored: list[float] = []
            theirs: list[float] = []
            missed = 0
            for number, path in enumerate(files):
                framed = Path(folder) / f"{columns}-{number}.jpg"
                cv2.imwrite(str(framed), _framed(path, columns, rows)[..., ::-1])
                _embed_file(framed, engine, False)  # both find the file in the page cache
                ours.append(_cpu_ms(partial(_embed_file, framed, engine, False)))
                theirs += [_cpu_ms(partial(peer, framed))] if peer else []
                mirrored.append(_cpu_ms(partial(_embed_file, framed, engine, True)))
                missed += not _embed_file(framed, engine, False)
            results.append(_end_to_end_row((columns, rows), ours, mirrored, theirs, missed))
    return results


def _end_to_end_row(
    size: tuple[int, int],
    ours: list[float],
    mirrored: list[float],
    theirs: list[float],
    missed: int,
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "frame": list(size),
        "photographs": len(ours),
        "missed": missed,
        "cpu_ms": median(ours),
        "cpu_ms_with_mirror": median(mirrored),
    }
    if theirs:
        row["face_recognition_cpu_ms"] = median(theirs)
        row["times_faster"] = median(t / o for t, o in zip(theirs, ours, strict=True))
        row["times_faster_with_mirror"] = median(
            t / o for t, o in zip(theirs, mirrored, strict=True)
        )
    return row


def peer_name() -> str | None:
    """The peer as it is called: version and call; None where it cannot run."""
    if _peer() is None:
        return None
    return (
        f"face_recognition {version('face_recognition')}, dlib {version('dlib-bin')}: "
        "load_image_file, face_locations, face_encodings, one thread"
    )


def _peer() -> Callable[[Path], object] | None:
    # Without pkg_resources importing face_recognition ends the process with status 0.
    if find_spec("pkg_resources") is None or find_spec("face_recognition") is None:
        return None
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import face_recognition

    def encode(path: Path) -> object:
        picture = face_recognition.load_image_file(str(path))
        places = face_recognition.face_locations(picture)
        return face_recognition.face_encodings(picture, places)

    return encode


def equal_to_dlib(files: list[Path], engine: Engine) -> dict[str, Any]:
    """Largest difference of a component from dlib's own descriptor of the same chip."""
    judge = load_engine("dlib")
    differences = []
    for path in files:
        found = central_face(path)
        if found is not None:
            chip = cut_chip(found[0], found[1].points, engine.geometry)[None]
            differences.append(float(np.abs(engine.embed(chip) - judge.embed(chip)).max()))
    return {"images": len(differences), "largest_difference": max(differences)}


def stages(files: list[Path], engine: Engine) -> list[dict[str, Any]]:
    """CPU milliseconds of each stage on a 1080p frame, medians."""
    times: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[..., Any], *values: Any) -> Any:
        before = time.process_time()
        result = work(*values)
        times.setdefault(name, []).append(1000 * (time.process_time() - before))
        return result

    for path in files:
        picture = _framed(path, 1920, 1080)
        found = timed("detect: coarse", find_faces, picture)
        if not found:
            continue
        nearest = timed("detect: refine", refine, picture, found[0]) or found[0]
        points = timed("landmarks", find_points, picture, nearest.box)
        timed("landmarks: steady", find_points, picture, nearest.box, STEADY)
        timed("quality", assess, picture, Face(nearest, points))
        chip = timed("align", cut_chip, picture, points, engine.geometry)
        timed("embed", embed_chips, [chip], engine, False)
        timed("embed: with mirror", embed_chips, [chip], engine, True)
        timed("tracked frame, whole", observe, picture, 0.0, engine, nearest)
    return [{"stage": name, "cpu_ms": median(values)} for name, values in times.items()]


def first_answer_s() -> float:
    """Seconds of wall time from starting a process to its first verified picture."""
    code = (
        "from models.face.engines import load_engine\n"
        "from models.face.pipeline import describe, Description\n"
        "from models.face.synthetic import *\n"
        "import time; s = prepare(draw_cast(1, 1)[0]); f = enrolment_frames(s)[0]\n"
        "t = time.perf_counter(); d = describe(f, load_engine())\n"
        "assert isinstance(d, Description); print(time.perf_counter() - t)"
    )
    empty = _wall(lambda: subprocess.run([sys.executable, "-c", "import cv2, numpy"], check=True))
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return empty + float(done.stdout)


def to_decision(engine: Engine, captures: int = 20) -> dict[str, Any]:
    """Seconds of frames at 15 fps from a traveller standing there to the match (rendered faces)."""
    calibration = load_calibration(DEMO, demo=True)
    settings = make_settings(calibration, 1e-3)
    took, matched = [], 0
    from datetime import date

    for seed, who in enumerate(draw_cast(5, captures)):
        sitter = prepare(who)
        frames = enrolment_frames(sitter)
        reference = enrol(frames, engine, settings.same_face_score, date(2026, 1, 1))
        if not isinstance(reference, Template):
            continue
        capture = FaceVerification(reference, engine, settings)
        camera = VirtualCamera(Scene(sitter, approach_s=0.0), seed)
        verdict = next(
            answer
            for number in range(600)
            if isinstance(answer := capture.see(camera.frame(number), number / 15), Verdict)
        )
        took.append(verdict.took_s + 1 / 15)  # the first frame takes its time too
        matched += verdict.kind is VerdictKind.MATCH
    low, high = (float(np.percentile(took, share)) for share in (50, 95))
    return {"captures": len(took), "matched": matched, "median_s": low, "p95_s": high, "fmr": 1e-3}


def one_to_many(references: int = 1_000_000, size: int = 128) -> dict[str, Any]:
    """Exact search among random unit references, beside reading the same memory once."""
    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((references, size), dtype=np.float32)
    gallery = Gallery(matrix)
    matrix = normalise(matrix)
    probe = matrix[references // 2]
    searches = [_wall(lambda: gallery.search(probe, 0.9)) for _ in range(15)]
    reads = [_wall(lambda: matrix.max()) for _ in range(5)]
    found = gallery.search(probe, 0.9)
    if not found or found[0].row != references // 2:
        raise AssertionError("the search must find the probe itself")
    return {
        "references": references,
        "search_ms": 1000 * median(searches),
        "read_all_ms": 1000 * median(reads),
        "gigabytes": matrix.nbytes / 1e9,
        "fpir_at_fmr": {f"{fmr:g}": fpir(fmr, references) for fmr in (1e-4, 1e-6, 1e-8)},
    }


def peak_memory_mb() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _framed(path: Path, columns: int, rows: int) -> Picture:
    """The photograph as large as the frame's height, in the middle of a grey frame."""
    photo = load(path)
    factor = rows / photo.shape[0]
    large = cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    frame = np.full((rows, columns, 3), 120, np.uint8)
    width = min(columns, large.shape[1])
    left, skip = (columns - width) // 2, (large.shape[1] - width) // 2
    frame[:, left : left + width] = large[:rows, skip : skip + width]
    return frame


def _embed_file(path: Path, engine: Engine, mirrored: bool) -> bool:
    picture = load(path)
    found = find_faces(picture)
    if not found:
        return False
    nearest = refine(picture, found[0]) or found[0]
    chip = cut_chip(picture, find_points(picture, nearest.box), engine.geometry)
    return len(embed_chips([chip], engine, mirrored)) == 1


def _cpu_ms(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return 1000 * (time.process_time() - before)


def _wall(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before
