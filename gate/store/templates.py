"""Enrolled references: events sealed with their person's key, so erasure destroys them too.

A template is opaque here. The latest one of a person and kind counts; an empty one withdraws.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping

from gate.store.chain import Segment
from gate.store.engine import Engine
from gate.store.keyring import Keyring
from gate.store.log import Appender, Draft, Event, canonical, read_events

TEMPLATE = "template"


def add_templates(
    appender: Appender,
    person: bytes,
    person_id: str,
    templates: Mapping[str, bytes],
    source: str,
) -> None:
    """Append a person's templates by kind, in the caller's write transaction."""
    for kind, template in templates.items():
        content = {
            "person_id": person_id,
            "kind": kind,
            "template": b64encode(template).decode(),
        }
        appender.add(
            Draft(
                Segment.KEEPING,
                TEMPLATE,
                person.hex(),
                0,
                canonical(content),
                person,
                source,
                person,
            )
        )


def templates_of(engine: Engine, keyring: Keyring, person: bytes) -> dict[str, bytes]:
    """Return one person's templates by kind; empty after erasure."""
    where = ("kind = ? AND person_ref = ?", (TEMPLATE, person))
    latest = {}
    for event in read_events(engine, keyring, where):
        if event.content is not None:
            latest[event.content["kind"]] = _bytes(event)
    return {kind: template for kind, template in latest.items() if template}


def templates_of_everybody(engine: Engine, keyring: Keyring, kind: str) -> dict[str, bytes]:
    """Return the latest template of a kind by person id, for a search 1:N."""
    latest = {}
    for event in read_events(engine, keyring, ("kind = ?", (TEMPLATE,))):
        if event.content is not None and event.content["kind"] == kind:
            latest[event.content["person_id"]] = _bytes(event)
    return {person_id: template for person_id, template in latest.items() if template}


def _bytes(event: Event) -> bytes:
    return b64decode(event.content["template"])
