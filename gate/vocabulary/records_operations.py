"""Life-cycle operations of the store that the law answers, each with what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import Enum
from typing import Any

from gate.vocabulary.records_bans import (
    DepartureBan,
    EmergencyBan,
    EntryBan,
    EntryBanGround,
    ExclusionGround,
    Extension,
    PeriodUnit,
    RecordType,
    RevocationBasis,
    check_period,
)
from gate.vocabulary.records_base import POSITIVE
from gate.vocabulary.records_codec import decode
from gate.vocabulary.records_permits import BondEvent, Entries, LandingKind
from gate.vocabulary.records_person import RevocationReason
from gate.vocabulary.records_reference import GrantPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodLastDay:
    """Compute the end of a counted period."""

    start_date: date
    unit: PeriodUnit | None = None
    length: int | None = field(default=None, metadata=POSITIVE)
    last_day: date | None = None

    def check_consistency(self) -> None:
        """The period has to be stated, with its unit."""
        check_period(self.last_day, self.unit, self.length)
        if self.last_day is None and self.unit is None:
            raise ValueError("length: a period needs a length and a unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateBan:
    """Judge a departure ban, requested or decided, before it is stored."""

    ban: DepartureBan


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateExtension:
    """Judge an extension of a ban, requested or decided, before it is stored.

    `record_type`: may say here, instead of in the extension, that it was only requested.
    """

    ban: DepartureBan
    extension: Extension
    record_type: RecordType = RecordType.DECISION

    @property
    def requested(self) -> bool:
        """Whether an agency asks for the extension; what extends a mere request is one too."""
        types = (self.record_type, self.extension.record_type, self.ban.record_type)
        return RecordType.REQUEST in types


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionFiling:
    """Judge when, and in what form, an agency filed its request to extend."""

    last_day: date
    filed_at: datetime
    grounds_stated: bool | None = None
    documents: bool | None = None


class NoticeOf(Enum):
    """The act that a notice would tell."""

    PROHIBITION = "prohibition"
    EXTENSION = "extension"
    REVOCATION = "revocation"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDecision:
    """Judge whether the person must be told. `last_day` includes all extensions."""

    decision: NoticeOf
    start_date: date | None = None
    last_day: date | None = None
    exclusion_ground: ExclusionGround | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionFiling:
    """Judge whether an objection came in time."""

    filed_at: datetime
    notice_received_on: date | None = None
    aware_on: date | None = None
    holidays: tuple[date, ...] = ()

    def check_consistency(self) -> None:
        """One of the two days from which the term runs has to be known."""
        if self.notice_received_on is None and self.aware_on is None:
            raise ValueError("notice_received_on: this or aware_on has to be known")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionDecisionDeadline:
    """Judge whether an objection is decided in time."""

    filed_on: date
    extended_times: int = 0


@dataclass(frozen=True, slots=True)
class MaxPenalty:
    """The gravest penalty for a crime: years of imprisonment, or life or death (years None)."""

    years: int | None

    @classmethod
    def from_json(cls, value: Any, where: str) -> MaxPenalty:
        """Read a number of years or "life_or_death"; raises `ValueError` naming `where`."""
        if value == LIFE_OR_DEATH:
            return cls(None)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError(f"{where}: must be a number of years or {LIFE_OR_DEATH}")
        return cls(value)

    def to_json(self) -> int | str:
        """The form that `from_json` reads."""
        return LIFE_OR_DEATH if self.years is None else self.years


LIFE_OR_DEATH = "life_or_death"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRequest:
    """The intake form of an emergency request; documents not mentioned count as in order."""

    request_id: str | None = None
    crime_id: str | None = None
    agency: str | None = None
    requested_at: datetime | None = None
    max_penalty_years: MaxPenalty | None = None
    urgent: bool = False
    evidence_risk: bool = False
    flight_risk: bool = False
    written_request: bool = False
    grounds_stated: bool = False
    intended_period_stated: bool = False
    documents: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRequest:
    """An earlier emergency request against the same person."""

    crime_id: str | None = None
    revoked_basis: RevocationBasis | None = None
    request_id: str | None = None
    agency: str | None = None
    requested_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyIntake:
    """Judge an emergency request on receipt."""

    request: EmergencyRequest
    history: tuple[EarlierRequest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyStatus:
    """Say how an emergency request stands."""

    emergency_ban: EmergencyBan


@dataclass(frozen=True, slots=True, kw_only=True)
class AlienEntryPermit:
    """Judge an alien entry permit and compute its last day. `valid_until`: as printed."""

    issued_on: date
    entries: Entries = Entries.SINGLE
    status_code: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewMultiPermit:
    """Judge a multiple landing permit for crew and compute its last day."""

    issued_on: date
    landed_on: date | None = None
    days: int | None = field(default=None, metadata=POSITIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingPermission:
    """Judge a landing permission or its extension."""

    kind: LandingKind
    landed_on: date | None = None
    days: int = field(metadata=POSITIVE)
    extension_days: int | None = None
    ship_departed_at: datetime | None = None
    moj_approval: bool = False
    art11_ground: EntryBanGround | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalEntryPermit:
    """Judge a conditional entry permit and its extension, and say whether it runs."""

    granted_at: datetime
    hours: int = field(metadata=POSITIVE)
    extension_hours: int | None = None
    bond_krw: int | None = None
    surrendered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """Judge what may become of a bond."""

    event: BondEvent
    no_show_count: int = 0
    good_cause: bool = False
    bond_krw: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BioExemptionRequest:
    """Judge when an agency asked to exempt somebody from giving biometrics."""

    submitted_at: datetime
    planned_entry_at: datetime


class MembershipAction(Enum):
    """What is to become of a membership."""

    CANCEL = "cancel"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Judge the end of a membership. `at`: where it was asked for."""

    action: MembershipAction
    in_person: bool = False
    at: str | None = None
    reason: RevocationReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateEntryBan:
    """Judge an entry ban, requested or decided, before it is stored."""

    entry_ban: EntryBan


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateGrantPolicy:
    """Judge the stay that nationals of a state are granted in advance."""

    grant_policy: GrantPolicy


Operation = (
    PeriodLastDay
    | ValidateBan
    | ValidateExtension
    | ExtensionFiling
    | NoticeDecision
    | ObjectionFiling
    | ObjectionDecisionDeadline
    | EmergencyIntake
    | EmergencyStatus
    | AlienEntryPermit
    | CrewMultiPermit
    | LandingPermission
    | ConditionalEntryPermit
    | Bond
    | BioExemptionRequest
    | Membership
    | ValidateEntryBan
    | ValidateGrantPolicy
)


OPERATIONS: dict[str, type] = {
    "period_last_day": PeriodLastDay,
    "validate_ban": ValidateBan,
    "validate_extension": ValidateExtension,
    "extension_request": ExtensionFiling,
    "notice_decision": NoticeDecision,
    "objection_filing": ObjectionFiling,
    "objection_decision_deadline": ObjectionDecisionDeadline,
    "emergency_intake": EmergencyIntake,
    "emergency_status": EmergencyStatus,
    "alien_entry_permit": AlienEntryPermit,
    "crew_multi_permit": CrewMultiPermit,
    "landing_permission": LandingPermission,
    "conditional_entry": ConditionalEntryPermit,
    "bond": Bond,
    "bio_exemption_request": BioExemptionRequest,
    "membership": Membership,
    "validate_entry_ban": ValidateEntryBan,
    "validate_grant_policy": ValidateGrantPolicy,
}
"""The operations by the words that call them in JSON."""


def operation_from(mapping: Mapping[str, Any]) -> Operation:
    """Return the operation that a JSON mapping states under its key `operation`.

    Raises `ValueError` naming record, field and what is wrong, never the value.
    """
    if not isinstance(mapping, Mapping):
        raise ValueError("operation: must be an object")
    rest = dict(mapping)
    name = rest.pop("operation", None)
    if name == "validate_ban" and _of_article_11(rest.get("ban")):
        return ValidateEntryBan(entry_ban=_entry_ban_from(rest.pop("ban"), rest))
    kind = OPERATIONS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(f"operation: must be one of {', '.join(OPERATIONS)}")
    operation: Operation = decode(kind, rest, str(name))
    return operation


def _of_article_11(ban: object) -> bool:
    """Whether a ban that is to be judged keeps somebody out, not in (Act 11)."""
    return isinstance(ban, Mapping) and str(ban.get("ground", "")).startswith("11(")


_AS_ENTRY_BAN = {"ban_id": "id", "start_date": "from"}
_ONLY_OF_DEPARTURE_BANS = {item.name for item in fields(DepartureBan)} - {
    item.name for item in fields(EntryBan)
}


def _entry_ban_from(ban: Mapping[str, Any], rest: Mapping[str, Any]) -> EntryBan:
    if rest:
        raise ValueError("validate_ban: unknown field beside ban")
    renamed = {_AS_ENTRY_BAN.get(key, key): value for key, value in ban.items()}
    kept = {key: value for key, value in renamed.items() if key not in _ONLY_OF_DEPARTURE_BANS}
    record: EntryBan = decode(EntryBan, kept, "validate_ban, field ban")
    return record
