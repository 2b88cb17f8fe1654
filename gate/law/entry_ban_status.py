"""Which entry bans are in force (Act 11; Ordinance 14)."""

from __future__ import annotations

from datetime import date, datetime

from gate.law.periods import within
from gate.law.rule import Role, Who, note
from gate.vocabulary.records import EntryBan, RecordType


@note("ENT-BAN-10", "Ordinance 14(1), (2)", Who.STORE, Role.COMPUTES)
@note("ENT-BAN-13", "Ordinance 14(2) proviso", Who.GATE, Role.COMPUTES)
def bans_in_force(bans: tuple[EntryBan, ...], today: date, now: datetime) -> tuple[EntryBan, ...]:
    """An entry ban needs no period: it stands until it is revoked, or through its last day where
    one is stated. What an agency only requested does not block.
    """
    return tuple(
        ban
        for ban in bans
        if ban.record_type is RecordType.DECISION
        and not (ban.revoked_at is not None and ban.revoked_at <= now)
        and within(ban.from_, ban.last_day, today)
    )
