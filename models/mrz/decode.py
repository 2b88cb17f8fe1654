"""Decode: log-probabilities of a zone to the lines that 9303 allows, and how sure each is.

Fields are independent given the picture, except where 9303 ties them: check digits and composite
(`checked.py`), the grammar of names and the lists of states (`words.py`). Each part gives exact
posterior probabilities, so that a swap which no check digit sees (8/S, 0/<, 6/G) weighs as much as
the picture leaves it open.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.mrz.alike import in_their_places, letter_slots, levelled
from models.mrz.checked import decode_checked
from models.mrz.layout import ALPHABET, LAYOUTS, Layout
from models.mrz.part import Likelihood
from models.mrz.words import decode_codes, decode_name

_DOUBT = 2e-4
"""Share of slots where the classifier knows nothing (a stain, a defect): no character is ruled out."""

_RULED_OUT = 1e-5
"""Likelihood of a first letter, twice the least that any character has (_DOUBT / 37)."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The likeliest lines of a format.

    `confidence` is the joint posterior; `characters` (lines, width) the posterior of each slot;
    `evidence` the log-evidence that formats are compared by; `overruled` the greatest
    log-likelihood that the constraints cost in one slot, and in one that no check digit covers;
    `repaired` the slots they changed.
    """

    layout: Layout
    lines: tuple[str, ...]
    confidence: float
    characters: NDArray[np.float64]
    evidence: float
    overruled: float
    overruled_unchecked: float
    repaired: tuple[tuple[int, int], ...]


def decode(log_probabilities: NDArray[np.float32]) -> Decoded | None:
    """The best reading over all formats of this shape, or None where no format has it.

    `log_probabilities` has shape (lines, width, 38), the last class being no character.
    """
    lines, width, _ = log_probabilities.shape
    shaped = [x for x in LAYOUTS.values() if (x.line_count, x.width) == (lines, width)]
    likelihood = likelihoods(log_probabilities)
    possible = [layout for layout in shaped if _may_be(layout, likelihood)] or shaped
    readings = [_decode_as(layout, likelihood) for layout in possible]
    return max(readings, key=lambda x: x.evidence, default=None)


def _may_be(layout: Layout, likelihood: Likelihood) -> bool:
    """Whether the first letter leaves this format open: a P is no V, which spares half the work."""
    places = [ALPHABET.index(x) for x in layout.first_letters]
    return bool(likelihood[0, 0, places].max() > _RULED_OUT)


def likelihoods(log_probabilities: NDArray[np.float32]) -> Likelihood:
    """Probabilities of the 37 characters; where no character was seen, none is preferred."""
    characters = log_probabilities[..., : len(ALPHABET)].astype(np.float64)
    p = np.exp(characters - characters.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    none = np.exp(log_probabilities[..., -1:].astype(np.float64))
    doubt = _DOUBT + (1 - _DOUBT) * none**2  # a little of none is a slot slightly off its middle
    return np.asarray((1 - doubt) * p + doubt / len(ALPHABET))


def _decode_as(layout: Layout, seen: Likelihood) -> Decoded:
    codes = decode_codes(layout, in_their_places(layout, seen))
    likelihood = in_their_places(layout, levelled(layout, seen, codes.text[2:5]))
    name = decode_name(layout.fields["name"], likelihood)
    rest = decode_checked(layout, likelihood, issuing_state=codes.text[2:5])
    parts = (codes, name, rest)
    rows = [[""] * layout.width for _ in range(layout.line_count)]
    characters = np.zeros(likelihood.shape[:2])
    for part in parts:
        for (line, column), character, p in zip(
            part.slots, part.text, part.characters, strict=True
        ):
            rows[line][column] = character
            characters[line, column] = p
    lines = tuple("".join(row) for row in rows)
    costs = _costs(lines, likelihood)
    return Decoded(
        layout=layout,
        lines=lines,
        confidence=float(np.exp(sum(part.log_joint for part in parts))),
        characters=characters,
        evidence=sum(part.log_evidence for part in parts),
        overruled=float(costs.max()),
        overruled_unchecked=float(costs[letter_slots(layout)].max()),
        repaired=_repaired(lines, seen),
    )


def _costs(lines: tuple[str, ...], likelihood: Likelihood) -> NDArray[np.float64]:
    """Log-likelihood (lines, width) that the best free character of a slot has over the one chosen."""
    chosen = np.array([[ALPHABET.index(x) for x in line] for line in lines])
    taken = np.take_along_axis(likelihood, chosen[..., None], -1)[..., 0]
    return np.asarray(np.log(likelihood.max(-1)) - np.log(taken))


def _repaired(lines: tuple[str, ...], likelihood: Likelihood) -> tuple[tuple[int, int], ...]:
    """Slots where another character explains the picture better than the one decided for."""
    best = likelihood.argmax(-1)
    return tuple(
        (row, column)
        for row, line in enumerate(lines)
        for column, character in enumerate(line)
        if ALPHABET[best[row, column]] != character
    )
