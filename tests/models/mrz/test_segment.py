"""Where the characters of a strip stand, and where a line ends."""

import numpy as np

from models.mrz.segment import Profile, segment


def profile_of(characters: int, width: int = 50) -> Profile:
    """A strip on which so many characters stand a pitch (four steps) apart, nothing else; behind the
    36th the gap is a step wider.
    """
    places = 4 * np.arange(characters) + 8
    places[36:] += 1
    present = np.full(4 * width, np.log(0.02))
    present[places] = present[places + 1] = 0.0
    absent = np.where(present < -1, 0.0, np.log(0.02))
    at = np.arange(len(present), dtype=np.float64) * 4 + 8
    return Profile(at, present, absent)


def test_a_line_ends_where_its_last_character_stands() -> None:
    """Thirty-six characters and blank paper behind them."""
    grid = segment(profile_of(36), 36)
    assert grid.presence > 0.99
    assert grid.behind > 0.9


def test_a_longer_line_has_not_been_seen_to_end() -> None:
    """Of 44 characters 36 fit a path as well, its last place pushed into a gap to look like an end."""
    grid = segment(profile_of(44), 36)
    assert grid.presence > 0.9
    assert grid.behind < 0.25


def test_a_line_that_leaves_the_strip_has_not_been_seen_to_end() -> None:
    """Where the strip ends with the last place nobody knows what stands behind it."""
    grid = segment(profile_of(36, width=38), 36)
    assert grid.presence > 0.99
    assert grid.behind < 0.25
