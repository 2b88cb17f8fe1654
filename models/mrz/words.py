"""Decode what has a grammar and no check digit: document code, states, names (9303-3, 4.6, 5)."""

import numpy as np
from numpy.typing import NDArray

from models.mrz.korea import CODE_SHARES
from models.mrz.layout import ALPHABET, FILLER, LETTERS, Layout, MrzFormat, Span
from models.mrz.part import Likelihood, Part, slots_of
from models.mrz.states import CODES

_LETTER = slice(10, 36)
_FILL = ALPHABET.index(FILLER)
_KNOWN = sorted(code.ljust(3, FILLER) for code in CODES)
_KNOWN_INDEX = np.array([[ALPHABET.index(x) for x in code] for code in _KNOWN])
_UNLISTED = 0.003
"""Prior of a code that the lists do not have (old specimens, new states)."""

_SAME_STATE = 0.9
"""Prior of a holder of the issuing state's nationality."""


def decode_codes(layout: Layout, likelihood: Likelihood) -> Part:
    """Document code, issuing state and nationality; the latter two are mostly the same."""
    code_slots = slots_of(layout.fields["document_code"])
    state_slots = slots_of(layout.fields["issuing_state"])
    nationality_slots = slots_of(layout.fields["nationality"])
    texts_a, p_a = _state_options(_rows(likelihood, state_slots))
    texts_b, p_b = _state_options(_rows(likelihood, nationality_slots))
    joint = (1 - _SAME_STATE) * np.outer(p_a, p_b)
    n = len(_KNOWN)
    joint[np.arange(n), np.arange(n)] += _SAME_STATE * p_a[:n] * p_b[:n] * n
    if texts_a[n] == texts_b[n]:
        joint[n, n] += _SAME_STATE * p_a[n] * p_b[n] / _UNLISTED
    evidence = float(joint.sum())
    i, j = np.unravel_index(int(joint.argmax()), joint.shape)
    state_p = float(joint[i].sum() / evidence)
    nationality_p = float(joint[:, j].sum() / evidence)
    priors = _code_priors(layout, texts_a[i])
    code, code_p, code_evidence = _document_code(_rows(likelihood, code_slots), priors)
    return Part(
        slots=code_slots + state_slots + nationality_slots,
        text=code + texts_a[i] + texts_b[j],
        characters=(*code_p, *[state_p] * 3, *[nationality_p] * 3),
        log_joint=float(np.log(joint[i, j] / evidence) + np.log(code_p).sum()),
        log_evidence=float(np.log(evidence + 1e-300) + code_evidence),
    )


def _rows(likelihood: Likelihood, slots: tuple[tuple[int, int], ...]) -> NDArray[np.float64]:
    lines, columns = zip(*slots, strict=True)
    return np.asarray(likelihood[list(lines), list(columns)])


def _code_priors(layout: Layout, state: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Prior of the first and the second character of the document code."""
    first, second = np.zeros(37), np.zeros(37)
    first[[ALPHABET.index(x) for x in layout.first_letters]] = 1 / len(layout.first_letters)
    shares = {FILLER: 0.5}
    if state == "KOR" and layout.format is MrzFormat.TD3:
        shares = CODE_SHARES
    second[_LETTER] = (1 - sum(shares.values())) / (len(LETTERS) + 1 - len(shares))
    for character, share in shares.items():
        second[ALPHABET.index(character)] = share
    return first, second


def _document_code(
    rows: NDArray[np.float64], priors: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> tuple[str, tuple[float, float], float]:
    """The two characters of the document code with their posteriors and the log-evidence."""
    text, posterior, evidence = "", [], 0.0
    for row, prior in zip(rows, priors, strict=True):
        mass = row * prior
        best = int(mass.argmax())
        text += ALPHABET[best]
        posterior.append(float(mass[best] / mass.sum()))
        evidence += float(np.log(mass.sum()))
    return text, (posterior[0], posterior[1]), evidence


def _state_options(rows: NDArray[np.float64]) -> tuple[list[str], NDArray[np.float64]]:
    """All listed codes and the best unlisted one, with prior times likelihood."""
    listed = rows[np.arange(3), _KNOWN_INDEX].prod(1)
    allowed = rows[:, 10:37].copy()
    allowed[0, 26] = 0
    if allowed[1].argmax() == 26:
        allowed[2, :26] = 0
    free = "".join(ALPHABET[10 + k] for k in allowed.argmax(1))
    unlisted = 0.0 if free in _KNOWN else float(allowed.max(1).prod()) / 26**2
    p = np.concatenate([listed * (1 - _UNLISTED) / len(_KNOWN), [_UNLISTED * unlisted]])
    return [*_KNOWN, free], np.maximum(p, 1e-300)


# States of a name: letter of the primary identifier, filler within it, first and second filler
# between the identifiers, letter of the secondary identifier, filler within it, fillers behind.
_P, _PF, _D1, _D2, _S, _SF, _END = range(7)
_TRANSITIONS = np.zeros((7, 7))
_TRANSITIONS[_P, [_P, _PF, _D1, _END]] = 0.84, 0.04, 0.11, 0.01
_TRANSITIONS[_PF, _P] = 1.0
_TRANSITIONS[_D1, _D2] = _TRANSITIONS[_D2, _S] = _TRANSITIONS[_SF, _S] = 1.0
_TRANSITIONS[_S, [_S, _SF, _END]] = 0.82, 0.06, 0.12
_TRANSITIONS[_END, _END] = 1.0
_EMITS_LETTER = np.array([True, False, False, False, True, False, False])

_FREQUENCY = np.sqrt(np.array([
    9, 2.2, 2.8, 3.5, 9, 1.2, 2.4, 3, 7.5, 1.2, 2.6, 5, 3.2, 7, 6.5, 1.8, 0.3, 6.5, 5.5, 4.5, 3.2,
    1.8, 1.2, 0.5, 1.8, 1.6,
]))  # fmt: skip
_LETTER_PRIOR = _FREQUENCY / _FREQUENCY.sum()
"""A to Z in names, flattened: only to lean towards O where Q is as likely in the picture."""


def decode_name(span: Span, likelihood: Likelihood) -> Part:
    """Primary identifier, two fillers, secondary identifier, fillers; forwards and backwards."""
    slots = slots_of(span)
    rows = _rows(likelihood, slots)
    letters = rows[:, _LETTER] * _LETTER_PRIOR
    emission = np.where(_EMITS_LETTER, letters.sum(1)[:, None], rows[:, _FILL][:, None])
    posterior, evidence = _forward_backward(emission)
    is_letter = posterior[:, _EMITS_LETTER].sum(1)
    best = letters.argmax(1)
    share = letters[np.arange(len(best)), best] / letters.sum(1)
    text = "".join(LETTERS[k] if p > 0.5 else FILLER for k, p in zip(best, is_letter, strict=True))
    characters = np.where(is_letter > 0.5, is_letter * share, 1 - is_letter)
    return Part(
        slots, text, tuple(characters.tolist()), _joint(text, letters, rows, evidence), evidence
    )


def _forward_backward(emission: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Posterior of the seven states in each slot, and the log-evidence."""
    n = len(emission)
    forward, evidence = _forward(emission)
    backward = np.ones((n, 7))
    for t in range(n - 2, -1, -1):
        backward[t] = _TRANSITIONS @ (emission[t + 1] * backward[t + 1])
        backward[t] /= backward[t].sum() + 1e-300
    posterior = forward * backward
    return posterior / (posterior.sum(1, keepdims=True) + 1e-300), evidence


def _forward(emission: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Share of each state after each slot (n, 7), and the log-evidence."""
    forward, evidence = np.zeros((len(emission), 7)), 0.0
    state = np.zeros(7)
    state[_P] = emission[0, _P]
    for t in range(len(emission)):
        if t:
            state = (state @ _TRANSITIONS) * emission[t]
        total = state.sum() + 1e-300
        evidence += float(np.log(total))
        state = forward[t] = state / total
    return forward, evidence


def _joint(
    text: str, letters: NDArray[np.float64], rows: NDArray[np.float64], evidence: float
) -> float:
    """Log-posterior of exactly this text."""
    fixed = np.zeros((len(text), 7))
    for t, character in enumerate(text):
        if character == FILLER:
            fixed[t, ~_EMITS_LETTER] = rows[t, _FILL]
        else:
            fixed[t, _EMITS_LETTER] = letters[t, LETTERS.index(character)]
    return min(0.0, _forward(fixed)[1] - evidence)
