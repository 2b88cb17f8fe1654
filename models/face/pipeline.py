"""From a picture to what is compared, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.face.align import Shift, cut_chip
from models.face.detect import find_faces, find_others
from models.face.embed import embed_chips, fuse
from models.face.engines import Engine
from models.face.landmarks import find_points
from models.face.measures import is_black
from models.face.quality import Quality, assess
from models.face.values import Detection, Embedding, Face, Finding, Picture

QUICK: Sequence[Shift] = ((0.0, 0.0),)
"""One chip (and its mirror image), for a frame among many."""

THOROUGH: Sequence[Shift] = ((0.027, 0.0), (-0.027, 0.0), (0.0, 0.027), (0.0, -0.027))
"""Four pixels of dlib's chip to either side: the mean of the four forgets how the face was cut."""

_RIVAL_SIZE = 0.5  # of the subject's width: one who stands a stride behind looks smaller


@dataclass(frozen=True)
class Description:
    """A face fit to be compared, and how good the picture of it is."""

    face: Face
    quality: Quality
    embedding: Embedding


@dataclass(frozen=True)
class Refusal:
    """A picture that is not compared, and why, in the order to be told."""

    findings: tuple[Finding, ...]
    quality: Quality | None = None


def describe(
    picture: Picture, engine: Engine, for_reference: bool = False, demanding: bool = True
) -> Description | Refusal:
    """Detect, measure and embed the one face of an RGB picture, or say why not.

    Without `demanding` only a missing or a second face is a reason to refuse.
    """
    found = _one_face(picture)
    if isinstance(found, Refusal):
        return found
    quality = assess(picture, found, for_reference)
    if quality.findings and demanding:
        return Refusal(quality.findings, quality)
    return Description(found, quality, embed_face(picture, found, engine))


def measure(
    picture: Picture, for_reference: bool = False
) -> tuple[Quality | None, tuple[Finding, ...]]:
    """Return the quality of the one face, None without one, and what speaks against its use."""
    found = _one_face(picture)
    if isinstance(found, Refusal):
        return None, found.findings
    quality = assess(picture, found, for_reference)
    return quality, quality.findings


def _one_face(picture: Picture) -> Face | Refusal:
    coarse = find_faces(picture)
    if not coarse:
        return Refusal((Finding.DARK if is_black(picture) else Finding.NO_FACE,))
    if rivals(picture, coarse[0]):
        return Refusal((Finding.TWO_FACES,))
    return Face(coarse[0], find_points(picture, coarse[0].box))


def embed_face(
    picture: Picture,
    face: Face,
    engine: Engine,
    shifts: Sequence[Shift] = THOROUGH,
) -> Embedding:
    """Return the unit embedding of a face whatever its quality: the mean over its chips."""
    chips = [cut_chip(picture, face.points, engine.geometry, shift) for shift in shifts]
    return fuse(embed_chips(chips, engine))


def rivals(picture: Picture, subject: Detection) -> list[Detection]:
    """Return other faces at least half as wide as the subject: nobody else may be as near."""
    everyone = find_others(picture, subject, _RIVAL_SIZE)
    return [other for other in everyone if other.box.width >= _RIVAL_SIZE * subject.box.width]
