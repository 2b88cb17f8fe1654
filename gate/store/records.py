"""Records as they come in, the kinds there are, and the fold of their events into a view."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gate.store.chain import instant_of
from gate.store.errors import rejected
from gate.store.log import canonical
from gate.vocabulary.records import (
    BiometricExemption,
    BiometricSource,
    ConditionalEntry,
    Consent,
    CountryPolicy,
    Custody,
    DepartureBan,
    Deportation,
    Designation,
    EmergencyBan,
    Enrolment,
    EntryBan,
    KisRecord,
    Landing,
    MilitaryPermission,
    Passport,
    Penalty,
    Permit,
    Person,
    Policy,
    Registration,
    Stay,
)
from gate.vocabulary.records_codec import check, decode


@dataclass(frozen=True, slots=True)
class RecordKind:
    """How one kind of record stands in the facts of a traveller.

    `section`: field of `Facts`. `many`: a list of them.
    `natural_id`: the content's own identifier. `cls` None: `{"value": ...}` of a plain value.
    """

    section: str
    cls: type | None
    many: bool = False
    natural_id: str | None = None
    of_person: bool = True


KINDS: dict[str, RecordKind] = {
    "person": RecordKind("person", Person),
    "passport": RecordKind("passport", Passport, many=True),
    "kis_record": RecordKind("kis_record", KisRecord),
    "enrolment": RecordKind("enrolment", Enrolment),
    "biometric_source": RecordKind("biometric_sources", None, many=True),
    "consent": RecordKind("consents", Consent, many=True),
    "alien_registration": RecordKind("alien_registration", Registration),
    "overseas_korean_report": RecordKind("overseas_korean_report", Registration),
    "stay": RecordKind("stay", Stay),
    "designation": RecordKind("designations", Designation, many=True),
    "penalty": RecordKind("penalties", Penalty, many=True),
    "biometric_exemption": RecordKind("biometric_exemption", BiometricExemption),
    "immigration_investigation": RecordKind("immigration_investigation", None),
    "purpose_conflict": RecordKind("purpose_conflict", None),
    "departure_ban": RecordKind("departure_bans", DepartureBan, many=True, natural_id="ban_id"),
    "emergency_ban": RecordKind("emergency_bans", EmergencyBan, many=True, natural_id="request_id"),
    "entry_ban": RecordKind("entry_bans", EntryBan, many=True, natural_id="id"),
    "deportation": RecordKind("deportations", Deportation, many=True, natural_id="order_id"),
    "permit": RecordKind("permits", Permit, many=True),
    "military_permission": RecordKind("military_permissions", MilitaryPermission, many=True),
    "landing": RecordKind("landing", Landing),
    "conditional_entry": RecordKind("conditional_entry", ConditionalEntry),
    "custody": RecordKind("custody", Custody, many=True),
    "country_policy": RecordKind("country_policy", CountryPolicy, of_person=False),
    "policy": RecordKind("policy", Policy, of_person=False),
    "holidays": RecordKind("holidays", None, of_person=False),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record as an agency states it; a later version replaces the content whole.

    `content`: JSON values with the field names of the store model, or None where the record
    was entered in error and is withdrawn. `version` None: the next one, if anything changed.
    `record_id` None: the natural one of the kind, else made from the content.
    """

    kind: str
    content: Mapping[str, Any] | None = field(repr=False)
    person_id: str | None = None
    record_id: str | None = None
    version: int | None = None
    source: str = ""
    signature: bytes = b""

    def checked(self) -> RecordKind:
        """Return the kind; raises StoreError(REJECTED) with the record's id and the reason."""
        kind = self._checked_kind()
        if self.content is not None:
            self._check_content(kind, self.content, check)
        return kind

    def read(self) -> Any:
        """Return what the content states as a value of its kind, checked as by `checked`."""
        kind = self._checked_kind()
        return None if self.content is None else self._check_content(kind, self.content, decode)

    def _checked_kind(self) -> RecordKind:
        kind = KINDS.get(self.kind)
        if kind is None:
            raise rejected(self.name, "its kind is unknown")
        if self.person_id is not None and not self.person_id.strip():
            raise rejected(self.name, "person_id is empty")
        if kind.of_person != (self.person_id is not None):
            raise rejected(
                self.name, "needs a person" if kind.of_person else "concerns no single person"
            )
        if self.version is not None and self.version < 1:
            raise rejected(self.name, "versions count from 1")
        return kind

    @property
    def name(self) -> str:
        """What the record is called in messages: its own id where it is fit to be printed, or the
        kind; never other content.
        """
        if self.record_id:
            return self.record_id
        kind = KINDS.get(self.kind)
        key = (kind.natural_id if kind is not None else None) or _FORM_ID
        given = (self.content or {}).get(key)
        fit = isinstance(given, str) and _IDENTIFIER.fullmatch(given)
        return str(given) if fit else f"({self.kind})"

    def _check_content(
        self, kind: RecordKind, content: Mapping[str, Any], reader: Callable[..., Any]
    ) -> Any:
        value = None
        try:
            if kind.cls is None:
                _check_value(self.kind, content)
            else:
                value = reader(kind.cls, content, self.kind)
        except ValueError as error:
            raise rejected(self.name, str(error)) from None
        _check_order(self.name, content)
        if kind.natural_id and not str(content.get(kind.natural_id) or "x").strip():
            raise rejected(self.name, f"{kind.natural_id} is empty")
        if kind.natural_id and self.record_id and content.get(kind.natural_id) != self.record_id:
            raise rejected(self.name, f"{kind.natural_id} is not the record's id")
        if self.kind == "person" and content.get("person_id") != self.person_id:
            raise rejected(self.name, "person_id is not the person's id")
        return value


_FORM_ID = "request_id"
"""Own id of an intake form, which is no kind of record yet."""
_IDENTIFIER = re.compile(r"[\w.:()-]{1,40}")
_ORDERED = (("start_date", "last_day"), ("from", "last_day"), ("valid_from", "valid_until"))


def _check_order(name: str, content: Mapping[str, Any]) -> None:
    """No period ends before it begins. The dates were found to be dates before."""
    for first, last in _ORDERED:
        begins, ends = content.get(first), content.get(last)
        if begins and ends and ends < begins:
            raise rejected(name, f"{last} lies before {first}")
    begins = content.get("start_date")
    for extension in content.get("extensions") or ():
        if begins and extension.get("last_day") and extension["last_day"] < begins:
            raise rejected(name, "the last_day of an extension lies before start_date")


def _check_value(kind: str, content: Mapping[str, Any]) -> None:
    value = content.get("value")
    if set(content) != {"value"}:
        raise ValueError(f"{kind}: must be an object with the one field value")
    if kind == "biometric_source":
        if value not in {source.value for source in BiometricSource}:
            raise ValueError(f"{kind}, field value: must be a source of the store model")
    elif kind == "holidays":
        if not isinstance(value, list) or not all(map(_is_day, value)):
            raise ValueError(f"{kind}, field value: must be a list of dates YYYY-MM-DD")
    elif not isinstance(value, bool):
        raise ValueError(f"{kind}, field value: must be true or false")


def _is_day(value: Any) -> bool:
    try:
        return bool(date.fromisoformat(value).isoformat() == value)
    except (TypeError, ValueError):
        return False


@dataclass(slots=True)
class Held:
    """The latest version of one record. `document`: pseudonym of a passport."""

    version: int
    sequence: int
    received_at: int
    content: Any
    document: str | None = None

    def as_json(self) -> list[Any]:
        """The compact form of the projection."""
        return [self.version, self.sequence, self.received_at, self.content, self.document]


class View:
    """The fold of all events about one person (or about everybody)."""

    __slots__ = ("_digest", "kinds")

    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, Held]] = {}
        self._digest: bytes | None = None

    @classmethod
    def from_bytes(cls, data: bytes) -> View:
        """Read the form that `to_bytes` wrote."""
        view = cls()
        view.kinds = {
            kind: {record_id: Held(*held) for record_id, held in records.items()}
            for kind, records in json.loads(data).items()
        }
        view._digest = hashlib.sha256(data).digest()
        return view

    @property
    def digest(self) -> bytes:
        """SHA-256 of the canonical form."""
        if self._digest is None:
            self._digest = hashlib.sha256(self.to_bytes()).digest()
        return self._digest

    def to_bytes(self) -> bytes:
        """The canonical form: the same fold gives the same bytes."""
        return canonical(
            {
                kind: {record_id: held.as_json() for record_id, held in records.items()}
                for kind, records in self.kinds.items()
            }
        )

    def held(self, kind: str, record_id: str) -> Held | None:
        """Return the latest version of a record, if there is one."""
        return self.kinds.get(kind, {}).get(record_id)

    def put(self, kind: str, record_id: str, held: Held) -> None:
        """Replace a record by a later version."""
        self._digest = None
        self.kinds.setdefault(kind, {})[record_id] = held

    @property
    def knows_person(self) -> bool:
        """Whether the person itself is held, not only records about it."""
        return any(held.content is not None for held in self.kinds.get("person", {}).values())

    def versions(self) -> tuple[tuple[str, str, int], ...]:
        """(kind, record id, version) of everything in the view, in order."""
        return tuple(
            (kind, record_id, held.version)
            for kind, records in sorted(self.kinds.items())
            for record_id, held in sorted(records.items())
        )

    def facts(self, at: datetime, document: str | None) -> dict[str, Any]:
        """Return the sections of `Facts` in JSON form; of the passports, the one presented.

        What an agency only asked for never reaches the gate.
        """
        sections: dict[str, Any] = {}
        for name, records in self.kinds.items():
            kind = KINDS[name]
            standing = [
                (record_id, held)
                for record_id, held in records.items()
                if held.content is not None
                and (name != "passport" or held.document == document)
                and (kind.cls is None or held.content.get("record_type") != "request")
            ]
            if not standing:
                continue
            standing.sort(key=lambda item: item[1].sequence)
            values = [_stated(kind, record_id, held, at) for record_id, held in standing]
            sections[kind.section] = _in_form(name, kind, values)
        return sections


def _in_form(name: str, kind: RecordKind, values: list[Any]) -> Any:
    if kind.many and name != "passport":
        return values
    # Of two records of one doubt the doubt stands; else the later record tells.
    return any(values) if kind.cls is None else values[-1]


def _stated(kind: RecordKind, record_id: str, held: Held, at: datetime) -> Any:
    """What a record says, with when it came.

    Whatever stands in the view had come: after a small step of the clock its time is told as
    `at`, never later, so that the law cannot overlook it.
    """
    if kind.cls is None:
        return held.content["value"]
    received_at = min(instant_of(held.received_at), at)
    return {
        **held.content,
        "record_id": record_id,
        "version": held.version,
        "received_at": received_at.isoformat(),
    }
