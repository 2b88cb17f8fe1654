"""Records about a person: identity, passport, enrolment, consents, standing in the country."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from gate.vocabulary.records_base import BirthDate, Record


class Category(Enum):
    """National of the Republic of Korea or alien."""

    NATIONAL = "national"
    ALIEN = "alien"


class MilitaryStatus(Enum):
    """Liability for military service (Ordinance 1(6)); UNKNOWN never means clear."""

    NOT_LIABLE = "not_liable"
    LIABLE = "liable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """How somebody travels as crew of a ship or aircraft (Ordinance 1(4), 1(5), 15(10), 35(2))."""

    travelling_as_crew: bool = False
    first_departure: bool = False
    last_entry: bool = False
    irregular_vessel: bool = False
    registered: bool = False
    korean_vessel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Record):
    """One human being, whatever passports and nationalities that person has."""

    person_id: str
    category: Category
    nationality: str | None = None
    other_nationalities: tuple[str, ...] = ()
    dob: BirthDate | None = field(default=None, repr=False)
    sex: str | None = None
    name: str | None = field(default=None, repr=False)
    resident_registered: bool = False
    resident_cert_holder: bool = False
    military_status: MilitaryStatus = MilitaryStatus.UNKNOWN
    crew: Crew | None = None


class Usage(Enum):
    """How often a passport may be used."""

    MULTIPLE = "multiple"
    SINGLE = "single"


class PassportStatus(Enum):
    """What the issuer, or Korean passport law, says of a passport."""

    VALID = "valid"
    LOST = "lost"
    STOLEN = "stolen"
    CANCELLED = "cancelled"
    RESTRICTED = "restricted"
    SURRENDER_ORDERED = "surrender_ordered"


class Authenticity(Enum):
    """What the examination of a passport found; NOT_EXAMINED where nothing looked."""

    OK = "ok"
    SUSPECT = "suspect"
    FORGED = "forged"
    NOT_EXAMINED = "not_examined"


class Evidence(Enum):
    """What examined a passport, weakest first; as a policy: the least that must have."""

    NONE = "none"
    READER = "reader"
    CHIP = "chip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport(Record):
    """The booklet presented. `examined_by`: which device vouches for `authenticity`."""

    number: str = field(repr=False)
    issuing_state: str
    nationality: str | None = None
    name: str | None = field(default=None, repr=False)
    dob: BirthDate | None = field(default=None, repr=False)
    sex: str | None = None
    expiry: date | None = None
    usage: Usage = Usage.MULTIPLE
    status: PassportStatus = PassportStatus.VALID
    mrz_ok: bool = False
    authenticity: Authenticity = Authenticity.NOT_EXAMINED
    examined_by: Evidence = Evidence.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class KisRecord(Record):
    """An alien's data in the immigration information system, to compare a passport with."""

    name: str | None = field(default=None, repr=False)
    dob: BirthDate | None = field(default=None, repr=False)
    sex: str | None = None
    nationality: str | None = None
    passport_number: str | None = field(default=None, repr=False)


class EnrolmentStatus(Enum):
    """Life of a Smart Entry Service membership."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    REVOKED = "revoked"


class RevocationReason(Enum):
    """Why the authority revoked a membership."""

    FALSE_INFORMATION = "false_information"
    BECAME_INELIGIBLE = "became_ineligible"
    INAPPROPRIATE = "inappropriate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment(Record):
    """A membership and which modalities were registered."""

    status: EnrolmentStatus
    enrolled_at: datetime
    has_face: bool = False
    has_finger: bool = False
    revocation_reason: RevocationReason | None = None
    cancelled_in_person: bool = False


class BiometricSource(Enum):
    """Where a usable local template comes from, and so which provision lets it be used."""

    SES = "ses"
    RESIDENT_CERT = "resident_cert"
    ART38 = "art38"
    ART12_2 = "art12_2"


class ConsentKind(Enum):
    """Who consented."""

    SELF = "self"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Record):
    """A consent; live at t when given_at <= t < withdrawn_at."""

    kind: ConsentKind
    given_at: datetime
    withdrawn_at: datetime | None = None
    family_certificate: bool = False

    def live_at(self, instant: datetime) -> bool:
        """Whether the consent stood at an instant."""
        if self.given_at > instant:
            return False
        return self.withdrawn_at is None or instant < self.withdrawn_at


class RegistrationStatus(Enum):
    """Of an alien registration or an overseas Korean's residence report."""

    VALID = "valid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Record):
    """An alien registration (Act 31) or a report of residence; the last day is included."""

    status: RegistrationStatus
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay(Record):
    """Status and period of stay; the last day is included."""

    status_code: str | None = None
    stay_until: date | None = None
    permanent: bool = False

    def check_consistency(self) -> None:
        """A permanent resident's stay has no last day (Act 10-3(1))."""
        if self.permanent and self.stay_until is not None:
            raise ValueError("stay_until: must be null where permanent is true")


class DesignationBasis(Enum):
    """On what ground the Minister lets an alien use the gate (Ordinance 15(4)1(c))."""

    KUS_TTP = "KUS_TTP"
    PRIORITY_CARD = "PRIORITY_CARD"
    CREW_MULTI = "CREW_MULTI"
    MOJ = "MOJ"


class GrantStatus(Enum):
    """Of a designation, a landing permit or a military permission."""

    VALID = "valid"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Designation(Record):
    """The Minister's dated designation of one alien; the last day is included."""

    basis: DesignationBasis
    status: GrantStatus
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty(Record):
    """A penalty under the Act in won."""

    amount_krw: int
    decided_on: date
    paid_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BiometricExemption(Record):
    """An exemption from giving biometrics (Act 12-2(1) provisos)."""

    basis: str | None = None
    submitted_at: datetime | None = None
    planned_entry_at: datetime | None = None
