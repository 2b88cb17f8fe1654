"""MRZ text after ICAO 9303 parts 3 to 7."""

import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.mrz.layout import ALPHABET, LAYOUTS, MrzFormat, check_digit
from models.mrz.text import parse

TODAY = date(2026, 11, 23)
TD3 = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
MRVA = (
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
)
MRVB = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")
KOREA = (
    "PMKORHONG<<GILDONG<<<<<<<<<<<<<<<<<<<<<<<<<<",
    "M123A45674KOR9001011M3301018<<<<<<<<<<<<<<<8",
)
SPECIMENS = {"TD3": TD3, "TD2": TD2, "TD1": TD1, "MRVA": MRVA, "MRVB": MRVB}


@pytest.mark.parametrize(("name", "lines"), SPECIMENS.items())
def test_specimens_of_9303_are_valid_and_read_as_printed(name: str, lines: tuple[str, ...]) -> None:
    """Each specimen of 9303 parts 4 to 7 is recognised by its shape and has no failed digit."""
    reading = parse(lines, TODAY)
    assert (reading.format.value, reading.valid) == (name, True)
    assert (reading.primary_identifier, reading.secondary_identifier) == ("ERIKSSON", "ANNA MARIA")
    assert reading.sex == "F"


def test_fields_of_the_passport_specimen() -> None:
    """Every field of the TD3 specimen comes out without fillers."""
    reading = parse(TD3, TODAY)
    assert reading.document_number == "L898902C3"
    assert (reading.issuing_state, reading.nationality, reading.document_code) == (
        "UTO",
        "UTO",
        "P",
    )
    assert reading.date_of_birth.exact() == date(1974, 8, 12)
    assert reading.date_of_expiry.exact() == date(2012, 4, 15)


def test_visas_have_no_composite_and_passports_have_one() -> None:
    """9303-7 gives visas no composite check digit."""
    assert parse(MRVA, TODAY).composite is None
    assert parse(TD3, TODAY).composite is not None


def test_korean_passport_keeps_its_second_letter() -> None:
    """PM and the number form with a letter in fifth place are read as printed."""
    reading = parse(KOREA, TODAY)
    assert (reading.document_code, reading.document_number, reading.valid) == (
        "PM",
        "M123A4567",
        True,
    )


@pytest.mark.parametrize("at", [0, 13, 18, 21, 30])
def test_a_changed_digit_is_a_value_not_an_error(at: int) -> None:
    """A failed check digit makes the reading invalid and names the digit; nothing is raised."""
    line = TD3[1]
    changed = line[:at] + ("2" if line[at] != "2" else "3") + line[at + 1 :]
    reading = parse((TD3[0], changed), TODAY)
    assert not reading.valid
    assert "composite" in reading.failed


def test_long_document_number_runs_on_in_the_optional_data() -> None:
    """9303-5: a filler in the check digit's place, the rest and its digit in the optional data."""
    lines = (
        "I<UTOD23145890<7349<<<<<<<<<<<",
        "3407127M9507122UTO<<<<<<<<<<<2",
        "STEVENSON<<PETER<JOHN<<<<<<<<<",
    )
    reading = parse(lines, TODAY)
    assert reading.document_number == "D23145890734"
    assert reading.checks[0].ok


def test_empty_optional_data_may_have_a_filler_for_its_digit() -> None:
    """9303-4: zero or filler where the optional data is empty, and only there."""
    assert parse(KOREA, TODAY).valid
    broken = TD3[1][:42] + "<" + TD3[1][43]
    assert "optional_data" in parse((TD3[0], broken), TODAY).failed


@pytest.mark.parametrize(
    ("name", "identifiers", "truncated"),
    [
        ("ARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", ("ARKFREITH", ""), False),
        (
            "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
            ("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG K"),
            True,
        ),
        ("VAN<DER<BERG<<JAN<<<<<<<<<<<<<<<<<<<<<<", ("VAN DER BERG", "JAN"), False),
    ],
)
def test_names(name: str, identifiers: tuple[str, str], truncated: bool) -> None:
    """Single names have no secondary identifier; a letter in the last place means truncation."""
    reading = parse(("P<UTO" + name, TD3[1]), TODAY)
    assert (reading.primary_identifier, reading.secondary_identifier) == identifiers
    assert reading.name_may_be_truncated is truncated


def test_germany_and_stateless_codes() -> None:
    """Codes shorter than three letters lose their fillers, and XXA is a nationality."""
    line = "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"
    reading = parse(("P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", line), TODAY)
    assert (reading.issuing_state, reading.nationality, reading.valid) == ("D", "D", True)


def _with_birth(text: str) -> tuple[str, str]:
    line = TD3[1][:13] + text + str(check_digit(text)) + TD3[1][20:43]
    composite = check_digit(line[0:10] + line[13:20] + line[21:43])
    return TD3[0], line + str(composite)


def test_unknown_parts_of_a_birth_date() -> None:
    """Unknown month and day are None and the date is not exact (9303-3, 4.8)."""
    born = parse(_with_birth("74<<<<"), TODAY).date_of_birth
    assert (born.year, born.month, born.day, born.exact()) == (1974, None, None, None)


def test_a_birth_date_is_in_the_past_and_before_the_expiry() -> None:
    """The latest century that is neither after today nor after the expiry (here 2012)."""
    assert parse(_with_birth("270101"), TODAY).date_of_birth.year == 1927
    assert parse(_with_birth("130101"), TODAY).date_of_birth.year == 1913
    assert parse(_with_birth("100101"), TODAY).date_of_birth.year == 2010


def test_a_child_may_be_over_a_hundred() -> None:
    """A date of birth that also fits a living centenarian is flagged."""
    assert parse(_with_birth("100101"), TODAY).date_of_birth.century_ambiguous
    assert not parse(_with_birth("740812"), TODAY).date_of_birth.century_ambiguous


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("",),
        ("", ""),
        (TD3[0],),
        (TD3[0], TD3[1][:-1]),
        (TD3[0].lower(), TD3[1]),
        ("X" + TD3[0][1:], TD3[1]),
        (TD3[0], TD3[1][:13] + "741312" + TD3[1][19:]),
        (TD3[0], TD3[1][:20] + "Q" + TD3[1][21:]),
        ("P<UTO" + "1" * 39, TD3[1]),
        ("P<UTO" + "<" * 39, TD3[1]),
        ("IDFRA" + "A" * 31, TD2[1]),
    ],
)
def test_malformed_text_says_what_is_wrong_without_repeating_it(lines: tuple[str, ...]) -> None:
    """The error names the place; no part of name or number stands in it."""
    with pytest.raises(ValueError) as caught:
        parse(lines, TODAY)
    assert str(caught.value)
    assert "ERIKSSON" not in str(caught.value)
    assert "L898902C3" not in str(caught.value)


def test_a_single_text_is_no_sequence_of_lines() -> None:
    """A str is a sequence of str too; it is refused by name."""
    with pytest.raises(ValueError, match="sequence"):
        parse("P<UTO", TODAY)


def test_repr_shows_nobody() -> None:
    """A reading may be logged by accident: neither name nor number stands in its repr."""
    shown = repr(parse(TD3, TODAY))
    assert "ERIKSSON" not in shown
    assert "L898902C3" not in shown


@given(st.lists(st.text(alphabet=ALPHABET + "a \n", max_size=46), max_size=4))
def test_any_text_gives_a_reading_or_a_value_error(lines: list[str]) -> None:
    """The parser is total: no other exception for whatever text."""
    try:
        reading = parse(lines, TODAY)
    except ValueError:
        return
    assert reading.format in MrzFormat


@given(st.sampled_from(list(LAYOUTS)), st.data())
def test_mrz_shaped_text_gives_a_reading_or_a_value_error(
    mrz_format: MrzFormat, data: st.DataObject
) -> None:
    """The same for text of the right shape."""
    layout = LAYOUTS[mrz_format]
    row = st.text(alphabet=ALPHABET, min_size=layout.width, max_size=layout.width)
    lines = data.draw(st.lists(row, min_size=layout.line_count, max_size=layout.line_count))
    try:
        parse([layout.first_letters[0] + lines[0][1:], *lines[1:]], TODAY)
    except ValueError:
        return


def test_the_text_parser_needs_no_numpy() -> None:
    """The controller parses text and must not load numpy for it."""
    code = "import sys, models.mrz.text; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
