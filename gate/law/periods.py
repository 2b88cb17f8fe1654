"""Days, months, birthdays and anniversaries as Korean law counts them.

All dates are calendar dates in Seoul (GATE-TZ-01): UTC+9 without daylight saving time.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from gate.law.rule import Role, Who, note
from gate.vocabulary.records import BirthDate, PeriodUnit

SEOUL = timezone(timedelta(hours=9))
ONE_DAY = timedelta(days=1)
MONTHS = 12
SATURDAY = 5


@note("GATE-TZ-01", "project rule (Korean statute)", Who.GATE_STORE, Role.COMPUTES)
def seoul_day(instant: datetime) -> date:
    """Every calendar date in a rule is the date in Seoul at the instant of the check.

    Raises `ValueError` for a naive instant.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset (for Seoul +09:00)")
    return instant.astimezone(SEOUL).date()


def days_on(day: date, days: int) -> date:
    """The day so many days later, or earlier if negative; the calendar's first or last day where
    it ends before. Records use 9999-12-31 for "without end", and that has to stay so.
    """
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def corresponding_day(start: date, months: int) -> date | None:
    """The same day of the month so many months on; None where that month has no such day."""
    year, month = divmod(start.year * MONTHS + start.month - 1 + months, MONTHS)
    if year > date.max.year:
        return None
    try:
        return date(year, month + 1, start.day)
    except ValueError:
        return None


def end_of_month(start: date, months: int) -> date:
    """The last day of the month so many months after the month of `start`."""
    year, month = divmod(start.year * MONTHS + start.month + months, MONTHS)
    return date.max if year > date.max.year else date(year, month + 1, 1) - ONE_DAY


def day_period_end(start: date, days: int) -> date:
    """Last day of a period of days (DEP-PER-01): the first day counts as one."""
    return days_on(start, days - 1)


def month_period_end(start: date, months: int) -> date:
    """Last day of a period of months (DEP-PER-02): the day before the corresponding day.

    Where the last month has no corresponding day, its last day.
    """
    same = corresponding_day(start, months)
    return end_of_month(start, months) if same is None else same - ONE_DAY


class PeriodEnd(NamedTuple):
    """Last day by the shorter and by the longer reading (AMB-11); equal unless disputed."""

    last_day: date
    refer_through: date


def period_end(
    start: date, last_day: date | None, unit: PeriodUnit | None, length: int | None
) -> PeriodEnd | None:
    """End of a period; an explicit last day always governs. None where there is no period."""
    if last_day is not None:
        return PeriodEnd(last_day, last_day)
    if unit is None or length is None:
        return None
    if unit is PeriodUnit.DAY:
        end = day_period_end(start, length)
        return PeriodEnd(end, end)
    same = corresponding_day(start, length)
    if same is None:
        end = end_of_month(start, length)
        return PeriodEnd(end, end)
    return PeriodEnd(same - ONE_DAY, same)


def anniversary(day: date, years: int) -> date:
    """The day so many years on; 29 February becomes 1 March in common years (AMB-12)."""
    year = day.year + years
    if year > date.max.year:
        return date.max
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


@note(
    "GATE-AGE-01",
    "project rule for Ordinance 1-2(1)3, 15(4)1, Act 12-2(1)1",
    Who.GATE,
    Role.COMPUTES,
)
def reached(birth: BirthDate | None, years: int, today: date) -> bool:
    """An age is reached at 00:00 in Seoul on the birthday; born on 29 February, on 1 March of
    a common year. Where day or month is unknown, only what is sure counts.
    """
    return birth is not None and today >= anniversary(birth.latest, years)


def below(birth: BirthDate | None, years: int, today: date) -> bool:
    """Whether somebody is surely younger; neither this nor `reached` where it is unknown."""
    return birth is not None and today < anniversary(birth.earliest, years)


@note("GATE-ELAPSE-01", "project rule for Act 11(1)6 and the SeS page", Who.GATE, Role.COMPUTES)
def still_barred(event: date, years: int, today: date) -> bool:
    """Years since a day have elapsed only after their last anniversary: that day is still
    barred (AMB-12, AMB-27).
    """
    return today <= anniversary(event, years)


def within(first: date | None, last: date | None, today: date) -> bool:
    """Whether `today` lies in a period of which both ends count; a missing end is open."""
    return (first is None or first <= today) and (last is None or today <= last)


def next_working_day(day: date, holidays: tuple[date, ...]) -> date:
    """`day` itself, or the first day after it that is neither Saturday, Sunday nor holiday."""
    while day < date.max and (day.weekday() >= SATURDAY or day in holidays):
        day += ONE_DAY
    return day
