"""Digits and letters that the print of a document makes one shape.

A typeface may draw O as others draw 0, and then every zero of a number is read as O; two such errors
can cancel out in a check digit. Dates, check digits and names say which shapes this print confuses.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.mrz.layout import ALPHABET, LAYOUTS, Layout, MrzFormat, Span
from models.mrz.part import Likelihood

_LETTERS_ONLY = ("document_code", "issuing_state", "nationality", "name")
_DIGITS_ONLY = ("date_of_birth", "date_of_expiry")
_PAIRS = ("0O", "0D", "0Q", "1I", "2Z", "5S", "6G", "8B")
_IS_ONE_OF_BOTH = 0.8
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


def levelled(layout: Layout, likelihood: Likelihood) -> Likelihood:
    """The likelihood, pairs that this document shows to be confused made equal where both may stand.

    A pair is confused where only one of the two may stand, no other is likelier there, and the
    other of the pair explains the picture better.
    """
    confused = [pair for pair in _PAIRS if _is_confused(pair, layout, likelihood)]
    if not confused:
        return likelihood
    out = likelihood.copy()
    both = ~(letter_slots(layout) | digit_slots(layout))
    for pair in confused:
        places = [ALPHABET.index(x) for x in pair]
        rows = out[both]
        rows[:, places] = rows[:, places].mean(1, keepdims=True)
        out[both] = rows
    return out


def _is_confused(pair: str, layout: Layout, likelihood: Likelihood) -> bool:
    digit, letter = (ALPHABET.index(x) for x in pair)
    of_digit, of_letter = likelihood[..., digit], likelihood[..., letter]
    is_digit = digit_slots(layout) & (likelihood[..., _DIGITS].argmax(-1) == digit)
    is_letter = letter_slots(layout) & (likelihood[..., _LETTERS].argmax(-1) + 10 == letter)
    is_either = of_digit + of_letter > _IS_ONE_OF_BOTH
    misread = is_digit & (of_letter > of_digit) | is_letter & (of_digit > of_letter)
    return bool((is_either & misread).any())
