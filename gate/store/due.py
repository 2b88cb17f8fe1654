"""Clock jobs: what the law's deadlines ask of staff, raised once each; nothing is ever lifted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gate.law.periods import seoul_day
from gate.law.tasks import Task, TaskKind, tasks_due
from gate.store.chain import Segment
from gate.store.engine import Engine
from gate.store.keyring import REFERENCE_SCOPE, Keyring, unsealed
from gate.store.loading import facts_mapping
from gate.store.log import SEOUL, Appender, Draft, canonical, read_events
from gate.store.persons import LIVE, fold_everybody
from gate.store.records import View
from gate.vocabulary.facts import facts_from
from gate.vocabulary.parameters import Parameters

TASK_RAISED, TASKS_CHECKED = "task_raised", "tasks_checked"
KINDS_WITH_DEADLINES = ("departure_ban", "emergency_ban", "permit")
MOST_DAYS_MISSED = 62
"""So many days in which the job did not run are made up for; beyond that a permit's end is old."""


@dataclass(frozen=True, slots=True)
class PersonTask:
    """One task with its person. `raised`: an event of the store says so already."""

    person_id: str
    person_ref: bytes
    task: Task
    raised: bool

    @property
    def name(self) -> str:
        """The same for the same task of the same person and record, 32 hex digits."""
        task = self.task
        told = canonical([task.kind.value, task.rule_id, task.record, str(task.due)])
        return hashlib.sha256(self.person_ref + told).digest()[:16].hex()

    def due_by(self, at: datetime) -> bool:
        """Whether its day or instant has come."""
        due = self.task.due
        return due <= at if isinstance(due, datetime) else due <= seoul_day(at)


def person_tasks(
    engine: Engine, keyring: Keyring, at: datetime, parameters: Parameters
) -> list[PersonTask]:
    """Return the tasks of everybody whose records can be read, the earliest due first."""
    everybody, _ = fold_everybody(engine, keyring)
    missed = _days_missed(engine, keyring, at)
    found = [
        one
        for person, view in _views(engine, keyring)
        for one in _tasks_of(engine, person, view, everybody, at, missed, parameters)
    ]
    return sorted(found, key=lambda one: (_day(one.task.due), one.person_id, one.name))


def raise_tasks(
    engine: Engine, appender: Appender, tasks: Iterable[PersonTask], source: str
) -> int:
    """Append the tasks that no event names yet, in the caller's transaction; returns how many.

    Whoever was erased meanwhile is passed over: a new key would bring the person back.
    """
    count = 0
    for one in tasks:
        row = engine.row("SELECT state FROM persons WHERE person_ref = ?", (one.person_ref,))
        if row is None or row[0] != LIVE or one.name in _raised(engine, one.person_ref):
            continue
        task = one.task
        told = canonical(
            {
                "kind": task.kind.value,
                "rule_id": task.rule_id,
                "record": task.record,
                "due": task.due,
            }
        )
        person = one.person_ref
        appender.add(Draft(Segment.KEEPING, TASK_RAISED, one.name, 0, told, person, source, person))
        appender.flush()
        count += 1
    return count


def note_checked(engine: Engine, keyring: Keyring, appender: Appender, source: str) -> None:
    """Append once a day that the job ran, so that a missed day is made up for."""
    last = _last_checked(engine, keyring)
    if last is None or last.isoformat() < appender.at_day:
        told = canonical({"day": appender.at_day})
        appender.add(
            Draft(Segment.KEEPING, TASKS_CHECKED, TASKS_CHECKED, 0, told, REFERENCE_SCOPE, source)
        )


def _tasks_of(
    engine: Engine,
    person: bytes,
    view: View,
    everybody: View,
    at: datetime,
    missed: list[datetime],
    parameters: Parameters,
) -> Iterator[PersonTask]:
    facts = facts_from(facts_mapping(view, everybody, at, ""))
    tasks = list(tasks_due(facts, at, parameters))
    for day in missed:
        ended = (one for one in tasks_due(facts, day, parameters))
        tasks += [one for one in ended if one.kind is TaskKind.PERMIT_ENDS and one not in tasks]
    if not tasks:
        return
    raised = _raised(engine, person)
    person_id = facts.person.person_id if facts.person is not None else ""
    for task in tasks:
        one = PersonTask(person_id, person, task, raised=False)
        yield PersonTask(person_id, person, task, one.name in raised)


def _views(engine: Engine, keyring: Keyring) -> Iterator[tuple[bytes, View]]:
    marks = ", ".join("?" * len(KINDS_WITH_DEADLINES))
    persons = engine.rows(
        "SELECT DISTINCT person_ref FROM events "
        f"WHERE segment = 'records' AND person_ref IS NOT NULL AND kind IN ({marks})",
        KINDS_WITH_DEADLINES,
    )
    for (person,) in persons:
        row = engine.row(
            "SELECT p.key_id, p.nonce, p.view, k.wrapped FROM persons p "
            "JOIN keys k ON k.key_id = p.key_id WHERE p.person_ref = ? AND p.state = ?",
            (person, LIVE),
        )
        if row is None or row[3] is None:
            continue
        key = keyring.opened(row[0], row[3], bytes(person))
        data = unsealed(key, row[1], row[2], bytes(person))
        if data is not None:
            yield bytes(person), View.from_bytes(data)


def _raised(engine: Engine, person: bytes) -> set[str]:
    rows = engine.rows(
        "SELECT record_id FROM events WHERE person_ref = ? AND kind = ?", (person, TASK_RAISED)
    )
    return {row[0] for row in rows}


def _last_checked(engine: Engine, keyring: Keyring) -> date | None:
    condition = (
        "sequence = (SELECT max(sequence) FROM events WHERE segment = 'keeping' AND kind = ?)"
    )
    for event in read_events(engine, keyring, (condition, (TASKS_CHECKED,))):
        if event.payload is not None:
            return date.fromisoformat(event.content["day"])
    return None


def _days_missed(engine: Engine, keyring: Keyring, at: datetime) -> list[datetime]:
    """Noon in Seoul of every day since the last run, without today."""
    last, today = _last_checked(engine, keyring), seoul_day(at)
    if last is None:
        return []
    first = max(last, today - timedelta(days=MOST_DAYS_MISSED))
    days = (first + timedelta(days=n) for n in range(max((today - first).days, 0)))
    return [datetime.combine(day, time(12), SEOUL) for day in days]


def _day(due: date | datetime) -> date:
    return seoul_day(due) if isinstance(due, datetime) else due
