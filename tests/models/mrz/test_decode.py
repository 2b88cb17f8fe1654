"""The joint decoder: check digits, grammar and doubt."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.mrz.decode import decode
from models.mrz.layout import ALPHABET, LAYOUTS, MrzFormat, check_digit
from models.mrz.synthetic import specimen

LINES = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
LONG = (
    "I<UTOD23145890<7349<<<<<<<<<<<",
    "3407127M9507122UTO<<<<<<<<<<<2",
    "STEVENSON<<PETER<JOHN<<<<<<<<<",
)


def evidence(lines: tuple[str, ...], sure: float = 0.98) -> NDArray[np.float32]:
    """A classifier that is this sure of each character and knows nothing of the rest."""
    out = np.full((len(lines), len(lines[0]), 38), (1 - sure) / 37)
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            out[row, column, ALPHABET.index(character)] = sure
    return np.asarray(np.log(out), dtype=np.float32)


def doubt(found: NDArray[np.float32], row: int, column: int, shares: dict[str, float]) -> None:
    """Make one slot as likely each of these characters."""
    found[row, column] = np.log(1e-4)
    for character, share in shares.items():
        found[row, column, ALPHABET.index(character)] = np.log(share)


@pytest.mark.parametrize("mrz_format", list(MrzFormat))
def test_clear_pictures_decode_to_their_text(mrz_format: MrzFormat) -> None:
    """With sure characters the lines of every format come back, nearly certain."""
    lines = specimen(np.random.default_rng(4), mrz_format).lines
    found = decode(evidence(lines, 0.999))
    assert found is not None
    assert found.lines == lines
    assert found.layout.format is mrz_format
    assert found.confidence > 0.95


def test_a_check_digit_overrules_the_picture() -> None:
    """B for 8 changes a check digit: the decoder takes the 8 although the picture prefers B."""
    found = evidence(LINES)
    doubt(found, 1, 1, {"B": 0.7, "8": 0.3})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.lines == LINES
    assert decoded.repaired == ((1, 1),)


def test_a_swap_that_no_check_digit_sees_stays_doubtful() -> None:
    """8 and S weigh the same modulo 10: the posterior is what the picture says, not more."""
    found = evidence(LINES, 0.9999)
    doubt(found, 1, 1, {"8": 0.55, "S": 0.45})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.confidence < 0.9


def test_a_zero_in_a_name_is_an_o_but_a_b_in_a_number_is_no_8() -> None:
    """Where only letters may stand a sure 0 is an O; a sure B in a number is at odds with the digits."""
    named = (LINES[0].replace("SSON", "SSOM"), LINES[1])
    found = evidence(named, 0.9999)
    doubt(found, 0, named[0].index("O", 6), {"O": 0.02, "0": 0.97})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.lines == named
    assert decoded.overruled < 0.1
    found = evidence(LINES, 0.9999)
    doubt(found, 1, 1, {"8": 0.02, "B": 0.97})
    numbered = decode(found)
    assert numbered is not None
    assert numbered.lines == LINES
    assert numbered.overruled > 3


VISA = (
    "V<KORVIIN<<KAPARKIN<ANNA<<<<<<<<<<<<",
    "M070H08628EUE9906286M3310012<<<<<<<<",
)


def test_zeros_that_look_like_letters_do_not_cancel_out() -> None:
    """Two zeros read as O agree with the check digit as well: the picture alone makes no O of them."""
    found = evidence(VISA, 0.999)
    for column in (1, 3):
        doubt(found, 1, column, {"O": 0.998, "0": 0.002})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.lines == VISA or decoded.confidence < 0.9


@pytest.mark.parametrize("start", ["OO", "00"])
def test_two_zeros_at_the_start_of_a_number_are_not_guessed(start: str) -> None:
    """OO and 00 have one check digit: where the print draws both alike nobody can tell them apart."""
    number = f"{start}1820121"
    lines = (VISA[0], f"{number}{check_digit(number)}{VISA[1][10:]}")
    alike = {"O": 0.5, "0": 0.5}
    found = evidence(lines, 0.999)
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            if character in alike:
                doubt(found, row, column, alike)
    decoded = decode(found)
    assert decoded is not None
    assert decoded.confidence < 0.95


def test_what_a_print_does_not_show_elsewhere_is_believed_less() -> None:
    """B for 8 twice cancels out in a check digit; without another 8 in the document it is a doubt."""
    number = "AW9432BB8"
    lines = (
        "P<UTOMIN<MINHAZE<<KAKA<<<<<<<<<<<<<<<<<<<<<<",
        f"{number}{check_digit(number)}UTO9411302M30041139<<<<<<<<<<<<<3",
    )
    composite = check_digit(lines[1][:10] + lines[1][13:20] + lines[1][21:43])
    found = evidence((lines[0], f"{lines[1]}{composite}"), 0.999)
    for column in (6, 7):
        doubt(found, 1, column, {"B": 0.99, "8": 0.01})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.confidence < 0.95


def test_a_print_whose_zeros_are_letters_is_read_by_its_check_digits() -> None:
    """Zeros of the dates that look like O say that a zero of the number may do so too."""
    found = evidence(VISA, 0.999)
    for column in (1, 3, 15, 24, 25):
        doubt(found, 1, column, {"O": 0.998, "0": 0.002})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.lines == VISA
    assert decoded.confidence > 0.9


def test_a_letter_in_a_number_stays_one_where_its_check_digit_says_so() -> None:
    """There are numbers with a real O: its check digit, not a rule, tells it from 0."""
    number = "XO7123456"
    lines = (VISA[0], f"{number}{check_digit(number)}{VISA[1][10:]}")
    decoded = decode(evidence(lines, 0.999))
    assert decoded is not None
    assert decoded.lines == lines
    assert decoded.confidence > 0.9


def test_a_letter_among_digits_wants_better_evidence() -> None:
    """No check digit of a visa covers its optional data, and none anywhere tells U from 0."""
    lines = (VISA[0], VISA[1][:28] + "30183045")
    found = evidence(lines, 0.999)
    doubt(found, 1, 31, {"U": 0.96, "8": 0.04})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.characters[1, 31] < 0.9
    doubt(found, 1, 31, {"U": 0.9999, "8": 1e-9})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.lines[1][31] == "U"
    assert decoded.confidence > 0.9


def test_fillers_behind_a_name_are_no_letters() -> None:
    """One K in a run of fillers is a filler: a name does not begin again after its end."""
    found = evidence(LINES)
    doubt(found, 0, 35, {"K": 0.6, "<": 0.4})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.lines == LINES


def test_a_long_document_number_is_decoded() -> None:
    """The overflow of a TD1 number into the optional data is found by its check digit."""
    decoded = decode(evidence(LONG, 0.995))
    assert decoded is not None
    assert decoded.lines == LONG
    assert decoded.confidence > 0.9


def test_a_slot_where_nothing_is_seen_is_not_made_up() -> None:
    """In an invisible class (0, A, K, U, <) a slot without a character keeps the reading unsure."""
    found = evidence(LINES, 0.9999)
    found[1, 30] = np.log(1e-3)
    found[1, 30, -1] = np.log(0.96)
    decoded = decode(found)
    assert decoded is not None
    assert decoded.confidence < 0.9


def test_posteriors_agree_with_enumeration() -> None:
    """The decoder's joint posterior is the exact one: two doubtful slots, all pairs tried."""
    found = evidence(LINES, 1 - 1e-9)
    doubt(found, 1, 13, {"7": 0.6, "1": 0.4})
    doubt(found, 1, 14, {"4": 0.5, "7": 0.5})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.lines == LINES
    assert decoded.confidence > 0.97  # of the four pairs only 74 agrees with the check digits


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(list(MrzFormat)), st.integers(0, 2**32 - 1), st.floats(0.1, 8))
def test_any_evidence_is_decoded_without_error(
    mrz_format: MrzFormat, seed: int, peak: float
) -> None:
    """Noise of any sharpness gives lines of the right shape and probabilities within 0 and 1."""
    layout = LAYOUTS[mrz_format]
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, peak, (layout.line_count, layout.width, 38))
    logits -= np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    decoded = decode(logits.astype(np.float32))
    assert decoded is not None
    assert [len(line) for line in decoded.lines] == [layout.width] * layout.line_count
    assert 0 <= decoded.confidence <= 1 + 1e-9
    assert np.all((decoded.characters >= 0) & (decoded.characters <= 1 + 1e-9))


def test_no_format_has_this_shape() -> None:
    """Five lines are no MRZ."""
    assert decode(np.zeros((5, 44, 38), np.float32)) is None


def test_a_zero_among_letters_is_the_round_letter_it_looks_most_like() -> None:
    """Some print draws its O as others draw their 0, and its D nearly: a plain O is read, a doubt kept."""
    lines = ("P<UTOGIL<OH<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<<<", LINES[1])
    found = evidence(lines, 0.9999)
    for shares, least, most in (
        ({"0": 0.998, "O": 0.002, "D": 1e-6, "Q": 1e-6}, 0.98, 1.0),
        ({"0": 0.99, "O": 0.005, "D": 0.005}, 0.4, 0.9),
    ):
        doubt(found, 0, 9, shares)
        decoded = decode(found)
        assert decoded is not None
        assert decoded.lines == lines or most < 1
        assert least <= decoded.characters[0, 9] <= most, shares


def korean(code: str, number: str) -> tuple[str, str]:
    """A Korean passport of this code and number, no 6 in its dates and no G in its name."""
    parts = [number, "KOR", "900131", "M", "321231"]
    parts = [f"{x}{check_digit(x)}" if x[-1].isdigit() else x for x in parts]
    line = "".join(parts).ljust(43, "<")
    line = f"{line}{check_digit(line[:10] + line[13:20] + line[21:43])}"
    return f"{code}KORLEE<<ANNA".ljust(44, "<"), line


def test_a_letter_in_the_fifth_place_of_a_korean_number_is_expected() -> None:
    """Numbers given since December 2021 have one there: a plain G is no doubtful 6."""
    lines = korean("PM", "M123G4567")
    decoded = decode(evidence(lines, 0.99999))
    assert decoded is not None
    assert decoded.lines == lines
    assert decoded.characters.min() > 0.98


def test_a_korean_document_code_leans_towards_those_in_use() -> None:
    """PH is none: where an H may be an M nobody swears to PH, and a plain PH stays one."""
    found = evidence(korean("PM", "M12345678"), 0.9999)
    doubt(found, 0, 1, {"H": 0.95, "M": 0.05})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.lines[0][:2] == "PM"
    assert decoded.characters[0, 1] < 0.98
    decoded = decode(evidence(korean("PH", "M12345678"), 0.9999))
    assert decoded is not None
    assert decoded.lines[0][:2] == "PH"


def test_an_o_among_digits_is_a_0_and_speaks_against_nothing() -> None:
    """Where a print draws its zeros as others draw their O, a date is no document at odds with itself."""
    found = evidence(LINES, 0.9999)
    for column in (15, 23):
        assert LINES[1][column] == "0"
        doubt(found, 1, column, {"O": 0.9997, "0": 1e-6})
    decoded = decode(found)
    assert decoded is not None
    assert decoded.lines == LINES
    assert decoded.characters.min() > 0.98
    assert decoded.overruled < 1
