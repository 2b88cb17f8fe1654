"""Records that keep somebody in or out: departure bans, emergency bans, entry bans, deportations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from gate.vocabulary.records_base import NAMED_FROM, POSITIVE, Record


class BanGround(Enum):
    """The item of Act 4(1), 4(2) or 29(1) that a departure ban rests on."""

    PENDING_TRIAL = "4(1)1"
    UNFINISHED_SENTENCE = "4(1)2"
    UNPAID_FINE = "4(1)3"
    UNPAID_TAX = "4(1)4"
    COMPARABLE = "4(1)5"
    INVESTIGATION = "4(2)"
    WHEREABOUTS_UNKNOWN = "4(2)1"
    WARRANT = "4(2)2"
    SUSPENSION = "29(1)"


class BanKind(Enum):
    """Prohibition of a national or suspension of an alien."""

    PROHIBITION = "prohibition"
    SUSPENSION = "suspension"


class RecordType(Enum):
    """What an agency asked for, or what the Minister decided."""

    REQUEST = "request"
    DECISION = "decision"


class PeriodUnit(Enum):
    """In what a period is counted."""

    DAY = "day"
    MONTH = "month"


def check_period(last_day: date | None, unit: PeriodUnit | None, length: int | None) -> None:
    """A counted period needs both its unit and its length.

    Raises `ValueError` that starts with the field at fault.
    """
    del last_day
    if length is not None and unit is None:
        raise ValueError("unit: a period needs a unit (day or month)")
    if unit is not None and length is None:
        raise ValueError("length: a period with a unit needs a length")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Debts in won that a ban rests on."""

    fine: int | None = None
    surcharge: int | None = None
    national_tax: int | None = None
    customs: int | None = None
    local_tax: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(Record):
    """An extension, as decided or as asked for; starts the day after the previous last day."""

    decided_at: datetime | None = None
    last_day: date | None = None
    unit: PeriodUnit | None = None
    length: int | None = field(default=None, metadata=POSITIVE)
    record_type: RecordType = RecordType.DECISION
    filed_at: datetime | None = None
    grounds_stated: bool | None = None
    documents: bool | None = None

    def check_consistency(self) -> None:
        """See `check_period`."""
        check_period(self.last_day, self.unit, self.length)


class RequestStatus(Enum):
    """Of an extension request."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRequest(Record):
    """An agency's request to extend a ban."""

    filed_at: datetime
    status: RequestStatus


class ExclusionGround(Enum):
    """Why written notice of a ban may be withheld (Act 4-4(3))."""

    SECURITY = "4-4(3)1"
    INVESTIGATION = "4-4(3)2"
    WHEREABOUTS_UNKNOWN = "4-4(3)3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Record):
    """Whether the person was told of a ban, or why not."""

    excluded_ground: ExclusionGround | None = None
    given_at: datetime | None = None


class ObjectionStatus(Enum):
    """Of an objection (Act 4-5)."""

    PENDING = "pending"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection(Record):
    """An objection to a ban or its extension; it suspends nothing."""

    filed_at: datetime
    status: ObjectionStatus = ObjectionStatus.PENDING
    extended_times: int = 0
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureBan(Record):
    """A departure prohibition (nationals) or suspension (aliens)."""

    ban_id: str
    ground: BanGround
    start_date: date
    kind: BanKind | None = None
    record_type: RecordType = RecordType.DECISION
    decided_at: datetime | None = None
    last_day: date | None = None
    unit: PeriodUnit | None = None
    length: int | None = field(default=None, metadata=POSITIVE)
    warrant_valid_until: date | None = None
    amounts: Amounts | None = None
    requester_level: str | None = None
    grounds_stated: bool | None = None
    documents: bool | None = None
    extensions: tuple[Extension, ...] = ()
    extension_request: ExtensionRequest | None = None
    revocation_requested_at: datetime | None = None
    revoked_at: datetime | None = None
    notice: Notice | None = None
    objection: Objection | None = None
    origin_request_id: str | None = None

    def check_consistency(self) -> None:
        """See `check_period`."""
        check_period(self.last_day, self.unit, self.length)


class ApprovalResult(Enum):
    """The Minister's answer to a request to approve an emergency ban."""

    APPROVED = "approved"
    REFUSED = "refused"


class RevocationBasis(Enum):
    """Under which provision an emergency ban was revoked."""

    DEADLINE = "4-6(4)"
    NEEDLESS = "4-3"


class IntakeState(Enum):
    """What the intake did with an emergency request."""

    ACTIVE = "active"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyBan(Record):
    """An emergency prohibition of departure (Act 4-6), from its request on.

    `attachments`: the approval request came with the prosecutor's direction and the report
    (Ordinance 5-3(1)); None counts as complete.
    """

    request_id: str
    requested_at: datetime
    crime_id: str | None = None
    agency: str | None = None
    approval_lodged_at: datetime | None = None
    approval_decided_at: datetime | None = None
    approval_result: ApprovalResult | None = None
    approved_last_day: date | None = None
    attachments: bool | None = None
    revoked_at: datetime | None = None
    revoked_basis: RevocationBasis | None = None
    intake_state: IntakeState = IntakeState.ACTIVE


class EntryBanGround(Enum):
    """The item of Act 11(1), or Act 11(2), that an entry ban rests on."""

    HEALTH = "11(1)1"
    WEAPONS = "11(1)2"
    SECURITY = "11(1)3"
    ORDER = "11(1)4"
    CARE_OR_MEANS = "11(1)5"
    DEPORTED = "11(1)6"
    PERSECUTION = "11(1)7"
    COMPARABLE = "11(1)8"
    RECIPROCITY = "11(2)"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryBan(Record):
    """A stored entry prohibition; without a last day it is open until revoked."""

    id: str
    ground: EntryBanGround
    from_: date = field(metadata=NAMED_FROM)
    last_day: date | None = None
    revoked_at: datetime | None = None
    record_type: RecordType = RecordType.DECISION
    grounds_stated: bool | None = None
    documents: bool | None = None
    requester_level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deportation(Record):
    """A departure under a deportation order."""

    departed_on: date
    order_id: str | None = field(default=None)
