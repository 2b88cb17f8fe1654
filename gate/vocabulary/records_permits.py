"""Records that let somebody travel or land: permits, military permissions, landings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from gate.vocabulary.records_bans import EntryBanGround
from gate.vocabulary.records_base import POSITIVE, Record
from gate.vocabulary.records_person import GrantStatus


class PermitKind(Enum):
    """What a permit allows."""

    VISA = "visa"
    REENTRY = "reentry"
    REENTRY_EXEMPTION = "reentry_exemption"
    REFUGEE_TRAVEL_DOCUMENT = "refugee_travel_document"
    ALIEN_ENTRY_PERMIT = "alien_entry_permit"
    PRIOR_TRAVEL_PERMIT = "prior_travel_permit"
    ENTRY_PERMISSION_7_2_3 = "entry_permission_7_2_3"


class Entries(Enum):
    """How many entries a permit is good for."""

    SINGLE = "single"
    MULTIPLE = "multiple"


class PermitStatus(Enum):
    """Of a permit; REVOKED counts as absent (Ordinance 94)."""

    VALID = "valid"
    USED = "used"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit(Record):
    """A visa, re-entry permission or other permit; both days are included.

    `used`: completed entries. `issued_on`: where absent, `valid_from` stands for it.
    """

    kind: PermitKind
    valid_from: date | None = None
    valid_until: date | None = None
    entries: Entries | None = None
    used: int = 0
    status: PermitStatus = PermitStatus.VALID
    issuer: str | None = None
    status_code: str | None = None
    issued_on: date | None = None


class MilitaryForm(Enum):
    """How the Manpower Administration's permission reached the gate."""

    E_NOTICE = "e_notice"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilitaryPermission(Record):
    """Permission for overseas travel (Military Service Act 70); both days are included."""

    form: MilitaryForm
    valid_from: date | None = None
    valid_until: date | None = None
    status: GrantStatus = GrantStatus.VALID


class LandingKind(Enum):
    """The landing permissions of Act 14 to 16-2."""

    CREW = "crew"
    CREW_MULTI = "crew_multi"
    TOURISM = "tourism"
    EMERGENCY = "emergency"
    DISTRESS = "distress"
    REFUGEE = "refugee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing(Record):
    """A landing permission; `days` counts from the landing day on, that day included."""

    permit_kind: LandingKind
    permit_issued_on: date | None = None
    permit_status: GrantStatus = GrantStatus.VALID
    landed_on: date | None = None
    days: int | None = field(default=None, metadata=POSITIVE)
    ship_departed_at: datetime | None = None
    extension_days: int | None = None
    moj_approval: bool = False
    art11_ground: EntryBanGround | None = None


class BondEvent(Enum):
    """What happened under a conditional entry permit with a bond (Ordinance 17(3), (4))."""

    PASSED_INSPECTION = "passed_inspection"
    LEFT = "left"
    FLED = "fled"
    NO_SHOW = "no_show"
    OTHER_BREACH = "other_breach"

    @classmethod
    def _missing_(cls, value: object) -> BondEvent | None:
        """Take the other words that offices use for the same events."""
        return _OTHER_WORDS.get(value) if isinstance(value, str) else None


_OTHER_WORDS = {
    "inspection_passed": BondEvent.PASSED_INSPECTION,
    "passed": BondEvent.PASSED_INSPECTION,
    "departed": BondEvent.LEFT,
    "left_unmet": BondEvent.LEFT,
    "left_requirements_unmet": BondEvent.LEFT,
    "departed_requirements_unmet": BondEvent.LEFT,
    "breach": BondEvent.OTHER_BREACH,
    "other": BondEvent.OTHER_BREACH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalEntry(Record):
    """A conditional entry permit (Act 13)."""

    granted_at: datetime
    hours: int
    extension_hours: int | None = None
    bond_krw: int | None = None
    surrendered_at: datetime | None = None


class ForwardedTo(Enum):
    """To whom a forged paper in custody was sent on."""

    INVESTIGATOR = "investigator"
    ISSUER = "issuer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody(Record):
    """A forged passport or seafarer's paper taken into custody (Act 5, 12-4)."""

    document: str
    holder: str
    reason: str
    notified_holder_at: datetime | None = None
    issuer_notified_at: datetime | None = None
    forwarded_to: ForwardedTo | None = None
