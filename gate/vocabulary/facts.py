"""The folded view of one traveller: all that the law may look at, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from gate.vocabulary.records import (
    NOT_YET_CAPTURED,
    BiometricExemption,
    BiometricSource,
    Capture,
    ConditionalEntry,
    Consent,
    CountryPolicy,
    Custody,
    DepartureBan,
    Deportation,
    Designation,
    Documents,
    EmergencyBan,
    Enrolment,
    EntryBan,
    KisRecord,
    Landing,
    Live,
    MilitaryPermission,
    NotYetCaptured,
    Passport,
    Penalty,
    Permit,
    Person,
    Policy,
    Registration,
    Stay,
    StoreState,
    Transaction,
)
from gate.vocabulary.records_codec import decode, encode

CAPTURES_PENDING = "not_yet_captured"
"""The JSON form of `NOT_YET_CAPTURED`."""


class Direction(Enum):
    """Which way the traveller crosses the border."""

    DEPARTURE = "departure"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Records:
    direction: Direction | None = None
    person: Person | None = None
    passport: Passport | None = None
    kis_record: KisRecord | None = None
    enrolment: Enrolment | None = None
    biometric_sources: tuple[BiometricSource, ...] = ()
    consents: tuple[Consent, ...] = ()
    alien_registration: Registration | None = None
    overseas_korean_report: Registration | None = None
    stay: Stay | None = None
    designations: tuple[Designation, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    biometric_exemption: BiometricExemption | None = None
    immigration_investigation: bool = False
    purpose_conflict: bool = False
    departure_bans: tuple[DepartureBan, ...] = ()
    emergency_bans: tuple[EmergencyBan, ...] = ()
    entry_bans: tuple[EntryBan, ...] = ()
    deportations: tuple[Deportation, ...] = ()
    permits: tuple[Permit, ...] = ()
    military_permissions: tuple[MilitaryPermission, ...] = ()
    landing: Landing | None = None
    conditional_entry: ConditionalEntry | None = None
    country_policy: CountryPolicy | None = None
    policy: Policy | None = None
    holidays: tuple[date, ...] = ()
    custody: tuple[Custody, ...] = ()
    store: StoreState | None = None
    capture: Capture | None = None
    documents: Documents | None = None
    transaction: Transaction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(_Records):
    """What the gate knows of one traveller; the field names are those of the store model.

    `direction`: which way the gate leads; None at the enrolment desk.
    `person`: None where the store knows nobody of this passport.
    `live`: verdicts of the live captures; None = unknown or timed out, which never counts as
    a match; `NOT_YET_CAPTURED` before they are taken (check point `Stage.ENTRY`).
    """

    live: Live | NotYetCaptured | None = None


def facts_from(mapping: Mapping[str, Any]) -> Facts:
    """Return the facts that a JSON mapping states (the `facts` of a golden case, or a store view).

    Raises `ValueError` naming record, field and what is wrong, never the value.
    """
    if not isinstance(mapping, Mapping):
        raise ValueError("facts: must be an object")
    rest = dict(mapping)
    live = _live(rest.pop("live", None))
    records = decode(_Records, rest, "facts")
    values = {name: getattr(records, name) for name in _Records.__dataclass_fields__}
    return Facts(live=live, **values)


def facts_to(facts: Facts) -> dict[str, Any]:
    """Return the canonical JSON-able form; `facts_from(facts_to(f)) == f`."""
    values = {name: getattr(facts, name) for name in _Records.__dataclass_fields__}
    form: dict[str, Any] = encode(_Records(**values))
    if isinstance(facts.live, NotYetCaptured):
        form["live"] = CAPTURES_PENDING
    elif facts.live is not None:
        form["live"] = encode(facts.live)
    return form


def _live(value: Any) -> Live | NotYetCaptured | None:
    if value is None:
        return None
    if value == CAPTURES_PENDING:
        return NOT_YET_CAPTURED
    live: Live = decode(Live, value, "live")
    return live
