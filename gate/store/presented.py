"""What is held about a person, seen through the booklet that was laid on the reader."""

from dataclasses import replace
from datetime import date

from gate.vocabulary.documents import Document
from gate.vocabulary.facts import Direction, Facts
from gate.vocabulary.records import BirthDate, Passport


def with_presented(facts: Facts, document: Document, direction: Direction) -> Facts:
    """The facts with the presented document's own statements in the place of the held ones.

    Where the held record of this very booklet states another date of birth, expiry or
    nationality, one of the two is wrong: the reading then counts as not in order, and the law
    refers (GATE-DOC-01).
    """
    held = facts.passport
    shown = _shown(document)
    if held is not None:
        shown = replace(
            held,
            nationality=shown.nationality,
            name=shown.name,
            dob=shown.dob,
            sex=shown.sex,
            expiry=shown.expiry,
            mrz_ok=shown.mrz_ok and _agree(held, shown),
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
