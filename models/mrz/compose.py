"""Fields to MRZ text: specimens for emulators and tests, with the check digits computed."""

from datetime import date

from models.mrz.layout import FILLER, LAYOUTS, Layout, MrzFormat, check_digit
from models.mrz.transliterate import transliterate


def compose(
    mrz_format: MrzFormat,
    *,
    document_code: str,
    issuing_state: str,
    document_number: str,
    nationality: str,
    primary_identifier: str,
    secondary_identifier: str = "",
    date_of_birth: date | str,
    sex: str,
    date_of_expiry: date | str,
    optional_data: str = "",
    optional_data_2: str = "",
) -> tuple[str, ...]:
    """The lines of an MRZ. Dates are dates or YYMMDD with fillers; sex is M, F or X.

    Names are transliterated and, where they do not fit, truncated (9303-3 section 6, 9303-4 4.2.3).
    ValueError where a field does not fit its place.
    """
    layout = LAYOUTS[mrz_format]
    number, number_digit, optional_data = _number(layout, document_number, optional_data)
    values = {
        "document_code": document_code,
        "issuing_state": issuing_state,
        "name": name_field(primary_identifier, secondary_identifier, _name_width(layout)),
        "document_number": number,
        "nationality": nationality,
        "date_of_birth": _yymmdd(date_of_birth),
        "sex": {"X": FILLER}.get(sex, sex),
        "date_of_expiry": _yymmdd(date_of_expiry),
        "optional_data": optional_data,
        "optional_data_2": optional_data_2,
    }
    rows = [[FILLER] * layout.width for _ in range(layout.line_count)]
    for name, span in layout.fields.items():
        _place(rows[span.line], span.start, span.end, values[name].upper(), name)
    _place_check_digits(layout, rows, number_digit)
    return tuple("".join(row) for row in rows)


def name_field(primary: str, secondary: str, width: int) -> str:
    """The name field of `width` characters; a truncated one ends in a letter (9303-4, 4.2.3)."""
    first, second = transliterate(primary), transliterate(secondary)
    full = first + (FILLER * 2 + second if second else "")
    if len(full) <= width:
        return full.ljust(width, FILLER)
    if len(first) > width - 3 and second:
        first = first[: width - 3].rstrip(FILLER)
    return _ending_in_letter(first + (FILLER * 2 + second if second else ""), width)


def _ending_in_letter(full: str, width: int) -> str:
    """The text cut to `width`; where the cut ends in a filler, the part before gives up a letter."""
    cut = full[:width]
    while cut.endswith(FILLER):
        at = len(cut.rstrip(FILLER))
        full = full[: at - 1] + full[at:]
        cut = full[:width].ljust(width, "X")
    return cut


def _name_width(layout: Layout) -> int:
    span = layout.fields["name"]
    return span.end - span.start


def _number(layout: Layout, number: str, optional: str) -> tuple[str, str | None, str]:
    """Number field, its check digit where it stands elsewhere, and the optional data behind it."""
    if len(number) <= 9:
        return number, None, optional
    if layout.format not in (MrzFormat.TD1, MrzFormat.TD2):
        raise ValueError("a document number of this format has at most 9 characters")
    overflow = number[9:] + str(check_digit(number))
    return number[:9], FILLER, overflow + (FILLER + optional if optional else "")


def _place_check_digits(layout: Layout, rows: list[list[str]], number_digit: str | None) -> None:
    """Write each check digit in the order of the table, so that the composite covers the others."""
    for rule in layout.checks:
        text = tuple("".join(row) for row in rows)
        digit = str(check_digit("".join(span.of(text) for span in rule.covers)))
        if rule.name == "document_number" and number_digit is not None:
            digit = number_digit
        rows[rule.digit.line][rule.digit.start] = digit


def _place(row: list[str], start: int, end: int, value: str, name: str) -> None:
    if len(value) > end - start:
        raise ValueError(f"{name} has room for {end - start} characters, not {len(value)}")
    row[start : start + len(value)] = list(value)


def _yymmdd(value: date | str) -> str:
    return value if isinstance(value, str) else value.strftime("%y%m%d")
