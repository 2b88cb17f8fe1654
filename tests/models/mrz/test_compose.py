"""Composing MRZ text is the inverse of parsing it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.mrz.compose import compose, name_field
from models.mrz.layout import DIGITS, LETTERS, MrzFormat
from models.mrz.text import parse
from models.mrz.transliterate import transliterate

TODAY = date(2026, 11, 23)
_WORD = st.text(alphabet=LETTERS, min_size=1, max_size=9)
_NAME = st.lists(_WORD, min_size=1, max_size=2).map(" ".join)
_NUMBER = st.text(alphabet=LETTERS + DIGITS, min_size=1, max_size=9)


@given(
    st.sampled_from(list(MrzFormat)),
    _NUMBER,
    _NAME,
    st.one_of(st.just(""), _WORD),
    st.dates(date(1930, 1, 1), date(2003, 1, 1)),
    st.dates(date(2010, 1, 1), date(2060, 1, 1)),
    st.sampled_from("MFX"),
)
def test_composed_lines_read_back(
    mrz_format: MrzFormat,
    number: str,
    primary: str,
    secondary: str,
    born: date,
    until: date,
    sex: str,
) -> None:
    """Every field comes back as it was given, and every check digit agrees."""
    code = {MrzFormat.TD3: "P", MrzFormat.MRVA: "V", MrzFormat.MRVB: "V"}.get(mrz_format, "I")
    lines = compose(
        mrz_format, document_code=code, issuing_state="KOR", document_number=number, nationality="XXA",
        primary_identifier=primary, secondary_identifier=secondary, date_of_birth=born, sex=sex,
        date_of_expiry=until, optional_data="7",
    )  # fmt: skip
    reading = parse(lines, TODAY)
    assert reading.valid
    assert (reading.format, reading.document_number, reading.sex) == (mrz_format, number, sex)
    assert (reading.primary_identifier, reading.secondary_identifier) == (primary, secondary)
    assert (reading.date_of_birth.exact(), reading.date_of_expiry.exact()) == (born, until)


@given(
    st.sampled_from([MrzFormat.TD1, MrzFormat.TD2]),
    st.text(alphabet=LETTERS + DIGITS, min_size=10, max_size=14),
)
def test_long_numbers_read_back(mrz_format: MrzFormat, number: str) -> None:
    """A number of ten to fourteen characters survives where the format has room for it."""
    fields = {
        "document_code": "I", "issuing_state": "UTO", "document_number": number, "nationality": "UTO",
        "primary_identifier": "A", "date_of_birth": "740812", "sex": "F", "date_of_expiry": "300415",
    }  # fmt: skip
    lines = compose(mrz_format, **fields)
    reading = parse(lines, TODAY)
    assert (reading.document_number, reading.valid) == (number, True)


@given(_NAME, _NAME, st.sampled_from([30, 31, 39]))
def test_a_truncated_name_ends_in_a_letter(primary: str, secondary: str, width: int) -> None:
    """9303-4, 4.2.3: only so does a reader know that something is missing."""
    field = name_field(primary * 3, secondary * 3, width)
    assert len(field) == width
    if len(primary * 3) + len(secondary * 3) + 2 > width + 8:
        assert field[-1] != "<"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("O'Connor", "OCONNOR"), ("Smith-Jones", "SMITH<JONES"), ("Þórsdóttir", "THORSDOTTIR"),
     ("Müller", "MUELLER"), ("Nuñez", "NUNEZ"), ("Strauß", "STRAUSS"), ("Ağaoğlu", "AGAOGLU"), ("Łąka", "LAKA")],
)  # fmt: skip
def test_transliteration(name: str, letters: str) -> None:
    """The Latin table of 9303-3 section 6; apostrophes go, hyphens become fillers."""
    assert transliterate(name) == letters


def test_other_scripts_are_left_to_the_issuing_state() -> None:
    """There is no guess for a name in Hangul."""
    with pytest.raises(ValueError, match="Latin"):
        transliterate("홍길동")
