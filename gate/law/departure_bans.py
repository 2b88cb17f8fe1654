"""Prohibition of departure (Act 4) and suspension of departure (Act 29) at the gate."""

from __future__ import annotations

from gate.law.ban_status import BanStanding
from gate.law.check import Check
from gate.law.rule import ALIEN, BOTH_WAYS, DEPARTING, ENTERING, NATIONAL, Used, blocks

IN_FORCE = (BanStanding.IN_FORCE, BanStanding.NO_PERIOD)


def bans_that_stand(check: Check, *standings: BanStanding) -> Used | None:
    """The bans with one of these standings, as facts used."""
    if not check.bans:
        return None
    return (
        tuple(
            f"departure_bans[{ban.ban_id}]={standing.value}"
            for ban, standing in check.bans
            if standing in standings
        )
        or None
    )


@blocks("DEP-BAN-10", "Act 4(4)", NATIONAL, DEPARTING)
def prohibited_from_leaving(check: Check) -> Used | None:
    """Nobody is let out while a prohibition runs: from its start through its last day, until an
    act revokes it. Each record counts by itself and follows the person, not the passport.
    """
    return bans_that_stand(check, *IN_FORCE)


@blocks("NGT-04", "Ordinance 1-2(1)3", NATIONAL, ENTERING)
def prohibited_person_enters(check: Check) -> Used | None:
    """A prohibition closes the lane on entry too, though never the border (AMB-02)."""
    return bans_that_stand(check, *IN_FORCE)


@blocks("DEP-PER-04", "project rule (AMB-11)", NATIONAL, BOTH_WAYS)
def ban_on_disputed_day(check: Check) -> Used | None:
    """A period of months without a stated last day may still cover its corresponding day."""
    return bans_that_stand(check, BanStanding.DISPUTED_DAY)


@blocks("DEP-EXT-04", "project rule (AMB-16)", NATIONAL, BOTH_WAYS)
def ban_extension_pending(check: Check) -> Used | None:
    """The period is over, but a request to extend it, filed in time, is not decided."""
    return bans_that_stand(check, BanStanding.EXTENSION_PENDING)


@blocks("DEP-EXT-05", "project rule (AMB-16)", NATIONAL, BOTH_WAYS)
def ban_extended_late(check: Check) -> Used | None:
    """The extension was decided only after the period was over: an officer clarifies."""
    return bans_that_stand(check, BanStanding.LATE_EXTENSION)


SUSPENDING = (*IN_FORCE, BanStanding.LATE_EXTENSION, BanStanding.EXTENSION_PENDING)


@blocks("SUS-01", "SeS eligibility page (Act 29(1)); Ordinance 36-2", ALIEN, DEPARTING)
def suspended_from_leaving(check: Check) -> Used | None:
    """An alien whose departure is suspended is not let out; the days count as for a ban. A
    prohibition recorded against an alien works the same (AMB-51).
    """
    return bans_that_stand(check, *SUSPENDING)


@blocks("SUS-03", "SeS eligibility page", ALIEN, ENTERING)
def suspended_person_enters(check: Check) -> Used | None:
    """A suspension closes the lane on entry too."""
    return bans_that_stand(check, *SUSPENDING)


@blocks("SUS-04", "project rule (AMB-26)", ALIEN, BOTH_WAYS)
def suspension_on_disputed_day(check: Check) -> Used | None:
    """The corresponding day of a suspension of months without a stated last day; the rule for
    counting days is not expressly extended to aliens.
    """
    return bans_that_stand(check, BanStanding.DISPUTED_DAY)
