"""Prohibition of entry (Act 11)."""

from __future__ import annotations

from gate.law.check import Check
from gate.law.periods import still_barred
from gate.law.rule import ALIEN, ENTERING, NATIONAL, Used, Who, blocks
from gate.vocabulary.records import EntryBanGround


def banned_on(check: Check, ground: EntryBanGround) -> Used | None:
    """The entry bans in force on one ground, as facts used."""
    if not check.entry_bans:
        return None
    found = tuple(
        f"entry_bans[{ban.id}]={ban.ground.value}"
        for ban in check.entry_bans
        if ban.ground is ground
    )
    return found or None


@blocks("ENT-BAN-01", "Act 11(1)1", ALIEN, ENTERING, Who.GATE_OFFICER)
def health(check: Check) -> Used | None:
    """Infectious disease, addiction, danger to public health."""
    return banned_on(check, EntryBanGround.HEALTH)


@blocks("ENT-BAN-02", "Act 11(1)2", ALIEN, ENTERING, Who.GATE_OFFICER)
def weapons(check: Check) -> Used | None:
    """Unlawful entry with firearms, swords or explosives."""
    return banned_on(check, EntryBanGround.WEAPONS)


@blocks("ENT-BAN-03", "Act 11(1)3", ALIEN, ENTERING, Who.GATE_OFFICER)
def security(check: Check) -> Used | None:
    """Likely harm to the interests or the security of the Republic."""
    return banned_on(check, EntryBanGround.SECURITY)


@blocks("ENT-BAN-04", "Act 11(1)4", ALIEN, ENTERING, Who.GATE_OFFICER)
def order(check: Check) -> Used | None:
    """Likely disturbance of economic or social order or of good morals."""
    return banned_on(check, EntryBanGround.ORDER)


@blocks("ENT-BAN-05", "Act 11(1)5", ALIEN, ENTERING, Who.GATE_OFFICER)
def care_or_means(check: Check) -> Used | None:
    """Nobody to care for the person, no means for the stay, need of relief."""
    return banned_on(check, EntryBanGround.CARE_OR_MEANS)


@blocks("ENT-BAN-06", "Act 11(1)6", ALIEN, ENTERING)
def deported_within_five_years(check: Check) -> Used | None:
    """Five years after leaving under a deportation order have to be over; the anniversary is
    still barred (AMB-27), each deportation counts by itself, and other orders to leave do not
    count (AMB-28).
    """
    stored = banned_on(check, EntryBanGround.DEPORTED) or ()
    return (stored + deportations_barring(check)) or None


def deportations_barring(check: Check) -> Used:
    """The deportations whose five years are not over, as facts used."""
    years = check.parameters.deportation_bar_years
    return tuple(
        f"deportations.departed_on={deportation.departed_on}"
        for deportation in check.facts.deportations
        if still_barred(deportation.departed_on, years, check.today)
    )


@blocks("ENT-BAN-07", "Act 11(1)7", ALIEN, ENTERING, Who.GATE_OFFICER)
def persecution(check: Check) -> Used | None:
    """Took part in persecution for the governments named, from 29 August 1910 to 15 August
    1945, both days included.
    """
    return banned_on(check, EntryBanGround.PERSECUTION)


@blocks("ENT-BAN-08", "Act 11(1)8", ALIEN, ENTERING, Who.GATE_OFFICER)
def comparable(check: Check) -> Used | None:
    """A case comparable to these, as the Minister decided."""
    return banned_on(check, EntryBanGround.COMPARABLE)


@blocks("ENT-BAN-09", "Act 11(2)", ALIEN, ENTERING)
def home_state_refuses_koreans(check: Check) -> Used | None:
    """Where the home state refuses Koreans on other grounds, its nationals may be refused for
    the same: one by one or all of them (AMB-46).
    """
    policy = check.facts.country_policy
    stored = banned_on(check, EntryBanGround.RECIPROCITY) or ()
    whole_state = policy is not None and policy.reciprocity_refusal
    general = ("country_policy.reciprocity_refusal=true",) if whole_state else ()
    return (stored + general) or None


@blocks("NENT-05", "project rule from Act 11", NATIONAL, ENTERING)
def entry_ban_on_a_national(check: Check) -> Used | None:
    """An entry ban on a national is a conflict of data, such as a naturalisation: an officer
    looks, and nobody may refuse a national's entry.
    """
    return tuple(f"entry_bans[{ban.id}]=on a national" for ban in check.entry_bans) or None
