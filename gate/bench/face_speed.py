"""Time and memory of the face recogniser, face_recognition beside it in the same run."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from gate.bench.face_peer import load_peer
from models.face.align import Shift, cut_chip
from models.face.calibration import DEMO, load_calibration
from models.face.detect import find_faces, track
from models.face.embed import embed_chips
from models.face.engines import Engine, load_engine
from models.face.enrol import enrol
from models.face.image import decode, load
from models.face.landmarks import find_points
from models.face.observe import observe
from models.face.photographs import central_face
from models.face.pipeline import QUICK, THOROUGH, embed_face, rivals
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
    with tempfile.TemporaryDirectory() as folder:
        return [_frames_of(size, files, engine, Path(folder)) for size in FRAMES]


def _frames_of(
    size: tuple[int, int], files: list[Path], engine: Engine, folder: Path
) -> dict[str, Any]:
    peer = load_peer()
    ours: list[float] = []
    thorough: list[float] = []
    theirs: list[float] = []
    missed = 0
    for number, path in enumerate(files):
        framed = folder / f"{size[0]}-{number}.jpg"
        cv2.imwrite(str(framed), _framed(path, *size)[..., ::-1])
        missed += not _embed_file(framed, engine, QUICK)  # all find the file in the page cache
        ours.append(_cpu_ms(partial(_embed_file, framed, engine, QUICK)))
        theirs += [_cpu_ms(partial(peer, framed))] if peer else []
        thorough.append(_cpu_ms(partial(_embed_file, framed, engine, THOROUGH)))
    row: dict[str, Any] = {
        "frame": list(size),
        "photographs": len(ours),
        "missed": missed,
        "cpu_ms": median(ours),
        "cpu_ms_thorough": median(thorough),
    }
    if theirs:
        row["face_recognition_cpu_ms"] = median(theirs)
        row["times_faster"] = median(t / o for t, o in zip(theirs, ours, strict=True))
        row["times_faster_thorough"] = median(t / o for t, o in zip(theirs, thorough, strict=True))
    return row


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


def stages(files: list[Path], engine: Engine, columns: int, rows: int) -> list[dict[str, Any]]:
    """CPU milliseconds of each stage on a frame of this size, medians."""
    times: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[..., Any], *values: Any) -> Any:
        before = time.process_time()
        result = work(*values)
        times.setdefault(name, []).append(1000 * (time.process_time() - before))
        return result

    for path in files:
        picture = _framed(path, columns, rows)
        jpeg = cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes()
        timed("decode", decode, jpeg)
        found = timed("detect", find_faces, picture)
        if not found:
            continue
        timed("track", track, picture, found[0])
        face = Face(found[0], timed("landmarks", find_points, picture, found[0].box))
        timed("quality", assess, picture, face)
        chip = timed("align", cut_chip, picture, face.points, engine.geometry)
        timed("embed one chip", embed_chips, [chip], engine, False)
        timed("embed, quick", embed_face, picture, face, engine, QUICK)
        timed("embed, four chips", embed_face, picture, face, engine, THOROUGH)
        timed("others in the picture", rivals, picture, found[0])
        timed("tracked frame, whole", observe, picture, 0.0, engine, found[0])
    return [{"stage": name, "cpu_ms": median(values)} for name, values in times.items()]


def first_answer(files: list[Path]) -> dict[str, float]:
    """From starting a process to its verdict on two pictures: seconds by the wall and of processor."""
    command = [sys.executable, "-m", "gate.cli", "face", "verify", "--any-quality", "--json"]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = _wall(
        lambda: subprocess.run([*command, *map(str, files[:2])], capture_output=True, check=False)
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - used.ru_utime + after.ru_stime - used.ru_stime
    return {"wall_s": took, "cpu_s": cpu}


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


def _embed_file(path: Path, engine: Engine, shifts: Sequence[Shift]) -> bool:
    picture = load(path)
    found = find_faces(picture)
    if found:
        embed_face(picture, Face(found[0], find_points(picture, found[0].box)), engine, shifts)
    return bool(found)


def _cpu_ms(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return 1000 * (time.process_time() - before)


def _wall(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before
