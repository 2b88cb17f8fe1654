"""Made-up travellers: names, passports and the records that make the law say what each is for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from gate.bench.actors import KINDS, Manner, Traveller
from gate.store import Record
from models.mrz.compose import compose
from models.mrz.layout import MrzFormat

PRIMARY = ("HONG", "KIM", "LEE", "PARK", "CHOI", "JUNG", "KANG", "YOON", "HAN", "SEO", "SHIN", "OH")
SECONDARY = ("GILDONG", "MINJUN", "SEOYEON", "JIHOO", "HAEUN", "DOYUN", "SUBIN", "YEJUN", "ARA")
STRANGER = "nobody-enrolled"
SOURCE = "demo"


@dataclass(frozen=True, slots=True)
class Cast:
    """A traveller of one kind, and the records that exist of them beforehand."""

    kind: str
    traveller: Traveller
    records: tuple[Record, ...]


def casts(kinds: list[str], today: date, rng: Random) -> Iterator[Cast]:
    """One traveller per kind, in order; each draws from a stream of their own."""
    for number, kind in enumerate(kinds, 1):
        yield cast_of(kind, number, today, Random(rng.getrandbits(64)))


def cast_of(kind: str, number: int, today: date, rng: Random) -> Cast:
    """The `number`th traveller, of this kind. Raises ValueError for a kind there is not."""
    if kind not in KINDS:
        raise ValueError(f"no traveller {kind!r}: one of {', '.join(KINDS)} or all")
    person_id = f"person-{number:05d}"
    born = date(rng.randint(1950, 2003), rng.randint(1, 12), rng.randint(1, 28))
    expired = kind == "expired_passport"
    expiry = today + timedelta(days=-rng.randint(1, 300) if expired else rng.randint(30, 3000))
    names = (rng.choice(PRIMARY), rng.choice(SECONDARY))
    document_number = f"M{rng.randint(100, 999)}{rng.choice('ABCDEFGH')}{number:04d}"
    passport = {
        "number": document_number,
        "issuing_state": "KOR",
        "nationality": "KOR",
        "name": "<<".join(names),
        "dob": born.isoformat(),
        "sex": rng.choice("MF"),
        "expiry": expiry.isoformat(),
    }
    lines = compose(
        MrzFormat.TD3,
        document_code="PM",
        issuing_state="KOR",
        document_number=document_number,
        nationality="KOR",
        primary_identifier=names[0],
        secondary_identifier=names[1],
        date_of_birth=born,
        sex=passport["sex"],
        date_of_expiry=expiry,
    )
    traveller = Traveller(
        name=f"traveller-{number}",
        person_id=person_id,
        lines=lines,
        face=_shown(kind, "face", person_id),
        finger=_shown(kind, "finger", person_id),
        rng=rng,
        face_manner=Manner.CROWDED if kind == "two_faces" else Manner.WELL,
        finger_manner=Manner.HALF if kind == "half_finger" else Manner.WELL,
    )
    return Cast(kind, traveller, tuple(_records(kind, person_id, passport, today)))


def _shown(kind: str, what: str, person_id: str) -> str | None:
    return {f"{what}_mismatch": STRANGER, f"no_{what}": None}.get(kind, person_id)


def _records(kind: str, person_id: str, passport: dict[str, Any], today: date) -> Iterator[Record]:
    def record(record_kind: str, content: dict[str, Any]) -> Record:
        return Record(record_kind, content, person_id, source=SOURCE)

    person = {name: passport[name] for name in ("name", "dob", "sex", "nationality")}
    yield record(
        "person",
        {
            "person_id": person_id,
            "category": "national",
            "resident_registered": True,
            "military_status": "not_liable",
            **person,
        },
    )
    yield record("passport", passport)
    if kind != "not_enrolled":
        yield from _enrolment(person_id, today, record)
    if kind == "banned":
        yield ban(person_id, today)


def _enrolment(person_id: str, today: date, record: Any) -> Iterator[Record]:
    enrolled_at = f"{(today - timedelta(days=200)).isoformat()}T10:00:00+09:00"
    yield record("consent", {"kind": "self", "given_at": enrolled_at})
    yield record(
        "enrolment",
        {
            "status": "active",
            "enrolled_at": enrolled_at,
            "has_face": True,
            "has_finger": True,
        },
    )
    yield record("biometric_source", {"value": "ses"})


def ban(person_id: str, today: date) -> Record:
    """A departure prohibition in force from today (Act 4(1)1, one month)."""
    content = {
        "ban_id": f"ban-{person_id}",
        "ground": "4(1)1",
        "decided_at": f"{today.isoformat()}T00:00:01+09:00",
        "start_date": today.isoformat(),
        "unit": "month",
        "length": 1,
    }
    return Record("departure_ban", content, person_id, source=SOURCE)
