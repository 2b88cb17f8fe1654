"""What is known of passports of the Republic of Korea.

Document codes: PM (valid for several journeys) and PS (for one); PD, PO and PR (diplomatic,
official, residence) stand by analogy and are not confirmed by a public source. Numbers: a letter
and eight digits, since 21 December 2021 a letter, three digits, a letter, four digits.
"""

import re

DOCUMENT_CODES = {"PM": True, "PS": True, "PD": False, "PO": False, "PR": False}
"""Second letters in use, and whether a public source confirms them."""

CODE_SHARES = {"M": 0.6, "S": 0.1, "<": 0.1, "D": 0.03, "O": 0.03, "R": 0.03}
"""Prior of a passport's second character, a guess; all other letters share what is left."""

_FORMS = {
    "until_2021": re.compile(r"[MSRGOD][0-9]{8}"),
    "since_2021": re.compile(r"[MSRGOD][0-9]{3}[A-Z][0-9]{4}"),
}

NUMBER_MASKS = ("L99999999", "L999L9999")
"""The forms position by position: L a letter, 9 a digit."""


def number_form(document_number: str) -> str | None:
    """`until_2021` or `since_2021`, or None for a number of neither form."""
    return next((name for name, x in _FORMS.items() if x.fullmatch(document_number)), None)
