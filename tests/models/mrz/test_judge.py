"""What is refused although every character that shows was read."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from models.mrz.decode import decode
from models.mrz.judge import judge
from models.mrz.layout import ALPHABET, MrzFormat
from models.mrz.reader import read
from models.mrz.synthetic import PX_PER_MM, Specimen, atlas_cut, page
from models.mrz.values import CameraReading, Glyphs, Refused
from models.mrz.virtual_camera import View, photograph

TODAY = date(2026, 11, 23)
VISA = Specimen(
    MrzFormat.MRVA,
    (
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L8988901C4XXX4009078F9612109<<<<<<<<<<<<<<<<",
    ),
)
FLAT = View(0, (0, 0), 0.8, (0, 0), 0.5, 0, 1, 0, 1.0, 0, 95)


def seen(hidden: bool, shown: int = 36) -> object:
    """The verdict on a visa, its columns behind `shown` lost in a reflection."""
    rng = np.random.default_rng(5)
    sheet = (page(VISA, atlas_cut("sharp"), rng) * 0.75).astype(np.uint8)
    if hidden:
        sheet[-300:, round((6 + 2.54 * shown) * PX_PER_MM) :] = 255
    return read(photograph(sheet, FLAT, rng, (720, 1280)), TODAY)


def test_a_visa_is_not_cut_to_the_shorter_format() -> None:
    """An MRV-A whose last columns are fillers under a reflection looks like an MRV-B: refused."""
    whole = seen(hidden=False)
    assert isinstance(whole, CameraReading)
    assert whole.lines == VISA.lines
    assert isinstance(seen(hidden=True), Refused)


def glyphs_of(shares: NDArray[np.float64], behind: float = 1.0) -> Glyphs:
    """Glyphs that show the characters with these shares, on lines of a plain picture."""
    logs = np.log(shares / shares.sum(-1, keepdims=True)).astype(np.float32)
    corners = np.array([[[50, 100], [850, 100]], [[50, 145], [850, 145]]], np.float32)
    return Glyphs(logs, 1.0, 1.0, 18.6, corners, behind)


def shares_of(lines: tuple[str, ...]) -> NDArray[np.float64]:
    """Every character plain to see."""
    shares = np.full((len(lines), len(lines[0]), 38), 1e-9)
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            shares[row, column, ALPHABET.index(character)] = 1.0
    return shares


def test_a_visa_behind_whose_lines_something_stands_is_refused() -> None:
    """Thirty-six columns of an MRV-A, whatever they end in, are no MRV-B."""
    picture = np.full((300, 1200), 200, np.uint8)
    for first_line in (VISA.lines[0], VISA.lines[0].replace("<", "A").replace("AA", "<<", 1)):
        cut = (first_line[:36].replace("VA", "V<", 1), VISA.lines[1][:36])
        for behind, expected in ((0.1, Refused), (0.9, CameraReading)):
            glyphs = glyphs_of(shares_of(cut), behind)
            verdict = judge(picture, glyphs, decode(glyphs.log_probabilities), TODAY)
            assert isinstance(verdict, expected), (cut, verdict)


def test_a_zone_at_the_border_of_the_picture_is_refused() -> None:
    """Half a character may be another one: an I without its foot is a T."""
    glyphs = glyphs_of(shares_of(VISA.lines))
    decoded = decode(glyphs.log_probabilities)
    for height, expected in ((151, Refused), (160, CameraReading)):
        picture = np.full((height, 900), 200, np.uint8)
        assert isinstance(judge(picture, glyphs, decoded, TODAY), expected), height


def test_one_doubtful_letter_of_a_name_refuses() -> None:
    """No check digit covers a name: a letter at 0.97 is too little, at 0.985 it is enough."""
    for share, expected in ((0.97, Refused), (0.985, CameraReading)):
        shares = shares_of(VISA.lines)
        shares[0, 6, ALPHABET.index("S")] = (1 - share) / share
        assert isinstance(verdict_of(glyphs_of(shares)), expected)


def verdict_of(glyphs: Glyphs) -> object:
    """The verdict on glyphs in the middle of a plain picture."""
    picture = np.full((300, 900), 200, np.uint8)
    return judge(picture, glyphs, decode(glyphs.log_probabilities), TODAY)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (0.4, 0.4, CameraReading),
        (1.0, 1.0, Refused),
        (-1.0, 0.0, Refused),
        (0.2, -0.3, CameraReading),
    ],
)
def test_lines_that_do_not_stand_below_each_other_are_refused(
    left: float, right: float, expected: type
) -> None:
    """A name read one place too far to a side is a name as well; its line lies beside the other."""
    glyphs = glyphs_of(shares_of(VISA.lines))
    corners = glyphs.corners.copy()
    corners[1, :, 0] += np.array([left, right], np.float32) * glyphs.pitch_px
    assert isinstance(verdict_of(replace(glyphs, corners=corners)), expected)


@pytest.mark.parametrize("place", [(0, 0), (0, -1), (1, -1)])
def test_a_line_whose_end_shows_no_character_is_refused(place: tuple[int, int]) -> None:
    """Where the first or the last place is empty, the line was not seen from its first to its last."""
    shares = shares_of(VISA.lines)
    shares[*place, -1] = 0.5
    assert isinstance(verdict_of(glyphs_of(shares)), Refused)


def test_grammar_alone_does_not_overrule_the_picture() -> None:
    """A line that plainly begins with an M is no passport's, whatever else may stand there."""
    for share, expected in ((0.01, Refused), (0.6, CameraReading)):
        shares = shares_of(VISA.lines)
        shares[0, 0, ALPHABET.index("V")] = share
        shares[0, 0, ALPHABET.index("M")] = 1 - share
        assert isinstance(verdict_of(glyphs_of(shares)), expected), share


def test_a_character_that_no_check_digit_tells_from_another_is_as_doubtful_as_a_letter() -> None:
    """8 and S have one value modulo 10: in a number too a posterior of 0.97 refuses."""
    for share, expected in ((0.96, Refused), (0.99, CameraReading)):
        shares = shares_of(VISA.lines)
        shares[1, 1, ALPHABET.index("S")] = 1 - share
        shares[1, 1, ALPHABET.index("8")] = share
        assert isinstance(verdict_of(glyphs_of(shares)), expected), share


def test_a_zone_whose_print_is_smeared_is_refused_however_sure_its_characters_are() -> None:
    """Where some places hardly show a character, the others are less sure than they look."""
    glyphs = glyphs_of(shares_of(VISA.lines))
    assert isinstance(verdict_of(replace(glyphs, presence=0.96)), Refused)
    assert isinstance(verdict_of(replace(glyphs, presence=0.98)), CameraReading)
