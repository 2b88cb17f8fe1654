"""What a document reader can tell, whatever its maker.

A reading is the raw text of the machine readable zone, line by line, as the reader decoded it. Framing and
character set are checked here; check digits and field rules are not (they belong to the MRZ model).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MRZ_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")  # ICAO 9303-3, section 4.3
UNREAD_CHARACTERS = frozenset("_*?")  # what readers print where they saw a character but not which
MAX_LINE_CHARACTERS = 44  # TD3, ICAO 9303-4
_SHAPES = frozenset(
    {(44, 44), (36, 36), (30, 30, 30), (30,)}
)  # TD3/MRV-A, TD2/MRV-B, TD1, one-line card
_LINE_END = re.compile(r"[\r\n]+")


class UnreadableKind(enum.Enum):
    """Why a document gave no usable reading."""

    NO_MRZ = "no_mrz"  # the reader answered with nothing: page upside down, cover, no document
    UNREAD_CHARACTERS = (
        "unread_characters"  # at least one place the reader marked as not recognised
    )
    FOREIGN_CHARACTERS = "foreign_characters"  # a character that no machine readable zone may hold
    WRONG_SHAPE = "wrong_shape"  # not the lines of any document format
    INCOMPLETE = "incomplete"  # the frame stopped half way or its check byte was wrong
    TOO_LONG = "too_long"  # more than any document holds
    NO_ANSWER = "no_answer"  # a document lies there and the reader did not answer


@dataclass(frozen=True, slots=True)
class DocumentLaid:
    """The presence sensor sees a document. Only readers with such a sensor send it."""


@dataclass(frozen=True, slots=True)
class DocumentLines:
    """One complete reading. ``lines`` is hidden from ``repr`` because it names a person.

    lines: 1 to 3 strings of equal length 30, 36 or 44 over ``A-Z 0-9 <``.
    """

    lines: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DocumentUnreadable:
    """A document was offered and no reading can be used. Never repaired by a guess."""

    kind: UnreadableKind


@dataclass(frozen=True, slots=True)
class DocumentRemoved:
    """The presence sensor no longer sees the document."""


DocumentEvent = DocumentLaid | DocumentLines | DocumentUnreadable | DocumentRemoved
Reading = DocumentLines | DocumentUnreadable


def reading_of(text: str) -> Reading:
    """Judge the text of one frame; lines may end in CR, LF or both, empty lines are dropped."""
    return reading_of_lines(line for line in _LINE_END.split(text) if line)


def reading_of_lines(lines: Iterable[str]) -> Reading:
    """Judge decoded lines by shape and character set only."""
    zone = tuple(lines)
    if not zone:
        return DocumentUnreadable(UnreadableKind.NO_MRZ)
    seen = set().union(*zone)
    if seen - MRZ_CHARACTERS - UNREAD_CHARACTERS:
        return DocumentUnreadable(UnreadableKind.FOREIGN_CHARACTERS)
    if any(len(line) > MAX_LINE_CHARACTERS for line in zone):
        return DocumentUnreadable(UnreadableKind.TOO_LONG)
    if seen & UNREAD_CHARACTERS:
        return DocumentUnreadable(UnreadableKind.UNREAD_CHARACTERS)
    if tuple(map(len, zone)) not in _SHAPES:
        return DocumentUnreadable(UnreadableKind.WRONG_SHAPE)
    return DocumentLines(zone)
