"""Where each field lies in the five MRZ formats, and how check digits are made.

ICAO Doc 9303, 8th edition: part 3 section 4.9 (check digits), part 4 section 4.2 (TD3),
part 5 section 4.2 (TD1), part 6 section 4.2 (TD2), part 7 sections 4 and 5 (MRV-A, MRV-B).
"""

from dataclasses import dataclass
from enum import Enum

FILLER = "<"
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHABET = DIGITS + LETTERS + FILLER
"""All 37 characters of an MRZ; a character's place here is its class number in the classifier."""

WEIGHTS = (7, 3, 1)
_VALUES = {character: value % 36 for value, character in enumerate(ALPHABET)}


class MrzFormat(Enum):
    """The five formats of machine readable zone."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"
    MRVA = "MRVA"
    MRVB = "MRVB"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` up to and without `end` of line number `line`, all counted from 0."""

    line: int
    start: int
    end: int

    def of(self, lines: tuple[str, ...]) -> str:
        """The text of this span."""
        return lines[self.line][self.start : self.end]


@dataclass(frozen=True, slots=True)
class CheckRule:
    """One check digit: its name, where it stands, and the spans it covers in order."""

    name: str
    digit: Span
    covers: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One format: number and width of the lines, fields by name, check digits."""

    format: MrzFormat
    line_count: int
    width: int
    first_letters: str
    fields: dict[str, Span]
    checks: tuple[CheckRule, ...]


def check_digit(text: str) -> int:
    """The check digit 0..9 of MRZ characters; KeyError for any other character (9303-3, 4.9)."""
    return sum(_VALUES[character] * WEIGHTS[i % 3] for i, character in enumerate(text)) % 10


def value_of(character: str) -> int:
    """The weightable value 0..35 of one MRZ character (9303-3, 4.9)."""
    return _VALUES[character]


def _two_lines(mrz_format: MrzFormat, width: int, first_letters: str) -> Layout:
    """The formats of two lines differ only in width and in what follows the date of expiry."""
    is_visa = first_letters == "V"
    has_optional_check = mrz_format is MrzFormat.TD3
    optional_end = {MrzFormat.TD3: 42, MrzFormat.TD2: 35}.get(mrz_format, width)
    optional = Span(1, 28, optional_end)
    number, birth, expiry = Span(1, 0, 9), Span(1, 13, 19), Span(1, 21, 27)
    checks = [
        CheckRule("document_number", Span(1, 9, 10), (number,)),
        CheckRule("date_of_birth", Span(1, 19, 20), (birth,)),
        CheckRule("date_of_expiry", Span(1, 27, 28), (expiry,)),
    ]
    if has_optional_check:
        checks.append(CheckRule("optional_data", Span(1, 42, 43), (optional,)))
    if not is_visa:
        covers = (Span(1, 0, 10), Span(1, 13, 20), Span(1, 21, width - 1))
        checks.append(CheckRule("composite", Span(1, width - 1, width), covers))
    fields = {
        "document_code": Span(0, 0, 2),
        "issuing_state": Span(0, 2, 5),
        "name": Span(0, 5, width),
        "document_number": number,
        "nationality": Span(1, 10, 13),
        "date_of_birth": birth,
        "sex": Span(1, 20, 21),
        "date_of_expiry": expiry,
        "optional_data": optional,
    }
    return Layout(mrz_format, 2, width, first_letters, fields, tuple(checks))


def _td1() -> Layout:
    """TD1: three lines of thirty, the number on the first, the dates on the second."""
    number, birth, expiry = Span(0, 5, 14), Span(1, 0, 6), Span(1, 8, 14)
    covers = (Span(0, 5, 30), Span(1, 0, 7), Span(1, 8, 15), Span(1, 18, 29))
    fields = {
        "document_code": Span(0, 0, 2),
        "issuing_state": Span(0, 2, 5),
        "document_number": number,
        "optional_data": Span(0, 15, 30),
        "date_of_birth": birth,
        "sex": Span(1, 7, 8),
        "date_of_expiry": expiry,
        "nationality": Span(1, 15, 18),
        "optional_data_2": Span(1, 18, 29),
        "name": Span(2, 0, 30),
    }
    checks = (
        CheckRule("document_number", Span(0, 14, 15), (number,)),
        CheckRule("date_of_birth", Span(1, 6, 7), (birth,)),
        CheckRule("date_of_expiry", Span(1, 14, 15), (expiry,)),
        CheckRule("composite", Span(1, 29, 30), covers),
    )
    return Layout(MrzFormat.TD1, 3, 30, "ACI", fields, checks)


LAYOUTS: dict[MrzFormat, Layout] = {
    MrzFormat.TD1: _td1(),
    MrzFormat.TD2: _two_lines(MrzFormat.TD2, 36, "ACI"),
    MrzFormat.TD3: _two_lines(MrzFormat.TD3, 44, "P"),
    MrzFormat.MRVA: _two_lines(MrzFormat.MRVA, 44, "V"),
    MrzFormat.MRVB: _two_lines(MrzFormat.MRVB, 36, "V"),
}


def layout_for(line_count: int, width: int, first: str) -> Layout:
    """The layout of a zone of this shape and first character; ValueError where there is none."""
    shaped = [x for x in LAYOUTS.values() if (x.line_count, x.width) == (line_count, width)]
    if not shaped:
        raise ValueError(
            f"{line_count} lines of {width} characters are no MRZ format: "
            "expected 3 of 30 (TD1), 2 of 36 (TD2, MRV-B) or 2 of 44 (TD3, MRV-A)"
        )
    for layout in shaped:
        if first in layout.first_letters:
            return layout
    names = " or ".join(f"{x.format.value} begins with {'/'.join(x.first_letters)}" for x in shaped)
    raise ValueError(f"the document code names no ICAO travel document: {names}")
