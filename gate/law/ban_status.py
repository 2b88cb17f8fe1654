"""How one departure ban stands on a day: in force, disputed, over, or over but not settled."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import NamedTuple

from gate.law.periods import PeriodEnd, days_on, period_end, seoul_day
from gate.law.rule import Role, Who, note
from gate.vocabulary.records import DepartureBan, RecordType, RequestStatus


class BanStanding(Enum):
    """What a ban is on a day; every standing but NONE makes the gate refer (C3)."""

    NONE = "none"
    IN_FORCE = "in force"
    NO_PERIOD = "in force without a period"
    DISPUTED_DAY = "on the disputed day"
    LATE_EXTENSION = "extended after it was over"
    EXTENSION_PENDING = "over, its extension pending"


class Run(NamedTuple):
    """The days of a ban with its extensions.

    `timely`: end by the original period and the extensions decided in time.
    `late_through`: last day of an extension decided only after the end, None without one.
    `open`: some decision states no period.
    """

    timely: PeriodEnd
    late_through: date | None = None
    open: bool = False


@note("DEP-BAN-09", "Act 4(3)", Who.STORE, Role.COMPUTES)
@note("DEP-OBJ-05", "project rule", Who.GATE, Role.COMPUTES)
def ban_standing(ban: DepartureBan, today: date, now: datetime) -> BanStanding:
    """How a ban stands, exactly one way (C3). What an agency only asked for does not block, and
    an objection suspends nothing.
    """
    if ban.record_type is RecordType.REQUEST or ban.start_date > today or revoked(ban, now):
        return BanStanding.NONE
    run = ban_run(ban, now)
    if run is None or run.open:
        return BanStanding.NO_PERIOD
    if today <= run.timely.last_day:
        return BanStanding.IN_FORCE
    if extended_late(run, today):
        return BanStanding.LATE_EXTENSION
    if on_disputed_day(run, today):
        return BanStanding.DISPUTED_DAY
    if extension_pending(ban, run, now):
        return BanStanding.EXTENSION_PENDING
    return BanStanding.NONE


@note("DEP-REV-01", "Act 4-3(1); Ordinance 3(1)", Who.STORE_OFFICER, Role.COMPUTES)
def revoked(ban: DepartureBan, now: datetime) -> bool:
    """The Minister revokes a ban whose ground is gone; only that act, and from its instant on,
    stops the gate. A request to revoke, a paid debt or an objection changes nothing.
    """
    return ban.revoked_at is not None and ban.revoked_at <= now


@note("DEP-PER-05", "Act 4-2; Ordinance 2-2", Who.STORE, Role.COMPUTES)
@note("DEP-EXT-01", "Act 4-2(1); Ordinance 2-2(1)", Who.STORE, Role.COMPUTES)
def ban_run(ban: DepartureBan, now: datetime) -> Run | None:
    """The Minister may extend a ban any number of times; each extension starts the day after
    the last day before it. None where the ban itself states no period.
    """
    end = period_end(ban.start_date, ban.last_day, ban.unit, ban.length)
    if end is None:
        return None
    run = Run(end)
    for extension in ban.extensions:
        if extension.record_type is RecordType.REQUEST:
            continue
        decided = extension.decided_at
        if _not_yet(decided, now) or _not_yet(extension.received_at, now):
            continue
        previous = run.late_through or run.timely.last_day
        end = period_end(days_on(previous, 1), extension.last_day, extension.unit, extension.length)
        if end is None:
            return Run(run.timely, run.late_through, open=True)
        if end.last_day <= previous:
            continue  # only an act of revocation ends a ban earlier
        late = decided is not None and seoul_day(decided) > previous
        if late or run.late_through is not None:
            run = Run(run.timely, end.refer_through)
        else:
            run = Run(end)
    return run


def _not_yet(instant: datetime | None, now: datetime) -> bool:
    return instant is not None and instant > now


@note("DEP-EXT-05", "project rule (AMB-16)", Who.GATE_STORE, Role.COMPUTES)
def extended_late(run: Run, today: date) -> bool:
    """A ban that was over cannot be extended, yet an act of the Minister exists: until its last
    day an officer clarifies.
    """
    return run.late_through is not None and today <= run.late_through


@note("DEP-PER-04", "project rule (AMB-11)", Who.GATE, Role.COMPUTES)
def on_disputed_day(run: Run, today: date) -> bool:
    """A period of months without a stated last day may or may not cover its corresponding day."""
    return today <= run.timely.refer_through


@note("DEP-EXT-04", "project rule (AMB-16)", Who.GATE, Role.COMPUTES)
def extension_pending(ban: DepartureBan, run: Run, now: datetime) -> bool:
    """A request to extend that was filed while the ban ran, by its later reading, and is not
    decided yet: an officer asks the Ministry first.
    """
    request = ban.extension_request
    return (
        request is not None
        and request.status is RequestStatus.PENDING
        and request.filed_at <= now
        and not _not_yet(request.received_at, now)
        and seoul_day(request.filed_at) <= run.timely.refer_through
    )
