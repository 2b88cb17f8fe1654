"""Dates of an MRZ: two-digit years, parts that may be unknown, and the century they mean."""

from dataclasses import dataclass
from datetime import date

from models.mrz.layout import FILLER

_OLDEST_YEARS = 120
"""No longer life is documented beyond 122 years; an older reading of a date of birth is no doubt."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date whose year, month or day may be unknown (None), after ICAO 9303-3, 4.8.

    `century_ambiguous` says that another century is possible for a living person.
    """

    year: int | None
    month: int | None
    day: int | None
    century_ambiguous: bool = False

    def exact(self) -> date | None:
        """The calendar date, or None where any part is unknown."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)

    def earliest(self) -> date | None:
        """The first day that this date can mean, or None where the year is unknown."""
        if self.year is None:
            return None
        return date(self.year, self.month or 1, self.day or 1)


def _part(text: str, name: str) -> int | None:
    """Two characters as a number, None when unknown; ValueError where they are neither."""
    if text == FILLER * 2:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{name}: each part is two digits, or two fillers where it is unknown")
    return int(text)


def _parts(text: str, name: str) -> tuple[int | None, int | None, int | None]:
    """Year, month and day of YYMMDD; ValueError where no year has such a day."""
    year, month, day = (_part(text[i : i + 2], name) for i in (0, 2, 4))
    if month is not None and not 1 <= month <= 12:
        raise ValueError(f"{name}: there is no such month")
    longest = 31 if month is None else 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    if day is not None and not 1 <= day <= longest:
        raise ValueError(f"{name}: there is no such day")
    return year, month, day


def _on_calendar(year: int, month: int | None, day: int | None) -> PartialDate | None:
    """The date in that full year, or None where only another century has it (29 February)."""
    partial = PartialDate(year, month, day)
    try:
        partial.earliest()
    except ValueError:
        return None
    return partial


def expiry_date(text: str, today: date) -> PartialDate:
    """The date of expiry YYMMDD, in the hundred years from today's year - 50 to + 49.

    ICAO 9303 gives no pivot; documents are valid for ten years or so, so that this window is wide.
    """
    short, month, day = _parts(text, "date of expiry")
    if short is None:
        return PartialDate(None, month, day)
    year = (today.year - 50) + (short - (today.year - 50)) % 100
    found = _on_calendar(year, month, day)
    if found is None:
        raise ValueError("date of expiry: there is no such day in that year")
    return found


def birth_date(text: str, expiry: PartialDate, today: date) -> PartialDate:
    """The date of birth YYMMDD in the latest century that is neither after today nor the expiry."""
    short, month, day = _parts(text, "date of birth")
    if short is None:
        return PartialDate(None, month, day)
    until = min(today, expiry.earliest() or today)
    first = today.year // 100 * 100 + short
    candidates = [_on_calendar(year, month, day) for year in (first, first - 100, first - 200)]
    possible = [x for x in candidates if x is not None and (x.earliest() or until) <= until]
    if not possible:
        raise ValueError("date of birth: there is no such day in a possible century")
    chosen = possible[0]
    ambiguous = any(today.year - (x.year or 0) <= _OLDEST_YEARS for x in possible[1:])
    return PartialDate(chosen.year, chosen.month, chosen.day, ambiguous)
