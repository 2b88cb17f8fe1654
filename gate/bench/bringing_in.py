"""How the demo's travellers come into the store: as other agencies and an enrolment desk would do it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from gate.bench.people import Cast
from gate.bench.synthetic_travellers import PLACES
from gate.store import Record, Store, StoreError

T = TypeVar("T")
ENROLLED = frozenset({"consent", "enrolment", "biometric_source"})
"""Records that the desk makes."""
AFTERWARDS = frozenset({"departure_ban"})
"""Records of what happened after the enrolment."""

OpenStore = Callable[[], Store]


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody with a passport at the desk, at this time."""

    person_id: str
    lines: tuple[str, ...]
    at: datetime


async def bring_in(
    cast: Cast,
    now: datetime,
    open_store: OpenStore,
    at_desk: Callable[[Applicant], Awaitable[T]],
) -> T | None:
    """Bring a traveller's records into the store, in the order in which they would come."""
    who = cast.traveller
    make_room(who.person_id, open_store)
    _write(open_store, [r for r in cast.records if r.kind not in ENROLLED | AFTERWARDS])
    answer = None
    if any(record.kind == "enrolment" for record in cast.records):
        answer = await at_desk(Applicant(who.person_id, who.lines, _enrolled_at(cast, now)))
    _write(open_store, [record for record in cast.records if record.kind in AFTERWARDS])
    return answer


def make_room(person_id: str, open_store: OpenStore) -> None:
    """Faces come back after a while; whoever had this one before has been forgotten by then."""
    before = int(person_id.rpartition("-")[2]) - PLACES
    if before >= 1:
        forget(f"person-{before:05d}", open_store, "the demo's stage is small")


def forget(person_id: str, open_store: OpenStore, why: str) -> bool:
    """Erase somebody, after a ban of the demo was lifted; False if nobody was there."""
    with open_store() as store:
        try:
            withdrawn = Record("departure_ban", None, person_id, record_id=f"ban-{person_id}")
            store.append_records([withdrawn])
            store.erase_person(person_id, "demo", why)
        except StoreError:
            return False  # never enrolled, or forgotten already
    return True


def _write(open_store: OpenStore, records: list[Record]) -> None:
    with open_store() as store:
        store.append_records(records)


def _enrolled_at(cast: Cast, now: datetime) -> datetime:
    """Today; with a booklet that has expired since, before it did."""
    passport = next(record.content for record in cast.records if record.kind == "passport")
    assert passport is not None
    expiry = date.fromisoformat(str(passport["expiry"]))
    if expiry >= now.date():
        return now
    return now - (now.date() - expiry) - timedelta(days=30)
