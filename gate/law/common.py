"""Rules that hold for every traveller at every gate: data, document, biometrics."""

from __future__ import annotations

from datetime import timedelta

from gate.law.ban_status import BanStanding
from gate.law.check import Check
from gate.law.rule import DEPARTING, NATIONAL, Role, Used, Who, blocks, note
from gate.vocabulary.decisions import TravellerMessage
from gate.vocabulary.records import Authenticity, Evidence, Live, MilitaryStatus, NotYetCaptured

_STRENGTH = {Evidence.NONE: 0, Evidence.READER: 1, Evidence.CHIP: 2}


@blocks("GATE-DATA-01", "project rule; Ordinance 5 and 13 (at once)")
def data_missing_or_stale(check: Check) -> Used | None:
    """Records are to be managed at once, so a store that was not synchronised for longer than
    its limit, or that comes from the future, decides nothing; nor does the gate where something
    needed is unknown: the person, the birthday, liability for service on departure, the period
    of a ban that blocks. Exactly at the limit is fresh.
    """
    reasons = tuple(
        reason
        for reason in (
            store_stale(check),
            person_unknown(check),
            liability_unknown(check),
            ban_without_period(check),
        )
        if reason is not None
    )
    return reasons or None


def store_stale(check: Check) -> str | None:
    """Why the store is not fresh."""
    store = check.facts.store
    if store is None or store.synced_at is None:
        return "store.synced_at=unknown"
    policy = check.facts.policy
    limit_min = store.max_age_min
    if limit_min is None and policy is not None:
        limit_min = policy.max_age_min
    if limit_min is None:
        limit_min = check.parameters.store_max_age_min
    age = check.now - store.synced_at
    if age < timedelta(0):
        return "store.synced_at=after the check"
    return "store.synced_at=too old" if age > timedelta(minutes=limit_min) else None


def person_unknown(check: Check) -> str | None:
    """Why the law does not know whom it judges, or how old."""
    if check.facts.person is None:
        return "person=unknown"
    return None if check.dob is not None and check.dob.known else "person.dob=unknown"


def liability_unknown(check: Check) -> str | None:
    """Why it is open whether a departing national is liable for military service."""
    person = check.facts.person
    open_question = (
        person is not None
        and check.category in NATIONAL
        and check.direction in DEPARTING
        and person.military_status is MilitaryStatus.UNKNOWN
    )
    return "person.military_status=unknown" if open_question else None


def ban_without_period(check: Check) -> str | None:
    """Which ban blocks without saying until when."""
    for ban, standing in check.bans:
        if standing is BanStanding.NO_PERIOD:
            return f"departure_bans[{ban.ban_id}].last_day=unknown"
    return None


@blocks("GATE-DOC-01", "Ordinance 1(1)1")
def document_unreadable(check: Check) -> Used | None:
    """Where a device cannot read the passport, or a check digit fails, an officer asks for more.
    The same where the policy wants the passport examined and nothing could.
    """
    passport = check.facts.passport
    if passport is None:
        return ("passport=missing",)
    if not passport.mrz_ok:
        return ("passport.mrz_ok=false",)
    if passport.expiry is None:
        return ("passport.expiry=unknown",)
    examined = passport.examined_by
    if passport.authenticity is Authenticity.NOT_EXAMINED:
        examined = Evidence.NONE
    if _STRENGTH[examined] < _STRENGTH[check.min_evidence]:
        return (f"passport.examined_by={examined.value}", f"policy={check.min_evidence.value}")
    return None


@blocks("GATE-BIO-01", "SeS eligibility page; Ordinance 1-2(1), 15(4)")
def live_match_missing(check: Check) -> Used | None:
    """Face and fingerprint both have to match the record of this person now; one alone, a
    timeout or a failed presentation check never suffices. Suspended until they are captured.
    """
    if check.both_live is not False:
        return None
    live = check.facts.live
    if isinstance(live, NotYetCaptured) or live is None:
        return ("live=unknown",)
    return _live_used(live)


def _live_used(live: Live) -> Used:
    return (
        f"live.face_match={str(live.face_match).lower()}",
        f"live.finger_match={str(live.finger_match).lower()}",
    )


@note("GATE-MSG-01", "Act 4-4(3)", Who.GATE, Role.COMPUTES)
def neutral_message(refused: bool, at_gate: bool) -> TravellerMessage | None:
    """Whatever the reason, a traveller or applicant sees one and the same text: another one for
    a ban would tell what the notice was withheld for.
    """
    if not refused:
        return None
    return TravellerMessage.REFER_GENERIC if at_gate else TravellerMessage.ENROL_GENERIC
