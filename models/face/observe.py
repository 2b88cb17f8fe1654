"""One frame of a capture: tracked, measured, and embedded where it is good enough."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from models.face.align import cut_chip
from models.face.detect import find_faces, track
from models.face.embed import embed_chips
from models.face.engines import Engine
from models.face.landmarks import find_points
from models.face.measures import eye_contrast, is_black
from models.face.pipeline import THOROUGH, rivals
from models.face.quality import Quality, assess
from models.face.values import Detection, Embedding, Face, Finding, Picture


@dataclass(frozen=True)
class Observation:
    """What one frame showed; `embedding` is there exactly where `findings` is empty.

    `checksum` tells a frozen camera: sensor noise never repeats. `followed`: tracking from the
    frame before never lost the face.
    """

    at_s: float
    checksum: int
    findings: tuple[Finding, ...]
    followed: bool = False
    face: Face | None = None
    quality: Quality | None = None
    embedding: Embedding | None = None
    eye_contrast: float = 0.0


def observe(
    picture: Picture,
    at_s: float,
    engine: Engine,
    last: Detection | None,
    view: int = 0,
    alone: bool = False,
) -> Observation:
    """Look at an RGB frame; `last` is the face of the frame before, None to search anew.

    `view` counts the frames that are embedded: each is cut and mirrored in another way, so that
    the mean over a capture is that over all ways, at the cost of one chip a frame. `alone` looks
    for further people, which a frame to be judged needs.
    """
    checksum = zlib.crc32(picture[::16].tobytes())
    if is_black(picture):
        return Observation(at_s, checksum, (Finding.DARK,))
    found = track(picture, last) if last is not None else None
    detection = found or _search(picture)
    if detection is None:
        return Observation(at_s, checksum, (Finding.NO_FACE,))
    face = Face(detection, find_points(picture, detection.box))
    quality = assess(picture, face)
    findings = quality.findings
    if not findings and alone and rivals(picture, detection):
        findings = (Finding.TWO_FACES,)
    embedding = None if findings else _embed(picture, face, engine, view)
    eyes = eye_contrast(picture, face.points)
    return Observation(at_s, checksum, findings, found is not None, face, quality, embedding, eyes)


def _embed(picture: Picture, face: Face, engine: Engine, view: int) -> Embedding:
    ways = len(THOROUGH)
    chip = cut_chip(picture, face.points, engine.geometry, THOROUGH[view % ways])
    mirrored = (view + view // ways) % 2 == 1
    embedding: Embedding = embed_chips([chip[:, ::-1] if mirrored else chip], engine, False)[0]
    return embedding


def _search(picture: Picture) -> Detection | None:
    found = find_faces(picture)
    return found[0] if found else None
