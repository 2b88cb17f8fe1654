"""What every record of the store has in common, and how a field differs from its plain type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

JSON_KEY = "json_key"
"""Field metadata: the key in JSON where it is no Python name (`from`)."""
AT_LEAST = "at_least"
"""Field metadata: the smallest integer allowed; 0 where nothing is said."""
NAMED_FROM = {JSON_KEY: "from"}
POSITIVE = {AT_LEAST: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The columns that every record carries beside its own.

    `received_at`: when this gate's store got it, aware; None = known long before.
    A subclass may define `check_consistency()`, which raises `ValueError("field: what is wrong")`.
    """

    record_id: str | None = None
    version: int | None = None
    received_at: datetime | None = None
    source_agency: str | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A date of birth of which day, or day and month, may be unknown (ICAO 9303-3 section 4.8)."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def known(self) -> bool:
        """Whether the whole date is known."""
        return self.day is not None

    @property
    def earliest(self) -> date:
        """The earliest day that it can be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The latest day that it can be."""
        if self.day is not None and self.month is not None:
            return date(self.year, self.month, self.day)
        month = self.month or 12
        start_of_next = date(self.year + month // 12, month % 12 + 1, 1)
        return date.fromordinal(start_of_next.toordinal() - 1)

    def __str__(self) -> str:
        month = "<<" if self.month is None else f"{self.month:02d}"
        day = "<<" if self.day is None else f"{self.day:02d}"
        return f"{self.year:04d}-{month}-{day}"
