"""Decode what check digits cover: exact posteriors by dynamic programming over remainders.

The state is (weighted sum of the current field, weighted sum of the composite), both modulo 10;
only a character's value modulo 10 moves it, so that ten classes of characters suffice. A check
digit lets through the states that agree with it (9303-3, 4.9).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.mrz.alike import PREFIX
from models.mrz.korea import NUMBER_MASKS
from models.mrz.layout import (
    ALPHABET,
    DIGITS,
    FILLER,
    LAYOUTS,
    WEIGHTS,
    Layout,
    MrzFormat,
    value_of,
)
from models.mrz.part import Likelihood, Part

_RESIDUE = np.array([value_of(x) % 10 for x in ALPHABET])
_OF_RESIDUE = (_RESIDUE[None] == np.arange(10)[:, None]).astype(np.float64)
_FILL = ALPHABET.index(FILLER)
_ROUND = ALPHABET.index("O")
_OVERFLOW_PRIOR = 0.02
"""Prior of a document number that goes on in the optional data, over all lengths."""

_LONGEST_OVERFLOW = 12


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a line, its weights in field and composite (0: not covered), and what it closes."""

    line: int
    column: int
    own_weight: int
    composite_weight: int
    closes: str
    prior: NDArray[np.float64]


@cache
def _sources(own: int, composite: int) -> NDArray[np.int64]:
    """(10, 100): for each residue the state that leads to each state."""
    v, a, b = np.ogrid[:10, :10, :10]
    return np.asarray((((a - own * v) % 10) * 10 + (b - composite * v) % 10).reshape(10, 100))


@cache
def _targets(own: int, composite: int) -> NDArray[np.int64]:
    """(10, 100): for each residue the state that each state leads to."""
    v, a, b = np.ogrid[:10, :10, :10]
    return np.asarray((((a + own * v) % 10) * 10 + (b + composite * v) % 10).reshape(10, 100))


@cache
def _agrees() -> NDArray[np.float64]:
    """(10, 100): whether the field's sum is the residue of the digit."""
    return np.repeat(np.eye(10), 10, axis=1)


def decode_checked(layout: Layout, likelihood: Likelihood, issuing_state: str) -> Part:
    """Numbers, dates, sex, optional data and all check digits of a zone."""
    is_korean = issuing_state == "KOR"
    best = _solve(_slots(layout.format, 0, is_korean), likelihood)
    if layout.format not in (MrzFormat.TD1, MrzFormat.TD2):
        return best
    digit = layout.checks[0].digit
    if likelihood[digit.line, digit.start, _FILL] < 0.02:
        return best
    options = [(np.log(1 - _OVERFLOW_PRIOR), best)]
    room = layout.fields["optional_data"]
    for extra in range(1, min(_LONGEST_OVERFLOW, room.end - room.start - 1) + 1):
        prior = np.log(_OVERFLOW_PRIOR / _LONGEST_OVERFLOW)
        options.append((prior, _solve(_slots(layout.format, extra, is_korean), likelihood)))
    evidence = np.logaddexp.reduce([p + part.log_evidence for p, part in options])
    prior, best = max(options, key=lambda x: x[0] + x[1].log_evidence)
    share = prior + best.log_evidence - evidence
    return Part(
        best.slots, best.text, best.characters, best.log_joint + float(share), float(evidence)
    )


def _solve(slots: list[Slot], likelihood: Likelihood) -> Part:
    """Forwards and backwards over the slots; the likeliest character of each, and all together."""
    mass = np.array([likelihood[s.line, s.column] * s.prior for s in slots])
    residues = mass @ _OF_RESIDUE.T
    forward, evidence = _forward(slots, residues)
    backward = _backward(slots, residues)
    text, characters = "", []
    for t, slot in enumerate(slots):
        of_residue = _posterior(slot, forward[t], backward[t + 1], residues[t])
        share = mass[t] / np.maximum(residues[t][_RESIDUE], 1e-300)
        posterior = of_residue[_RESIDUE] * share
        posterior /= posterior.sum() + 1e-300
        best = int(posterior.argmax())
        text += ALPHABET[best]
        characters.append(float(posterior[best]))
    places = tuple((s.line, s.column) for s in slots)
    return Part(places, text, tuple(characters), _joint(slots, mass, text, evidence), evidence)


def _step(
    slot: Slot, state: NDArray[np.float64], residues: NDArray[np.float64]
) -> NDArray[np.float64]:
    """States after a slot from those before it."""
    if slot.closes == "field":
        agreeing = _agrees() * state
        moved = np.take_along_axis(agreeing, _sources(0, slot.composite_weight), 1)
        out = np.zeros((10, 10))
        out[0] = (residues[:, None] * moved).sum(0).reshape(10, 10).sum(0)
        return out.ravel()
    if slot.closes == "composite":
        end = np.zeros(100)
        end[0] = residues @ state[:10]
        return end
    return np.asarray(residues @ state[_sources(slot.own_weight, slot.composite_weight)])


def _weights(slot: Slot, after: NDArray[np.float64]) -> NDArray[np.float64]:
    """(10, 100): what follows, for each residue in this slot and each state before it."""
    if slot.closes == "field":
        composites = _targets(0, slot.composite_weight) % 10
        return _agrees() * after[:10][composites]
    if slot.closes == "composite":
        out = np.zeros((10, 100))
        out[np.arange(10), np.arange(10)] = after[0]
        return out
    return after[_targets(slot.own_weight, slot.composite_weight)]


def _forward(
    slots: list[Slot], residues: NDArray[np.float64]
) -> tuple[list[NDArray[np.float64]], float]:
    state = np.zeros(100)
    state[0] = 1.0
    out, evidence = [state], 0.0
    for slot, row in zip(slots, residues, strict=True):
        state = _step(slot, state, row)
        total = state.sum() + 1e-300
        evidence += float(np.log(total))
        state = state / total
        out.append(state)
    return out, evidence


def _backward(slots: list[Slot], residues: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    after = np.ones(100)
    out = [after]
    for slot, row in zip(reversed(slots), residues[::-1], strict=True):
        after = row @ _weights(slot, after)
        after = after / (after.sum() + 1e-300)
        out.append(after)
    return out[::-1]


def _posterior(
    slot: Slot,
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    residues: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Probability of each residue in a slot, not normalised."""
    return np.asarray(residues * (_weights(slot, after) @ before))


def _joint(slots: list[Slot], mass: NDArray[np.float64], text: str, evidence: float) -> float:
    """Log-posterior of exactly this text; minus infinity where a check digit disagrees."""
    chosen = [ALPHABET.index(x) for x in text]
    if not _agree(slots, chosen):
        return -float("inf")
    alone = float(np.log(mass[np.arange(len(slots)), chosen] + 1e-300).sum())
    return min(0.0, alone - evidence)


def _agree(slots: list[Slot], chosen: list[int]) -> bool:
    """Whether every check digit agrees with these characters."""
    own = composite = 0
    for slot, character in zip(slots, chosen, strict=True):
        residue = int(_RESIDUE[character])
        if slot.closes == "composite" and composite % 10 != residue:
            return False
        if slot.closes == "field" and own % 10 != residue:
            return False
        own = 0 if slot.closes else own + slot.own_weight * residue
        composite += slot.composite_weight * residue
    return True


@cache
def _slots(mrz_format: MrzFormat, overflow: int, is_korean: bool) -> list[Slot]:
    """The slots in the order of print, the document number `overflow` characters longer."""
    layout = LAYOUTS[mrz_format]
    own, closing = _rules(layout, overflow)
    composite = _composite_weights(layout)
    kinds = _kinds(layout, overflow)
    places = sorted(kinds)
    last = next((r.digit for r in layout.checks if r.name == "composite"), None)
    if last is not None:
        places.remove((last.line, last.start))
        places.append((last.line, last.start))
    masks = _korean_masks(layout) if is_korean else {}
    return [
        Slot(
            *at,
            own.get(at, 0),
            composite.get(at, 0),
            closing.get(at, ""),
            _prior(kinds[at], masks.get(at)),
        )
        for at in places
    ]


def _rules(
    layout: Layout, overflow: int
) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], str]]:
    """Weight of each slot in its own field, and which slots close a field."""
    own: dict[tuple[int, int], int] = {}
    closing: dict[tuple[int, int], str] = {}
    for rule in layout.checks:
        if rule.name == "composite":
            closing[rule.digit.line, rule.digit.start] = "composite"
            continue
        covered = [(s.line, c) for s in rule.covers for c in range(s.start, s.end)]
        digit = (rule.digit.line, rule.digit.start)
        if rule.name == "document_number" and overflow:
            room = layout.fields["optional_data"]
            covered += [(room.line, room.start + k) for k in range(overflow)]
            digit = (room.line, room.start + overflow)
        own.update({at: WEIGHTS[i % 3] for i, at in enumerate(covered)})
        closing[digit] = "field"
    return own, closing


def _composite_weights(layout: Layout) -> dict[tuple[int, int], int]:
    rule = next((r for r in layout.checks if r.name == "composite"), None)
    if rule is None:
        return {}
    covered = [(s.line, c) for s in rule.covers for c in range(s.start, s.end)]
    return {at: WEIGHTS[i % 3] for i, at in enumerate(covered)}


def _kinds(layout: Layout, overflow: int) -> dict[tuple[int, int], str]:
    """What may stand in each slot that this decoder answers for."""
    kinds: dict[tuple[int, int], str] = {}
    for name, span in layout.fields.items():
        if name in ("document_code", "issuing_state", "nationality", "name"):
            continue
        for k in range(span.end - span.start):
            kind = f"{name}{k}" if name.startswith("date") else name
            is_prefix = name == "document_number" and k < PREFIX
            kinds[span.line, span.start + k] = "prefix" if is_prefix else kind
    for rule in layout.checks:
        kind = "optional_digit" if rule.name == "optional_data" else "digit"
        kinds[rule.digit.line, rule.digit.start] = kind
    if overflow:
        room, digit = layout.fields["optional_data"], layout.checks[0].digit
        kinds[digit.line, digit.start] = "filler"
        kinds.update({(room.line, room.start + k): "overflow" for k in range(overflow)})
        kinds[room.line, room.start + overflow] = "digit"
        if room.start + overflow + 1 < room.end:
            kinds[room.line, room.start + overflow + 1] = "filler"
    return kinds


@cache
def _alphabet_prior(kind: str) -> NDArray[np.float64]:
    """Prior of each character in a slot of this kind; letters that look like digits are rare."""
    prior = np.zeros(37)
    digits = slice(0, 10)
    if kind == "filler":
        prior[_FILL] = 1
    elif kind == "sex":
        prior[[ALPHABET.index(x) for x in "MF<"]] = 0.49, 0.49, 0.02
    elif kind in ("digit", "optional_digit"):
        prior[digits] = 0.1
        prior[_FILL] = 0.2 if kind == "optional_digit" else 0
    elif kind.startswith("date"):
        allowed = {"2": "01", "4": "0123"}.get(kind[-1], DIGITS)
        prior[[ALPHABET.index(x) for x in allowed]] = 1 / len(allowed)
        prior[_FILL] = 1e-3 if "birth" in kind else 1e-5
    elif kind == "prefix":
        prior[:_FILL] = 1 / 36
        prior[_ROUND] = 0.25 / 36  # 9303 advises against O; two zeros for two of it cancel out
        prior[_FILL] = 0.005
    else:
        prior[digits] = 0.5 / 10
        prior[10:36] = 0.5 / 26
        prior[[ALPHABET.index(x) for x in "OIQ"]] = 0.0017, 0.0042, 0.0042
        prior[_FILL] = {"document_number": 0.04, "overflow": 0.0}.get(kind, 0.4)
    return np.asarray(prior / prior.sum())


def _prior(kind: str, mask: NDArray[np.float64] | None) -> NDArray[np.float64]:
    prior = _alphabet_prior(kind)
    if mask is None:
        return prior
    return np.asarray(prior * mask / (prior * mask).sum())


def _korean_masks(layout: Layout) -> dict[tuple[int, int], NDArray[np.float64]]:
    """Korean passport numbers have two forms (korea.py); others stay possible, a hundredth as much."""
    if layout.format is not MrzFormat.TD3:
        return {}
    span = layout.fields["document_number"]
    out = {}
    for k, kinds in enumerate(zip(*NUMBER_MASKS, strict=True)):
        mask = np.full(37, 0.01)
        if "9" in kinds:
            mask[:10] = 1
        if "L" in kinds:
            mask[10:36] = 1
        out[span.line, span.start + k] = mask
    return out
