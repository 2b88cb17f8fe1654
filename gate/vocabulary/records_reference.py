"""Reference data of a state, the gate's policy, and what the gate itself observed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from gate.vocabulary.records_base import NAMED_FROM, Record
from gate.vocabulary.records_person import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Record):
    """A mutual automated-clearance agreement; both days are included."""

    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionSuspension(Record):
    """Suspension of a visa exemption agreement; without an end it stands until lifted."""

    from_: date = field(metadata=NAMED_FROM)
    to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantPolicy(Record):
    """Status and days of stay that visa-free entrants of a state are granted.

    `over_90_agreed`: an agreement or reciprocity allows more than the short stay.
    """

    status_code: str
    days: int
    over_90_agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryPolicy(Record):
    """What the Republic agreed or ordered for nationals of one state."""

    nationality: str | None = None
    mou_gate: Agreement | None = None
    visa_exempt: bool = False
    exemption_suspensions: tuple[ExemptionSuspension, ...] = ()
    ptp_required: bool = False
    grant_policy: GrantPolicy | None = None
    reciprocity_refusal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Record):
    """The authority's switches; None = as the parameters say."""

    mma_e_notice_accepted: bool | None = None
    authenticity_evidence: Evidence | None = None
    max_age_min: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState:
    """How fresh the local store is."""

    synced_at: datetime | None = None
    max_age_min: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Verdicts of the live captures, after presentation attack detection; absent is no match."""

    face_match: bool = False
    finger_match: bool = False


@dataclass(frozen=True, slots=True)
class NotYetCaptured:
    """The captures have not been taken yet: not the same as unknown or failed."""


NOT_YET_CAPTURED = NotYetCaptured()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Quality of the samples taken at the enrolment desk."""

    face_ok: bool = False
    finger_ok: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """Papers shown at the enrolment desk beside the passport."""

    id_card: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A passage. Only the three instants matter to the law; the rest says which one it is."""

    id: str | None = None
    gate_id: str | None = None
    person_id: str | None = None
    started_at: datetime | None = None
    entry_check_at: datetime | None = None
    exit_check_at: datetime | None = None
