"""Digits and letters that the print of a document makes one shape.

A typeface may draw 0 as others draw O, and then every zero of a number is read as O; two such errors
can cancel out in a check digit. Dates, check digits and names say which shapes this print confuses.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.mrz.korea import NUMBER_MASKS
from models.mrz.layout import ALPHABET, LAYOUTS, Layout, MrzFormat, Span
from models.mrz.part import Likelihood

_LETTERS_ONLY = ("document_code", "issuing_state", "nationality", "name")
_DIGITS_ONLY = ("date_of_birth", "date_of_expiry")
_PAIRS = {"0O": 0.6, "0D": 1.0, "0Q": 1.0, "1I": 1.0, "2Z": 1.0, "5S": 1.0, "6G": 1.0, "8B": 1.0}
"""Digit and letter, and how much the picture counts between them at most: O and 0 differ so little
that slant and blur turn one into the other within a line."""

_ROUND_LETTERS = "ODQ"
_IS_ONE_OF_BOTH = 0.8
_TOLD_APART = np.log(20.0)
"""Log-ratio of the right one of a pair to the other from which the print tells them apart."""

_UNTOLD = 0.5
"""How much it counts where nothing in the document shows how its print draws the two."""

PREFIX = 2
"""Characters of a document number that are letters as often as digits, whatever follows."""

_DIGITS, _LETTERS = slice(0, 10), slice(10, 36)


def letter_slots(layout: Layout) -> NDArray[np.bool_]:
    """Slots (lines, width) where 9303 allows letters only, fillers aside."""
    return _slots(layout.format)[0]


def digit_slots(layout: Layout) -> NDArray[np.bool_]:
    """Slots (lines, width) where 9303 allows digits only, fillers aside."""
    return _slots(layout.format)[1]


@cache
def _slots(mrz_format: MrzFormat) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    layout = LAYOUTS[mrz_format]
    letters = [layout.fields[name] for name in _LETTERS_ONLY]
    digits = [layout.fields[name] for name in _DIGITS_ONLY]
    digits += [rule.digit for rule in layout.checks]
    return _marked(layout, letters), _marked(layout, digits)


def _marked(layout: Layout, spans: list[Span]) -> NDArray[np.bool_]:
    out = np.zeros((layout.line_count, layout.width), np.bool_)
    for span in spans:
        out[span.line, span.start : span.end] = True
    return out


def levelled(layout: Layout, likelihood: Likelihood, issuing_state: str) -> Likelihood:
    """The likelihood, in fields that may hold letters and digits less sure of which it is.

    What the picture says between the two of a pair counts as far as it is right where only one of
    them may stand, and a digit among letters, or a letter among digits, wants better evidence,
    unless the state's numbers have either there.
    """
    trusts = _trusts(layout, likelihood)
    out = likelihood.copy()
    for name, span in layout.fields.items():
        if name in _LETTERS_ONLY or name in _DIGITS_ONLY:
            continue
        slots = out[span.line, span.start : span.end]
        for pair, trust in trusts.items():
            if trust < 1:
                _draw_together(slots, pair, trust)
        odds = np.exp(_log_odds_of_digits(slots) / 2)[:, None]
        odds[_either(issuing_state) if name == "document_number" else []] = 1
        slots[:, _DIGITS] *= odds
        slots[:, _LETTERS] /= odds
        slots /= slots.sum(1, keepdims=True)
    return out


def _either(issuing_state: str) -> list[int]:
    """Places in the document number where letters stand as often as digits."""
    forms = zip(*NUMBER_MASKS, strict=True) if issuing_state == "KOR" else ()
    return [*range(PREFIX), *(k for k, kinds in enumerate(forms) if len({*kinds}) > 1)]


def in_their_places(layout: Layout, likelihood: Likelihood) -> Likelihood:
    """The likelihood, a 0 where only letters may stand counted as the round letter that it looks
    most like, an O where only digits may as 0: some print draws one as others draw the other.
    """
    out = likelihood.copy()
    letters, digits = letter_slots(layout), digit_slots(layout)
    zero, letter_o = ALPHABET.index("0"), ALPHABET.index("O")
    round_ones = [ALPHABET.index(x) for x in _ROUND_LETTERS]
    seen = out[:, :, round_ones]
    share = seen / seen.sum(-1, keepdims=True)
    out[:, :, round_ones] += np.where(letters, out[..., zero], 0)[..., None] * share
    out[digits, zero] += out[digits, letter_o]
    out[letters, zero] = out[digits, letter_o] = 0
    return out


def _draw_together(slots: NDArray[np.float64], pair: str, trust: float) -> None:
    """Shrink the log-ratio of a pair, the sum of the two kept."""
    places = [ALPHABET.index(x) for x in pair]
    both = slots[:, places]
    share = 1 / (1 + (both[:, 1] / both[:, 0]) ** trust)
    slots[:, places] = both.sum(1, keepdims=True) * np.stack([share, 1 - share], 1)


def _trusts(layout: Layout, likelihood: Likelihood) -> dict[str, float]:
    """How far this document's picture tells each pair apart, 0..1, by slots where one may stand."""
    in_digits, in_letters = (likelihood[slots(layout)] for slots in (digit_slots, letter_slots))
    best_digit = in_digits[:, _DIGITS].argmax(1)
    best_letter = in_letters[:, _LETTERS].argmax(1) + _LETTERS.start
    trusts = {}
    for pair, most in _PAIRS.items():
        digit, letter = (ALPHABET.index(x) for x in pair)
        digits = in_digits[best_digit == digit][:, [digit, letter]]
        letters = in_letters[best_letter == letter][:, [letter, digit]]
        known = [x[x.sum(1) > _IS_ONE_OF_BOTH] for x in (digits, letters)]
        odds = [np.median(np.log(x[:, 0] / x[:, 1])) for x in known if len(x)]
        told = float(np.clip(min(odds) / _TOLD_APART, 0, 1)) if odds else _UNTOLD
        trusts[pair] = most * told
    return trusts


def _log_odds_of_digits(slots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of digits to letters (slots,), each by the other characters of its field (slots, 37)."""
    best = slots.argmax(1)
    is_digit, is_letter = best < _DIGITS.stop, (best >= _LETTERS.start) & (best < _LETTERS.stop)
    digits, letters = is_digit.sum() - is_digit, is_letter.sum() - is_letter
    return np.asarray(np.log((digits + 1) / (letters + 1)))
