"""MRZ text to fields, after ICAO Doc 9303 parts 3 to 7. Standard library only.

Malformed text is a ValueError that names line, column and field and never repeats what stood
there; a failed check digit is a value (`valid` is False and `checks` says which).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.mrz.dates import PartialDate, birth_date, expiry_date
from models.mrz.layout import (
    ALPHABET,
    FILLER,
    LETTERS,
    CheckRule,
    Layout,
    MrzFormat,
    check_digit,
    layout_for,
)


@dataclass(frozen=True, slots=True)
class CheckDigit:
    """One check digit and whether it agrees with the characters it covers."""

    name: str
    ok: bool


@dataclass(frozen=True, slots=True, repr=False)
class MrzReading:
    """The fields of a machine readable zone; optional data is checked and then dropped.

    Fillers are taken off: issuing_state of Germany is "D", parts of names are parted by a blank.
    `sex` is "M", "F" or "X" for unspecified. `name_may_be_truncated` after 9303-4, 4.2.3: the
    name field ends in a letter.
    """

    format: MrzFormat
    document_code: str
    issuing_state: str
    document_number: str
    nationality: str
    primary_identifier: str
    secondary_identifier: str
    name_may_be_truncated: bool
    date_of_birth: PartialDate
    sex: str
    date_of_expiry: PartialDate
    checks: tuple[CheckDigit, ...]

    @property
    def composite(self) -> CheckDigit | None:
        """The composite check digit; None for visas, which have none (9303-7)."""
        return next((x for x in self.checks if x.name == "composite"), None)

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the check digits that do not agree."""
        return tuple(x.name for x in self.checks if not x.ok)

    @property
    def valid(self) -> bool:
        """Whether every check digit of the format agrees."""
        return not self.failed

    def __repr__(self) -> str:
        """What may stand in a log: no name, no number, no date."""
        verdict = "valid" if self.valid else f"failed {', '.join(self.failed)}"
        return f"<MrzReading {self.format.value} of {self.issuing_state}: {verdict}>"


def parse(lines: Sequence[str], today: date) -> MrzReading:
    """The reading of two or three lines of MRZ text; ValueError where they are malformed."""
    text = _clean(lines)
    layout = layout_for(len(text), len(text[0]), text[0][0])
    fields = {name: span.of(text) for name, span in layout.fields.items()}
    _reject_foreign_format(layout, fields)
    number, number_check = _document_number(layout, fields, text)
    primary, secondary = _names(fields["name"])
    expiry = expiry_date(fields["date_of_expiry"], today)
    others = [_checked(rule, text) for rule in layout.checks if rule.name != "document_number"]
    return MrzReading(
        format=layout.format,
        document_code=_code(fields["document_code"], "document code"),
        issuing_state=_code(fields["issuing_state"], "issuing state"),
        document_number=number,
        nationality=_code(fields["nationality"], "nationality"),
        primary_identifier=primary,
        secondary_identifier=secondary,
        name_may_be_truncated=fields["name"][-1] != FILLER,
        date_of_birth=birth_date(fields["date_of_birth"], expiry, today),
        sex=_sex(fields["sex"]),
        date_of_expiry=expiry,
        checks=(number_check, *others),
    )


def _clean(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines without surrounding blanks, all of one length and of MRZ characters only."""
    if isinstance(lines, str):
        raise ValueError("give the MRZ as a sequence of lines, not as one text")
    text = tuple(line.strip() for line in lines)
    if len(text) not in (2, 3):
        raise ValueError(f"an MRZ has two or three lines, not {len(text)}")
    if not text[0] or len({len(line) for line in text}) != 1:
        lengths = ", ".join(str(len(line)) for line in text)
        raise ValueError(f"the lines of an MRZ are equally long; these have {lengths} characters")
    for row, line in enumerate(text, start=1):
        for column, character in enumerate(line, start=1):
            if character not in ALPHABET:
                raise ValueError(f"line {row} column {column}: only A to Z, 0 to 9 and < can stand")
    return text


def _reject_foreign_format(layout: Layout, fields: dict[str, str]) -> None:
    """The French identity card before 2021 has the shape of TD2 and other fields."""
    marks = (layout.format, fields["document_code"], fields["issuing_state"])
    if marks == (MrzFormat.TD2, "ID", "FRA"):
        raise ValueError("the former French identity card is no ICAO format")


def _checked(rule: CheckRule, text: tuple[str, ...]) -> CheckDigit:
    """A check digit of the table; that of empty optional data may be a filler (9303-4, 4.2.2)."""
    covered = "".join(span.of(text) for span in rule.covers)
    given = rule.digit.of(text)
    if rule.name == "optional_data" and given == FILLER:
        return CheckDigit(rule.name, covered.strip(FILLER) == "")
    return CheckDigit(rule.name, given == str(check_digit(covered)))


def _document_number(
    layout: Layout, fields: dict[str, str], text: tuple[str, ...]
) -> tuple[str, CheckDigit]:
    """The document number and its check digit.

    A number of more than nine characters on a TD1 or TD2 goes on in the optional data, where its
    check digit follows, and a filler stands in the check digit's place (9303-5 and 9303-6, 4.2.2).
    """
    rule = layout.checks[0]
    field, given = fields["document_number"], rule.digit.of(text)
    if given == FILLER and layout.format in (MrzFormat.TD1, MrzFormat.TD2):
        overflow = fields["optional_data"].split(FILLER)[0]
        if len(overflow) >= 2:
            field, given = field + overflow[:-1], overflow[-1]
    number = field.rstrip(FILLER)
    if not number.strip(FILLER):
        raise ValueError("the document number is empty")
    return number, CheckDigit(rule.name, given == str(check_digit(field)))


def _names(field: str) -> tuple[str, str]:
    """Primary and secondary identifier; the latter is empty for a single name (9303-3, 4.6)."""
    if any(x not in LETTERS + FILLER for x in field):
        raise ValueError("the name holds a digit; only letters and fillers can stand there")
    if field[0] == FILLER:
        raise ValueError("the name does not begin with a letter")
    primary, _, secondary = field.rstrip(FILLER).partition(FILLER * 2)
    return " ".join(primary.split(FILLER)), " ".join(filter(None, secondary.split(FILLER)))


def _code(field: str, name: str) -> str:
    """Letters with fillers behind them, such as D for Germany; ValueError for anything else."""
    code = field.rstrip(FILLER)
    if not code or any(x not in LETTERS for x in code):
        raise ValueError(f"the {name} is letters, with fillers only behind them")
    return code


def _sex(field: str) -> str:
    """M, F, or X where it is unspecified, which an MRZ writes as a filler (9303-3, 4.5)."""
    value = {"M": "M", "F": "F", FILLER: "X", "X": "X"}.get(field)
    if value is None:
        raise ValueError("the sex is M, F or <")
    return value
