"""The travellers of one torture episode: enrolled nationals whose every name is a canary."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from gate.store import Record
from gate.vocabulary.documents import Document

POOL = 10
SOURCE = "torture"
NAME_MARK, NUMBER_MARK = "QXKZ", "M709"
"""How every name and every number here begins, so that one search looks for all of them."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody enrolled. `canaries`: texts that must never be seen in clear."""

    person_id: str
    document: Document

    @property
    def canaries(self) -> tuple[str, str, str]:
        """Name and number."""
        document = self.document
        names = (document.primary_identifier, document.secondary_identifier)
        return (document.document_number, *names)


def persons(rng: Random) -> list[Person]:
    """The pool of one episode."""
    return [_person(number, rng) for number in range(POOL)]


def _person(number: int, rng: Random) -> Person:
    def name(length: int) -> str:
        return "".join(rng.choices(LETTERS, k=length))

    document = Document(
        document_code="PM",
        issuing_state="KOR",
        document_number=f"{NUMBER_MARK}{rng.choice(LETTERS)}{rng.randint(1000, 9999)}",
        nationality="KOR",
        primary_identifier=f"{NAME_MARK}{name(7)}",
        secondary_identifier=f"{NAME_MARK}{name(7)}",
        date_of_birth=f"{rng.randint(1950, 1999)}-0{rng.randint(1, 9)}-{rng.randint(10, 28)}",
        sex=rng.choice("MF"),
        date_of_expiry="2034-05-06",
        check_digits_ok=True,
    )
    return Person(f"person-{number}", document)


def stranger(rng: Random) -> Person:
    """Somebody of whom nothing is held."""
    return replace(_person(99, rng), person_id="nobody-enrolled")


def enrolled(person: Person) -> Iterator[Record]:
    """What is held of a person from the beginning."""
    document = person.document
    known = {
        "name": f"{document.primary_identifier}<<{document.secondary_identifier}",
        "dob": document.date_of_birth,
        "sex": document.sex,
        "nationality": "KOR",
    }
    contents: dict[str, dict[str, Any]] = {
        "person": {
            "person_id": person.person_id,
            "category": "national",
            "resident_registered": True,
            "military_status": "not_liable",
            **known,
        },
        "passport": {
            "number": document.document_number,
            "issuing_state": "KOR",
            "expiry": document.date_of_expiry,
            **known,
        },
        "consent": {"kind": "self", "given_at": "2025-08-01T10:00:00+09:00"},
        "enrolment": {
            "status": "active",
            "enrolled_at": "2025-08-01T10:00:00+09:00",
            "has_face": True,
            "has_finger": True,
        },
        "biometric_source": {"value": "ses"},
    }
    for kind, content in contents.items():
        yield Record(kind, content, person.person_id, source=SOURCE)


def ban_of(person: Person, number: int) -> Record:
    """A departure prohibition in force on any day that a jumping clock may show."""
    content = {
        "ban_id": f"{person.person_id}-{number}",
        "ground": "4(1)1",
        "decided_at": "2026-01-15T10:00:00+09:00",
        "start_date": "2026-01-15",
        "last_day": "2026-06-30",
    }
    return Record("departure_ban", content, person.person_id, source=SOURCE)


def withdrawn(person: Person, number: int) -> Record:
    """The same ban as entered in error."""
    return Record(
        "departure_ban",
        None,
        person.person_id,
        record_id=f"{person.person_id}-{number}",
        source=SOURCE,
    )
