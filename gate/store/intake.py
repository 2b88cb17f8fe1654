"""Records judged by the law before they are stored: accepted, flagged, quarantined, rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from gate.law import operate
from gate.store.errors import rejected
from gate.store.records import Held, Record, View
from gate.vocabulary.decisions import RecordOutcome, StoreDecision
from gate.vocabulary.parameters import Parameters
from gate.vocabulary.records_bans import DepartureBan
from gate.vocabulary.records_operations import Operation, ValidateBan, operation_from

EMERGENCY_REQUEST = "emergency_request"
"""An intake form; it becomes an `emergency_ban`, in force or in quarantine."""

REFUSED = frozenset({RecordOutcome.REJECTED})
KEPT_FOR_REVIEW = frozenset({RecordOutcome.FLAGGED, RecordOutcome.QUARANTINED})
_FORM_IN_ORDER: dict[str, Any] = {
    "max_penalty_years": "life_or_death",
    **dict.fromkeys(("urgent", "evidence_risk", "flight_risk", "written_request"), True),
    **dict.fromkeys(("grounds_stated", "intended_period_stated"), True),
}


class Taken(NamedTuple):
    """What became of one record. `sequence` None: it was refused, and `reason` says why.

    `rule_ids`: the rules that reject, flag or quarantine it.
    """

    record_id: str
    outcome: RecordOutcome
    rule_ids: tuple[str, ...] = ()
    sequence: int | None = None
    reason: str = ""


class Judged(NamedTuple):
    """A record as it may be stored, with the law's answer."""

    record: Record
    outcome: RecordOutcome
    rule_ids: tuple[str, ...] = ()


def judge(record: Record, view: View, at: datetime, parameters: Parameters) -> Judged:
    """Check one record's form and ask the law about it, given what is held about its person (or
    about everybody).

    Raises StoreError(REJECTED) for content that cannot be judged at all.
    """
    if record.kind == EMERGENCY_REQUEST and record.content is not None:
        record, decision = _emergency_request(record, view, at, parameters)
        return _judged(record, decision)
    operation = _asked(record, view)
    if operation is None:
        return Judged(record, RecordOutcome.ACCEPTED)
    decision = operate(operation, at, parameters)
    if record.kind == "emergency_ban" and decision.outcome is RecordOutcome.QUARANTINED:
        content = {**dict(record.content or {}), "intake_state": "quarantined"}
        record = replace(record, content=content)
    return _judged(record, decision)


def _asked(record: Record, view: View) -> Operation | None:
    """What the law is to be asked about a record, once its form was found right."""
    if record.kind == "departure_ban" and record.content is not None:
        ban: DepartureBan = record.read()  # most records of an import: read only once
        if _held(record, view, ban.ban_id) is None:
            return ValidateBan(ban=ban)
    else:
        record.checked()
    ask = _QUESTIONS.get(record.kind)
    question = ask(record, view) if ask is not None and record.content is not None else None
    return None if question is None else _operation(record, question)


def _judged(record: Record, decision: StoreDecision) -> Judged:
    notable = decision.outcome in REFUSED | KEPT_FOR_REVIEW
    outcome = decision.outcome if notable else RecordOutcome.ACCEPTED
    return Judged(record, outcome, decision.rule_ids if notable else ())


def _operation(record: Record, question: Mapping[str, Any]) -> Operation:
    try:
        return operation_from(question)
    except ValueError as error:
        raise rejected(record.name, str(error)) from None


def _emergency_request(
    record: Record, view: View, at: datetime, parameters: Parameters
) -> tuple[Record, StoreDecision]:
    form = dict(record.content or {})
    question = {"operation": "emergency_intake", "request": form, "history": _history(view)}
    decision = operate(_operation(record, question), at, parameters)
    quarantined = decision.outcome is RecordOutcome.QUARANTINED
    kept = ("request_id", "crime_id", "agency")
    content: dict[str, Any] = {key: form[key] for key in kept if key in form}
    content["requested_at"] = form.get("requested_at") or at.isoformat()
    content["intake_state"] = "quarantined" if quarantined else "active"
    stored = replace(record, kind="emergency_ban", content=content)
    stored.checked()
    return stored, decision


def _history(view: View) -> list[dict[str, Any]]:
    fields = ("crime_id", "revoked_basis", "request_id", "agency")
    return [
        {key: held.content[key] for key in fields if held.content.get(key) is not None}
        for held in view.kinds.get("emergency_ban", {}).values()
        if held.content is not None
    ]


def _ban(record: Record, view: View) -> dict[str, Any] | None:
    """A new ban is judged whole, a later version by the extension it adds."""
    content = dict(record.content or {})
    held = _held(record, view, str(content.get("ban_id")))
    if held is None or held.content is None:
        return {"operation": "validate_ban", "ban": content}
    extensions = list(content.get("extensions") or [])
    if len(extensions) <= len(held.content.get("extensions") or []):
        changed = _period(content) != _period(held.content)
        return {"operation": "validate_ban", "ban": content} if changed else None
    before = {**content, "extensions": extensions[:-1]}
    return {"operation": "validate_extension", "ban": before, "extension": extensions[-1]}


def _period(content: Mapping[str, Any]) -> tuple[Any, ...]:
    named = ("ground", "start_date", "last_day", "unit", "length", "amounts", "record_type")
    return tuple(content.get(key) for key in named)


def _emergency_ban(record: Record, view: View) -> dict[str, Any] | None:
    """Without its form only the bar on repetition can be judged."""
    content = dict(record.content or {})
    if _held(record, view, str(content.get("request_id"))) is not None:
        return None
    request: dict[str, Any] = dict(_FORM_IN_ORDER)
    request.update({key: content[key] for key in ("request_id", "crime_id") if key in content})
    return {"operation": "emergency_intake", "request": request, "history": _history(view)}


def _entry_ban(record: Record, view: View) -> dict[str, Any] | None:
    del view
    return {"operation": "validate_entry_ban", "entry_ban": dict(record.content or {})}


def _permit(record: Record, view: View) -> dict[str, Any] | None:
    del view
    content = record.content or {}
    issued_on = content.get("issued_on") or content.get("valid_from")
    if content.get("kind") != "alien_entry_permit" or issued_on is None:
        return None
    question = {"operation": "alien_entry_permit", "issued_on": issued_on}
    for key in ("entries", "status_code"):
        if content.get(key) is not None:
            question[key] = content[key]
    return question


def _landing(record: Record, view: View) -> dict[str, Any] | None:
    del view
    content = dict(record.content or {})
    if content.get("days") is None:
        return None
    question = {"operation": "landing_permission", "kind": content["permit_kind"]}
    fields = ("landed_on", "days", "extension_days", "ship_departed_at", "moj_approval")
    for key in (*fields, "art11_ground"):
        if content.get(key) is not None:
            question[key] = content[key]
    return question


def _conditional_entry(record: Record, view: View) -> dict[str, Any] | None:
    del view
    content = dict(record.content or {})
    fields = ("granted_at", "hours", "extension_hours", "bond_krw")
    stated = {key: content[key] for key in fields if content.get(key) is not None}
    return {"operation": "conditional_entry", **stated}


def _country_policy(record: Record, view: View) -> dict[str, Any] | None:
    del view
    grant = (record.content or {}).get("grant_policy")
    return None if grant is None else {"operation": "validate_grant_policy", "grant_policy": grant}


def _held(record: Record, view: View, natural_id: str) -> Held | None:
    return view.held(record.kind, record.record_id or natural_id)


_QUESTIONS: dict[str, Callable[[Record, View], dict[str, Any] | None]] = {
    "departure_ban": _ban,
    "emergency_ban": _emergency_ban,
    "entry_ban": _entry_ban,
    "permit": _permit,
    "landing": _landing,
    "conditional_entry": _conditional_entry,
    "country_policy": _country_policy,
}
