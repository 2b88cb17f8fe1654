"""`egate bench fusion`: how often strangers pass by face and finger together, retries counted.

Each look and each attempt of a stranger draws the share of impostors that reaches its score, evenly
and independently, as a calibration says of impostors; a capture ends at the first score that is
enough; the gate's own rules decide. This tries the arithmetic of fusion, early ends and retries; how
well the calibrations fit other travellers it cannot say.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer

from gate.recognition.comparers import Strictness, passage_rules
from gate.recognition.fusing import Part, PassageRules, Taken
from gate.vocabulary.passages import CaptureKind, CaptureResult, CaptureVerdict
from models.face import calibration as face
from models.face.calibration import PROFILES
from models.fingerprint import calibration as finger
from models.fusion import Attempted, attempt_share, best_share

Shares = npt.NDArray[np.float64]

_NEAR = 1.2
"""Whoever is by so much above a floor cannot pass and need not be judged."""


def command(
    passages: Annotated[int, typer.Option(help="Strangers.", min=1000)] = 1_000_000,
    seed: Annotated[int, typer.Option(help="Of what they draw.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on one line.")] = False,
) -> None:
    """Strangers who pass by face and finger together; exits 1 past twice the promised FMR."""
    rows = measured(passages, seed)
    if json:
        import json as codec

        print(codec.dumps({"rows": rows}))
    else:
        for row in rows:
            print(
                f"{row['profile']}: {row['passed']} of {passages} strangers pass, FMR {row['fmr']:.2g} "
                f"(promised {row['promised_fmr']:g}); a face needs {row['face_score_alone']} alone, "
                f"{row['face_score_beside_a_finger']} beside a good finger"
            )
    if any(row["fmr"] > 2 * row["promised_fmr"] for row in rows):
        raise typer.Exit(1)


def measured(passages: int, seed: int) -> list[dict[str, Any]]:
    """One row a profile, with the calibrations that come along and the default rates."""
    rows = []
    for name, rate in PROFILES.items():
        told = Strictness(passage_fmr=rate)
        rules = passage_rules(face.load_calibration(), finger.load_calibration(), told)
        passed = strangers_passed(rules, passages, seed)
        rows.append(
            {
                "profile": name,
                "promised_fmr": rate,
                "passages": passages,
                "passed": passed,
                "fmr": passed / passages,
                "face_score_alone": _needed(rules.face, rules.face.alone_fmr),
                "face_score_beside_a_finger": _needed(rules.face, _beside(rules)),
            }
        )
    return rows


def strangers_passed(rules: PassageRules, passages: int, seed: int) -> int:
    """How many of so many strangers match by face and by finger."""
    rng = np.random.default_rng([0xF5, seed])
    best = {kind: _best(rng, rules, kind, passages) for kind in CaptureKind}
    near = np.logical_and.reduce(
        [
            best[kind] <= _NEAR * attempt_share(rules.plan.floor_fmr, rules.part(kind).attempts)
            for kind in CaptureKind
        ]
    )
    return sum(
        _passes(rules, {kind: float(best[kind][who]) for kind in CaptureKind})
        for who in np.flatnonzero(near)
    )


def _best(
    rng: np.random.Generator, rules: PassageRules, kind: CaptureKind, passages: int
) -> Shares:
    """The best share of each stranger, its attempts ended by the first that is enough."""
    drawn = rng.random((passages, rules.part(kind).attempts))
    enough = drawn <= rules.enough_fmr(kind)
    made: npt.NDArray[np.bool_] = np.cumsum(enough, axis=1) - enough == 0
    best: Shares = np.where(made, drawn, 1.0).min(axis=1)
    return best


def _passes(rules: PassageRules, best: dict[CaptureKind, float]) -> bool:
    taken = {kind: _taken(rules.part(kind), best[kind]) for kind in CaptureKind}
    (one, of_one), (other, of_other) = taken.items()
    results = (
        rules.judged(one, of_one, of_other.evidence),
        rules.judged(other, of_other, of_one.evidence),
    )
    return all(result.verdict is CaptureVerdict.MATCH for result in results)


def _taken(part: Part, share: float) -> Taken:
    """A capture whose best score is reached by this share of impostors."""
    score = math.inf if share < part.calibration.fmr(math.inf) else part.threshold(share)
    return Taken(CaptureResult(CaptureVerdict.NON_MATCH), Attempted(score, part.attempts))


def _beside(rules: PassageRules) -> float:
    """Share that a face needs beside the best finger that can be shown."""
    return rules.plan.needed_share(best_share(rules.finger.calibration, rules.finger.attempts))


def _needed(part: Part, share: float) -> float:
    return round(part.threshold(attempt_share(share, part.attempts)), 4)
