"""Make a reference from several frames of one sitting; refuse what would be a poor one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from models.face.embed import fuse
from models.face.engines import Engine
from models.face.pipeline import Description, describe
from models.face.quality import in_order
from models.face.template import Template
from models.face.values import Finding, Picture

FEWEST_FRAMES = 3
MOST_FRAMES = 10


@dataclass(frozen=True, slots=True)
class EnrolmentRefused:
    """No reference was made: why, in the order to be told, and how many frames were usable."""

    findings: tuple[Finding, ...]
    usable_frames: int


def enrol(
    pictures: Iterable[Picture],
    engine: Engine,
    same_face_score: float,
    captured_on: date,
    fewest: int = FEWEST_FRAMES,
    strict: bool = True,
) -> Template | EnrolmentRefused:
    """Fuse the good pictures into a reference; all must show the same face.

    `strict` holds them to the levels of a reference; without it a probe's levels do (one's own
    webcam, a demo). `same_face_score`: calibrated at an FMR of 1 %.
    """
    good: list[Description] = []
    refused: list[Finding] = []
    for picture in pictures:
        seen = describe(picture, engine, for_reference=strict)
        if isinstance(seen, Description):
            good.append(seen)
        else:
            refused += seen.findings
        if len(good) == MOST_FRAMES:
            break
    if len(good) < fewest:
        return EnrolmentRefused(in_order(refused) or (Finding.NO_FACE,), len(good))
    if not one_face(good, same_face_score):
        return EnrolmentRefused((Finding.OTHER_FACE,), len(good))
    return _template(good, engine, captured_on)


def one_face(described: Sequence[Description], same_face_score: float) -> bool:
    """Whether every two embeddings resemble each other as pictures of one person do."""
    stack = np.array([each.embedding for each in described])
    return bool((stack @ stack.T).min() >= same_face_score)


def _template(good: Sequence[Description], engine: Engine, captured_on: date) -> Template:
    weights = [each.quality.score + 10.0 for each in good]
    embedding = fuse(np.array([each.embedding for each in good]), weights)
    quality = int(np.median([each.quality.score for each in good]))
    return Template(engine.name, embedding, captured_on, len(good), quality)
