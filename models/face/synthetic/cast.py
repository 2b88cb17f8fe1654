"""Travellers for a demo: identities that the network keeps apart, and their frames.

Rendered heads crowd one corner of the network's space, so a demo takes its people from a pool
chosen by rejection: no two of them resemble each other more than `LIMIT`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from models.face.synthetic.camera import Scene, Sitter, VirtualCamera, prepare
from models.face.synthetic.identity import Identity, draw_identity
from models.face.values import Embedding, Picture

LIMIT = 0.95
"""Highest comparison score between two of the pool, by dlib's network."""

POOL: tuple[int, ...] = (
    1, 2, 3, 4, 7, 8, 9, 10, 12, 13, 17, 19, 23, 40, 41, 43, 53, 62, 77, 80, 86, 90, 93, 94, 99,
    112, 123, 124, 125, 138,
)  # fmt: skip
"""Seeds of identities, chosen by `far_apart` from 1 upwards with a limit of 0.94; a test holds them
to `LIMIT`. Seed 0 would belong to it but resembles itself too little from pose to pose."""

_ENROLMENT_POSES = (0, 1, 3, 5)


def draw_cast(seed: int, count: int) -> list[Identity]:
    """Return `count` different travellers for a seed, all far apart from each other.

    :raises ValueError: more than the pool holds.
    """
    if not 0 < count <= len(POOL):
        raise ValueError(f"a cast has 1 to {len(POOL)} travellers")
    chosen = np.random.default_rng([0xCA57, seed]).permutation(len(POOL))[:count]
    return [draw_identity(POOL[int(each)]) for each in chosen]


def enrolment_frames(sitter: Sitter, seed: int = 0) -> list[Picture]:
    """Return frames as the enrolment desk's camera takes them: near, still, well lit."""
    scenes = [
        Scene(sitter, approach_s=0.0, turn=turn, motion=0.5, defocus=0.0, flicker=0.0, blinks=False)
        for turn in _ENROLMENT_POSES
    ]
    return [VirtualCamera(scene, seed).frame(n) for n, scene in enumerate(scenes)]


def far_apart(
    candidates: Iterable[int], describe: Callable[[Sitter], Embedding], limit: float = LIMIT
) -> list[int]:
    """Return the candidates that resemble none accepted before them more than `limit`."""
    accepted: list[int] = []
    embeddings: list[Embedding] = []
    for candidate in candidates:
        embedding = describe(prepare(draw_identity(candidate)))
        if all(float(embedding @ other) <= limit for other in embeddings):
            accepted.append(candidate)
            embeddings.append(embedding)
    return accepted
