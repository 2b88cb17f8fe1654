"""One check of one traveller at one instant: what every rule may look at, computed once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from gate.law.alien_basis import EntryBases, entry_bases
from gate.law.ban_status import BanStanding, ban_standing
from gate.law.emergency_status import EmergencyState, emergency_state
from gate.law.entry_ban_status import bans_in_force
from gate.law.periods import reached, seoul_day
from gate.vocabulary.decisions import Stage
from gate.vocabulary.facts import Direction, Facts
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records import (
    BiometricSource,
    BirthDate,
    Category,
    DepartureBan,
    EmergencyBan,
    EnrolmentStatus,
    EntryBan,
    Evidence,
    LandingKind,
    Live,
    NotYetCaptured,
    Record,
    Registration,
    RegistrationStatus,
)

KOREA = "KOR"


@dataclass(slots=True)
class Check:
    """The facts as they stood at `now`, and what several rules derive from them.

    `both_live`: both live captures matched; None while they are still to come.
    `deemed`: a template that the law lets count as registration covers this traveller.
    `enrolled`: an active enrolment with face and finger exists.
    """

    facts: Facts
    now: datetime
    today: date
    stage: Stage
    direction: Direction | None
    parameters: Parameters
    category: Category
    dob: BirthDate | None
    both_live: bool | None
    deemed: bool
    enrolled: bool
    left_service: bool
    registered_alien: bool
    overseas_korean: bool
    crew_multi: bool
    bans: tuple[tuple[DepartureBan, BanStanding], ...]
    emergencies: tuple[tuple[EmergencyBan, EmergencyState], ...]
    entry_bans: tuple[EntryBan, ...]
    bases: EntryBases | None

    @property
    def relies_on_enrolment(self) -> bool:
        """Whether the quality of the enrolment matters: it is what the gate relies on (C7)."""
        return self.enrolled and not self.deemed

    @property
    def min_evidence(self) -> Evidence:
        """The least examination of a passport that the policy asks for."""
        policy = self.facts.policy
        if policy is None or policy.authenticity_evidence is None:
            return self.parameters.authenticity_evidence
        return policy.authenticity_evidence


def check_of(facts: Facts, now: datetime, stage: Stage, parameters: Parameters) -> Check:
    """Return the check of a traveller; records received after `now` are not seen (GATE-RECHK-01).

    Raises `ValueError` for a naive `now`, and for a gate check of facts without a direction.
    """
    if stage is not Stage.ENROLMENT and facts.direction is None:
        raise ValueError("facts, field direction: departure or entry is needed at a gate")
    today = seoul_day(now)
    facts = known_at(facts, now)
    category = category_of(facts)
    dob = facts.person.dob if facts.person is not None else None
    both_live = _both_live(facts.live)
    deemed = both_live is not False and _deemed(facts, category, dob, today, parameters)
    enrolment = facts.enrolment
    crew_multi = facts.landing is not None and facts.landing.permit_kind is LandingKind.CREW_MULTI
    entering_alien = category is Category.ALIEN and facts.direction is Direction.ENTRY
    return Check(
        facts=facts,
        now=now,
        today=today,
        stage=stage,
        direction=facts.direction,
        parameters=parameters,
        category=category,
        dob=dob,
        both_live=both_live,
        deemed=deemed,
        enrolled=enrolment is not None
        and enrolment.status is EnrolmentStatus.ACTIVE
        and enrolment.has_face
        and enrolment.has_finger,
        left_service=enrolment is not None and enrolment.status is not EnrolmentStatus.ACTIVE,
        registered_alien=live_registration(facts.alien_registration, today),
        overseas_korean=live_registration(facts.overseas_korean_report, today),
        crew_multi=crew_multi,
        bans=tuple((ban, ban_standing(ban, today, now)) for ban in facts.departure_bans),
        emergencies=tuple(
            (ban, emergency_state(ban, now, parameters)) for ban in facts.emergency_bans
        ),
        entry_bans=bans_in_force(facts.entry_bans, today, now) if facts.entry_bans else (),
        bases=entry_bases(facts, today, parameters) if entering_alien else None,
    )


def category_of(facts: Facts) -> Category:
    """National or alien; of somebody the store does not know, as the passport says."""
    if facts.person is not None:
        return facts.person.category
    passport = facts.passport
    national = passport is not None and KOREA in (passport.nationality, passport.issuing_state)
    return Category.NATIONAL if national else Category.ALIEN


def live_registration(registration: Registration | None, today: date) -> bool:
    """Whether an alien registration or residence report is valid; the last day counts."""
    return (
        registration is not None
        and registration.status is RegistrationStatus.VALID
        and registration.valid_until is not None
        and today <= registration.valid_until
    )


def known_at(facts: Facts, now: datetime) -> Facts:
    """The facts without the records that the store received only after `now`."""
    late: dict[str, Any] = {}
    for name, records in record_lists(facts):
        for record in records:
            if record.received_at is not None and is_late(record, now):
                late[name] = tuple(r for r in records if not is_late(r, now))
                break
    for name, single in single_records(facts):
        if single is not None and single.received_at is not None and is_late(single, now):
            late[name] = None
    return replace(facts, **late) if late else facts


def record_lists(facts: Facts) -> tuple[tuple[str, tuple[Record, ...]], ...]:
    """The fields of the facts that hold lists of records, by name."""
    return (
        ("consents", facts.consents),
        ("designations", facts.designations),
        ("penalties", facts.penalties),
        ("departure_bans", facts.departure_bans),
        ("emergency_bans", facts.emergency_bans),
        ("entry_bans", facts.entry_bans),
        ("deportations", facts.deportations),
        ("permits", facts.permits),
        ("military_permissions", facts.military_permissions),
    )


def single_records(facts: Facts) -> tuple[tuple[str, Record | None], ...]:
    """The fields of the facts that hold one record, by name."""
    return (
        ("person", facts.person),
        ("passport", facts.passport),
        ("kis_record", facts.kis_record),
        ("enrolment", facts.enrolment),
        ("alien_registration", facts.alien_registration),
        ("overseas_korean_report", facts.overseas_korean_report),
        ("stay", facts.stay),
        ("biometric_exemption", facts.biometric_exemption),
        ("landing", facts.landing),
        ("conditional_entry", facts.conditional_entry),
        ("country_policy", facts.country_policy),
        ("policy", facts.policy),
    )


def is_late(record: Record, now: datetime) -> bool:
    """Whether the store received a record only after `now`."""
    return record.received_at is not None and record.received_at > now


def _both_live(live: Live | NotYetCaptured | None) -> bool | None:
    if isinstance(live, NotYetCaptured):
        return None
    return live is not None and live.face_match and live.finger_match


def _deemed(
    facts: Facts,
    category: Category,
    dob: BirthDate | None,
    today: date,
    parameters: Parameters,
) -> bool:
    sources = facts.biometric_sources
    if category is Category.NATIONAL:
        return (
            BiometricSource.RESIDENT_CERT in sources
            and facts.person is not None
            and facts.person.resident_cert_holder
            and reached(dob, parameters.own_consent_age_years, today)
        )
    if BiometricSource.ART38 in sources:
        return True
    return facts.direction is Direction.DEPARTURE and BiometricSource.ART12_2 in sources
