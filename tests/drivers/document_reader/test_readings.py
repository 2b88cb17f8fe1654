"""What counts as a reading."""

import pytest

from drivers.document_reader.readings import (
    DocumentLines,
    DocumentUnreadable,
    UnreadableKind,
    reading_of,
    reading_of_lines,
)
from tests.drivers.document_reader.specimen import TD1, TD2, TD3


@pytest.mark.parametrize("zone", [TD1, TD2, TD3])
@pytest.mark.parametrize("ends", ["\r", "\r\n", "\n"])
def test_every_format_with_every_line_end(zone: tuple[str, ...], ends: str) -> None:
    """Line ends are the reader's habit and never part of the zone."""
    assert reading_of(ends.join(zone) + ends * 2) == DocumentLines(zone)


@pytest.mark.parametrize("mark", "_*?")
def test_an_unread_place_is_never_guessed(mark: str) -> None:
    """One place that the reader did not recognise makes the document unreadable."""
    zone = (TD3[0], TD3[1][:20] + mark + TD3[1][21:])
    assert reading_of_lines(zone) == DocumentUnreadable(UnreadableKind.UNREAD_CHARACTERS)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", UnreadableKind.NO_MRZ),
        ("\r\r", UnreadableKind.NO_MRZ),
        (TD3[0].lower() + "\r" + TD3[1], UnreadableKind.FOREIGN_CHARACTERS),
        (TD3[0].replace("<", " ") + "\r" + TD3[1], UnreadableKind.FOREIGN_CHARACTERS),
        (TD3[0] + "\r" + TD3[1][:-1], UnreadableKind.WRONG_SHAPE),
        (TD3[0], UnreadableKind.WRONG_SHAPE),
        (TD3[0] + "<\r" + TD3[1], UnreadableKind.TOO_LONG),
        ("\r".join([TD1[0]] * 4), UnreadableKind.WRONG_SHAPE),
    ],
)
def test_what_is_no_zone_says_why(text: str, kind: UnreadableKind) -> None:
    """Each defect has its own kind, so that the page can tell the traveller what to do."""
    assert reading_of(text) == DocumentUnreadable(kind)


def test_a_reading_hides_its_lines() -> None:
    """The name and number of a traveller stay out of ``repr``."""
    assert "ERIKSSON" not in repr(DocumentLines(TD3))
