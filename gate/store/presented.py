"""What is held about a person, seen through the booklet that was laid on the reader."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from gate.vocabulary.documents import Document
from gate.vocabulary.facts import Direction, Facts
from gate.vocabulary.records import Authenticity, BirthDate, Evidence, Passport


def with_presented(facts: Facts, document: Document, direction: Direction) -> Facts:
    """The facts with the presented document's own statements in the place of the held ones.

    Where the held record of this very booklet states another date of birth, expiry or
    nationality, one of the two is wrong: the reading then counts as not in order, and the law
    refers (GATE-DOC-01). A held doubt about the booklet stands; a held examination does not: it
    was of another day, and this may be another booklet with the same number.
    """
    return _joined(facts, _shown(document), direction)


def told_of(held: Facts, document: Document, direction: Direction) -> dict[str, Any]:
    """What the booklet said, as far as a journal may hold it: no number, name or birth date.

    `same_as`: which held record says the same of each of these.
    """
    shown = _shown(document)
    return {
        "direction": direction.value,
        "issuing_state": shown.issuing_state,
        "nationality": shown.nationality,
        "expiry": document.date_of_expiry,
        "mrz_ok": shown.mrz_ok,
        "examined_by": shown.examined_by.value,
        "authenticity": shown.authenticity.value,
        "same_as": {field: _same_as(held, field, getattr(shown, field)) for field in _PERSONAL},
    }


def as_told(held: Facts, told: Mapping[str, Any]) -> Facts:
    """Return the facts as `with_presented` gave them, from what `told_of` kept."""
    same_as = told["same_as"]
    values = {field: _value_of(held, field, same_as[field]) for field in _PERSONAL}
    shown = Passport(
        number=held.passport.number if held.passport is not None else "",
        issuing_state=told["issuing_state"],
        nationality=told["nationality"],
        expiry=date.fromisoformat(told["expiry"]) if told["expiry"] else None,
        mrz_ok=told["mrz_ok"],
        # A journal of before these were kept: no reader examined anything then.
        examined_by=Evidence(told.get("examined_by", Evidence.NONE.value)),
        authenticity=Authenticity(told.get("authenticity", Authenticity.NOT_EXAMINED.value)),
        **values,
    )
    return _joined(held, shown, Direction(told["direction"]))


_PERSONAL: dict[str, Any] = {"name": "<<", "dob": BirthDate(1), "sex": "?"}
"""What is told only by comparison, and what stands for a value that nobody holds."""
_HOLDERS = ("passport", "person", "kis_record")


_DOUBTS = (Authenticity.SUSPECT, Authenticity.FORGED)


def _same_as(held: Facts, field: str, shown: Any) -> str:
    if shown is None:
        return "none"
    for holder in _HOLDERS:
        record = getattr(held, holder)
        if record is not None and getattr(record, field) == shown:
            return holder
    return "other"


def _value_of(held: Facts, field: str, same_as: str) -> Any:
    if same_as in ("none", "other"):
        return None if same_as == "none" else _PERSONAL[field]
    return getattr(getattr(held, same_as), field)


def _joined(facts: Facts, shown: Passport, direction: Direction) -> Facts:
    held = facts.passport
    if held is not None:
        shown = replace(
            held,
            nationality=shown.nationality,
            name=shown.name,
            dob=shown.dob,
            sex=shown.sex,
            expiry=shown.expiry,
            mrz_ok=shown.mrz_ok and _agree(held, shown),
            authenticity=held.authenticity if held.authenticity in _DOUBTS else shown.authenticity,
            examined_by=shown.examined_by,
        )
    return replace(facts, direction=direction, passport=shown)


def _shown(document: Document) -> Passport:
    name = f"{document.primary_identifier}<<{document.secondary_identifier}"
    expiry = document.date_of_expiry
    return Passport(
        number=document.document_number,
        issuing_state=document.issuing_state,
        nationality=document.nationality,
        name=name.replace(" ", "<").removesuffix("<<"),
        dob=_birth_date(document.date_of_birth),
        sex=document.sex,
        expiry=date.fromisoformat(expiry) if expiry else None,
        mrz_ok=document.check_digits_ok,
        authenticity=document.authenticity,
        examined_by=document.examined_by,
    )


def _birth_date(iso: str | None) -> BirthDate | None:
    if iso is None:
        return None
    day = date.fromisoformat(iso)
    return BirthDate(day.year, day.month, day.day)


def _agree(held: Passport, shown: Passport) -> bool:
    pairs = (
        (held.dob, shown.dob),
        (held.expiry, shown.expiry),
        (held.nationality, shown.nationality),
    )
    return all(ours is None or ours == theirs for ours, theirs in pairs)
